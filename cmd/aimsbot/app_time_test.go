package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// skip moves the time of everything.
func (w *world) skip(by string) {
	w.t.Helper()
	w.post("/_control/clock", map[string]any{"advance": by}, nil)
}

// TestSilence: nobody answers. People are reminded, the deadline is marked
// missed, the next persons are told by name, and nothing is ever decided.
func TestSilence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	w.skip("720h")
	w.message("olive", "", "Reminder: What does CV screener do")
	w.message("max", "", "Overdue: What does CV screener do")
	w.message("olive", "answer", "The deadline has passed")
	r := w.run(run)
	if r.State != port.RunOpen || len(r.View.Waiting) != 1 {
		t.Errorf("the run is %s and waits for %+v, want open and one form", r.State, r.View.Waiting)
	}
	kinds := w.records(run)
	if kinds["reminder.sent"] < 4 || kinds["step.missed"] != 1 || kinds["step.escalated"] < 2 {
		t.Errorf("records %v, want reminders, one missed deadline and escalations", kinds)
	}
	w.answer(smallAnswers)
	w.issue("Test CV screener for bias")
}

// TestProgrammeStarts: a cron entry comes due and starts one run, once.
func TestProgrammeStarts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	w.skip("768h") // past the first of a month at nine
	var runs []port.RunRow
	w.until("the programme's run", func() bool {
		var err error
		if runs, err = w.demo.app.ledger.Runs(t.Context(), "", runsListed); err != nil {
			t.Fatal(err)
		}
		return len(runs) > 0
	})
	if len(runs) != 1 || runs[0].By != activities.ProgrammeActor || runs[0].Occurrence == "" {
		t.Errorf("runs %+v, want one by the programme", runs)
	}
	w.message("olive", "answer", "What does CV screener do")

	// A second look at the same time finds the occurrence taken.
	res, err := w.demo.app.acts.Due(t.Context(), activities.DueRequest{Since: time.Now(), Now: w.demo.box.Now()})
	if err != nil || res.Started != 0 {
		t.Errorf("a second look started %d runs (%v), want none", res.Started, err)
	}
}

// TestCancel: the AIMS manager ends a run with a reason; others may not.
func TestCancel(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	d := desk{w.demo.app}
	got, err := d.Cancel(t.Context(), cancelRequest(run, "olive"))
	if err == nil && got.Verdict != port.VerdictRefused {
		t.Errorf("the owner's cancel: %+v", got)
	}
	got, err = d.Cancel(t.Context(), cancelRequest(run, "max"))
	if err != nil || got.Verdict != port.VerdictAccepted {
		t.Errorf("the manager's cancel: %+v %v", got, err)
	}
	w.ends(run, "cancelled", expected{records: map[string]int{"step.withdrawn": 1, "run.ended": 1}})
	if m := w.message("olive", "", "No longer needed"); !strings.Contains(string(m.Blocks), "cancelled") {
		t.Errorf("olive is not told why: %s", m.Blocks)
	}
}

// TestSlashStart: a run is started from Slack, and a second start is told of
// the open one.
func TestSlashStart(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	command := func() {
		w.post("/_control/command", map[string]any{"user": "max", "channel": "C0AUDIT", "command": "/aims", "text": "start impact-assessment cv-screener"}, nil)
	}
	command()
	w.message("olive", "answer", "What does CV screener do")
	command()
	runs, err := w.demo.app.ledger.Runs(t.Context(), "", runsListed)
	if err != nil || len(runs) != 1 {
		t.Errorf("%d runs, want one: %v", len(runs), err)
	}
}
