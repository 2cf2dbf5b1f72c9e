package activities_test

import (
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// TestChangesIntoASequence: a decision after the group goes back into the
// middle of one sequence: what came before stands, the other sequence too.
func TestChangesIntoASequence(t *testing.T) {
	w := lanesDone(t, "yes", "1")
	w.answer("reach", "eli", "Few")
	w.finishTask("right", "5b1val")
	w.finishTask("left", "5b1eli")
	told := w.titled("U0MAX", "")
	w.say("decide", "ethan", "changes", map[string]any{"reason": "The result is thin"})
	w.judge()
	same(t, "asked again", w.asked(), "result")
	for _, step := range []string{"scope", "plan", "safety", "signed", "told"} {
		if d := w.state.FindDone(step, ""); d == nil || d.Round != 1 {
			t.Errorf("%s does not stand: %+v", step, d)
		}
	}
	for _, step := range []string{"agree", "reach", "left", "right"} {
		if w.state.FindDone(step, "") != nil {
			t.Errorf("%s comes after the target and still stands", step)
		}
	}
	w.answer("result", "eli", "R2")
	same(t, "then", w.asked(), "agree")
	w.say("agree", "ron", "approve", nil)
	w.judge()
	same(t, "then the block", w.asked(), "reach")
	w.answer("reach", "eli", "Few still")
	same(t, "unchanged tasks keep their results", w.asked(), "decide")
	if again := w.titled("U0MAX", ""); again != told {
		t.Errorf("told %d times, then %d", told, again)
	}
}

// TestChangesInASequence: a decision in a sequence goes back in it and leaves
// the other one alone.
func TestChangesInASequence(t *testing.T) {
	w := scoped(t, "no", "1")
	w.answer("plan", "eli", "P")
	w.answer("result", "eli", "R")
	token := w.open("safety").Token
	w.say("agree", "ron", "changes", map[string]any{"reason": "Say more"})
	w.judge()
	same(t, "asked", w.asked(), "safety", "result")
	if w.open("safety").Token != token || w.state.FindDone("plan", "") == nil {
		t.Error("what the decision was not about was touched")
	}
}

// TestGuardFallsInALaterRound: the condition of a block is evaluated anew with
// the target in it. When it does not hold any more nothing in it stands, and
// what is open in it is withdrawn.
func TestGuardFallsInALaterRound(t *testing.T) {
	w := newWorld(t, `playbook: falls
title: Falls
subject: system
steps:
  - id: guarded
    when: holds("ron", "chief-risk-officer")
    steps:
      - {id: before, task: {assign: explainability-lead, title: Before}}
      - id: beside
        group:
          - steps:
              - {id: text, form: {ask: explainability-lead, title: Text, questions: [{id: text, text: Text, type: text}]}}
              - {id: check, approval: {about: [text], need: [{role: ai-ethics-officer}], changes: text}}
          - {id: slow, task: {assign: model-validation-lead, title: Slow}}
  - {id: after, task: {assign: aims-manager, title: After}}
`)
	w.advance()
	w.finishTask("before", "5b1eli")
	w.answer("text", "eli", "T")
	same(t, "asked", w.asked(), "slow", "check")
	w.holder("chief-risk-officer", "tess")
	w.say("check", "ethan", "changes", map[string]any{"reason": "Say more"})
	w.judge()
	same(t, "asked", w.asked(), "after")
	if got, want := w.stands(), "guarded skipped, before skipped, beside skipped, text skipped, check skipped, slow skipped, after open"; got != want {
		t.Errorf("%s\nwant %s", got, want)
	}
	w.settle()
	for _, step := range []string{"before", "slow"} {
		if i := w.issueOf(step); i.Category != port.CategoryDone || len(i.comments) == 0 {
			t.Errorf("the issue of %s: %s, comments %v", step, i.Category, i.comments)
		}
	}
}
