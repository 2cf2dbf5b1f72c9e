package jiratest

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strconv"
)

// announce queues the webhook of a change; it goes out after the commit.
// Every label, status and person is as it is now, never the whole issue: who
// listens has to read it.
func (w *writing) announce(i *issue, as, event, kind string, h *history, c *comment) error {
	s := w.s
	body := map[string]any{
		"timestamp": w.now.UnixMilli(), "webhookEvent": event, "user": s.user(as),
		"issue": map[string]any{
			"id": strconv.FormatInt(i.ID, 10), "key": i.Key, "self": s.self("issue", i.ID),
			"fields": map[string]any{
				"summary": i.Summary, "labels": append([]string{}, i.Labels...), "status": s.status(i.Status),
				"assignee": s.user(i.Assignee), "updated": wireTimeOf(i.Updated),
			},
		},
	}
	if kind != "" {
		body["issue_event_type_name"] = kind
	}
	if h != nil {
		body["changelog"] = map[string]any{"id": strconv.FormatInt(h.ID, 10), "items": h.Items}
	}
	if c != nil {
		body["comment"] = s.comment(*c)
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return err
	}
	w.hooks = append(w.hooks, raw)
	return nil
}

// Sign is the value of X-Hub-Signature for a body.
func Sign(secret string, body []byte) string {
	m := hmac.New(sha256.New, []byte(secret))
	m.Write(body)
	return "sha256=" + hex.EncodeToString(m.Sum(nil))
}

// newIdentifier names a webhook; it stays the same over retries.
func newIdentifier() string { return rand.Text() }

// SetWebhook changes where webhooks go and their secret; what waited for an
// address is sent now.
func (s *Server) SetWebhook(url, secret string) {
	s.outbox.aim(url, secret)
	s.outbox.poke()
}

// Flush waits until no webhook waits to be sent or tried again. Without an
// address for them it does not wait.
func (s *Server) Flush(ctx context.Context) error { return s.outbox.flush(ctx) }

// Lost counts the webhooks given up: refused with a 4xx that Jira does not
// repeat, or tried as often as Jira tries.
func (s *Server) Lost() int {
	s.outbox.mu.Lock()
	defer s.outbox.mu.Unlock()
	return s.outbox.lost
}
