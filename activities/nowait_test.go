package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// going has a task that the run does not wait for.
const going = `playbook: going
title: Going on
subject: system
steps:
  - id: fix
    task: {assign: explainability-lead, title: Fix it, wait: false}
    due: 5 working days
  - id: seen
    set: {fixed: '${has(steps.fix)}'}
  - id: decide
    approval: {about: [fix, seen], need: [{role: ai-ethics-officer}]}
`

// TestTaskThatIsNotWaitedFor: the run goes on and ends, and the task stays to be
// finished in Jira; where the run is rejected or cancelled it is withdrawn.
func TestTaskThatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]struct{ category, says string }{
		"approve": {port.CategoryToDo, "The run has ended. This issue stays open: finish it here."},
		"reject":  {port.CategoryDone, "The run has ended: rejected."},
	} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t, going)
			w.advance()
			if got := w.state.FindDone("seen", "").Fields["fixed"]; got != false {
				t.Errorf("fixed: %v", got)
			}
			w.say("decide", "ethan", action, map[string]any{"reason": "Because"})
			w.judge()
			if w.state.Outcome == "" {
				t.Fatal("the run waits for the task")
			}
			i := w.issueOf("fix")
			if i.Category != want.category || len(i.comments) != 1 || !strings.Contains(i.comments[0].text, want.says) {
				t.Errorf("the issue is %s with %+v", i.Category, i.comments)
			}
		})
	}
}

// leaving ends with tasks open, one for each entry, that were opened just before.
const leaving = `playbook: leaving
title: Leaving
subject: system
steps:
  - id: plan
    form:
      ask: ${system.owner}
      title: What is decided?
      questions: [{id: decided, text: Decided, type: rows, columns: [{id: text, text: What, type: text}, {id: date, text: By when, type: date}]}]
  - id: act
    each:
      in: steps.plan.decided
      as: decision
      steps: [{id: fix, task: {assign: explainability-lead, title: 'Decided: ${decision.text}', wait: false}, due: {at: decision.date}}]
`

// TestTasksLeftBehindAreFound: another run finds what a run left to be done, by the
// title that people know and with its day, and does not say that it is overdue:
// nobody knows what became of it.
func TestTasksLeftBehindAreFound(t *testing.T) {
	w := newWorld(t, leaving)
	w.advance()
	w.say("plan", "olive", "answer", map[string]any{"decided": []any{map[string]any{"text": "A second validator", "date": "2027-03-05"}}})
	w.judge()
	if w.state.Outcome == "" {
		t.Fatal("the run waits for the task")
	}
	w.pass(20 * 24 * time.Hour)
	w.next(`playbook: later
title: Later
subject: system
steps:
  - {id: facts, collect: {left: {from: tasks, playbook: leaving, open: true}}}
`)
	w.advance()
	items, rest := w.found("left")
	if len(items) != 1 || items[0]["title"] != "Decided: A second validator" || items[0]["state"] != "left" || items[0]["due"] != "2027-03-05T22:59:59Z" || items[0]["opened_at"] == nil || items[0]["overdue"] != false {
		t.Errorf("found: %v", rest)
	}
}
