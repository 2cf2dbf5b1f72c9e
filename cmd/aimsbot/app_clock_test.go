package main

import (
	"sync/atomic"
	"testing"
	"time"
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
