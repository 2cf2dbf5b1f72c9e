package slack

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// TestBudgets: whoever calls as fast as allowed never makes more than the
// published number of calls in any minute.
func TestBudgets(t *testing.T) {
	t.Parallel()
	for _, method := range []string{methodPost, methodUpdate, methodDelete, methodHistory, methodUser, methodView, methodUpdateView, methodPrivate, methodOpen, methodAuthTest} {
		t.Run(method, func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)
			l := newLocalLimiter(func() time.Time { return now })
			name, rate := budgetOf(method, "C0RAIC")
			end := now.Add(5 * time.Minute)
			var made []time.Time
			for now.Before(end) {
				wait, err := l.Take(t.Context(), name, rate)
				if err != nil {
					t.Fatal(err)
				}
				if wait > 0 {
					now = now.Add(wait)
					continue
				}
				made = append(made, now)
			}
			for i := range made {
				if j := i + rate.PerMinute; j < len(made) && made[j].Sub(made[i]) < time.Minute {
					t.Fatalf("call %d comes %s after call %d", j, made[j].Sub(made[i]), i)
				}
			}
			if len(made) < 5*(rate.PerMinute-rate.Burst) {
				t.Errorf("only %d calls in five minutes", len(made))
			}
		})
	}
}

func TestChannelsHaveTheirOwnBudget(t *testing.T) {
	t.Parallel()
	a, _ := budgetOf(methodPost, "C0A")
	b, _ := budgetOf(methodPost, "C0B")
	if a == b {
		t.Error("two channels share a bucket of chat.postMessage")
	}
	now := time.Now()
	l := newLocalLimiter(func() time.Time { return now })
	rate := Rate{PerMinute: 60, Burst: 1}
	for _, name := range []string{a, b} {
		if wait, _ := l.Take(t.Context(), name, rate); wait != 0 {
			t.Errorf("%s waits %s", name, wait)
		}
	}
	if wait, _ := l.Take(t.Context(), a, rate); wait <= 0 {
		t.Error("a second message at once")
	}
	l.Pause(t.Context(), b, time.Minute)
	now = now.Add(30 * time.Second)
	if wait, _ := l.Take(t.Context(), b, rate); wait != 30*time.Second {
		t.Errorf("a paused channel waits %s", wait)
	}
}

// TestPausesOnlyGrow: of two refusals at the same time the longer pause counts,
// whichever is heard last.
func TestPausesOnlyGrow(t *testing.T) {
	t.Parallel()
	now := time.Now()
	l := newLocalLimiter(func() time.Time { return now })
	name, rate := budgetOf(methodUpdate, "")
	if wait, _ := l.Take(t.Context(), name, rate); wait != 0 {
		t.Fatal(wait)
	}
	l.Pause(t.Context(), name, time.Minute)
	l.Pause(t.Context(), name, time.Second)
	if wait, _ := l.Take(t.Context(), name, rate); wait != time.Minute {
		t.Errorf("waits %s, want the minute that was asked for", wait)
	}
}

// TestLimitsAreKept: a call over the budget is not made, and after a 429 the
// next call waits as Slack said.
func TestLimitsAreKept(t *testing.T) {
	t.Parallel()
	var made atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		made.Add(1)
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(429)
	}))
	defer server.Close()
	post := func(c *Client) error {
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Post(ctx, "key", port.Card{To: port.Addressee{Channel: "C0RAIC"}, Title: "x"}, "", "")
		return err
	}
	limited, err := New(Options{BotToken: botToken, APIURL: server.URL, Limits: true})
	if err != nil {
		t.Fatal(err)
	}
	check(t, post(limited), port.OutsideError{Code: "ratelimited", Definite: true, Retry: 30 * time.Second, Scope: "call"})
	if err := post(limited); codeOf(err) != "budget" || !port.Definite(err) || made.Load() != 1 {
		t.Errorf("after a 429: %v, %d calls", err, made.Load())
	}
	free, err := New(Options{BotToken: botToken, APIURL: server.URL})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		check(t, post(free), port.OutsideError{Code: "ratelimited", Definite: true, Retry: 30 * time.Second, Scope: "call"})
	}
}
