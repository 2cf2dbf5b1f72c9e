package main

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// actionPlan does for every planned action, side by side, what corrective actions
// do: a task, a write into the register, a wait, and a message.
const actionPlan = `playbook: action-plan
title: Action plan
subject: system
starts: {by: [anyone]}
steps:
  - id: plan
    form:
      ask: ${system.owner}
      title: What is done?
      questions:
        - id: actions
          text: Actions
          type: rows
          min: 3
          max: 3
          columns: [{id: what, text: What, type: text}, {id: owner, text: By whom, type: person}]
    due: 5 working days
  - id: actions
    each:
      in: steps.plan.actions
      as: row
      steps:
        - id: act
          task: {assign: '${row.owner}', title: 'Do: ${row.what}', evidence: required}
          due: 10 working days
        - id: keep
          register: {add: {restrictions: '${row.what} is done'}}
        - id: rest
          wait: {until: 'steps.keep.at + duration("2s")'}
        - id: tell
          notify: {to: '${system.owner}', text: 'It has settled: ${row.what}'}
  - id: sum
    set: {who: '${steps.actions.map(a, a.item.what + " by " + a.act.by)}'}
  - id: tell_all
    notify: {to: aims-manager, text: 'All is done: ${steps.sum.who}'}
`

// planned are the three actions, by whom they are done.
var planned = []struct{ what, by string }{{"Log it", "dev"}, {"Test it", "val"}, {"Explain it", "eli"}}

// plannedRows is how they are answered in the window.
func plannedRows() map[string]any {
	out := map[string]any{}
	for i, a := range planned {
		out[fmt.Sprintf("actions.r%d.what", i+1)] = a.what
		out[fmt.Sprintf("actions.r%d.owner", i+1)] = "U0" + strings.ToUpper(a.by)
	}
	return out
}

// TestEachWay plays it in one history and continued as new; the actions are done
// in another order than they were planned in.
func TestEachWay(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, actionPlan)})
			w.actions()
			w.continued(events > 0)
		})
	}
}

// actions plays the way and returns the workflow's id.
func (w *world) actions() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "action-plan", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fill("olive", w.message("olive", "answer", "What is done?"), "answer", plannedRows())
	for _, i := range []int{1, 0, 2} {
		w.do("Do: "+planned[i].what, planned[i].by)
		w.message("olive", "", "It has settled: "+planned[i].what)
	}
	w.message("max", "", "Log it by dev, Test it by val, Explain it by eli")
	w.ends(run.ID, "completed", expected{
		issues:  []string{"Action plan: CV screener", "Do: Explain it", "Do: Log it", "Do: Test it", "What is done?"},
		records: map[string]int{"register.written": 3, "step.notified": 4, "run.ended": 1},
	})
	o, err := w.demo.app.ledger.SnapshotAt(w.t.Context(), w.demo.app.opt.now())
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[string]any{}
	o.Register.Put(got, "system", "cv-screener")
	if want := "[Test it is done Log it is done Explain it is done]"; fmt.Sprint(got["restrictions"]) != want {
		w.t.Errorf("the register has %v, want %s", got["restrictions"], want)
	}
	return w.run(run.ID).WorkflowID
}
