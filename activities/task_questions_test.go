package activities_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// asksAtTask has a task with questions, which a later step reads.
const asksAtTask = `playbook: asks-at-task
title: Asks at a task
subject: system
steps:
  - id: look
    task:
      assign: explainability-lead
      title: Look
      evidence: required
      questions:
        - {id: cause, text: Why, type: choice, options: {data: Data, model: Model}}
        - {id: note, text: Note, type: text, optional: true, check: {when: answers.note != "none", say: Say more}}
  - id: more
    when: steps.look.cause == "model"
    form: {ask: '${system.owner}', title: More, questions: [{id: text, text: Text, type: text}]}
`

// answersTask answers the questions of the task, and tells what became of it.
func (w *world) answersTask(person string, with map[string]any) string {
	w.t.Helper()
	id := w.say("look", person, "answer", with)
	w.judge()
	rows, err := w.ledger.RowsAfter(w.t.Context(), w.run.ID, 0, 100)
	w.must(err)
	for _, r := range rows {
		if r.DecisionID == id {
			return r.Verdict.Verdict + " " + r.Verdict.Reason
		}
	}
	w.t.Fatal("there is no verdict")
	return ""
}

// answersLook is what becomes of the answers of several people.
func (w *world) answersLook() {
	w.t.Helper()
	for _, c := range []struct {
		person string
		with   map[string]any
		want   string
	}{
		{"olive", map[string]any{"cause": "model"}, "refused You are not asked here"},
		{"eli", map[string]any{"note": "It forgot"}, "refused Please answer again"},
		{"eli", map[string]any{"cause": "model", "note": "none"}, "refused Please answer again: “Note”: Say more"},
		{"eli", map[string]any{"cause": "model", "note": "It forgot"}, "accepted "},
	} {
		if got := w.answersTask(c.person, c.with); !strings.HasPrefix(got, c.want) {
			w.t.Errorf("%s with %v: %s, want %s", c.person, c.with, got, c.want)
		}
	}
}

// lookDone checks what the task left.
func (w *world) lookDone() {
	w.t.Helper()
	d := w.state.FindDone("look", "")
	if d == nil || d.Fields["cause"] != "model" || d.Fields["note"] != "It forgot" || d.By != "eli" {
		w.t.Fatalf("it is %+v", d)
	}
	w.open("more")
}

// TestTaskAnsweredFirst: what a task asks is answered in Slack, and may be changed
// until its issue is done.
func TestTaskAnsweredFirst(t *testing.T) {
	w := newWorld(t, asksAtTask)
	w.advance()
	if c := w.card("look"); len(c.Buttons) != 1 || c.Buttons[0].Action != port.ActionAnswer {
		t.Fatalf("the message has the buttons %+v", c.Buttons)
	}
	if got := w.answersTask("eli", map[string]any{"cause": "data"}); !strings.HasPrefix(got, port.VerdictAccepted) {
		t.Error(got)
	}
	w.answersLook()
	if c := w.card("look"); len(c.Buttons) != 1 || c.Buttons[0].Label != "Change your answers" {
		t.Errorf("the message has %+v", c.Buttons)
	}
	if p := w.ask("look").Body.Prefill["note"]; p != "It forgot" {
		t.Errorf("the window is filled with %v", p)
	}
	w.finishTask("look", "5b1eli")
	w.lookDone()
}

// TestTaskDoneFirst: a task whose issue is done waits for its answers, says so
// once, and is finished by them.
func TestTaskDoneFirst(t *testing.T) {
	w := newWorld(t, asksAtTask)
	w.advance()
	w.finishTask("look", "5b1eli")
	w.inspect("look")
	i := w.issueOf("look")
	if w.state.FindOpen("look", "") == nil || i.Category != port.CategoryDone || len(i.comments) != 1 || !strings.Contains(i.comments[0].text, "answer the questions") {
		t.Fatalf("open: %v, the issue is %s, comments %v", w.state.FindOpen("look", ""), i.Category, i.comments)
	}
	w.answersLook()
	if len(w.state.Reread) != 1 {
		t.Fatalf("it is looked at again: %v", w.state.Reread)
	}
	w.inspect("look")
	w.lookDone()
}
