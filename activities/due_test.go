package activities_test

import (
	"errors"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// entries are a programme: the world's playbook every Monday at nine, with the
// entries given before it.
func (w *world) programme(before ...org.Entry) {
	w.shelf.programme.Entries = append(before, org.Entry{Playbook: w.def.Playbook.Name.V, Cron: "0 9 * * 1"})
}

func (w *world) due(since, now time.Time) activities.DueResult {
	w.t.Helper()
	res, err := w.acts.Due(w.t.Context(), activities.DueRequest{Since: since, Now: now})
	w.must(err)
	return res
}

func (w *world) last(playbook string) port.Occurrence {
	w.t.Helper()
	o, err := w.ledger.LastOccurrence(w.t.Context(), playbook, "cv-screener", false)
	if !errors.Is(err, port.ErrNotFound) {
		w.must(err)
	}
	return o
}

// over ends the run that the world came with.
func (w *world) over() {
	w.t.Helper()
	w.advance()
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
}

// TestDue: the newest of what came due is started once; what was missed, and
// what falls into an open run, is a gap.
func TestDue(t *testing.T) {
	w := newWorld(t, asking)
	w.programme()
	w.over()
	since, now := monday.Add(-21*24*time.Hour), monday
	if res := w.due(since, now); res.Started != 1 || !res.NextAt.After(now) {
		t.Errorf("%+v", res)
	}
	if res := w.due(since, now); res.Started != 0 {
		t.Errorf("a repeat: %+v", res)
	}
	first := w.last("asking")
	if first.State != "started" || first.Run == "" {
		t.Errorf("%+v", first)
	}
	week := now.Add(7 * 24 * time.Hour)
	w.pass(7 * 24 * time.Hour)
	if res := w.due(now, week); res.Started != 0 {
		t.Errorf("beside an open run: %+v", res)
	}
	if o := w.last("asking"); o.State != "gap" || !o.Due.After(first.Due) {
		t.Errorf("%+v", o)
	}
}

// TestDueGoesOnDespiteABadEntry: an entry whose playbook is gone, and one whose
// condition fails, are gaps and hold up no other.
func TestDueGoesOnDespiteABadEntry(t *testing.T) {
	w := newWorld(t, asking)
	w.programme(org.Entry{Playbook: "gone", Cron: "0 9 * * 1"}, org.Entry{Playbook: "odd", Cron: "0 9 * * 1", For: "1 / 0 == 1"})
	w.over()
	if res := w.due(monday.Add(-7*24*time.Hour), monday); res.Started != 1 {
		t.Errorf("%+v", res)
	}
	for _, name := range []string{"gone", "odd"} {
		if o := w.last(name); o.State != "gap" {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

// TestProgrammeThatLostItsPlace goes on after the last occurrence.
func TestProgrammeThatLostItsPlace(t *testing.T) {
	w := newWorld(t, asking)
	w.programme()
	if res := w.due(time.Time{}, monday); res.Started != 0 || w.last("asking").ID != "" {
		t.Error("a new installation has missed nothing")
	}
	w.over()
	w.due(monday.Add(-7*24*time.Hour), monday)
	w.pass(15 * 24 * time.Hour)
	w.due(time.Time{}, w.clock())
	if o := w.last("asking"); o.State != "gap" || o.Due.Before(monday.Add(7*24*time.Hour)) {
		t.Errorf("%+v", o)
	}
}

// TestNotStarted counts what is due while the programme does not look, and
// nothing once it has.
func TestNotStarted(t *testing.T) {
	w := newWorld(t, asking)
	w.programme(org.Entry{Playbook: "other", Cron: "0 9 * * 1", For: "system.id == 'another'"}, org.Entry{Playbook: "odd", Cron: "0 9 * * 1", For: "1 / 0 == 1"})
	w.over()
	counts := func(want int) {
		t.Helper()
		if n, err := w.acts.NotStarted(t.Context()); err != nil || n != want {
			t.Errorf("%d not started, want %d: %v", n, want, err)
		}
	}
	counts(0) // counting begins
	counts(0)
	before := w.clock()
	w.pass(14 * 24 * time.Hour)
	counts(2)
	counts(2)
	w.due(before, w.clock())
	counts(0)
	w.pass(7 * 24 * time.Hour)
	counts(1)
	// Another process starts it: the ledger tells.
	other := activities.Activities{Ledger: w.acts.Ledger, Engine: w.acts.Engine, Library: w.acts.Library, Now: w.acts.Now, Logger: w.acts.Logger}
	if _, err := other.Due(t.Context(), activities.DueRequest{Since: w.clock().Add(-24 * time.Hour), Now: w.clock()}); err != nil {
		t.Fatal(err)
	}
	counts(0)
	// A system that comes later has missed nothing.
	w.organisation(func(o *org.Organisation) { o.Systems = append(o.Systems, org.System{ID: "later", Owner: "olive"}) })
	counts(0)
	w.pass(7 * 24 * time.Hour)
	counts(2)
}

// TestNobodyStartsAsTheProgramme: who asks for a run is shut out of deciding on
// it, so nobody may hide behind the programme.
func TestNobodyStartsAsTheProgramme(t *testing.T) {
	w := newWorld(t, asking)
	w.over()
	_, _, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "asking", Subject: "cv-screener", By: activities.ProgrammeActor, Door: "cli"})
	var refused *activities.Refusal
	if !errors.As(err, &refused) {
		t.Errorf("started: %v", err)
	}
}

// TestStartedTwiceIsOneRun, also when Temporal was down in between.
func TestStartedTwiceIsOneRun(t *testing.T) {
	w := newWorld(t, asking)
	w.over()
	q := activities.StartRequest{Playbook: "asking", Subject: "cv-screener", By: "olive", Door: "slack"}
	w.out.fail("start", fault{err: errLost})
	first, open, err := w.acts.Start(t.Context(), q)
	w.must(err)
	second, again, err := w.acts.Start(t.Context(), q)
	w.must(err)
	if open || !again || first.ID != second.ID {
		t.Errorf("%s %v, %s %v", first.ID, open, second.ID, again)
	}
	w.pass(time.Minute)
	w.must(w.acts.Relaunch(t.Context(), time.Second))
	if n := len(w.out.started); n != 2 || w.out.started[1] != first.ID {
		t.Errorf("started %v", w.out.started)
	}
}

// TestSettleLate: what came after the end gets a verdict and a record, once.
func TestSettleLate(t *testing.T) {
	w := answered(t, signOff)
	token := w.open("decide").Token
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
	id := w.sayTo(token, "ethan", "approve", nil)
	w.must(w.acts.SettleLate(t.Context(), time.Second)) // too young: the run may still judge it
	w.pass(time.Minute)
	for range 2 {
		w.must(w.acts.SettleLate(t.Context(), time.Second))
	}
	if v := w.verdict(id); v.Verdict != port.VerdictLate || len(w.records("decision.late")) != 1 {
		t.Errorf("verdict %s, %d records", v.Verdict, len(w.records("decision.late")))
	}
}
