package activities_test

import (
	"strings"
	"testing"

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
