package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// managed is decided by the manager of whoever is named in an answer, and speaks of
// people by what the file says of them.
const managed = `playbook: managed
title: Managed
subject: system
steps:
  - id: triage
    form:
      ask: ${system.owner}
      title: Who leads?
      questions:
        - {id: lead, text: Lead, type: person, check: {when: '!has(answers.lead.manager) || answers.lead.manager != "tess"', say: '${answers.lead.name} has no time'}}
  - id: seen
    set: {starter: '${run.by.name}', boss: '${has(steps.triage.lead.manager) ? steps.triage.lead.manager.name : "nobody"}', answered: '${steps.triage.by.unit}'}
  - id: sign
    approval: {about: [seen], need: [{person: '${steps.triage.lead.manager}'}]}
`

func unmanaged(person string) func(o *org.Organisation) {
	return func(o *org.Organisation) {
		i := slices.IndexFunc(o.People, func(p org.Person) bool { return p.ID == person })
		o.People[i].Manager = ""
	}
}

// TestManagerDecides: who is asked follows from the organisation as it is when the
// step opens, and the check of an answer knows the person too.
func TestManagerDecides(t *testing.T) {
	w := newWorldAbout(t, managed, "cv-screener", nil, func(o *org.Organisation) { o.People[0].Unit = "Hiring" })
	w.advance()
	w.say("triage", "olive", "answer", map[string]any{"lead": "max"})
	w.judge()
	if w.open("triage") == nil || w.titled("U0TESS", "") > 0 {
		t.Error("the check did not see whose manager it is")
	}
	w.say("triage", "olive", "answer", map[string]any{"lead": "eli"})
	w.judge()
	if f := w.done("seen").Fields; f["starter"] != "Max Mayer" || f["boss"] == "nobody" || f["answered"] != "Hiring" {
		t.Errorf("read %v", f)
	}
	if o := w.open("sign"); !slices.Equal(o.Persons(), []string{"ron"}) {
		t.Errorf("asked %v", o.Persons())
	}
	w.say("sign", "ron", "approve", nil)
	w.judge()
	if w.state.Outcome != port.OutcomeApproved {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// TestNoManagerParks: where the file names no manager, nobody else is asked. The run
// says what is missing, and goes on when the file is mended.
func TestNoManagerParks(t *testing.T) {
	w := newWorld(t, managed)
	mended := w.org
	w.organisation(unmanaged("eli"))
	w.advance()
	w.say("triage", "olive", "answer", map[string]any{"lead": "eli"})
	w.judge()
	if !strings.Contains(w.state.Parked, "names no `manager` of this person") {
		t.Fatalf("parked: %q", w.state.Parked)
	}
	w.pass(time.Minute)
	w.organisation(func(o *org.Organisation) { *o = mended })
	w.advance()
	if o := w.open("sign"); w.state.Parked != "" || !slices.Equal(o.Persons(), []string{"ron"}) {
		t.Errorf("parked %q, asked %v", w.state.Parked, o.Persons())
	}
}
