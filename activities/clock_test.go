package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// clocks has two clocks from one moment, one of them somebody else's where we
// only use the system, and a step due by a share of the shorter.
const clocks = `playbook: clocks
title: Clocks
subject: system
outcomes: {over: {}}
steps:
  - id: triage
    form:
      ask: aims-manager
      title: Triage
      questions:
        - {id: aware_at, text: First aware, type: datetime}
        - {id: death, text: Death, type: yesno}
        - {id: deployer, text: Deployer, type: yesno}
  - id: death
    title: Report of a death
    when: steps.triage.death
    clock: {rule: death, from: steps.triage.aware_at, owner: [ai-ethics-officer, chief-risk-officer], stop: [report], stand_down: 'steps.applies.outcome == "approved"'}
  - id: serious
    clock: {rule: serious, from: steps.triage.aware_at, owner: [ai-ethics-officer], warn: [50%], stop: [report], stand_down: 'steps.applies.outcome == "approved"', shadow: {when: steps.triage.deployer, until: told, at_most: 24 hours}}
  - id: both
    group:
      - id: report
        task: {assign: ai-ethics-officer, title: Send the report}
        due: {clock: any, part: 75%}
      - id: told
        task: {assign: explainability-lead, title: Tell the provider}
      - id: applies
        approval: {about: [triage], need: [{role: chief-risk-officer}], changes: triage}
  - id: over
    end: {outcome: over}
`

// aware is a Friday afternoon, in Berlin half past four.
var aware = time.Date(2027, 12, 3, 15, 30, 0, 0, time.UTC)

func triaged(t *testing.T, death, deployer bool) *world {
	t.Helper()
	w := newWorld(t, clocks)
	w.mu.Lock()
	w.now = aware.Add(30 * time.Minute)
	w.mu.Unlock()
	w.advance()
	w.classify(aware, death, deployer)
	return w
}

func (w *world) classify(at time.Time, death, deployer bool) {
	w.t.Helper()
	w.say("triage", "max", "answer", map[string]any{"aware_at": at.Format(time.RFC3339), "death": death, "deployer": deployer})
	w.judge()
}

// clockAt is how a clock stands, as `show` and expressions have it.
func (w *world) clockAt(id string) string {
	w.t.Helper()
	row, err := w.ledger.Run(w.t.Context(), w.run.ID)
	w.must(err)
	for _, st := range row.View.Steps {
		if st.Step == id {
			return fmt.Sprintf("%s %s", st.State, st.Due.UTC().Format("2 Jan 15:04"))
		}
	}
	return ""
}

// until plays the run's own timer up to an instant.
func (w *world) until(t time.Time) {
	w.t.Helper()
	for !w.state.NextAt.IsZero() && !w.state.NextAt.After(t) {
		w.wake()
	}
	w.mu.Lock()
	w.now = t
	w.mu.Unlock()
}

func (w *world) wantClock(id, want string) {
	w.t.Helper()
	if got := w.clockAt(id); got != want {
		w.t.Errorf("clock %s: %q, want %q", id, got, want)
	}
}

// TestClock: the worked examples of a serious incident. Clocks do not hold the
// run up, warn at their shares, and are missed at their instant.
func TestClock(t *testing.T) {
	w := triaged(t, true, false)
	w.wantClock("death", "running 13 Dec 15:30")
	w.wantClock("serious", "running 18 Dec 15:30")
	if due := w.open("report").Due; !due.Equal(aware.Add(180 * time.Hour)) {
		t.Errorf("the report is due %s", due)
	}
	w.until(aware.Add(5 * 24 * time.Hour).Add(-time.Second))
	if n := w.titled("U0ETHAN", "Deadline near"); n != 0 {
		t.Errorf("warned %d times before half of the time", n)
	}
	w.until(aware.Add(9*24*time.Hour + time.Minute))
	if e, r := w.titled("U0ETHAN", "Deadline near: Report of a death"), w.titled("U0RON", "Deadline near: Report of a death"); e != 3 || r != 3 {
		t.Errorf("warned the owner %d times and the other %d times", e, r)
	}
	w.until(aware.Add(10 * 24 * time.Hour))
	w.wantClock("death", "missed 13 Dec 15:30")
	if n := w.titled("U0RON", "Deadline missed"); n != 1 || len(w.records("clock.missed")) != 1 {
		t.Errorf("told %d times that it is missed", n)
	}
	same(t, "still asked", w.asked(), "report", "told", "applies")
}

// TestClockStops: the instant counts at which the step was done, not the one at
// which the bot learned of it; what comes later stays missed.
func TestClockStops(t *testing.T) {
	t.Parallel()
	due := aware.Add(15 * 24 * time.Hour)
	for name, c := range map[string]struct {
		done time.Duration
		want string
		late int
	}{
		"in time":       {-time.Hour, "stopped", 0},
		"at the moment": {0, "stopped", 0},
		"too late":      {time.Second, "missed", 1},
	} {
		t.Run(name, func(t *testing.T) {
			w := triaged(t, false, false)
			w.until(due.Add(time.Hour))
			w.wantClock("serious", "missed 18 Dec 15:30")
			w.doneAt("report", due.Add(c.done))
			w.wantClock("serious", c.want+" 18 Dec 15:30")
			if n := len(w.records("clock.late")); n != c.late {
				t.Errorf("%d late", n)
			}
		})
	}
}

