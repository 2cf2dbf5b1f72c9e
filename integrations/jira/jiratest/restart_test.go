package jiratest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// What was answered is there after a restart, and no number is given twice.
func TestRestart(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	stop := s.open(nil)
	s.create()
	if err := s.server.Act(t.Context(), jiratest.Act{Key: "GOV-1", As: "5b1", Comment: "hello", Transition: "Done"}); err != nil {
		t.Fatal(err)
	}
	before, err := s.server.State(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	stop()

	t.Cleanup(s.open(nil))
	after, err := s.server.State(t.Context())
	if d := cmp.Diff(before, after); err != nil || d != "" {
		t.Error(err, d)
	}
	s.create()
	if got := s.server.Project(); len(got.Transitions) != 6 {
		t.Errorf("project = %+v", got)
	}
	list, err := s.server.State(t.Context())
	if err != nil || len(list) != 2 || list[1].Key != "GOV-2" {
		t.Errorf("a number was given twice: %+v %v", list, err)
	}
}

// Webhooks not yet sent when the site closes are sent by the next one.
func TestWebhooksOutliveTheSite(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	stop := s.open(nil) // nowhere to send to
	s.create()
	if err := s.server.Act(t.Context(), jiratest.Act{Key: "GOV-1", As: "5b1", Transition: "Done"}); err != nil {
		t.Fatal(err)
	}
	stop()
	var events atomic.Int32
	hook := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Hub-Signature") == jiratest.Sign("s", body) && r.Header.Get("X-Atlassian-Webhook-Identifier") != "" {
			events.Add(1)
		}
	}))
	t.Cleanup(hook.Close)
	t.Cleanup(s.open(func(o *jiratest.Options) { o.WebhookURL, o.WebhookSecret = hook.URL, "s" }))
	if err := s.server.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	if events.Load() != 2 || s.server.Lost() != 0 {
		t.Errorf("%d webhooks came, %d lost", events.Load(), s.server.Lost())
	}
}

// A listener that refuses with 4xx loses the webhook, as with Jira.
func TestWebhookLost(t *testing.T) {
	t.Parallel()
	for status, tries := range map[int]int32{200: 1, 400: 1, 401: 1, 404: 1, 408: 2, 409: 2, 425: 2, 429: 2, 500: 2, 503: 2} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			t.Parallel()
			var came atomic.Int32
			hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				came.Add(1)
				w.WriteHeader(status)
			}))
			t.Cleanup(hook.Close)
			s := newHouse(t)
			t.Cleanup(s.open(func(o *jiratest.Options) { o.WebhookURL, o.WebhookSecret = hook.URL, "s" }))
			s.create()
			if err := s.server.Flush(t.Context()); err != nil {
				t.Fatal(err)
			}
			lost := 1
			if status == http.StatusOK {
				lost = 0
			}
			if came.Load() != tries || s.server.Lost() != lost {
				t.Errorf("%d tries, %d lost", came.Load(), s.server.Lost())
			}
		})
	}
}

func TestAuthentication(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	t.Cleanup(s.open(nil))
	resp, err := http.Get(s.url + "/rest/api/2/myself") //nolint:noctx // plain on purpose
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusUnauthorized {
		t.Errorf("status %d", resp.StatusCode)
	}
}
