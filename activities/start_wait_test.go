package activities_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

const waiting = `playbook: waiting
title: Waiting
subject: system
steps:
  - id: check
    start: {playbook: followup, with: {level: '${1 + 1}', sure: true}, wait: true}
  - id: last
    set: {how: '${has(steps.check.outcome) ? steps.check.outcome : "nobody knows"}'}
  - id: again
    back: {to: check, at_most: 1, then: [{id: enough, set: {it: true}}], when: 'has(steps.check.outcome) && steps.check.outcome == "cancelled"'}
`

// playing is the world of another run on the same ledger.
func (w *world) playing(r port.RunRow) *world {
	return &world{
		t: w.t, acts: w.acts, ledger: w.ledger, out: w.out, org: w.org, def: w.shelf.defs[r.Playbook], run: r.StartedRun, rows: 100, now: w.clock(),
		state: port.RunState{Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
			ID: r.ID, WorkflowID: r.WorkflowID, Playbook: r.Playbook, SubjectID: r.SubjectID, By: r.By, Input: r.Input, StartedAt: r.StartedAt,
		}},
	}
}

// awaiting begins the run that waits, and its child.
func awaiting(t *testing.T) (parent, child *world) {
	t.Helper()
	w := newWorld(t, waiting)
	w.also(startedBook)
	w.advance()
	if o := w.open("check"); o.Child == "" || w.state.FindDone("last", "") != nil {
		t.Fatalf("%+v", o)
	}
	return w, w.playing(w.runsOf("followup")[0])
}

// answered has the child end.
func (w *world) answered() {
	w.t.Helper()
	w.advance()
	w.say("ask", "olive", "answer", map[string]any{"text": "Done"})
	w.judge()
	if w.state.Outcome == "" {
		w.t.Fatalf("open: %+v", w.state.Open)
	}
}

// told has the run judge what it was told, and go on if that has it look.
func (w *world) told() {
	w.t.Helper()
	w.judgeOnly()
	if !w.state.Look {
		w.t.Fatal("the run was not told that the other has ended")
	}
	w.advance()
}

