package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// waits has a wait for a date and one, beside a task, for a condition.
const waits = `playbook: waits
title: Waits
subject: system
steps:
  - id: plan
    form: {ask: '${system.owner}', title: Plan, questions: [{id: day, text: Day, type: date}]}
  - id: pause
    title: Until the plan begins
    wait: {until: steps.plan.day}
  - id: both
    group:
      - id: check
        task: {assign: explainability-lead, title: Check}
      - id: told
        wait: {until: 'steps.check.at < now || system.purpose == "Changed"'}
  - id: seen
    set: {began: '${steps.pause.at}', told: '${steps.told.at}'}
`

// wake does what the workflow does when the run's timer fires.
func (w *world) wake() {
	w.t.Helper()
	w.mu.Lock()
	w.now = w.state.NextAt
	w.mu.Unlock()
	w.tick()
	if w.state.Look {
		w.advance()
	}
}

func planned(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, waits)
	w.advance()
	w.say("plan", "olive", "answer", map[string]any{"day": "2027-03-05"})
	w.judge()
	return w
}

func (w *world) waitsFor() string {
	w.t.Helper()
	row, err := w.ledger.Run(w.t.Context(), w.run.ID)
	w.must(err)
	if len(row.View.Waiting) == 0 {
		return ""
	}
	return row.View.Waiting[len(row.View.Waiting)-1].For
}

// TestWaitForADate: the run's timer is set to the first instant of that day in
// the organisation's zone, people read until when it waits, and it goes on then.
func TestWaitForADate(t *testing.T) {
	w := planned(t)
	day := time.Date(2027, 3, 4, 23, 0, 0, 0, time.UTC)
	if !w.state.NextAt.Equal(day) || !strings.Contains(w.waitsFor(), "Fri 5 Mar 2027, 00:00 (Europe/Berlin) (Until the plan begins)") {
		t.Fatalf("wakes at %s; waits for %q", w.state.NextAt, w.waitsFor())
	}
	w.pass(time.Hour)
	w.tick()
	w.advance()
	same(t, "before the day", w.asked(), "pause")
	w.wake()
	same(t, "on the day", w.asked(), "check", "told")
	if at := w.state.FindDone("pause", "").Fields["at"]; at != day.Format(time.RFC3339) {
		t.Errorf("went on at %v", at)
	}
}

// TestWaitForACondition: it is looked at when a step is finished, and every
// morning, when the organisation file may say something else.
func TestWaitForACondition(t *testing.T) {
	t.Parallel()
	t.Run("a step", func(t *testing.T) {
		w := planned(t)
		w.wake()
		w.pass(time.Minute)
		w.finishTask("check", "5b1eli")
		w.wake()
		if w.state.Outcome != "completed" {
			t.Errorf("open: %q, outcome %q", w.asked(), w.state.Outcome)
		}
	})
	t.Run("a morning", func(t *testing.T) {
		w := planned(t)
		w.wake()
		morning := time.Date(2027, 3, 5, 8, 0, 0, 0, time.UTC)
		if !w.state.NextAt.Equal(morning) {
			t.Fatalf("looks at %s", w.state.NextAt)
		}
		w.wake()
		same(t, "unchanged", w.asked(), "check", "told")
		if !w.state.NextAt.Equal(morning.Add(24 * time.Hour)) {
			t.Fatalf("then looks at %s", w.state.NextAt)
		}
		w.organisation(func(o *org.Organisation) { o.Systems[0].Purpose = "Changed" })
		w.wake()
		same(t, "changed", w.asked(), "check")
	})
}

// TestWaitIsWithdrawn: a run that ends while it waits says so in its evidence,
// and tells nobody a second time.
func TestWaitIsWithdrawn(t *testing.T) {
	w := planned(t)
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
	w.settle()
	if r := w.records("step.withdrawn"); len(r) != 1 || r[0].Step != "pause" || w.state.Outcome != "cancelled" {
		t.Errorf("%+v, outcome %q", r, w.state.Outcome)
	}
}
