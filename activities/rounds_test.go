package activities_test

import (
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

func bothAnswered(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, sideBySide)
	w.advance()
	w.say("first", "olive", "answer", map[string]any{"text": "A"})
	w.say("second", "val", "answer", map[string]any{"text": "B"})
	w.judge()
	return w
}

// TestTwoAskForChangesAtOnce: neither is lost; both decide again.
func TestTwoAskForChangesAtOnce(t *testing.T) {
	w := bothAnswered(t)
	w.say("ethics", "ethan", "changes", map[string]any{"reason": "The first is wrong"})
	w.say("risk", "ron", "changes", map[string]any{"reason": "The second is wrong"})
	w.judge()
	if w.state.Round != 2 {
		t.Fatalf("round %d", w.state.Round)
	}
	for _, step := range []string{"first", "second"} {
		if w.state.FindOpen(step, "") == nil {
			t.Errorf("%s is not asked again", step)
		}
	}
	for _, step := range []string{"risk", "ethics"} {
		if w.state.FindDone(step, "") != nil {
			t.Errorf("%s is not decided again", step)
		}
	}
}

// TestRejectBeatsChanges: a rejection and 'ask for changes' between two
// advances end the run rejected, in either order.
func TestRejectBeatsChanges(t *testing.T) {
	t.Parallel()
	for name, first := range map[string]string{"reject first": "risk", "changes first": "ethics"} {
		t.Run(name, func(t *testing.T) {
			w := bothAnswered(t)
			say := map[string]func(){
				"risk":   func() { w.say("risk", "ron", "reject", map[string]any{"reason": "No"}) },
				"ethics": func() { w.say("ethics", "ethan", "changes", map[string]any{"reason": "Say more"}) },
			}
			say[first]()
			delete(say, first)
			for _, f := range say {
				f()
			}
			w.judge()
			if w.state.Outcome != port.OutcomeRejected {
				t.Errorf("outcome %q", w.state.Outcome)
			}
		})
	}
}

// TestAuthorStaysTheFirstForms: who answered the first form never decides,
// also when only that form was asked again.
func TestAuthorStaysTheFirstForms(t *testing.T) {
	w := bothAnswered(t)
	w.say("ethics", "ethan", "changes", map[string]any{"reason": "Say more"})
	w.judge()
	w.holder("explainability-lead", "olive")
	w.say("first", "olive", "answer", map[string]any{"text": "A2"})
	w.judge()
	w.holder("ai-ethics-officer", "val") // answered the second form, which stands
	id := w.say("ethics", "val", "approve", nil)
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictAccepted {
		t.Errorf("who did not write the first form: %s %s", v.Verdict, v.Reason)
	}
}

// TestKeptTask: a task nothing about which changed keeps its result; one whose
// assignee changed is asked again, and its old issue stays closed.
func TestKeptTask(t *testing.T) {
	t.Parallel()
	for name, handover := range map[string]bool{"kept": false, "handed over": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tested)
			w.advance()
			w.finishTask("bias_test", "5b1eli")
			if handover {
				w.holder("explainability-lead", "val")
			}
			w.say("decide", "ethan", "changes", map[string]any{"reason": "Again"})
			w.judge()
			if open := w.state.FindOpen("bias_test", "") != nil; open != handover {
				t.Errorf("asked again: %v", open)
			}
			if kept := len(w.records("step.kept")); (kept == 0) != handover {
				t.Errorf("%d kept", kept)
			}
		})
	}
}

// TestWithdrawnTaskIsClosedInJira: changes while a sibling task is open close
// its issue with a comment, and a new one is made.
func TestWithdrawnTaskIsClosedInJira(t *testing.T) {
	w := bothAnswered(t)
	old := w.issueOf("risk")
	w.say("ethics", "ethan", "changes", map[string]any{"reason": "Say more"})
	w.judge()
	if old.Category != port.CategoryDone || len(old.comments) != 1 {
		t.Errorf("category %s, comments %v", old.Category, old.comments)
	}
	if n := len(w.records("step.withdrawn")); n != 1 {
		t.Errorf("%d withdrawn", n)
	}
}
