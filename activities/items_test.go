package activities_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// fixes makes a task of each row that somebody planned.
const fixes = `playbook: fixes
title: Fixes
subject: system
steps:
  - id: plan
    form:
      ask: ${system.owner}
      title: Plan
      questions:
        - {id: actions, text: Actions, type: rows, columns: [{id: what, text: What, type: text}, {id: owner, text: Who, type: person}]}
  - id: actions
    each:
      in: steps.plan.actions
      steps:
        - {id: fix, task: {assign: '${item.owner}', title: Fix it}}
  - id: sum
    set: {by: '${steps.actions.map(a, a.fix.by)}'}
`

// TestEach: each entry has a task of its own; they may be done in any order, and
// afterwards the step is the list.
func TestEach(t *testing.T) {
	w := newWorld(t, fixes)
	w.advance()
	w.say("plan", "olive", "answer", map[string]any{"actions": []any{map[string]any{"what": "Logs", "owner": "dev"}, map[string]any{"what": "Tests", "owner": "eli"}}})
	w.judge()
	var titles []string
	for _, o := range w.state.Open {
		titles = append(titles, o.Item+" "+o.Title+" "+o.Persons()[0])
	}
	if diff := cmp.Diff([]string{"1 Fix it: Logs dev", "2 Fix it: Tests eli"}, titles); diff != "" {
		t.Fatal(diff)
	}
	w.perform()
	for _, step := range []struct{ item, account string }{{"2", w.state.FindOpen("fix", "2").Persons()[0]}, {"1", "dev"}} {
		for _, i := range w.out.issues {
			if i.place.Step == "fix" && i.place.Item == step.item {
				i.Category, i.DoneBy, i.DoneAt = port.CategoryDone, "5b1"+step.account, w.clock()
			}
		}
		w.inspect("fix[" + step.item + "]")
	}
	d := w.state.FindDone("sum", "")
	if d == nil || w.state.Outcome != "completed" {
		t.Fatalf("the run did not go on: open %v, parked %q", w.state.Open, w.state.Parked)
	}
	if diff := cmp.Diff([]any{"dev", "eli"}, d.Fields["by"]); diff != "" {
		t.Error(diff)
	}
}

// eachRounds decides about every fix, and about all of them together.
const eachRounds = `playbook: rounds
title: Rounds
subject: system
steps:
  - id: plan
    form:
      ask: ${system.owner}
      title: Plan
      questions:
        - {id: actions, text: Actions, type: rows, optional: true, columns: [{id: id, text: No., type: text}, {id: owner, text: Who, type: person}]}
        - {id: note, text: Note, type: text}
  - id: actions
    each:
      in: 'has(steps.plan.actions) ? steps.plan.actions : []'
      as: action
      at_most: 2
      steps:
        - id: fix
          task: {assign: '${action.owner}', title: 'Fix ${action.id}'}
        - id: verify
          approval: {about: [fix], need: [{role: ai-ethics-officer}]}
  - id: seen
    set: {fixed: '${steps.actions.map(a, a.item.id + " by " + a.fix.by)}', many: '${steps.actions.size()}'}
  - id: decide
    approval: {about: [actions], need: [{role: ai-ethics-officer}], changes: plan}
`

// planned answers the plan with actions, named by whom they are assigned to.
func (w *world) planned(actions ...string) {
	w.t.Helper()
	var rows []any
	for _, a := range actions {
		id, owner, _ := strings.Cut(a, " ")
		rows = append(rows, map[string]any{"id": id, "owner": owner})
	}
	values := map[string]any{"note": "As agreed"}
	if len(rows) > 0 {
		values["actions"] = rows
	}
	w.say("plan", "olive", "answer", values)
	w.judge()
	w.perform()
}

// fixed finishes the task of an entry.
func (w *world) fixed(item, by string) {
	w.t.Helper()
	for _, i := range w.out.issues {
		if i.place.Step == "fix" && i.place.Item == item {
			i.Category, i.DoneBy, i.DoneAt = port.CategoryDone, "5b1"+by, w.clock()
		}
	}
	w.inspect("fix[" + item + "]")
}

// ofEntry says something to the step of an entry.
func (w *world) ofEntry(step, item, person, action string, values map[string]any) string {
	w.t.Helper()
	o := w.state.FindOpen(step, item)
	if o == nil {
		w.t.Fatalf("%s[%s] is not open: %v, parked %q", step, item, w.openRefs(), w.state.Parked)
	}
	id := w.sayTo(o.Token, person, action, values)
	w.judge()
	w.perform()
	return id
}

func (w *world) openRefs() (out []string) {
	for _, o := range w.state.Open {
		out = append(out, playbooks.StepRef(o.Step, o.Item))
	}
	return out
}

func (w *world) wantOpen(want ...string) {
	w.t.Helper()
	if diff := cmp.Diff(want, w.openRefs()); diff != "" {
		w.t.Fatalf("open (-want +got):\n%sparked %q, outcome %q", diff, w.state.Parked, w.state.Outcome)
	}
}

