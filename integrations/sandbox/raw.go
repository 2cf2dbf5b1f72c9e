package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

// rawTimeout is how long an answer to a raw webhook may take.
const rawTimeout = 10 * time.Second

// raw sends an arbitrary delivery: an envelope over the socket, a signed or
// unsigned POST to the app's doors for Slack, or a POST to its door for Jira.
func (s *Sandbox) raw(r *http.Request) (any, error) {
	var d slacktest.Raw
	if err := read(r, &d); err != nil {
		return nil, err
	}
	if len(d.Body) == 0 {
		return nil, wrong("body is needed")
	}
	if !slices.Contains([]string{"", http.MethodPost, http.MethodGet, http.MethodPut, http.MethodHead}, d.Method) {
		return nil, wrong("method is %s: choose POST, GET, PUT or HEAD", short(d.Method))
	}
	switch d.Transport {
	case "socket", "http":
		return s.acknowledged(s.slack.Raw(r.Context(), d))
	case "jira":
		return s.rawWebhook(r, d)
	}
	return nil, wrong("transport is %s: choose socket, http or jira", short(d.Transport))
}

func (s *Sandbox) rawWebhook(r *http.Request, d slacktest.Raw) (any, error) {
	s.aim()
	s.mu.Lock()
	to := s.aimed
	s.mu.Unlock()
	if to == "" {
		return nil, missing("there is no address for webhooks")
	}
	body := []byte(d.Body)
	var text string
	if json.Unmarshal(d.Body, &text) == nil {
		body = []byte(text)
	}
	req, err := http.NewRequestWithContext(r.Context(), http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return nil, missing("the address for webhooks is %s", short(to))
	}
	req.Header.Set("Content-Type", "application/json")
	if d.Sign {
		req.Header.Set("X-Hub-Signature", jiratest.Sign(s.opt.WebhookSecret, body))
	}
	for k, v := range d.Headers {
		req.Header.Set(k, v)
	}
	begin := time.Now()
	client := &http.Client{Timeout: rawTimeout, Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	ack := slacktest.Ack{Ms: time.Since(begin).Milliseconds()}
	if err != nil {
		ack.Warning = "no answer"
		return ack, nil //nolint:nilerr // no answer is an answer here
	}
	defer func() { _ = resp.Body.Close() }()
	ack.Status = resp.StatusCode
	b, err := io.ReadAll(io.LimitReader(resp.Body, 1<<16))
	if err != nil {
		ack.Warning = "the answer broke off"
		return ack, nil //nolint:nilerr // as above
	}
	if b = bytes.TrimSpace(b); json.Valid(b) {
		ack.Body = b
	} else if len(b) > 0 {
		if ack.Body, err = json.Marshal(string(b)); err != nil {
			return nil, err
		}
	}
	return ack, nil
}
