package sandbox_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

const post = "chat.postMessage"

func message(text string) map[string]any { return map[string]any{"channel": "C0RAIC", "text": text} }

// texts are the messages there are.
func (w *world) texts() []string {
	w.t.Helper()
	var out []string
	for _, m := range w.must("GET", "state", nil)["messages"].([]any) {
		out = append(out, m.(map[string]any)["text"].(string))
	}
	return out
}

func (w *world) summaries() []string {
	w.t.Helper()
	var out []string
	for _, i := range w.must("GET", "state", nil)["issues"].([]any) {
		out = append(out, i.(map[string]any)["summary"].(string))
	}
	return out
}

// until waits for a condition that another goroutine brings about.
func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); !ok(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

// hanging lists the kinds of the calls held now.
func (w *world) hanging() []string {
	w.t.Helper()
	out := []string{}
	for _, h := range w.must("GET", "faults", nil)["hanging"].([]any) {
		out = append(out, h.(map[string]any)["kind"].(string))
	}
	return out
}

func TestCutAndFailedCalls(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name      string
		rule      map[string]any
		cut       bool // the caller gets no answer
		status    int
		committed bool
	}{
		{name: "drop_request", rule: map[string]any{"kind": "drop_request"}, cut: true},
		{name: "drop_response", rule: map[string]any{"kind": "drop_response"}, cut: true, committed: true},
		{name: "http_500", rule: map[string]any{"kind": "http_500"}, status: 500},
		{name: "http_500 after the commit", rule: map[string]any{"kind": "http_500", "committed": true}, status: 500, committed: true},
		{name: "http_429", rule: map[string]any{"kind": "http_429", "retry_after": 7}, status: 429},
		{name: "delay", rule: map[string]any{"kind": "delay", "length": "1ms"}, status: 200, committed: true},
		{name: "hang_before that times out", rule: map[string]any{"kind": "hang_before", "length": "1ms"}, status: 200, committed: true},
		{name: "hang_after that times out", rule: map[string]any{"kind": "hang_after", "length": "1ms"}, status: 200, committed: true},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			c.rule["target"] = "slack"
			w.must("POST", "faults", c.rule)
			status, _, err := w.slack(t.Context(), post, message("hello"))
			if (err != nil) != c.cut || status != c.status {
				t.Errorf("got %d, %v", status, err)
			}
			if there := slices.Contains(w.texts(), "hello"); there != c.committed {
				t.Errorf("the message is there: %v", there)
			}
			if _, _, err := w.jira(t.Context(), http.MethodGet, "myself", ""); err != nil {
				t.Error("the other fake:", err)
			}
			call := w.must("GET", "state", nil)["calls"].([]any)[0].(map[string]any)
			if call["fault"] != c.rule["kind"] || call["committed"] != c.committed || call["status"] != float64(c.status) {
				t.Error(call)
			}
		})
	}
}

func TestJiraAnswersFaultsInItsOwnWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must("POST", "faults", map[string]any{"target": "jira", "kind": "http_429", "count": 1, "retry_after": 3})
	w.must("POST", "faults", map[string]any{"target": "jira", "kind": "drop_response", "nth": 2})
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+"/sandbox/jira/rest/api/2/myself", nil)
	if err != nil {
		t.Fatal(err)
	}
	req.SetBasicAuth(sandbox.JiraEmail, sandbox.JiraToken)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(resp.Body)
	_ = resp.Body.Close()
	if err != nil || resp.StatusCode != 429 || resp.Header.Get("Retry-After") != "3" || resp.Header.Get("RateLimit-Reason") == "" {
		t.Error(resp.StatusCode, resp.Header, string(b), err)
	}
	if _, _, err := w.jira(t.Context(), http.MethodPost, "issue", `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},"summary":"cut"}}`); err == nil {
		t.Error("the second call was not cut")
	}
	w.makeIssue("whole")
	if got := w.summaries(); !slices.Equal(got, []string{"cut", "whole"}) {
		t.Error(got)
	}
}

// TestCallsSayWhatALimitAskedFor: who reads the list of calls can tell whether
// a pause was kept, and by which calls.
func TestCallsSayWhatALimitAskedFor(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must("POST", "faults", map[string]any{"target": "slack", "kind": "http_429", "nth": 1, "retry_after": 7})
	w.must("POST", "faults", map[string]any{"target": "jira", "kind": "http_429", "nth": 1, "retry_after": 3, "reason": "jira-per-issue-on-write"})
	if status, _, err := w.slack(t.Context(), post, message("one")); err != nil || status != 429 {
		t.Fatal(status, err)
	}
	if status, _, err := w.jira(t.Context(), http.MethodGet, "myself", ""); err != nil || status != 429 {
		t.Fatal(status, err)
	}
	calls := w.must("GET", "state", nil)["calls"].([]any)
	for i, want := range []map[string]any{
		{"target": "slack", "channel": message("one")["channel"], "retry_after": 7.0, "reason": nil},
		{"target": "jira", "channel": nil, "retry_after": 3.0, "reason": "jira-per-issue-on-write"},
	} {
		c := calls[i].(map[string]any)
		for field, value := range want {
			if c[field] != value {
				t.Errorf("call %d: %s is %v, want %v", i, field, c[field], value)
			}
		}
		if at, err := time.Parse(time.RFC3339Nano, c["at"].(string)); err != nil || at.IsZero() {
			t.Error("no time:", c, err)
		}
	}
}

