package activities_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// quarterly has a programme that counts three months from the last completed run.
func (w *world) quarterly() {
	months, days := org.Span{N: 3, Unit: org.UnitMonths}, org.Span{N: 30, Unit: org.UnitDays}
	w.shelf.programme.Entries = []org.Entry{{Playbook: w.def.Playbook.Name.V, Every: "3 months", Cadence: org.Cadence{
		Interval: [3]org.Span{months, months, months}, First: [3]org.Span{days, days, days}, Lead: [3]org.Span{days, days, days},
	}}}
}

// look has the programme look now, as it does at least every hour.
func (w *world) look() int {
	w.t.Helper()
	return w.due(w.clock().Add(-time.Hour), w.clock()).Started
}

// TestCadenceOfRuns: only a completed run moves the cadence on; what was tried in
// vain is tried again, and what is late is on record once.
func TestCadenceOfRuns(t *testing.T) {
	w := newWorld(t, asking)
	w.quarterly()
	days := func(n int) { w.pass(time.Duration(n) * 24 * time.Hour) }
	if n := w.look(); n != 0 || w.last("asking").ID != "" {
		t.Errorf("beside a run that a person started: %d, %+v", n, w.last("asking"))
	}
	w.over() // cancelled: it does not count
	if w.look() != 0 {
		t.Error("tried again at once")
	}
	days(15)
	if w.look() != 1 || w.look() != 0 {
		t.Error("not tried again after ten working days, or twice")
	}
	first := w.last("asking")
	if want := monday.AddDate(0, 0, 30); first.State != port.OccurrenceStarted || first.Due.Sub(want) > 24*time.Hour || first.Due.Before(want) {
		t.Errorf("%+v", first)
	}
	days(20)
	w.look()
	w.look()
	late := w.last("asking")
	if late.State != port.OccurrenceLate || late.Run != first.Run || !late.Due.Equal(first.Due) {
		t.Errorf("late: %+v", late)
	}
	w.must(w.ledger.Commit(t.Context(), port.Batch{Run: first.Run, Close: &port.RunClose{Outcome: "completed", At: w.clock()}}))
	days(50)
	if n, err := w.acts.NotStarted(t.Context()); n != 0 || err != nil {
		t.Errorf("%d not started: %v", n, err)
	}
	if w.look() != 0 {
		t.Error("started before its time")
	}
	days(20)
	if n, err := w.acts.NotStarted(t.Context()); n != 1 || err != nil {
		t.Errorf("%d not started: %v", n, err)
	}
	if w.look() != 1 {
		t.Error("the next one was not started")
	}
	if n, err := w.acts.NotStarted(t.Context()); n != 0 || err != nil {
		t.Errorf("%d not started: %v", n, err)
	}
}

// TestCadenceLooksInTime: the programme wakes when a run is to be opened.
func TestCadenceLooksInTime(t *testing.T) {
	w := newWorld(t, asking)
	w.quarterly()
	w.over()
	opens := time.Date(2027, 3, 15, 8, 0, 0, 0, time.UTC) // the morning of the tenth working day, in Berlin
	before := opens.Add(-10 * time.Minute)
	if res := w.due(before.Add(-time.Hour), before); !res.NextAt.Equal(opens) || res.Started != 0 {
		t.Errorf("at %s: looks again at %s, want %s", before, res.NextAt, opens)
	}
}

// lateness is begun by what has been late for a month, and not before.
const lateness = `playbook: lateness
title: Late
subject: finding
input: {system: {type: system, optional: true}, days: {type: int}, tier: {type: int}, what: {type: text}}
starts:
  events:
    - event: occurrence.late
      where: has(event.days) && event.days >= 30
      with:
        system: ${event.system}
        days: '${has(event.days) ? event.days : 0}'
        tier: '${has(event.tier) ? event.tier : 0}'
        what: '${event.playbook} of ${event.about}'
steps:
  - id: look
    form: {ask: aims-manager, title: Look, questions: [{id: text, text: Text, type: text}]}
`

// TestLateBecomesAFinding: what is late is told at once, after a month and after
// three, each time once, so that it can become a finding.
func TestLateBecomesAFinding(t *testing.T) {
	w := newWorld(t, asking)
	w.also(lateness)
	w.quarterly()
	w.pass(31 * 24 * time.Hour)
	w.look()
	if late := w.last("asking"); late.State != port.OccurrenceLate {
		t.Fatalf("not late: %+v", late)
	}
	found := func() (out []port.RunRow) {
		t.Helper()
		runs, err := w.ledger.Runs(t.Context(), "", 100)
		w.must(err)
		for _, r := range runs {
			if r.Playbook == "lateness" {
				out = append(out, r)
			}
		}
		return out
	}
	w.pass(29 * 24 * time.Hour)
	w.look()
	if runs := found(); len(runs) != 0 {
		t.Fatalf("a finding before a month has passed: %+v", runs)
	}
	w.pass(3 * 24 * time.Hour)
	w.look()
	w.look()
	runs := found()
	if len(runs) != 1 {
		t.Fatalf("%d findings after a month, want 1", len(runs))
	}
	want := map[string]string{"system": "cv-screener", "days": "30", "tier": "1", "what": "asking of CV screener"}
	if diff := cmp.Diff(want, runs[0].Input); diff != "" {
		t.Error(diff)
	}
	w.must(w.ledger.Commit(t.Context(), port.Batch{Run: runs[0].ID, Close: &port.RunClose{Outcome: "completed", At: w.clock()}}))
	w.pass(60 * 24 * time.Hour)
	w.look()
	w.look()
	if runs := found(); len(runs) != 2 {
		t.Errorf("%d findings after three months, want 2", len(runs))
	}
}
