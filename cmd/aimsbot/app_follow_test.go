package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// complaintTaken asks for more where the first answers lead to it.
const complaintTaken = `playbook: complaint-taken
title: Complaint
subject: system
steps:
  - id: intake
    form:
      ask: ${system.owner}
      title: What happened with ${system.name}?
      questions:
        - {id: harmed, text: Was somebody harmed, type: yesno}
        - {id: who, text: Who was harmed, type: text, when: answers.harmed}
        - {id: seen, text: Who saw it, type: text}
        - {id: serious, text: Was it serious, type: yesno, when: answers.harmed}
        - {id: doctor, text: Which doctor, type: text, when: 'has(answers.serious) && answers.serious && steps.intake_before.at < now'}
  - id: tell
    when: has(steps.intake.who)
    notify: {to: ai-ethics-officer, text: 'Harmed: ${steps.intake.who}'}
`

// complaintForm has a step before the form, which its questions read as well.
var complaintForm = strings.Replace(complaintTaken, "steps:\n", "steps:\n  - id: intake_before\n    notify: {to: '${system.owner}', text: A complaint came in}\n", 1)

// send submits a window and returns its answer, and the window that follows.
func (w *world) send(user, id string, values map[string]any) (ack, string) {
	w.t.Helper()
	var a ack
	w.post("/_control/submit", map[string]any{"user": user, "view_id": id, "values": w.values(id, values)}, &a)
	return a, w.viewOf(id)
}

func (w *world) viewOf(id string) string {
	w.t.Helper()
	for _, v := range w.state().Views {
		if v.ID == id {
			return string(v.View)
		}
	}
	return ""
}

// TestFollowingQuestions walks through the windows as the person would: what
// follows from an answer comes in a window behind it, and what was answered before
// a change of mind does not count.
func TestFollowingQuestions(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, complaintForm)})
	start := func() string {
		run, _, err := w.demo.app.acts.Start(t.Context(), activities.StartRequest{Playbook: "complaint-taken", Subject: "cv-screener", By: "max", Door: "cli"})
		if err != nil {
			t.Fatal(err)
		}
		return run.ID
	}
	run := start()
	m := w.message("olive", "answer", "What happened with CV screener?")
	id, first := w.open("olive", m, "answer")
	for _, no := range []string{"Who was harmed", "Was it serious", "Which doctor"} {
		if strings.Contains(string(first), no) {
			t.Errorf("the first window asks %q already: %s", no, first)
		}
	}
	says(t, string(first), "Your answers (page 1)", "Next")
	_, second := w.send("olive", id, map[string]any{"harmed": "yes", "seen": "A colleague"})
	says(t, second, "Your answers (page 2)", "Next", "Who was harmed", "Was it serious")
	if strings.Contains(second, "Which doctor") {
		t.Errorf("the second window asks too much: %s", second)
	}
	_, third := w.send("olive", id, map[string]any{"who": "An applicant", "serious": "yes"})
	says(t, third, "Your answers (3 of 3)", "Send", "Which doctor")
	w.send("olive", id, map[string]any{"doctor": "Dr. Who"})
	w.ends(run, "completed", expected{})
	if got := w.answersOf(run); got != `{"doctor":"Dr. Who","harmed":true,"seen":"A colleague","serious":true,"who":"An applicant"}` {
		t.Errorf("kept: %s", got)
	}

	run = start()
	m = w.message("olive", "answer", "What happened with CV screener?")
	id, _ = w.open("olive", m, "answer")
	w.send("olive", id, map[string]any{"harmed": "yes", "seen": "Nobody"})
	w.send("olive", id, map[string]any{"who": "Somebody", "serious": "no"})
	w.ends(run, "completed", expected{})
	if got := w.answersOf(run); got != `{"harmed":true,"seen":"Nobody","serious":false,"who":"Somebody"}` {
		t.Errorf("kept: %s", got)
	}

	run = start()
	m = w.message("olive", "answer", "What happened with CV screener?")
	id, _ = w.open("olive", m, "answer")
	w.send("olive", id, map[string]any{"harmed": "yes", "seen": "Nobody"})
	id, _ = w.open("olive", m, "answer") // opened again on the second page; back to the first
	var back ack
	w.post("/_control/click", map[string]any{"user": "olive", "view_id": id, "action_id": "back", "value": "back"}, &back)
	w.until("the first window again", func() bool { return strings.Contains(w.viewOf(id), "Who saw it") })
	w.send("olive", id, map[string]any{"harmed": "no", "seen": "Nobody"})
	w.ends(run, "completed", expected{})
	if got := w.answersOf(run); got != `{"harmed":false,"seen":"Nobody"}` {
		t.Errorf("kept: %s", got)
	}
}

func says(t *testing.T, view string, words ...string) {
	t.Helper()
	for _, want := range words {
		if !strings.Contains(view, want) {
			t.Errorf("the window does not say %q: %s", want, view)
		}
	}
}

// answersOf is what the form of a run was answered with.
func (w *world) answersOf(run string) string {
	w.t.Helper()
	for _, st := range w.run(run).View.Steps {
		if st.Step == "intake" {
			delete(st.Result, "by")
			delete(st.Result, "at")
			b, err := json.Marshal(st.Result)
			if err != nil {
				w.t.Fatal(err)
			}
			return string(b)
		}
	}
	return ""
}