// TestStartWaits: the run goes on when the other has ended, with its outcome, and
// not before; who looks at it sees what it waits for.
func TestStartWaits(t *testing.T) {
	w, child := awaiting(t)
	row, err := w.ledger.Run(t.Context(), w.run.ID)
	w.must(err)
	if v := row.View.Waiting; len(v) != 1 || v[0].Run != child.run.ID || !strings.Contains(v[0].For, "the end of run "+child.run.ID+" of followup") {
		t.Errorf("it waits for %+v", v)
	}
	w.judge()
	w.open("check")
	child.answered()
	w.told()
	if d := w.done("check"); d.Fields["outcome"] != "completed" || d.Fields["run"] != child.run.ID || w.state.Outcome != "completed" {
		t.Errorf("%+v, and the run is %q", d, w.state.Outcome)
	}
	if n := len(w.records("step.closed")); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestStartWaitsForCancelled: a run that is cancelled has ended too. Going back
// starts nothing again, and finds it as it ended.
func TestStartWaitsForCancelled(t *testing.T) {
	w, child := awaiting(t)
	child.advance()
	child.sayTo("", "max", "cancel", map[string]any{"reason": "Not needed"})
	child.judge()
	w.told()
	if w.state.Outcome != "completed" || w.state.Round != 2 || w.done("last").Fields["how"] != "cancelled" || len(w.runsOf("followup")) != 1 {
		t.Errorf("%q in round %d, parked %q, %+v", w.state.Outcome, w.state.Round, w.state.Parked, w.state.Done)
	}
}

// TestStartWaitsRepeated: the worker died after the commit, and the other run
// ended before the try that is made in its place.
func TestStartWaitsRepeated(t *testing.T) {
	w := newWorld(t, waiting)
	w.also(startedBook)
	before := w.request()
	_, err := w.acts.Advance(t.Context(), before)
	w.must(err)
	w.playing(w.runsOf("followup")[0]).answered()
	w.apply(w.acts.Advance(t.Context(), before))
	if w.state.Outcome != "completed" || w.done("check").Fields["outcome"] != "completed" {
		t.Errorf("%q, %+v", w.state.Outcome, w.state.Open)
	}
}

// TestStartWaitsUntold: the worker died when the other run had ended, and before
// anybody was told. The try in its place tells, once.
func TestStartWaitsUntold(t *testing.T) {
	w, child := awaiting(t)
	child.advance()
	child.say("ask", "olive", "answer", map[string]any{"text": "Done"})
	child.judgeOnly()
	before := child.request()
	w.acts.Ledger = &meanwhile{Ledger: w.ledger, noPut: true}
	if _, err := w.acts.Advance(t.Context(), before); err == nil {
		t.Fatal("the ledger did not fail")
	}
	w.acts.Ledger = w.ledger
	for range 2 {
		_, err := w.acts.Advance(t.Context(), before)
		w.must(err)
	}
	rows, err := w.ledger.RowsAfter(t.Context(), w.run.ID, 0, 10)
	w.must(err)
	w.told()
	if len(rows) != 1 || w.state.Outcome != "completed" {
		t.Errorf("told %d times; %q", len(rows), w.state.Outcome)
	}
}

// meanwhile is a ledger on which something else happens just before the first
// commit, or which keeps no rows.
type meanwhile struct {
	port.Ledger
	first func()
	noPut bool
}

func (m *meanwhile) Commit(ctx context.Context, b port.Batch) error {
	if f := m.first; f != nil {
		m.first = nil
		f()
	}
	return m.Ledger.Commit(ctx, b)
}

func (m *meanwhile) Put(ctx context.Context, row port.InboxRow) (port.InboxRow, bool, error) {
	if m.noPut {
		return row, false, fmt.Errorf("the disk is full")
	}
	return m.Ledger.Put(ctx, row)
}

// TestStartWaitsForJoined: a run that another one started is joined, and waited
// for, also when it ends just while it is joined and so tells nobody.
func TestStartWaitsForJoined(t *testing.T) {
	for _, when := range []string{"later", "meanwhile"} {
		t.Run(when, func(t *testing.T) {
			w := newWorld(t, waiting)
			w.also(startedBook)
			run, _, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "followup", Subject: "cv-screener", By: "max", Door: "cli", Input: map[string]string{"level": "1", "sure": "no"}})
			w.must(err)
			child := w.playing(port.RunRow{StartedRun: run})
			if when == "meanwhile" {
				w.acts.Ledger = &meanwhile{Ledger: w.ledger, first: child.answered}
			}
			w.advance()
			if o := w.open("check"); o.Child != run.ID {
				t.Fatalf("it waits for %+v", o)
			}
			if when == "later" {
				child.answered()
			}
			w.told()
			if d := w.done("check"); d.Fields["outcome"] != "completed" || w.state.Outcome != "completed" {
				t.Errorf("%+v, and the run is %q", d, w.state.Outcome)
			}
		})
	}
}

// TestStartWaitsInCircle: a run does not wait for one that waits for it, and the
// AIMS manager hears of it.
func TestStartWaitsInCircle(t *testing.T) {
	w := newWorld(t, strings.Replace(waiting, "with: {level: '${1 + 1}', sure: true}, ", "", 1))
	w.also(strings.NewReplacer("playbook: waiting", "playbook: followup", "playbook: followup", "playbook: waiting").Replace(
		strings.Replace(waiting, "with: {level: '${1 + 1}', sure: true}, ", "", 1)))
	w.advance()
	child := w.playing(w.runsOf("followup")[0])
	child.advance()
	if child.state.Outcome != "completed" || child.done("last").Fields["how"] != "nobody knows" || len(child.records("start.not_waited")) != 1 {
		t.Errorf("%q, parked %q, %+v", child.state.Outcome, child.state.Parked, child.state.Open)
	}
	if said := w.messagesTo("U0MAX"); len(said) != 1 || !strings.Contains(said[0].card.Title, "does not wait") {
		t.Errorf("%+v", said)
	}
	w.judge()
	if w.done("check").Fields["outcome"] != "completed" {
		t.Errorf("%+v", w.state.Open)
	}
}
