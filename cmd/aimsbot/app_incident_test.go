package main

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// incidentCase begins with an id only, files what it is about, holds the version
// of the system, and lifts the hold once others than its people decided.
const incidentCase = `playbook: incident-case
title: Incident
subject: incident
starts: {by: [anyone]}
outcomes: {approved: {}, rejected: {}}
steps:
  - id: intake
    form:
      ask: aims-manager
      title: What happened?
      questions:
        - {id: system, text: 'Which system?', type: system}
        - {id: aware_at, text: First moment any of us knew, type: datetime}
  - id: file
    register: {set: {system: '${steps.intake.system}', aware_at: '${steps.intake.aware_at}'}}
  - id: hold
    register:
      on: ${incident.system}
      add: {holds: {incident: '${incident.id}', from: '${incident.aware_at}'}}
  - id: stop
    form:
      ask: ${incident.system.owner}
      title: 'Was ${incident.system.name} stopped?'
      questions: [{id: stopped, text: Stopped, type: yesno}]
  - id: release
    approval:
      about: [intake, stop]
      need: [{role: ai-ethics-officer}, {any_of: [{person: olive}, {person: dev}, {role: chief-risk-officer}]}, {committee: responsible-ai-committee, votes: 1}]
  - id: lift
    register: {on: '${incident.system}', change: {holds: {of: {incident: '${incident.id}'}, set: {lifted_at: '${now}'}}}}
  - id: shut
    register: {set: {state: closed}}
`

// TestIncidentWay plays it in one history and continued as new.
func TestIncidentWay(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, incidentCase)})
			w.incident()
			w.continued(events > 0)
		})
	}
}

// incident plays the way and returns the workflow's id.
func (w *world) incident() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "incident-case", By: "dev", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	id := run.SubjectID
	w.fill("max", w.message("max", "answer", "What happened?"), "answer", map[string]any{"system": "cv-screener", "aware_at": w.demo.app.opt.now().Unix()})
	w.fill("olive", w.message("olive", "answer", "Was CV screener stopped?"), "answer", map[string]any{"stopped": "yes"})
	if hold := w.hold(id); hold == nil || hold["lifted_at"] != nil {
		w.t.Errorf("while the incident is open its hold is %v", hold)
	}
	for person, why := range map[string]string{"olive": "You own CV screener", "dev": "You started this run"} {
		w.press(person, w.message("C0RAIC", "approve", "Incident"), "approve")
		w.until(person+" to be refused", func() bool { return w.refusedWith(run.ID, person, why) })
	}
	w.press("ethan", w.message("ethan", "approve", "Incident"), "approve")
	w.press("ron", w.message("ron", "approve", "Incident"), "approve")
	w.press("cora", w.message("C0RAIC", "approve", "Incident"), "approve")
	if r := w.closed(run.ID); r.Outcome != "approved" || r.SubjectID != id {
		w.t.Errorf("the run about %s ended %s", r.SubjectID, r.Outcome)
	}
	if hold := w.hold(id); hold == nil || hold["lifted_at"] == nil {
		w.t.Errorf("after the release the hold is %v", hold)
	}
	return run.WorkflowID
}

// hold is the hold that an incident has on cv-screener.
func (w *world) hold(incident string) map[string]any {
	w.t.Helper()
	o, err := w.demo.app.ledger.SnapshotAt(w.t.Context(), w.demo.app.opt.now())
	if err != nil {
		w.t.Fatal(err)
	}
	s, _ := o.Subject(org.KindSystem, "cv-screener")
	holds, _ := s.Values["holds"].([]any)
	for _, h := range holds {
		if entry, ok := h.(map[string]any); ok && entry["incident"] == incident {
			return entry
		}
	}
	return nil
}

// refusedWith tells whether a decision of a person is on record as refused for
// a reason.
func (w *world) refusedWith(run, person, why string) bool {
	w.t.Helper()
	rows, err := w.demo.app.ledger.RowsAfter(w.t.Context(), run, 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		if v := r.Verdict; r.Person == person && v != nil && v.Verdict == port.VerdictRefused && strings.Contains(v.Reason, why) {
			return true
		}
	}
	return false
}
