package activities_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

const starting = `playbook: starting
title: Starting
subject: system
steps:
  - id: go_on
    start: {playbook: %s, with: {level: '${1 + 1}', sure: true}}
  - id: ask
    form: {ask: '${system.owner}', title: Ask, questions: [{id: text, text: Text, type: text}]}
`

const startedBook = `playbook: followup
title: Follow up
subject: system
input: {level: {type: int}, sure: {type: yesno}}
steps:
  - id: ask
    form: {ask: '${system.owner}', title: Ask, questions: [{id: text, text: Text, type: text}]}
`

func (w *world) runsOf(playbook string) (out []port.RunRow) {
	w.t.Helper()
	rows, err := w.ledger.Runs(w.t.Context(), "", 100)
	w.must(err)
	for _, r := range rows {
		if r.Playbook == playbook {
			out = append(out, r)
		}
	}
	return out
}

// TestStartOnce: an activity that is repeated before its result is known finds
// the run of the first try.
func TestStartOnce(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(starting, "followup"))
	w.also(startedBook)
	before := w.request()
	_, err := w.acts.Advance(t.Context(), before)
	w.must(err)
	w.apply(w.acts.Advance(t.Context(), before))
	rows := w.runsOf("followup")
	if len(rows) != 1 {
		t.Fatalf("%d runs", len(rows))
	}
	r := rows[0]
	if r.Parent != w.run.ID || r.By != "max" || w.done("go_on").Fields["run"] != r.ID {
		t.Errorf("%+v, and the step says %v", r.StartedRun, w.done("go_on").Fields)
	}
	if diff := cmp.Diff(map[string]string{"level": "2", "sure": "yes"}, r.Input); diff != "" {
		t.Error(diff)
	}
}

// TestStartJoins: what is open about the subject already is not begun again, and
// keeps being the step's run when the try is repeated after it has closed.
func TestStartJoins(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(starting, "followup"))
	w.also(startedBook)
	other := w.run
	other.ID, other.WorkflowID, other.Playbook = "other", "flow-other", "followup"
	w.must(w.ledger.CreateRun(t.Context(), other, nil, port.Record{Key: "other", Place: port.Place{Run: "other"}, At: w.clock(), Kind: "run.started"}))
	before := w.request()
	_, err := w.acts.Advance(t.Context(), before)
	w.must(err)
	w.must(w.ledger.Commit(t.Context(), port.Batch{Run: "other", Close: &port.RunClose{Outcome: "completed", At: w.clock()}}))
	w.apply(w.acts.Advance(t.Context(), before))
	if got := w.done("go_on").Fields["run"]; got != "other" || len(w.runsOf("followup")) != 1 {
		t.Errorf("the step's run is %v of %d", got, len(w.runsOf("followup")))
	}
	kept, err := w.ledger.RecordsOf(t.Context(), "other")
	w.must(err)
	if len(kept) != 2 || !strings.Contains(string(kept[1].Header), w.run.ID) {
		t.Errorf("the run that was joined does not know why: %+v", kept)
	}
}

// TestStartNothing: what cannot be started parks the run with the reason.
func TestStartNothing(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(starting, "starting"))
	w.advance()
	if !strings.Contains(w.state.Parked, "`level` is nothing that starting is started with") {
		t.Errorf("parked: %q", w.state.Parked)
	}
}

// TestStartChain: a circle of playbooks ends, and the AIMS manager is told.
func TestStartChain(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(starting, "followup"))
	w.also(startedBook)
	parent := ""
	for i := range 6 {
		r := w.run
		r.ID, r.WorkflowID, r.SubjectID, r.Parent = fmt.Sprintf("link-%d", i), fmt.Sprintf("flow-%d", i), fmt.Sprintf("s%d", i), parent
		w.must(w.ledger.CreateRun(t.Context(), r, nil, port.Record{Key: r.ID, Place: port.Place{Run: r.ID}, At: w.clock(), Kind: "run.started"}))
		parent = r.ID
	}
	w.state.Run.ID, w.run.ID = parent, parent
	w.advance()
	if len(w.runsOf("followup")) != 0 {
		t.Error("the sixth link was started")
	}
	records := w.records("start.stopped")
	if len(records) != 1 || !strings.Contains(records[0].Content, "followup") {
		t.Errorf("%+v", records)
	}
}

