package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// drilled ends what the world began with and starts the same as an exercise.
func drilled(t *testing.T, playbook string) *world {
	t.Helper()
	w := newWorld(t, playbook)
	w.drill()
	return w
}

// drill goes on with an exercise beside the run that is open.
func (w *world) drill() {
	w.t.Helper()
	run, open, err := w.acts.Start(w.t.Context(), activities.StartRequest{Playbook: w.run.Playbook, Subject: "cv-screener", By: "max", Door: "slack", Exercise: true})
	w.must(err)
	if open || run.ID == w.run.ID {
		w.t.Fatal("the exercise joined the real run")
	}
	w.run = run
	w.state = port.RunState{Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
		ID: run.ID, WorkflowID: run.WorkflowID, Playbook: run.Playbook, SubjectID: run.SubjectID, By: run.By, StartedAt: run.StartedAt, Exercise: run.Exercise,
	}}
}

// TestExerciseWritesNothing: the steps after a register step read what it would
// have written, in later advances too, and nobody else does.
func TestExerciseWritesNothing(t *testing.T) {
	w := drilled(t, deciding)
	w.advance()
	w.rate(2, "Reject alone")
	w.advance()
	if got := w.done("after").Fields["tier"]; got != 2.0 {
		t.Errorf("the run reads tier %v", got)
	}
	w.say("decide", "ethan", "changes", map[string]any{"reason": "Rate it again"})
	w.judge()
	if got := w.state.Round; got != 2 {
		t.Fatalf("round %d", got)
	}
	w.rate(2, "Reject alone")
	w.advance()
	if got := w.done("seen").Fields["tier"]; got != 2.0 {
		t.Errorf("a later round reads tier %v", got)
	}
	if got := w.facts(); len(got) != 0 {
		t.Errorf("the register has %v", got)
	}
	if real, not := w.records("register.written"), w.records("register.not_written"); len(real) != 0 || len(not) != 2 {
		t.Errorf("%d written, %d not written", len(real), len(not))
	}
}

// TestExerciseIsMarked: every message, issue, comment and record of it, the
// evidence and the run row; and its outcome never counts.
func TestExerciseIsMarked(t *testing.T) {
	w := drilled(t, clocks)
	w.mu.Lock()
	w.now = aware.Add(30 * time.Minute)
	w.mu.Unlock()
	w.advance()
	w.classify(aware, true, false)
	w.until(aware.Add(6 * 24 * time.Hour)) // reminders, escalations and warnings
	w.finishTask("report", "5b1ethan")
	w.say("applies", "ron", "reject", map[string]any{"reason": "Not ours"})
	w.judge()
	w.settle()
	if w.state.Outcome != "rejected" {
		t.Fatalf("outcome %q", w.state.Outcome)
	}
	if len(w.out.messages) < 8 || len(w.out.issues) < 4 {
		t.Fatalf("%d messages, %d issues", len(w.out.messages), len(w.out.issues))
	}
	for _, m := range w.out.messages {
		if !strings.HasPrefix(m.card.Title, "EXERCISE: ") || !strings.Contains(strings.Join(m.card.Lines, "\n"), "Do not send") {
			t.Errorf("message %q %q", m.card.Title, m.card.Lines)
		}
	}
	for _, i := range w.out.issues {
		if !strings.HasPrefix(i.Summary, "EXERCISE: ") {
			t.Errorf("issue %q", i.Summary)
		}
	}
	all, err := w.ledger.RecordsOf(t.Context(), w.run.ID)
	w.must(err)
	for _, r := range all {
		if !strings.Contains(string(r.Header), `"exercise":"true"`) {
			t.Errorf("record %s", r.Header)
		}
	}
	if got := w.records("run.ended")[0].Facts["counts"]; got != "false" {
		t.Errorf("counts %s", got)
	}
	row, err := w.ledger.Run(t.Context(), w.run.ID)
	w.must(err)
	if !row.Exercise {
		t.Error("the run row is not marked")
	}
}

// TestExerciseBesideReal: neither joins the other, and each joins its like.
func TestExerciseBesideReal(t *testing.T) {
	w := newWorld(t, asking)
	real := w.run
	w.drill()
	for _, exercise := range []bool{false, true} {
		run, open, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "asking", Subject: "cv-screener", By: "max", Door: "slack", Exercise: exercise})
		w.must(err)
		want := real.ID
		if exercise {
			want = w.run.ID
		}
		if !open || run.ID != want {
			t.Errorf("exercise %v: answered %s, want %s", exercise, run.ID, want)
		}
	}
}

// TestExerciseOfTheProgramme: one that is due starts as such, and stands for
// nothing that is due itself.
func TestExerciseOfTheProgramme(t *testing.T) {
	w := newWorld(t, asking)
	w.over()
	w.shelf.programme.Entries = []org.Entry{{Playbook: "asking", Cron: "0 9 * * 1", Exercise: true}}
	if res := w.due(monday.Add(-2*time.Hour), monday); res.Started != 1 {
		t.Fatalf("%+v", res)
	}
	if w.last("asking").ID != "" {
		t.Error("the exercise stands for an occurrence")
	}
	rows, err := w.ledger.Runs(t.Context(), "", 10)
	w.must(err)
	if !slices.ContainsFunc(rows, func(r port.RunRow) bool { return r.Exercise && r.Occurrence != "" }) {
		t.Errorf("%+v", rows)
	}
	w.programme()
	if res := w.due(monday.Add(-2*time.Hour), monday); res.Started != 1 || w.last("asking").State != "started" {
		t.Errorf("what is real: %+v, %+v", res, w.last("asking"))
	}
}

// TestExerciseCanBeEnded: a deadline that is none keeps nobody from ending it.
func TestExerciseCanBeEnded(t *testing.T) {
	w := drilled(t, ending)
	w.advance()
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Practised enough"})
	w.judge()
	if w.state.Outcome != "cancelled" {
		t.Errorf("outcome %q, %+v", w.state.Outcome, w.state.Clocks)
	}
}
