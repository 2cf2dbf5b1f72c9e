package main

import (
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// longerReview has a deadline that the AIMS manager may begin later and the Chief
// Risk Officer may extend, and a task that is due by a share of it.
const longerReview = `playbook: longer-review
title: Longer review
subject: system
starts: {by: [anyone]}
steps:
  - id: triage
    form:
      ask: {any_of: [aims-manager, explainability-lead]}
      title: What happened?
      again: true
      questions:
        - {id: aware_at, text: First moment any of us knew, type: datetime}
        - {id: why_later, text: Why later, type: text, optional: true}
  - id: rights
    title: Answer the person
    clock: {rule: gdpr-33-1, from: steps.triage.aware_at, owner: [ai-ethics-officer], warn: [90%], stop: [reply], later: {by: [aims-manager], why: why_later}, extend: {rule: gdpr-33-1, when: 'steps.more.choice.time == "more"'}}
  - id: both
    group:
      - id: reply
        task: {assign: aims-manager, title: Answer the person now}
        due: {clock: rights, part: 75%}
      - id: more
        approval: {about: [triage], need: [{role: chief-risk-officer}], choose: {time: {type: choice, options: {more: More, same: Same}}}}
`

// TestLongerWay: through the engine, the fake Slack and the fake Jira a deadline
// becomes later only by those who may, and the task due by it follows.
func TestLongerWay(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, longerReview)})
			w.longer()
			w.continued(events > 0)
		})
	}
}

// longer plays the way and returns the workflow's id.
func (w *world) longer() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "longer-review", Subject: "cv-screener", By: "dev", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	aware := w.demo.app.opt.now().Truncate(time.Minute).Add(-10 * time.Hour)
	answer := func(who string, after time.Duration, why string) {
		answers := map[string]any{"aware_at": aware.Add(after).Unix()}
		if why != "" {
			answers["why_later"] = why
		}
		w.fill(who, w.message(who, "answer", "What happened?"), "answer", answers)
	}
	due := func(step string, after time.Duration) {
		w.t.Helper()
		w.until(step+" to be due later", func() bool {
			for _, st := range w.run(run.ID).View.Steps {
				if st.Step == step {
					return st.Due.Equal(aware.Add(after))
				}
			}
			return false
		})
	}
	answer("eli", 0, "")
	due("rights", 72*time.Hour)
	due("reply", 54*time.Hour)
	answer("eli", 4*time.Hour, "I think so")
	w.until("the refusal", func() bool { return w.records(run.ID)["clock.not_lengthened"] == 1 })
	due("rights", 72*time.Hour)
	answer("max", 4*time.Hour, "It came at noon")
	due("rights", 76*time.Hour)
	due("reply", 58*time.Hour)
	w.message("ethan", "", "decided so: It came at noon")
	w.fill("ron", w.message("ron", "approve", "Longer review"), "approve", map[string]any{port.ChooseID + "time": "more"})
	due("rights", 148*time.Hour)
	due("reply", 112*time.Hour)
	w.do("Answer the person now", "max")
	if r := w.closed(run.ID); stepState(w, run.ID, "rights") != "stopped" {
		w.t.Errorf("it ended %s, the deadline is %s", r.Outcome, stepState(w, run.ID, "rights"))
	}
	w.quiet(run.ID)
	w.verifies(run.ID)
	return run.WorkflowID
}