// startedAfter is what the world's step starts when an earlier run of the same
// step started one, which has closed, and so much time has passed.
func startedAfter(t *testing.T, later time.Duration) (*world, int) {
	t.Helper()
	w := newWorld(t, fmt.Sprintf(starting, "followup"))
	w.also(startedBook)
	w.advance()
	child := w.done("go_on").Fields["run"].(string)
	for _, id := range []string{child, w.run.ID} {
		w.must(w.ledger.Commit(t.Context(), port.Batch{Run: id, Close: &port.RunClose{Outcome: "completed", At: w.clock()}}))
	}
	w.now = w.now.Add(later)
	run, _, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "starting", Subject: "cv-screener", By: "max", Door: "slack"})
	w.must(err)
	w.run, w.state = run, port.RunState{Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
		ID: run.ID, WorkflowID: run.WorkflowID, Playbook: run.Playbook, SubjectID: run.SubjectID, By: run.By, StartedAt: run.StartedAt,
	}}
	w.advance()
	return w, len(w.runsOf("followup"))
}

// TestStartAgainSoon: the same step does not start the same within ten working
// days, and does after them.
func TestStartAgainSoon(t *testing.T) {
	w, n := startedAfter(t, 9*24*time.Hour)
	if records := w.records("start.stopped"); n != 1 || len(records) != 1 {
		t.Errorf("%d runs, and %+v", n, records)
	}
	if _, has := w.done("go_on").Fields["run"]; has {
		t.Error("the step has a run")
	}
}

// TestStartAgainLate is TestStartAgainSoon after the pause.
func TestStartAgainLate(t *testing.T) {
	if w, n := startedAfter(t, 20*24*time.Hour); n != 2 || len(w.records("start.stopped")) != 0 {
		t.Errorf("%d runs", n)
	}
}

// TestStartClosedChild: a try that is repeated after its run has closed finds it.
func TestStartClosedChild(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(starting, "followup"))
	w.also(startedBook)
	d := w.define(startedBook)
	before := w.request()
	_, err := w.acts.Advance(t.Context(), before)
	w.must(err)
	child := w.runsOf(d.Playbook.Name.V)[0].ID
	w.must(w.ledger.Commit(t.Context(), port.Batch{Run: child, Close: &port.RunClose{Outcome: "completed", At: w.clock()}}))
	w.apply(w.acts.Advance(t.Context(), before))
	if got := w.done("go_on").Fields["run"]; got != child || len(w.runsOf("followup")) != 1 || w.state.Parked != "" {
		t.Errorf("the step has %v of %d runs, parked: %q", got, len(w.runsOf("followup")), w.state.Parked)
	}
}

// TestStartSubjects: what a run is about follows from the kinds of both playbooks.
func TestStartSubjects(t *testing.T) {
	for _, c := range []struct{ about, start, want, parked string }{
		{about: "system", want: "cv-screener"},
		{about: "organisation", want: "organisation"},
		{about: "incident", want: "inc-"},
		{about: "risk", want: "risk-"},
		{about: "person", start: ", subject: olive", want: "olive"},
		{about: "person", start: ", subject: '${system.owner}'", want: "olive"},
		{about: "person", start: ", subject: nobody", parked: `There is no person "nobody"`},
		{about: "model", parked: "name one"},
	} {
		t.Run(c.about+c.start, func(t *testing.T) {
			w := newWorld(t, "playbook: starting\ntitle: Starting\nsubject: system\nsteps:\n  - id: go_on\n    start: {playbook: followup"+c.start+"}\n")
			w.also("playbook: followup\ntitle: Follow up\nsubject: " + c.about + "\nsteps:\n  - id: look\n    form: {ask: aims-manager, title: Look, questions: [{id: text, text: Text, type: text}]}\n")
			before := w.request()
			_, err := w.acts.Advance(t.Context(), before)
			w.must(err)
			w.apply(w.acts.Advance(t.Context(), before))
			rows := w.runsOf("followup")
			if c.parked != "" {
				if len(rows) > 0 || !strings.Contains(w.state.Parked, c.parked) {
					t.Errorf("%d runs, parked: %q", len(rows), w.state.Parked)
				}
				return
			}
			if len(rows) != 1 || !strings.HasPrefix(rows[0].SubjectID, c.want) || w.state.Parked != "" {
				t.Errorf("%+v, parked: %q", rows, w.state.Parked)
			}
		})
	}
}

// TestStartOfExercise: what an exercise starts is an exercise, also beside a real run.
func TestStartOfExercise(t *testing.T) {
	w := newWorld(t, fmt.Sprintf(starting, "followup"))
	w.also(startedBook)
	w.advance()
	w.drill()
	w.advance()
	rows := w.runsOf("followup")
	if len(rows) != 2 || rows[0].Exercise == rows[1].Exercise {
		t.Fatalf("%+v", rows)
	}
	for _, r := range rows {
		if r.Exercise != (r.Parent == w.run.ID) {
			t.Errorf("run %s of %s: exercise %v", r.ID, r.Parent, r.Exercise)
		}
	}
}
