package activities_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

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

func (w *world) shelve(source string) {
	d := w.define(source)
	w.shelf.defs[d.Playbook.Name.V] = d
}

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
	w.shelve(startedBook)
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
	w.shelve(startedBook)
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
	w.shelve(startedBook)
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
