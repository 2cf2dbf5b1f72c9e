package main

import (
	"testing"
)

// TestSmallWay is the smallest assessment: few people, one harm; one lead and
// the AI Ethics Officer alone.
func TestSmallWay(t *testing.T) {
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	form := w.message("olive", "answer", "What does CV screener do")
	w.fill("olive", form, "answer", map[string]any{"purpose": "Ranks applications", "people": 500, "harms": []string{"bias"}})
	task := w.issue("Test CV screener for bias")
	w.act(task.Key, "eli", map[string]any{"link": map[string]any{"title": "Report", "url": "https://example.com/report"}})
	w.act(task.Key, "eli", map[string]any{"transition": "Done"})
	ask := w.message("ethan", "approve", "CV screener")
	w.press("ethan", ask, "approve")
	r := w.closed(run)
	if r.Outcome != "approved" {
		t.Errorf("outcome %q, want approved", r.Outcome)
	}
	w.quiet(run)
}
