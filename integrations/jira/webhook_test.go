package jira_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// hints keeps what the handler passed on, and fails as often as told.
type hints struct {
	mu   sync.Mutex
	got  []jira.Hint
	fail int
}

func (h *hints) take(_ context.Context, hint jira.Hint) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.got = append(h.got, hint)
	if len(h.got) <= h.fail {
		return errors.New("the ledger is away")
	}
	return nil
}

func (h *hints) all() []jira.Hint {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]jira.Hint{}, h.got...)
}

// listen lets the site announce its changes to the client's handler.
func (w *world) listen(h *hints) {
	w.t.Helper()
	s := httptest.NewServer(w.client.Handler(h.take))
	w.t.Cleanup(s.Close)
	w.server.SetWebhook(s.URL, hookSecret)
}

func (w *world) flush() {
	w.t.Helper()
	if err := w.server.Flush(w.ctx()); err != nil {
		w.t.Fatal(err)
	}
}

func TestWebhooksBecomeHints(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := new(hints)
	w.listen(h)
	issue := w.create(key) // our own echo: no hint
	if _, err := w.client.Comment(w.ctx(), "aims-c", issue.IssueID, port.Comment{Text: "hello"}); err != nil {
		t.Fatal(err)
	}
	for _, a := range []jiratest.Act{
		{As: "5b1olive", Assignee: "5b1val"},
		{As: "5b1val", Comment: "done"},
		{As: "5b1val", Link: &jiratest.Link{Title: "x", URL: "https://example.com"}},
		{As: "5b1val", Attach: &jiratest.File{Name: "x", Content: "x"}},
		{As: "5b1val", Transition: "Done"},
		{As: "5b1olive", Delete: true},
	} {
		a.Key = issue.Issue
		w.as(a)
	}
	w.flush()
	type short struct{ Issue, Author, Event string }
	var got []short
	keys := map[string]bool{}
	for _, one := range h.all() {
		got = append(got, short{one.IssueID, one.Author, one.Event})
		keys[one.DeliveryKey] = true
	}
	id := issue.IssueID
	want := []short{
		{id, "5b1olive", "jira:issue_updated"},
		{id, "5b1val", "jira:issue_updated"},
		{id, "5b1val", "jira:issue_updated"},
		{id, "5b1val", "jira:issue_updated"},
		{id, "5b1val", "jira:issue_updated"},
		{id, "5b1olive", "jira:issue_deleted"},
	}
	if d := cmp.Diff(want, got); d != "" || len(keys) != len(want) {
		t.Errorf("%s\n%d delivery keys", d, len(keys))
	}
}

// A hint that could not be kept comes again, under the same delivery key.
func TestWebhookIsRepeatedUntilKept(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	h := &hints{fail: 2}
	issue := w.create(key)
	w.listen(h)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Transition: "Done"})
	w.flush()
	got := h.all()
	if len(got) != 3 || cmp.Diff(got[0], got[1])+cmp.Diff(got[1], got[2]) != "" || w.server.Lost() != 0 {
		t.Errorf("hints = %+v, lost %d", got, w.server.Lost())
	}
}

func TestWebhookRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	good := `{"webhookEvent":"jira:issue_updated","user":{"accountId":"5b1"},"issue":{"id":"10001"}}`
	for name, tc := range map[string]struct {
		method, body, signature string
		status, hints           int
	}{
		"signed":             {"POST", good, jiratest.Sign(hookSecret, []byte(good)), 200, 1},
		"unsigned":           {"POST", good, "", 401, 0},
		"other secret":       {"POST", good, jiratest.Sign("other", []byte(good)), 401, 0},
		"other body":         {"POST", good + " ", jiratest.Sign(hookSecret, []byte(good)), 401, 0},
		"other method name":  {"POST", good, strings.Replace(jiratest.Sign(hookSecret, []byte(good)), "sha256", "sha1", 1), 401, 0},
		"no hex":             {"POST", good, "sha256=zz", 401, 0},
		"shortened":          {"POST", good, jiratest.Sign(hookSecret, []byte(good))[:40], 401, 0},
		"GET":                {"GET", "", "", 405, 0},
		"too large":          {"POST", strings.Repeat("x", 1<<20+1), "", 413, 0},
		"no issue":           {"POST", `{"webhookEvent":"user_created"}`, jiratest.Sign(hookSecret, []byte(`{"webhookEvent":"user_created"}`)), 200, 0},
		"no JSON":            {"POST", `hello`, jiratest.Sign(hookSecret, []byte(`hello`)), 200, 0},
		"issue id is a path": {"POST", `{"issue":{"id":"1/../2"}}`, jiratest.Sign(hookSecret, []byte(`{"issue":{"id":"1/../2"}}`)), 200, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := new(hints)
			r := httptest.NewRequest(tc.method, "/jira/webhook", strings.NewReader(tc.body))
			r.Header.Set("X-Hub-Signature", tc.signature)
			rec := httptest.NewRecorder()
			w.client.Handler(h.take).ServeHTTP(rec, r)
			if rec.Code != tc.status || len(h.all()) != tc.hints {
				t.Errorf("status %d, hints %v", rec.Code, h.all())
			}
			if rec.Code == http.StatusUnauthorized && rec.Body.String() != "unauthorized\n" {
				t.Errorf("the refusal says more than it should: %q", rec.Body)
			}
		})
	}
}

// Without a secret nothing is believed, not even a signature with the empty one.
func TestWebhookWithoutSecret(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ *jiratest.Options, _ *jiratest.Seed, o *jira.Options) { o.WebhookSecret = "" })
	r := httptest.NewRequest("POST", "/", strings.NewReader(`{}`))
	r.Header.Set("X-Hub-Signature", jiratest.Sign("", []byte(`{}`)))
	rec := httptest.NewRecorder()
	w.client.Handler(new(hints).take).ServeHTTP(rec, r)
	if rec.Code != http.StatusUnauthorized {
		t.Errorf("status %d", rec.Code)
	}
}

// An echo cannot be told while Jira is away; the hint then passes.
func TestWebhookWhileJiraIsAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.http.Close()
	body := `{"user":{"accountId":"` + botAccount + `"},"issue":{"id":10001}}`
	r := httptest.NewRequest("POST", "/", strings.NewReader(body))
	r.Header.Set("X-Hub-Signature", jiratest.Sign(hookSecret, []byte(body)))
	rec := httptest.NewRecorder()
	h := new(hints)
	w.client.Handler(h.take).ServeHTTP(rec, r)
	if rec.Code != http.StatusOK || len(h.all()) != 1 {
		t.Errorf("status %d, hints %v", rec.Code, h.all())
	}
}
