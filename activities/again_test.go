package activities_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// changeable has a form whose answers may be changed, and all that can depend on
// them: a value, a step, a block, who decides, and what is decided about.
const changeable = `playbook: changeable
title: Changeable
subject: system
steps:
  - id: triage
    form:
      ask: ${system.owner}
      title: Triage
      again: true
      questions:
        - {id: severity, text: Severity, type: int}
        - {id: note, text: Note, type: text, optional: true}
  - id: class
    set: {level: [{when: steps.triage.severity >= 4, value: high}, {else: low}]}
  - id: extra
    when: steps.class.level == "high"
    steps:
      - id: more
        task: {assign: explainability-lead, title: Look closer}
  - id: decide
    approval:
      about: [triage]
      need: [{role: ai-ethics-officer}, {role: chief-risk-officer, when: steps.class.level == "high"}]
  - id: last
    task: {assign: explainability-lead, title: Carry on}
`

func (w *world) sizeUp(severity int) string {
	w.t.Helper()
	id := w.sayTo(w.askNow("triage").Token, "olive", "answer", map[string]any{"severity": severity})
	w.judge()
	w.settle()
	return id
}

// askNow is the newest ask of a step, whether it is open or not.
func (w *world) askNow(step string) (found port.Ask) {
	w.t.Helper()
	asks, err := w.ledger.AsksOf(w.t.Context(), w.run.ID)
	w.must(err)
	for _, a := range asks {
		if a.Step == step {
			found = a
		}
	}
	return found
}

func needNames(o *port.OpenStep) string {
	var names []string
	for _, n := range o.Needs {
		names = append(names, n.Name)
	}
	return strings.Join(names, " ")
}

// TestAnswersChanged: changed answers are a new version of the result; values are
// worked out anew, steps open or are withdrawn, and an open decision is void and
// asked again, with the lines that decide now.
func TestAnswersChanged(t *testing.T) {
	w := newWorld(t, changeable)
	w.advance()
	w.sizeUp(2)
	m := w.messagesTo("U0OLIVE")[0].card
	if len(m.Buttons) != 1 || m.Buttons[0].Label != "Change your answers" || m.Token == "" {
		t.Fatalf("the answered message has %+v", m.Buttons)
	}
	w.say("decide", "ron", "approve", nil) // does not decide yet
	w.judge()
	if v := w.open("decide").Version; v != 1 || needNames(w.open("decide")) != "ai-ethics-officer" {
		t.Fatalf("version %d needs %s", v, needNames(w.open("decide")))
	}
	id := w.sizeUp(5)
	if v := w.verdict(id); v.Verdict != port.VerdictAccepted {
		t.Fatalf("the change: %s %s", v.Verdict, v.Reason)
	}
	if d := w.state.FindDone("triage", ""); d.Version != 2 || d.Fields["severity"] != 5.0 {
		t.Errorf("the result is %+v", d)
	}
	if w.state.FindDone("class", "").Fields["level"] != "high" || w.state.FindOpen("more", "") == nil {
		t.Errorf("level %v, open %+v", w.state.FindDone("class", "").Fields, w.state.Open)
	}
	if o := w.open("decide"); o.Version != 2 || needNames(o) != "ai-ethics-officer chief-risk-officer" {
		t.Errorf("version %d needs %s", o.Version, needNames(o))
	}
	if p := w.askNow("triage").Body.Prefill["severity"]; p != 5.0 {
		t.Errorf("changing again begins with %v", p)
	}
	w.sizeUp(1)
	if d := w.state.FindDone("more", ""); d == nil || d.State != port.StepSkipped || w.state.FindOpen("more", "") != nil {
		t.Errorf("what is not needed any more is %+v", d)
	}
	if len(w.records("step.changed")) != 2 || len(w.records("step.set")) != 3 {
		t.Errorf("%d changes and %d values on record", len(w.records("step.changed")), len(w.records("step.set")))
	}
	if id := w.sayTo(w.askNow("triage").Token, "dev", "answer", map[string]any{"severity": 1}); true {
		w.judge()
		if v := w.verdict(id); v.Verdict != port.VerdictRefused {
			t.Errorf("somebody else's change: %s", v.Verdict)
		}
	}
}

// TestDecisionOnChangedAnswers: what was approved on other answers is asked
// again, and what came after it waits; the same answers again change nothing.
func TestDecisionOnChangedAnswers(t *testing.T) {
	w := newWorld(t, changeable)
	w.advance()
	w.sizeUp(2)
	w.say("decide", "ethan", "approve", nil)
	w.judge()
	if w.state.FindOpen("last", "") == nil {
		t.Fatal("the run did not go on")
	}
	w.sizeUp(2)
	if w.state.FindDone("decide", "") == nil {
		t.Fatal("the same answers undid the decision")
	}
	w.sizeUp(3)
	if o := w.open("decide"); o == nil || o.Round != 2 || w.state.FindOpen("last", "") != nil {
		t.Fatalf("decide %+v, open %+v", o, w.state.Open)
	}
	if lines := strings.Join(w.card("decide").Lines, "\n"); !strings.Contains(lines, "answers it was decided on were changed") {
		t.Errorf("who decides again reads\n%s", lines)
	}
}

// TestChangeEndsWithRun: once the run has ended the answers stay.
func TestChangeEndsWithRun(t *testing.T) {
	w := newWorld(t, strings.Split(changeable, "  - id: last")[0])
	w.advance()
	w.sizeUp(2)
	token := w.askNow("triage").Token
	w.say("decide", "ethan", "approve", nil)
	w.judge()
	w.settle()
	if w.state.Outcome != "approved" {
		t.Fatalf("outcome %q", w.state.Outcome)
	}
	m := w.messagesTo("U0OLIVE")[0].card
	if len(m.Buttons) != 0 || !strings.HasPrefix(m.Title, "Answered: ") {
		t.Errorf("the message is %q with %+v", m.Title, m.Buttons)
	}
	if a, err := w.ledger.AskByToken(t.Context(), token); err != nil || a.State != port.AskSettled {
		t.Errorf("the ask is %s, %v", a.State, err)
	}
}

// TestNeededAgain: what was withdrawn because of an answer and is needed again by
// the next one can be done.
func TestNeededAgain(t *testing.T) {
	w := newWorld(t, changeable)
	w.advance()
	w.sizeUp(5)
	w.sizeUp(1)
	w.sizeUp(5)
	if a := w.askNow("more"); a.State != port.AskOpen {
		t.Errorf("its ask is %s", a.State)
	}
	w.finishTask("more", "5b1eli")
	if d := w.state.FindDone("more", ""); d == nil || d.State != port.StepDone {
		t.Errorf("it is %+v", d)
	}
}
