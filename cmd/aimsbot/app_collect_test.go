package main

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// lookBack looks at its own earlier runs: a draw of them is judged one by one, and
// who decides is shown what was found.
const lookBack = `playbook: look-back
title: Look back
subject: system
steps:
  - id: facts
    collect:
      drawn: {from: runs, playbook: '${run.playbook}', subject: '${system}', open: false, sample: {seed: 7}}
      said: {from: decisions, playbook: look-back, outcome: approved, where: 'item.by.exists(p, p == "ethan")', last: true}
      late: {from: tasks, since: 30 days, where: item.overdue}
  - id: rate
    form:
      ask: ${system.owner}
      title: Look at what was drawn
      each: steps.facts.drawn.items
      as: past
      questions: [{id: conforms, text: 'Run of ${past.name} from ${past.started_at} conforms', type: yesno}]
  - id: decide
    approval: {about: [facts, rate], need: [{role: ai-ethics-officer}]}
    due: 5 working days
`

// TestCollectWay plays two runs, of which the second finds the first.
func TestCollectWay(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": 5} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, lookBack)})
			id := w.lookBack()
			d, err := w.demo.app.client.DescribeWorkflowExecution(t.Context(), id, "")
			if err != nil {
				t.Fatal(err)
			}
			info := d.GetWorkflowExecutionInfo()
			if got := info.GetFirstRunId() != info.GetExecution().GetRunId(); got != (events > 0) {
				t.Errorf("continued as new: %v, want %v", got, events > 0)
			}
		})
	}
}

func (w *world) lookBack() (workflowID string) {
	w.t.Helper()
	for _, found := range []struct{ words, line string }{{"nothing found, from the ledger, as of", ""}, {"1 found, from the ledger, as of", "- CV screener, look-back, approved"}} {
		run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "look-back", Subject: "cv-screener", By: "max", Door: "cli"})
		if err != nil {
			w.t.Fatal(err)
		}
		empty := map[string]int{"facts.collected": 1, "step.empty": 1, "run.ended": 1}
		if found.line != "" {
			empty = map[string]int{"facts.collected": 1, "step.opened": 2, "run.ended": 1}
			w.fill("olive", w.message("olive", "answer", "Look at what was drawn"), "answer", map[string]any{"r1.conforms": "yes"})
		}
		m := w.message("ethan", "approve", found.words)
		if all := string(m.Blocks); !strings.Contains(all, found.line) {
			w.t.Errorf("who decides is not shown %q: %s", found.line, all)
		}
		w.press("ethan", m, "approve")
		w.ends(run.ID, "approved", expected{records: empty})
		workflowID = run.WorkflowID
	}
	return workflowID
}
