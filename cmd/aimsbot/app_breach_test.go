package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// breachReview runs a legal deadline beside its steps, waits, has those who decide
// choose alike, and writes what they chose into the register.
const breachReview = `playbook: breach-review
title: Breach review
subject: system
starts: {by: [anyone]}
outcomes: {approved: {counts: true}, rejected: {}}
steps:
  - id: triage
    form:
      ask: aims-manager
      title: What happened?
      questions: [{id: aware_at, text: First moment any of us knew, type: datetime}]
  - id: breach
    title: Tell the authority about the breach
    clock: {rule: gdpr-33-1, from: steps.triage.aware_at, owner: [ai-ethics-officer, chief-risk-officer], warn: [50%], stop: [report]}
  - id: report
    task: {assign: aims-manager, title: Tell the authority, evidence: required}
    due: {clock: any, part: 75%}
  - id: settled
    wait: {until: 'steps.report.at + duration("240h")'}
  - id: decide
    approval:
      about: [triage, report]
      need: [{role: ai-ethics-officer}]
      choose: {state: {type: choice, options: {active: Goes on, suspended: Is suspended}}}
  - id: apply
    register: {set: {tier: 2, status: '${steps.decide.choice.state}'}, valid: {for: cad-impact}}
`

// TestBreachWay plays it in one history and continued as new: the deadline is
// warned of and kept, the wait ends by itself, and the next run reads what this
// one wrote.
func TestBreachWay(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			config := ownConfig(t, breachReview)
			// Nothing else may begin while time is skipped.
			if err := os.WriteFile(filepath.Join(config, "programme.yaml"), []byte("- {playbook: impact-assessment, cron: '0 9 1 2 *'}\n"), 0o600); err != nil {
				t.Fatal(err)
			}
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: config})
			w.breach()
			w.continued(events > 0)
		})
	}
}

// breach plays the way and returns the workflow's id.
func (w *world) breach() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "breach-review", Subject: "cv-screener", By: "dev", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	aware := w.demo.app.opt.now().Truncate(0)
	w.fill("max", w.message("max", "answer", "What happened?"), "answer", map[string]any{"aware_at": aware.Unix()})
	w.message("max", "", "Tell the authority")
	w.skip("40h")
	w.message("ethan", "", "Tell the authority about the breach")
	w.do("Tell the authority", "max")
	w.until("the wait to begin", func() bool { return stepState(w, run.ID, "settled") == "open" })
	w.skip("250h")
	w.fill("ethan", w.message("ethan", "approve", "Breach review"), "approve", map[string]any{port.ChooseID + "state": "suspended"})
	if r := w.closed(run.ID); r.Outcome != "approved" || stepState(w, run.ID, "breach") != "stopped" {
		w.t.Errorf("the run ended %s, and the deadline is %s", r.Outcome, stepState(w, run.ID, "breach"))
	}
	o, err := w.demo.app.ledger.SnapshotAt(w.t.Context(), w.demo.app.opt.now())
	if err != nil {
		w.t.Fatal(err)
	}
	got := map[string]any{}
	o.Register.Put(got, "system", "cv-screener")
	if got["tier"] != 2.0 || got["status"] != "suspended" || got["valid_until"] == nil {
		w.t.Errorf("the register has %v", got)
	}
	return run.WorkflowID
}

// stepState is how a step of a run stands.
func stepState(w *world, run, step string) string {
	for _, s := range w.run(run).View.Steps {
		if s.Step == step {
			return s.State
		}
	}
	return ""
}