func TestNthCountsFromNow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("C0RAIC")
	w.must("POST", "faults", map[string]any{"target": "any", "kind": "drop_request", "nth": 3, "changes": true})
	var failed []int
	for i := 1; i <= 5; i++ {
		if _, _, err := w.slack(t.Context(), "auth.test", map[string]any{}); err != nil {
			t.Fatal("auth.test changes nothing:", err)
		}
		if _, _, err := w.slack(t.Context(), post, message(fmt.Sprint(i))); err != nil {
			failed = append(failed, i)
		}
	}
	if !slices.Equal(failed, []int{3}) {
		t.Error(failed)
	}
}

func TestRateIsDecidedBySeed(t *testing.T) {
	t.Parallel()
	pattern := func(seed int) string {
		w := newWorld(t)
		w.must("POST", "faults", map[string]any{"target": "slack", "kind": "http_500", "rate": 0.5, "seed": seed, "count": 6})
		out := ""
		for range 24 {
			status, _, err := w.slack(t.Context(), "auth.test", map[string]any{})
			if err != nil {
				t.Fatal(err)
			}
			out += fmt.Sprint(status / 100)
		}
		return out
	}
	one, again, other := pattern(1), pattern(1), pattern(2)
	if one != again || one == other {
		t.Error(one, again, other)
	}
	if n := len(one) - len(slices.DeleteFunc([]byte(one), func(b byte) bool { return b == '5' })); n != 6 {
		t.Error("met", n, "calls, not 6:", one)
	}
}

func TestHeldCallOfCallerThatDies(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		kind      string
		committed bool
	}{{"hang_before", false}, {"hang_after", true}} {
		t.Run(c.kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.must("POST", "faults", map[string]any{"target": "jira", "kind": c.kind, "nth": 2})
			w.makeIssue("first")
			ctx, die := context.WithCancel(t.Context())
			ended := make(chan error, 1)
			go func() {
				_, _, err := w.jira(ctx, http.MethodPost, "issue", `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},"summary":"second"}}`)
				ended <- err
			}()
			until(t, "a call hangs", func() bool { return slices.Equal(w.hanging(), []string{c.kind}) })
			if there := slices.Contains(w.summaries(), "second"); there != c.committed {
				t.Errorf("while it hangs, the issue is there: %v", there)
			}
			die()
			if err := <-ended; !errors.Is(err, context.Canceled) {
				t.Error(err)
			}
			until(t, "nothing hangs", func() bool { return len(w.hanging()) == 0 })
			w.must("DELETE", "faults", nil) // letting go must not wake the dead
			if there := slices.Contains(w.summaries(), "second"); there != c.committed {
				t.Errorf("afterwards, the issue is there: %v", there)
			}
			w.makeIssue("third")
		})
	}
}

func TestHeldCallIsLetGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rule := w.must("POST", "faults", map[string]any{"target": "slack", "kind": "hang_before", "call": post, "nth": 1})
	ended := make(chan int, 1)
	go func() {
		status, _, _ := w.slack(t.Context(), post, message("late"))
		ended <- status
	}()
	until(t, "a call hangs", func() bool { return len(w.hanging()) == 1 })
	w.must("DELETE", fmt.Sprintf("faults?id=%v", rule["id"]), nil)
	if status := <-ended; status != 200 {
		t.Error(status)
	}
	if got := w.texts(); !slices.Equal(got, []string{"late"}) {
		t.Error(got)
	}
	if status, out := w.call("DELETE", fmt.Sprintf("faults?id=%v", rule["id"]), nil); status != 404 {
		t.Error("a fault that is gone:", status, out)
	}
}

func TestImpossibleFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct{ body, says string }{
		"kind":     {`{"kind":"explode"}`, `kind is "explode": choose drop_request, drop_response, hang_before, hang_after, http_500, http_429, delay`},
		"target":   {`{"target":"sap","kind":"delay"}`, `target is "sap": choose slack, jira, any`},
		"rate":     {`{"kind":"delay","rate":2}`, "rate is 2: a number from 0 to 1"},
		"both":     {`{"kind":"delay","rate":0.5,"nth":2}`, "nth and rate: give one of them"},
		"length":   {`{"kind":"delay","length":"soon"}`, `length is "soon": a duration up to 1h0m0s, such as 30s`},
		"reason":   {`{"kind":"http_429","reason":"tired"}`, `reason is "tired": choose jira-burst-based, jira-per-issue-on-write, jira-quota-tenant-based`},
		"negative": {`{"kind":"delay","nth":-1}`, "nth, count and retry_after are 0 or more"},
	} {
		if status, out := w.call("POST", "faults", c.body); status != 400 || out["error"] != c.says {
			t.Error(name, status, out)
		}
	}
}
