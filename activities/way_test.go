package activities_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// ways has each way out of a sequence: an end, going back with a bound, and a
// rejection that goes back.
const ways = `playbook: ways
title: Ways
subject: system
outcomes: {approved: {counts: true}, not_needed: {}, given_up: {}, rejected: {}}
steps:
  - id: triage
    form:
      ask: ${system.owner}
      title: Triage
      questions:
        - {id: real, text: 'Is it real?', type: yesno}
        - {id: level, text: 'How bad is it?', type: int}
  - id: nothing
    title: It was not real
    end: {outcome: not_needed, when: '!steps.triage.real'}
  - id: unclear
    back:
      to: triage
      when: steps.triage.level < 2
      say: Level ${steps.triage.level} is too low.
      at_most: 2
      then:
        - id: give_up
          end: {outcome: given_up}
  - id: seen
    set: {returns: '${steps.unclear.count}'}
  - id: decide
    approval: {about: [triage, seen], need: [{role: ai-ethics-officer}], on_reject: {back: triage}}
`

func (w *world) triage(realOne bool, level int) {
	w.t.Helper()
	w.say("triage", "olive", "answer", map[string]any{"real": realOne, "level": level})
	w.judge()
}

// card is the message of an open step, as it reads now.
func (w *world) card(step string) port.Card {
	w.t.Helper()
	token := w.open(step).Token
	for _, m := range w.out.messages {
		if m.card.Token == token {
			return m.card
		}
	}
	w.t.Fatalf("nobody was asked %s", step)
	return port.Card{}
}

// TestEndStep: a run ends where a step says so, with the reason of its title;
// what comes after is never asked.
func TestEndStep(t *testing.T) {
	w := newWorld(t, ways)
	w.advance()
	w.triage(false, 5)
	if w.state.Outcome != "not_needed" {
		t.Fatalf("outcome %q, open %v", w.state.Outcome, w.state.Open)
	}
	ended := w.records("run.ended")
	if len(ended) != 1 || !strings.Contains(ended[0].Content, `"counts":"false"`) {
		t.Errorf("%+v", ended)
	}
	if last := w.out.messages[len(w.out.messages)-1].card; !strings.Contains(strings.Join(last.Lines, ""), "has ended: not needed. Reason: It was not real") {
		t.Errorf("the last message is %+v", last)
	}
	if len(w.records("step.opened")) != 1 {
		t.Error("something else was asked")
	}
}

// TestBackAsksAgain: going back opens the form once more with the earlier
// answers and says why; how often is known afterwards.
func TestBackAsksAgain(t *testing.T) {
	w := newWorld(t, ways)
	w.advance()
	w.triage(true, 1)
	if w.state.Round != 2 {
		t.Fatalf("round %d", w.state.Round)
	}
	if lines := strings.Join(w.card("triage").Lines, "\n"); !strings.Contains(lines, "Round 2: this is asked again. Level 1 is too low.") {
		t.Errorf("the message says:\n%s", lines)
	}
	w.triage(true, 3)
	w.open("decide")
	if got := w.state.FindDone("seen", "").Fields["returns"]; got != float64(1) {
		t.Errorf("went back %v times", got)
	}
}

// TestBackAtMost: when it has gone back often enough, the steps for that case
// come instead, and going back after a rejection does not begin the count anew.
func TestBackAtMost(t *testing.T) {
	w := newWorld(t, ways)
	w.advance()
	w.triage(true, 1)
	w.triage(true, 4)
	w.say("decide", "ethan", "reject", map[string]any{"reason": "Not enough"})
	w.judge()
	if lines := strings.Join(w.card("triage").Lines, "\n"); !strings.Contains(lines, "Round 3: Decide was rejected. Ethan Ellis wrote: Not enough") {
		t.Errorf("the message says:\n%s", lines)
	}
	w.triage(true, 1)
	if w.state.Round != 4 || w.state.Outcome != "" {
		t.Fatalf("round %d, outcome %q", w.state.Round, w.state.Outcome)
	}
	w.triage(true, 1)
	if w.state.Outcome != "given_up" {
		t.Errorf("outcome %q after round %d", w.state.Outcome, w.state.Round)
	}
}

// appeal does steps after a rejection, while others are open.
const appeal = `playbook: appeal
title: Appeal
subject: system
outcomes: {approved: {counts: true}, rejected: {}, overruled: {counts: true}}
steps:
  - id: scope
    form: {ask: '${system.owner}', title: Scope, questions: [{id: text, text: 'What?', type: text}]}
  - id: both
    group:
      - {id: extra, task: {assign: explainability-lead, title: Extra work}}
      - id: decide
        approval:
          about: [scope]
          need: [{role: ai-ethics-officer}]
          on_reject:
            - id: answer
              form: {ask: '${system.owner}', title: 'What now, after round ${steps.decide.rounds}?', questions: [{id: appeal, text: 'Do you appeal?', type: yesno}]}
            - id: appealed
              when: steps.answer.appeal
              steps:
                - id: second
                  approval: {about: [scope, answer], need: [{role: chief-risk-officer}], changes: answer}
                - id: overruled
                  end: {outcome: overruled}
  - id: after
    task: {assign: explainability-lead, title: Publish}
`

