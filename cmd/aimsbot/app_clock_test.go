package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/metrics"
)

// TestClockSteps: the clock of the bot's machine is an hour wrong, is set, and
// is wrong again, while Slack and Jira have limits and lose answers. Nothing
// waits for the hour, nothing happens twice.
func TestClockSteps(t *testing.T) {
	t.Parallel()
	var off atomic.Int64
	w := newWorld(t, demoCmd{NoRateLimits: true, off: func() time.Duration { return time.Duration(off.Load()) }})
	w.patience = 2 * time.Minute // each step back costs the length of a claim
	step := func(d time.Duration) { off.Store(int64(d)) }
	for _, f := range []map[string]any{
		{"target": "slack", "kind": "http_429", "call": "chat.postMessage", "nth": 2},
		{"target": "jira", "kind": "drop_response", "call": "/issue", "changes": true, "nth": 3},
		{"target": "slack", "kind": "drop_response", "call": "chat.postMessage", "nth": 4},
	} {
		w.post("/_control/faults", f, nil)
	}
	met := func(n int) func() bool {
		return func() bool {
			met := 0
			for _, c := range w.state().Calls {
				if c.Fault != "" {
					met++
				}
			}
			return met >= n
		}
	}
	step(time.Hour)
	run := w.start("max")
	w.until("the form is limited", met(1))
	step(0)
	w.answer(smallAnswers)
	step(time.Hour)
	w.until("the issue's answer is lost", met(2))
	step(0)
	w.do("Test CV screener for bias", "eli")
	step(time.Hour)
	w.until("the question's answer is lost", met(3))
	step(-time.Hour)
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1, "step.opened": 3, "step.closed": 3}})
	if n := len(w.messagesTo("D0ETHAN")); n != 1 {
		t.Errorf("%d messages to the officer, want 1", n)
	}
}

// TestTemporalDownForAnHour: the engine is gone for an hour by the bot's clock.
// What people say in Slack and do in Jira meanwhile is acknowledged and kept,
// though sweeps are in vain; when the engine is back, all of it counts, in
// the order it came, without a restart.
func TestTemporalDownForAnHour(t *testing.T) {
	t.Parallel()
	w := newTown(t, "")
	w.must(keyA)
	run := w.start("max")
	w.answer(largeAnswers)
	w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")
	mine, ours := w.message("ethan", "approve", "CV screener"), w.message(committee, "approve", "CV screener")
	w.quiet(run)

	w.wire.cut()
	w.until("the engine is gone", func() bool { return w.ready() == http.StatusServiceUnavailable })
	w.until("the metrics tell of it", func() bool {
		shown := httptest.NewRecorder()
		w.demo.app.metrics.Handler().ServeHTTP(shown, httptest.NewRequest(http.MethodGet, metrics.Path, nil))
		return strings.Contains(shown.Body.String(), `temporal_long_request_failure_total{activity_type="none",operation="PollWorkflowTaskQueue",status_code="UNAVAILABLE"`)
	})
	w.kept(run, w.press("ethan", mine, "approve"))
	for _, member := range []string{"cora", "cleo", "cyra", "cody"} {
		w.off.Add(int64(15 * time.Minute))
		w.kept(run, w.press(member, ours, "approve"))
	}
	w.swept()
	w.wire.mend()

	// Three of five decide: the fourth came after the decision.
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 5, "decision.late": 1, "run.ended": 1}})
	w.until("the late answer is told", func() bool { return w.private("cody", "closed before your answer") != "" })
}

// swept has the sweeper look at the inbox, and it can tell nobody.
func (w *town) swept() {
	w.t.Helper()
	if err := w.demo.app.gate.Sweep(w.t.Context()); err == nil {
		w.t.Error("the sweeper reached the engine, which is gone")
	}
}