// doneAt finishes a task at an instant that the run learns of later.
func (w *world) doneAt(step string, at time.Time) {
	w.t.Helper()
	o := w.open(step)
	w.state.Done = append(w.state.Done, port.StepResult{Step: step, Kind: o.Kind, Round: o.Round, State: port.StepDone, At: at, By: "ethan"})
	for i := range w.state.Open {
		if w.state.Open[i].Step == step {
			w.state.Open = append(w.state.Open[:i], w.state.Open[i+1:]...)
			break
		}
	}
	w.advance()
}

// TestClockOnlyShorter: an earlier first moment, found in a second round, makes
// it shorter; a later one changes nothing and is recorded. A clock that starts
// later counts from the first moment too.
func TestClockOnlyShorter(t *testing.T) {
	w := triaged(t, false, false)
	w.until(aware.Add(6 * 24 * time.Hour))
	again := func(at time.Time, death bool) {
		w.say("applies", "ron", "changes", map[string]any{"reason": "Look again"})
		w.judge()
		w.classify(at, death, false)
	}
	again(aware.Add(-24*time.Hour), false)
	w.wantClock("serious", "running 17 Dec 15:30")
	again(aware.Add(48*time.Hour), true)
	w.wantClock("serious", "running 17 Dec 15:30")
	w.wantClock("death", "running 12 Dec 15:30")
	if s, n := w.records("clock.shortened"), w.records("clock.not_lengthened"); len(s) != 1 || len(n) != 2 {
		t.Errorf("%d shortened, %d not lengthened", len(s), len(n))
	}
}

// TestClockStoodDown: a decision stands it down; when the decision falls away it
// runs again from its beginning.
func TestClockStoodDown(t *testing.T) {
	w := triaged(t, false, false)
	w.say("applies", "ron", "approve", nil)
	w.judge()
	w.wantClock("serious", "stood_down 18 Dec 15:30")
	if n := w.titled("U0ETHAN", "Deadline stood down"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestClockShadow: somebody else's deadline is ours when nobody took it over in
// time, and never where somebody did.
func TestClockShadow(t *testing.T) {
	t.Parallel()
	t.Run("ours", func(t *testing.T) {
		w := triaged(t, false, true)
		w.wantClock("serious", "shadow 18 Dec 15:30")
		w.until(aware.Add(24 * time.Hour))
		w.wantClock("serious", "running 18 Dec 15:30")
		if n := w.titled("U0ETHAN", "Deadline now yours"); n != 1 {
			t.Errorf("told %d times", n)
		}
	})
	t.Run("theirs", func(t *testing.T) {
		w := triaged(t, false, true)
		w.finishTask("told", "5b1eli")
		w.wantClock("serious", "stood_down 18 Dec 15:30")
		w.until(aware.Add(20 * 24 * time.Hour))
		w.wantClock("serious", "stood_down 18 Dec 15:30")
	})
}

// ending comes to its end while its clock runs.
const ending = `playbook: ending
title: Ending
subject: system
steps:
  - {id: late, clock: {rule: serious, from: run.started_at, owner: [explainability-lead], stop: [report]}}
  - {id: report, task: {assign: ai-ethics-officer, title: Send the report, wait: false}}
`

// TestClockKeepsTheRunOpen: no end and no cancellation silences a clock. The run
// ends by itself when the clock has settled.
func TestClockKeepsTheRunOpen(t *testing.T) {
	t.Parallel()
	t.Run("until it is missed", func(t *testing.T) {
		w := newWorld(t, ending)
		w.advance()
		w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
		w.judge()
		if w.state.Outcome != "" || !strings.Contains(w.waitsFor(), "the deadline Any serious incident") {
			t.Fatalf("outcome %q, waits for %q", w.state.Outcome, w.waitsFor())
		}
		w.until(monday.Add(15 * 24 * time.Hour))
		if w.state.Outcome != "completed" || w.state.Clocks[0].State != "missed" {
			t.Errorf("outcome %q, %+v", w.state.Outcome, w.state.Clocks[0])
		}
	})
	t.Run("until it is stopped", func(t *testing.T) {
		w := newWorld(t, ending)
		w.advance()
		w.finishTask("report", "5b1ethan")
		if w.state.Outcome != "completed" || w.state.Clocks[0].State != "stopped" {
			t.Errorf("outcome %q, %+v", w.state.Outcome, w.state.Clocks[0])
		}
	})
}

// TestClockIsNeverNobodys: for a vacant role the Chief Risk Officer is told.
func TestClockIsNeverNobodys(t *testing.T) {
	w := newWorld(t, ending)
	w.organisation(func(o *org.Organisation) { vacate(o, "explainability-lead") })
	w.advance()
	if n := w.titled("U0RON", "Deadline: Any serious incident"); n != 1 {
		t.Errorf("told %d times", n)
	}
}

// TestClockOfAChangedRule: a rule made shorter counts for runs under way, a
// longer one does not.
func TestClockOfAChangedRule(t *testing.T) {
	w := newWorld(t, ending)
	w.advance()
	for _, days := range []string{"4", "30"} {
		w.shelf.defs["ending"] = w.defineWith(ending, strings.Replace(worldRules, "value: 15", "value: "+days, 1))
		w.until(w.state.NextAt)
		w.wantClock("late", "running 5 Mar 09:00")
	}
}
