package activities_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
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
