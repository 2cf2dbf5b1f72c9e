package activities_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// frozen holds a fix up, and what comes after it, until the release.
const frozen = `playbook: frozen
title: Frozen
subject: system
steps:
  - id: intake
    form: {ask: '${system.owner}', title: Intake, questions: [{id: real, text: Real, type: yesno}]}
  - id: begin
    group:
      - id: freeze
        when: steps.intake.real
        task: {assign: '${system.owner}', title: Freeze the evidence, blocks: [fix], until: release}
      - id: mend
        steps:
          - {id: plan, form: {ask: explainability-lead, title: Plan, questions: [{id: how, text: How, type: text}]}}
          - {id: fix, task: {assign: explainability-lead, title: Fix it}}
      - id: release
        when: steps.intake.real
        title: Release
        approval: {need: [{role: ai-ethics-officer}], changes: intake, on_reject: {back: release}}
`

// passing holds up a fix that the run does not wait for.
const passing = `playbook: passing
title: Passing
subject: system
steps:
  - id: freeze
    task: {assign: '${system.owner}', title: Freeze the evidence, blocks: [fix], until: release}
  - {id: fix, task: {assign: explainability-lead, title: Fix it, wait: false}}
  - id: release
    title: Release
    approval: {need: [{role: ai-ethics-officer}]}
`

// TestHoldOfWhatIsNotWaitedFor: the run goes on past a step that is held up and that
// it would not wait for, and begins it when the hold is lifted.
func TestHoldOfWhatIsNotWaitedFor(t *testing.T) {
	t.Parallel()
	for action, want := range map[string]string{"approve": "Fix it", "reject": ""} {
		t.Run(action, func(t *testing.T) {
			w := newWorld(t, passing)
			w.advance()
			w.finishTask("freeze", "5b1olive")
			same(t, "held", w.asked(), "release")
			w.say("release", "ethan", action, map[string]any{"reason": "Because"})
			w.judge()
			if w.state.Outcome == "" {
				t.Fatalf("open %q", w.asked())
			}
			got := ""
			for _, i := range w.out.issues {
				if i.place.Step == "fix" {
					got = i.issue.Summary
				}
			}
			if got != want {
				t.Errorf("began %q, want %q", got, want)
			}
		})
	}
}

func froze(t *testing.T, real string) *world {
	t.Helper()
	w := newWorld(t, frozen)
	w.advance()
	w.say("intake", "olive", "answer", map[string]any{"real": real})
	w.judge()
	return w
}

func (w *world) plan() {
	w.t.Helper()
	w.say("plan", "eli", "answer", map[string]any{"how": "Retrain"})
	w.judge()
}

// TestHold: the step is not opened while the hold is in place, also not when the
// task that placed it is done or the release is rejected, and people read why;
// the approval lifts it.
func TestHold(t *testing.T) {
	w := froze(t, "yes")
	same(t, "before the fix", w.asked(), "freeze", "plan", "release")
	if i := w.issueOf("freeze"); !strings.Contains(i.issue.Description, "Until it is lifted by Release, these steps wait: Fix it.") {
		t.Errorf("the issue says %q", i.issue.Description)
	}
	w.plan()
	w.finishTask("freeze", "5b1olive")
	same(t, "the task is done", w.asked(), "release")
	if got := w.waitsFor(); got != "the hold Freeze the evidence, lifted by Release. Then it goes on with Fix it" {
		t.Errorf("waits for %q", got)
	}
	w.say("release", "ethan", "reject", map[string]any{"reason": "Not yet"})
	w.judge()
	same(t, "rejected", w.asked(), "release")
	w.say("release", "ethan", "approve", nil)
	w.judge()
	same(t, "lifted", w.asked(), "fix")
	lifted := w.records("hold.lifted")
	if n := len(w.records("hold.placed")); n != 1 || len(lifted) != 1 || lifted[0].Facts["outcome"] != "approved" {
		t.Errorf("%d placed, lifted %+v", n, lifted)
	}
	w.finishTask("fix", "5b1eli")
	if w.state.Outcome != "approved" {
		t.Errorf("outcome %q, open %q", w.state.Outcome, w.asked())
	}
}

// TestHoldOutlivesARound: going back does not undo a hold, also when its task is
// no longer needed; that the step which lifts it is skipped lifts it.
func TestHoldOutlivesARound(t *testing.T) {
	w := froze(t, "yes")
	w.plan()
	same(t, "the first round", w.state.HeldUp(), "fix")
	w.say("release", "ethan", "changes", map[string]any{"reason": "Is it real?"})
	w.judge()
	same(t, "the second round", w.asked(), "intake")
	if len(w.records("hold.lifted")) != 0 {
		t.Fatal("going back lifted the hold")
	}
	w.say("intake", "olive", "answer", map[string]any{"real": "no"})
	w.judge()
	if r := w.records("hold.lifted"); len(r) != 1 || r[0].Facts["outcome"] != port.StepSkipped {
		t.Errorf("lifted: %+v", r)
	}
	w.plan()
	same(t, "nothing holds it up", w.asked(), "fix")
}

// TestHoldAtTheEnd: a run that ends before the decision says so.
func TestHoldAtTheEnd(t *testing.T) {
	w := froze(t, "yes")
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
	if n := len(w.records("hold.ended")); n != 1 || w.state.Outcome != "cancelled" {
		t.Errorf("%d records, outcome %q", n, w.state.Outcome)
	}
}

// TestHoldAfterACrash: what a try stored before it died stands, and its repeat
// places no second hold.
func TestHoldAfterACrash(t *testing.T) {
	w := newWorld(t, frozen)
	w.advance()
	w.say("intake", "olive", "answer", map[string]any{"real": "yes"})
	w.judgeOnly()
	before := w.state
	w.advance()
	w.state = before
	w.advance()
	if n := len(w.records("hold.placed")); n != 1 || len(w.state.Holds) != 1 {
		t.Errorf("%d records, holds %+v", n, w.state.Holds)
	}
	w.plan()
	same(t, "held", w.state.HeldUp(), "fix")
}
