package jira_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

func limited(t *testing.T, c *clock, l jira.Limiter, h http.HandlerFunc) *jira.Client {
	t.Helper()
	s := httptest.NewServer(saysCloud(h))
	t.Cleanup(s.Close)
	client, err := jira.New(jira.Options{URL: s.URL, Email: botEmail, Token: botToken, Project: "GOV", Limits: true, Limiter: l, Now: c.now})
	if err != nil {
		t.Fatal(err)
	}
	return client
}

// A pause holds exactly what the 429 spoke of.
func TestPauses(t *testing.T) {
	t.Parallel()
	for reason, held := range map[string]map[string]bool{
		"jira-burst-based":        {"same issue": true, "other issue": true, "other call": false},
		"jira-per-issue-on-write": {"same issue": true, "other issue": false, "other call": false},
		"jira-quota-tenant-based": {"same issue": true, "other issue": true, "other call": true},
		"":                        {"same issue": true, "other issue": true, "other call": true},
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			clock := newClock()
			c := limited(t, clock, nil, func(w http.ResponseWriter, _ *http.Request) {
				if calls.Add(1) > 1 {
					w.Header().Set("Content-Type", "application/json")
					_, _ = w.Write([]byte(`{"accountId":"x"}`))
					return
				}
				if reason != "" {
					w.Header().Set("RateLimit-Reason", reason)
					w.Header().Set("Retry-After", "60")
				}
				w.WriteHeader(http.StatusTooManyRequests)
			})
			update := func(id string) error { return c.Update(t.Context(), id, port.IssueUpdate{Summary: "x"}) }
			if err := update("10001"); err == nil {
				t.Fatal("no error")
			}
			try := map[string]func() error{
				"same issue": func() error { return update("10001") }, "other issue": func() error { return update("10002") },
				"other call": func() error { return c.Ping(t.Context()) },
			}
			for name, fn := range try {
				before := calls.Load()
				err := fn()
				var o *port.OutsideError
				if held[name] && (!errors.As(err, &o) || o.Code != "paused" || !o.Definite || o.Retry <= 0 || calls.Load() != before) {
					t.Errorf("%s was not held: %v", name, err)
				}
				if !held[name] && err != nil {
					t.Errorf("%s was held: %v", name, err)
				}
			}
			clock.add(time.Minute)
			if err := update("10001"); err != nil {
				t.Errorf("after the pause: %v", err)
			}
		})
	}
}

// stuck is a limiter that cannot be asked, as a shared one may be.
type stuck struct{}

func (stuck) Allow(context.Context, string, jira.Limit) (time.Duration, error) {
	return 0, errors.New("away")
}
func (stuck) Pause(context.Context, string, time.Duration) error { return errors.New("away") }

func TestLimiterAway(t *testing.T) {
	t.Parallel()
	c := limited(t, newClock(), stuck{}, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusTooManyRequests)
	})
	var o *port.OutsideError
	if err := c.Ping(t.Context()); !errors.As(err, &o) || o.Code != "429" {
		t.Errorf("error = %v", err)
	}
}

// Whoever keeps to our limits never meets Jira's.
func TestLimitsStayBelowJiras(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(s *jiratest.Options, _ *jiratest.Seed, o *jira.Options) { s.RateLimits, o.Limits = true, true })
	issue := w.create(key)
	held := 0
	for range 200 {
		// The short time makes a call that has to wait answer so at once.
		ctx, cancel := context.WithTimeout(w.ctx(), 200*time.Millisecond)
		err := w.client.Update(ctx, issue.IssueID, port.IssueUpdate{Summary: "x"})
		cancel()
		var o *port.OutsideError
		if errors.As(err, &o) && o.Code == "paused" {
			held++
			w.clock.add(o.Retry)
		}
	}
	if v := w.server.Violations(); len(v) != 0 || held == 0 {
		t.Errorf("violations %v, held %d", v, held)
	}
}

// closing lets a call wait at its second gate, and closes the first meanwhile.
type closing struct {
	mu            sync.Mutex
	waited, asked bool
}

func (l *closing) Allow(_ context.Context, key string, _ jira.Limit) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case key == "jira:tenant" && l.waited:
		l.asked = true
		return time.Hour, nil
	case key != "jira:tenant" && !l.waited:
		l.waited = true
		return time.Millisecond, nil
	}
	return 0, nil
}

func (*closing) Pause(context.Context, string, time.Duration) error { return nil }

// TestGateClosedMeanwhile: a 429 for the whole site, answered while a call waits
// for its turn at an endpoint, holds that call too.
func TestGateClosedMeanwhile(t *testing.T) {
	t.Parallel()
	calls := 0
	l := &closing{}
	client := limited(t, newClock(), l, func(http.ResponseWriter, *http.Request) { calls++ })
	_, err := client.Read(t.Context(), "10001")
	var out *port.OutsideError
	if !errors.As(err, &out) || out.Code != "paused" || out.Scope != "tenant" || calls != 0 || !l.asked {
		t.Errorf("%v, after %d calls", err, calls)
	}
}