// TestEachOfNothing: an empty list is done at once, and its value is a list.
func TestEachOfNothing(t *testing.T) {
	w := newWorld(t, eachRounds)
	w.advance()
	w.planned()
	w.wantOpen("decide")
	if d := w.state.FindDone("seen", ""); d == nil || fmt.Sprint(d.Fields["many"]) != "0" {
		t.Errorf("seen: %+v", d)
	}
	if n := len(w.records("step.empty")); n != 1 {
		t.Errorf("%d records that there was nothing to do", n)
	}
}

// TestEachOverItsNumber: more entries than expected are all done, and the AIMS
// manager is told.
func TestEachOverItsNumber(t *testing.T) {
	w := newWorld(t, eachRounds)
	w.advance()
	w.planned("a dev", "b eli", "c dev")
	w.wantOpen("fix[a]", "fix[b]", "fix[c]")
	role, _ := w.org.Role("aims-manager")
	person, _ := w.org.Person(role.Holder)
	if n := w.titled(person.Slack.User, "More than expected"); n != 1 {
		t.Errorf("%d messages to the AIMS manager", n)
	}
	over := w.records("each.over")
	if len(over) != 1 || !strings.Contains(over[0].Content, `"items":"3"`) {
		t.Errorf("records: %+v", over)
	}
}

// TestEachInALaterRound: what was done for an entry that stays is kept, an entry
// that is gone is withdrawn, and one that is new is asked. Decisions are made anew.
func TestEachInALaterRound(t *testing.T) {
	w := newWorld(t, eachRounds)
	w.advance()
	w.planned("a dev", "b eli")
	w.fixed("b", "eli")
	w.fixed("a", "dev")
	w.wantOpen("verify[b]", "verify[a]")
	w.ofEntry("verify", "a", "ethan", "approve", nil)
	w.wantOpen("verify[b]")
	w.ofEntry("verify", "b", "ethan", "approve", nil)
	w.wantOpen("decide")
	w.say("decide", "ethan", "changes", map[string]any{"reason": "The first is not needed"})
	w.judge()
	w.planned("c dev", "b eli")
	w.wantOpen("fix[c]", "verify[b]")
	if n := len(w.records("step.kept")); n != 1 {
		t.Errorf("%d kept", n)
	}
	for _, i := range w.out.issues {
		if i.place.Step == "fix" && i.place.Item == "a" && len(i.comments) == 0 {
			t.Error("nobody reads at the issue of the entry that is gone why")
		}
	}
	w.fixed("c", "dev")
	w.ofEntry("verify", "b", "ethan", "approve", nil)
	w.ofEntry("verify", "c", "ethan", "approve", nil)
	w.wantOpen("decide")
	if diff := cmp.Diff([]any{"c by dev", "b by eli"}, w.state.FindDone("seen", "").Fields["fixed"]); diff != "" {
		t.Error(diff)
	}
	w.say("decide", "ethan", "approve", nil)
	w.judge()
	if w.state.Outcome != port.OutcomeApproved {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// TestEachGoesBack: a decision about one entry goes back to the plan while the
// task of another is open. That task is withdrawn, and its entry is gone.
func TestEachGoesBack(t *testing.T) {
	w := newWorld(t, strings.Replace(eachRounds, "need: [{role: ai-ethics-officer}]}", "need: [{role: ai-ethics-officer}], changes: plan}", 1))
	w.advance()
	w.planned("a dev", "b eli")
	w.fixed("b", "eli")
	w.ofEntry("verify", "b", "ethan", "changes", map[string]any{"reason": "Plan anew"})
	w.wantOpen("plan")
	w.planned("b eli")
	w.wantOpen("verify[b]")
	for _, i := range w.out.issues {
		if i.place.Step == "fix" && i.place.Item == "a" && i.Category != port.CategoryDone {
			t.Errorf("the issue of the entry that is gone is still %s", i.Category)
		}
	}
}

// TestApprovalInAnEach: a decision about one entry shows that entry alone and
// binds to it; a rejection of one rejects the run.
func TestApprovalInAnEach(t *testing.T) {
	w := newWorld(t, eachRounds)
	w.advance()
	w.planned("a dev", "b eli")
	w.fixed("a", "dev")
	w.wantOpen("fix[b]", "verify[a]")
	o := w.state.FindOpen("verify", "a")
	raw, err := w.ledger.Document(t.Context(), o.Digest)
	w.must(err)
	var e port.Evidence
	w.must(json.Unmarshal(raw, &e))
	if len(e.Steps) != 1 || e.Steps[0].Step != "fix" || e.Steps[0].Item != "a" {
		t.Errorf("the decision shows %+v", e.Steps)
	}
	w.ofEntry("verify", "a", "ethan", "reject", map[string]any{"reason": "No"})
	if w.state.Outcome != port.OutcomeRejected || len(w.state.Open) != 0 {
		t.Errorf("outcome %q, open %v", w.state.Outcome, w.openRefs())
	}
}
