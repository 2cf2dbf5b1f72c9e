package main

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// quietWord becomes restricted by its first answer.
const quietWord = `playbook: quiet-word
title: Quiet word
subject: system
starts: {by: [anyone]}
restricted: steps.intake.confidential
steps:
  - id: intake
    form:
      ask: ${run.by}
      title: What did you see?
      questions: [{id: confidential, text: Keep it confidential, type: yesno}, {id: what, text: What, type: text}]
  - id: look
    task: {assign: ai-ethics-officer, title: Look into the smoke, evidence: required}
  - id: decide
    approval: {about: [intake], need: [{committee: responsible-ai-committee, votes: 2}]}
`

// TestRestrictedWay: through the engine, the fake Slack and the fake Jira. From
// the first answer on nobody but those who take part reads what it is about,
// neither in a channel nor in Jira nor with a command.
func TestRestrictedWay(t *testing.T) {
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, quietWord)})
	w.restricted()
}

// restricted plays the way and returns the workflow's id.
func (w *world) restricted() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "quiet-word", Subject: "cv-screener", By: "dev", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.issue("Quiet word: CV screener") // before the answer nobody can know
	w.fill("dev", w.message("dev", "answer", "What did you see"), "answer", map[string]any{"confidential": "yes", "what": "smoke"})
	w.message("ethan", "", "Look into the smoke")
	w.until("what was shown to be taken back", func() bool { return len(w.leaked()) == 0 })
	for who, want := range map[string]string{"tess": "told to those who take part", "dev": "Look into the smoke"} {
		var a ack
		w.post("/_control/command", map[string]any{"user": who, "channel": "C0AUDIT", "command": "/aims", "text": "status " + run.ID}, &a)
		if !strings.Contains(string(a.Body), want) || who == "tess" && strings.Contains(string(a.Body), "quiet-word") {
			w.t.Errorf("%s was answered %s", who, a.Body)
		}
	}
	r := w.run(run.ID)
	if shown, err := json.Marshal(listed(veiled(r))); err != nil || strings.Contains(string(shown), "quiet-word") || strings.Contains(string(shown), "cv-screener") {
		w.t.Errorf("the command line shows %s, %v", shown, err)
	}
	w.do(restrictedTask(w), "ethan")
	for _, member := range []string{"cleo", "cyra"} {
		w.press(member, w.message(member, "approve", "Quiet word for CV screener"), "approve")
	}
	if r := w.closed(run.ID); r.Outcome != "approved" {
		w.t.Errorf("it ended %s", r.Outcome)
	}
	w.quiet(run.ID)
	for _, l := range w.leaked() {
		w.t.Errorf("others can read %s", l)
	}
	w.verifies(run.ID)
	return run.WorkflowID
}

// restrictedTask is the title of the task's issue.
func restrictedTask(w *world) string {
	for _, i := range w.state().Issues {
		if strings.Contains(i.Summary, ": task") {
			return i.Summary
		}
	}
	w.t.Fatal("the task has no issue with a neutral title")
	return ""
}

// leaked lists what channels and issues say about it.
func (w *world) leaked() (out []string) {
	s := w.state()
	for _, m := range s.Messages {
		if strings.HasPrefix(m.Channel, "C0") && !m.Ephemeral {
			out = append(out, m.Text+string(m.Blocks))
		}
	}
	for _, i := range s.Issues {
		text := i.Summary + i.Description
		for _, c := range i.Comments {
			text += c.Body
		}
		out = append(out, text)
	}
	n := 0
	for _, text := range out {
		for _, word := range []string{"Quiet word", "CV screener", "smoke", "What did you see"} {
			if strings.Contains(text, word) {
				out[n] = text
				n++
				break
			}
		}
	}
	return out[:n]
}