func rejected(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, appeal)
	w.advance()
	w.say("scope", "olive", "answer", map[string]any{"text": "A"})
	w.judge()
	w.say("decide", "ethan", "reject", map[string]any{"reason": "No"})
	w.judge()
	return w
}

// TestRejectionLeadsToSteps: after a rejection its steps come and nothing else;
// then the run ends as rejected.
func TestRejectionLeadsToSteps(t *testing.T) {
	w := rejected(t)
	if w.state.FindOpen("extra", "") != nil || len(w.state.Open) != 1 {
		t.Errorf("open: %+v", w.state.Open)
	}
	w.say("answer", "olive", "answer", map[string]any{"appeal": false})
	w.judge()
	if w.state.Outcome != port.OutcomeRejected {
		t.Errorf("outcome %q", w.state.Outcome)
	}
	if opened := len(w.records("step.opened")); opened != 4 {
		t.Errorf("%d steps were opened: what comes after the approval was begun", opened)
	}
}

// TestRejectionIsAppealed: a second approval may send its own steps back, and
// an end within them is the run's.
func TestRejectionIsAppealed(t *testing.T) {
	w := rejected(t)
	w.say("answer", "olive", "answer", map[string]any{"appeal": true})
	w.judge()
	w.say("second", "ron", "changes", map[string]any{"reason": "Say why"})
	w.judge()
	if w.state.FindDone("decide", "") == nil || w.state.Round != 2 {
		t.Fatalf("round %d, done %+v", w.state.Round, w.state.Done)
	}
	w.say("answer", "olive", "answer", map[string]any{"appeal": true})
	w.judge()
	w.say("second", "ron", "approve", nil)
	w.judge()
	if w.state.Outcome != "overruled" {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// endless goes back to a form that is skipped the second time.
const endless = `playbook: endless
title: Endless
subject: system
steps:
  - id: first
    set: {ask: true}
  - id: form
    when: 'run.id == ""'
    form: {ask: '${system.owner}', title: Never, questions: [{id: text, text: 'What?', type: text}]}
  - id: again
    back: {to: first, when: steps.first.ask, say: Once more.}
`

// TestBackWithoutPeopleParks: a run that would go round by itself stops, and
// says why.
func TestBackWithoutPeopleParks(t *testing.T) {
	w := newWorld(t, endless)
	w.advance()
	if !strings.Contains(w.state.Parked, "without anybody being asked") {
		t.Errorf("parked %q, round %d", w.state.Parked, w.state.Round)
	}
}

// early may not be approved while its task is open.
const early = `playbook: early
title: Early
subject: system
steps:
  - id: fix
    task: {assign: explainability-lead, title: Fix it, wait: false}
  - id: decide
    approval:
      about: [fix]
      need: [{role: ai-ethics-officer}]
      not_before: [{check: has(steps.fix), say: 'the fix of ${system.name} is not done.'}]
`

// TestNotBefore: an approval waits for what must come first, and says what; a
// rejection need not.
func TestNotBefore(t *testing.T) {
	w := newWorld(t, early)
	w.advance()
	id := w.say("decide", "ethan", "approve", nil)
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused || v.Reason != "This cannot be approved yet: the fix of CV screener is not done." {
		t.Errorf("%s: %s", v.Verdict, v.Reason)
	}
	w.finishTask("fix", "5b1eli")
	w.say("decide", "ethan", "approve", nil)
	w.judge()
	if w.state.Outcome != port.OutcomeApproved {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// TestRejectBeforeTheRest: what holds an approval up holds no rejection up.
func TestRejectBeforeTheRest(t *testing.T) {
	w := newWorld(t, early)
	w.advance()
	w.say("decide", "ethan", "reject", map[string]any{"reason": "No"})
	w.judge()
	if w.state.Outcome != port.OutcomeRejected {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// counting goes back within a block that may be skipped.
const counting = `playbook: counting
title: Counting
subject: system
steps:
  - id: triage
    form: {ask: '${system.owner}', title: Triage, questions: [{id: real, text: Real, type: yesno}, {id: level, text: Level, type: int}]}
  - id: real
    when: steps.triage.real
    steps:
      - id: low
        back:
          to: triage
          when: steps.triage.level < 2
          say: Too low.
          at_most: 2
          then: [{id: told, notify: {to: ai-ethics-officer, text: Twice too low}}]
  - id: decide
    approval: {about: [triage], need: [{role: ai-ethics-officer}], changes: triage}
`

// TestBackIsCountedOverASkippedBlock: how often it went back is known after a
// round in which its block was skipped.
func TestBackIsCountedOverASkippedBlock(t *testing.T) {
	w := newWorld(t, counting)
	w.advance()
	w.triage(true, 1) // back, once
	w.triage(false, 1)
	for range 2 {
		w.say("decide", "ethan", "changes", map[string]any{"reason": "Look again"})
		w.judge()
		w.triage(false, 1) // the block is skipped in two rounds
	}
	w.say("decide", "ethan", "changes", map[string]any{"reason": "Look again"})
	w.judge()
	w.triage(true, 1) // back, twice
	w.triage(true, 1)
	if d := w.state.FindDone("low", ""); d == nil || d.Fields["count"] != 2.0 || w.state.FindDone("told", "") == nil {
		t.Errorf("%+v, round %d", d, w.state.Round)
	}
}
