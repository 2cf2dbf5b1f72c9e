package main

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	finding = `playbook: finding
title: Finding
subject: system
steps:
  - id: look
    form: {ask: '${system.owner}', title: 'What was found?', questions: [{id: text, text: Text, type: text}]}
  - id: correct
    start: {playbook: correction, with: {found: '${steps.look.text}', grade: major}}
  - id: tell
    notify: {to: '${system.owner}', text: 'Corrected by ${has(steps.correct.run) ? steps.correct.run : "nobody"}'}
`
	correction = `playbook: correction
title: Correction
subject: system
input: {found: {type: text}, grade: {type: choice, options: {minor: Minor, major: Major}}}
steps:
  - id: plan
    form: {ask: aims-manager, title: 'How is this corrected: ${run.input.found}?', questions: [{id: text, text: Text, type: text}]}
`
)

// awaitedFinding waits for the correction.
const awaitedFinding = `playbook: awaited-finding
title: Awaited finding
subject: system
steps:
  - id: correct
    start: {playbook: correction, with: {found: Old people are ranked last, grade: major}, wait: true}
  - id: tell
    notify: {to: '${system.owner}', text: 'The correction is ${has(steps.correct.outcome) ? steps.correct.outcome : "unknown"}'}
`

// TestStartWay plays a run that starts another, through the engine and the fake
// Slack: each goes on by itself, knows the other, and its evidence verifies.
func TestStartWay(t *testing.T) {
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, finding, correction)})
	w.starting()
}

// starting plays the way and returns the workflow's id of the run that starts the
// other.
func (w *world) starting() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "finding", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fill("olive", w.message("olive", "answer", "What was found?"), "answer", map[string]any{"text": "Old people are ranked last"})
	if r := w.closed(run.ID); r.Outcome != "completed" {
		w.t.Errorf("the run that starts the other ended %s", r.Outcome)
	}
	rows, err := w.demo.app.ledger.RunsAbout(w.t.Context(), "correction", "cv-screener", 10)
	if err != nil || len(rows) != 1 {
		w.t.Fatalf("%d runs were started: %v", len(rows), err)
	}
	child := rows[0]
	if child.Parent != run.ID || child.By != "max" || child.State == port.RunClosed {
		w.t.Errorf("%+v", child)
	}
	w.fill("max", w.message("max", "answer", "How is this corrected: Old people are ranked last?"), "answer", map[string]any{"text": "By training it anew"})
	if r := w.closed(child.ID); r.Outcome != "completed" {
		w.t.Errorf("the other ended %s", r.Outcome)
	}
	for id, line := range map[string]string{run.ID: "correct led to run " + child.ID + " of correction", child.ID: "a step of run " + run.ID} {
		var out strings.Builder
		if err := show(&out, w.run(id)); err != nil || !strings.Contains(out.String(), line) {
			w.t.Errorf("show says %q, without %q: %v", out.String(), line, err)
		}
		w.quiet(id)
		w.verifies(id)
	}
	return run.WorkflowID
}

// TestStartWaitsWay plays a run that waits for the one it starts, and the bot is
// stopped meanwhile.
func TestStartWaitsWay(t *testing.T) {
	c := demoCmd{NoRateLimits: true, Config: ownConfig(t, awaitedFinding, correction)}
	w := newWorld(t, c)
	w.awaiting(func() { w.stop(); w.boot(c) })
}

// awaiting plays the way, with something that happens while the run waits, and
// returns the id of its workflow.
func (w *world) awaiting(meanwhile func()) string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "awaited-finding", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.message("max", "answer", "How is this corrected")
	meanwhile()
	row := w.run(run.ID)
	if len(row.View.Waiting) != 1 || row.View.Waiting[0].Run == "" {
		w.t.Fatalf("it waits for %+v", row.View.Waiting)
	}
	child := row.View.Waiting[0].Run
	w.fill("max", w.message("max", "answer", "How is this corrected"), "answer", map[string]any{"text": "By training it anew"})
	if r := w.closed(child); r.Outcome != "completed" {
		w.t.Errorf("the other ended %s", r.Outcome)
	}
	if r := w.closed(run.ID); r.Outcome != "completed" {
		w.t.Errorf("the run that waits ended %s", r.Outcome)
	}
	w.message("olive", "", "The correction is completed")
	for _, id := range []string{run.ID, child} {
		w.quiet(id)
		w.verifies(id)
	}
	return run.WorkflowID
}
