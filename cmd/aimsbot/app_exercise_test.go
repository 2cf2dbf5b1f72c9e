package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// TestExerciseWay plays a breach as a drill beside a real one, through the
// engine, the fake Slack and the fake Jira. Whatever is shown of it is marked,
// and the register does not know of it.
func TestExerciseWay(t *testing.T) {
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, breachReview)})
	w.exercise()
}

// exercise plays the way and returns the workflow's id.
func (w *world) exercise() string {
	w.t.Helper()
	real, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "breach-review", Subject: "cv-screener", By: "dev", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.message("max", "answer", "What happened?")
	var a ack
	w.post("/_control/command", map[string]any{"user": "dev", "channel": "C0AUDIT", "command": "/aims", "text": "start breach-review cv-screener exercise"}, &a)
	if !strings.Contains(string(a.Body), "Started EXERCISE: breach-review") {
		w.t.Fatalf("the command was answered %s", a.Body)
	}
	rows, err := w.demo.app.ledger.Runs(w.t.Context(), "", 10)
	if err != nil {
		w.t.Fatal(err)
	}
	i := slices.IndexFunc(rows, func(r port.RunRow) bool { return r.Exercise })
	if i < 0 || rows[i].ID == real.ID {
		w.t.Fatalf("no exercise among %d runs", len(rows))
	}
	run := rows[i]
	aware := w.demo.app.opt.now().Truncate(0)
	w.fill("max", w.message("max", "answer", "EXERCISE: What happened?"), "answer", map[string]any{"aware_at": aware.Unix()})
	w.message("ethan", "", "EXERCISE: Deadline: Tell the authority about the breach")
	task := w.do("EXERCISE: Tell the authority", "max")
	if !strings.Contains(task.Description, "Do not send") {
		w.t.Errorf("the task says %q", task.Description)
	}
	w.until("the wait to begin", func() bool { return stepState(w, run.ID, "settled") == "open" })
	w.skip("250h")
	w.fill("ethan", w.message("ethan", "approve", "EXERCISE: "), "approve", map[string]any{port.ChooseID + "state": "suspended"})
	if r := w.closed(run.ID); r.Outcome != "approved" {
		w.t.Errorf("the exercise ended %s", r.Outcome)
	}
	w.quiet(run.ID)
	o, err := w.demo.app.ledger.SnapshotAt(w.t.Context(), w.demo.app.opt.now())
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[string]any{}
	o.Register.Put(got, "system", "cv-screener")
	if got["tier"] == 2.0 || got["status"] == "suspended" || got["valid_until"] != nil {
		w.t.Errorf("the register has %v", got)
	}
	if r := w.run(real.ID); r.State != port.RunOpen || r.Exercise {
		w.t.Errorf("the real run is %s, exercise %v", r.State, r.Exercise)
	}
	w.verifies(run.ID)
	return run.WorkflowID
}
