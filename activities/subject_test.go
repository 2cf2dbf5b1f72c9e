package activities_test

import (
	"errors"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// filing begins with an id only, and knows its system once it is filed.
const filing = `playbook: filing
title: Filing
subject: incident
steps:
  - id: intake
    form:
      ask: aims-manager
      title: What happened?
      questions:
        - {id: system, text: System, type: system}
        - {id: model, text: Model, type: model}
        - {id: aware_at, text: Aware, type: datetime}
  - id: file
    register:
      set: {system: '${steps.intake.system}', model: '${steps.intake.model}', aware_at: '${steps.intake.aware_at}', flags: {all: [{when: 'true', value: rights}]}}
  - id: hold
    register:
      on: ${incident.system}
      add: {holds: {incident: '${incident.id}', version: v1, from: '${now}'}}
  - id: entry
    register: {create: risk, set: {title: Again, system: '${incident.system}', owner: '${incident.system.owner}', inherent: {sev: 3, lik: 2, score: 6, band: medium}}}
  - id: know
    set:
      owner: ${incident.system.owner}
      of: ${incident.model.system.id}
      held: ${incident.system.holds.exists(h, h.incident == incident.id && !has(h.lifted_at))}
      risk: ${steps.entry.id}
      cadence: ${rule("cad-impact")}
      was: ${has(before.system)}
  - id: decide
    approval: {about: [intake], need: [{role: ai-ethics-officer}, {any_of: [{person: olive}, {person: dev}, {person: max}, {role: chief-risk-officer}]}]}
  - id: lift
    register: {on: '${incident.system}', change: {holds: {of: {incident: '${incident.id}'}, set: {lifted_at: '${now}'}}}}
  - id: shut
    register: {set: {state: closed}}
`

// modelled is the demo with a model and a supplier.
func modelled(o *org.Organisation) {
	o.Models = []org.Model{{ID: "ranker", Name: "Ranker", System: "cv-screener", Developers: []string{"val"}, Supplier: "acme"}}
	o.Suppliers = []org.Supplier{{ID: "acme", Name: "Acme", Owner: "eli", Systems: []string{"cv-screener"}}}
}

// of are the values of a subject now.
func (w *world) of(kind, id string) map[string]any {
	w.t.Helper()
	o, err := w.ledger.SnapshotAt(w.t.Context(), w.clock())
	w.must(err)
	s, _ := o.Subject(kind, id)
	return s.Values
}

// TestIncident: a run begins with a new id; what it files is read from then on,
// holds and risks are written about others, and the people of the system decide
// nothing in it.
func TestIncident(t *testing.T) {
	w := newWorldAbout(t, filing, "", nil, modelled)
	id := w.run.SubjectID
	if !regexp.MustCompile(`^inc-[a-z0-9]{8}$`).MatchString(id) {
		t.Fatalf("the incident is called %q", id)
	}
	w.advance()
	w.say("intake", "max", "answer", map[string]any{"system": "cv-screener", "model": "ranker", "aware_at": "2027-03-01T08:00:00Z"})
	w.judgeOnly()
	w.advance()
	know := w.done("know").Fields
	risk, _ := know["risk"].(string)
	want := map[string]any{"owner": "olive", "of": "cv-screener", "held": true, "risk": risk, "cadence": 3.0, "was": false}
	if diff := cmp.Diff(want, know); diff != "" || !strings.HasPrefix(risk, "risk-") {
		t.Errorf("after filing (-want +got):\n%s", diff)
	}
	if r := w.of(org.KindRisk, risk); r["title"] != "Again" || r["system"] != "cv-screener" || r["state"] != "open" {
		t.Errorf("the risk is %v", r)
	}
	for person, why := range map[string]string{"olive": "You own CV screener", "dev": "You develop CV screener", "max": "You started this run"} {
		said := w.say("decide", person, "approve", nil)
		w.judgeOnly()
		if v := w.verdict(said); v.Verdict != port.VerdictRefused || !strings.Contains(v.Reason, why) {
			t.Errorf("%s: %+v", person, v)
		}
	}
	w.say("decide", "ethan", "approve", nil)
	w.say("decide", "ron", "approve", nil)
	w.judgeOnly()
	w.advance()
	hold := w.of(org.KindSystem, "cv-screener")["holds"].([]any)[0].(map[string]any)
	if hold["incident"] != id || hold["lifted_at"] == nil {
		t.Errorf("the hold is %v", hold)
	}
	if got := w.of(org.KindIncident, id); got["state"] != "closed" {
		t.Errorf("the incident is %v", got)
	}
}

// TestSubjects: each kind is started about what is there, is read under its own
// name, and refuses what nobody knows.
func TestSubjects(t *testing.T) {
	t.Parallel()
	for kind, c := range map[string]struct{ id, read, want string }{
		org.KindModel:        {"ranker", "${model.system.owner} ${model.supplier.tier} ${model.name}", "olive 1 Ranker"},
		org.KindSupplier:     {"acme", `${supplier.owner} ${supplier.tier} ${supplier.systems.exists(s, s.tier == 1)}`, "eli 1 yes"},
		org.KindRole:         {"aims-manager", "${role.holder} ${has(role.appointment)}", "max no"},
		org.KindPerson:       {"olive", "${person.manager} ${person.recusals.size()}", "tess 0"},
		org.KindOrganisation: {"", "${organisation.name} ${organisation.profile} ${organisation.id}", "Example Ltd full organisation"},
		org.KindRisk:         {"", "${risk.state} ${has(risk.system)}", "open no"},
	} {
		t.Run(kind, func(t *testing.T) {
			w := newWorldAbout(t, "playbook: one\ntitle: One\nsubject: "+kind+"\nsteps:\n"+
				"  - {id: know, set: {seen: '"+c.read+"'}}\n"+
				"  - {id: decide, approval: {about: [know], need: [{role: aims-manager}]}}\n", c.id, nil, modelled)
			w.advance()
			if got := w.done("know").Fields["seen"]; got != c.want {
				t.Errorf("read %q, want %q", got, c.want)
			}
			_, _, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "one", Subject: "nothing", By: "max", Door: "cli"})
			var no *activities.Refusal
			if !errors.As(err, &no) || !no.Unknown || !strings.Contains(no.Reason, "There is no "+kind) {
				t.Errorf("about what nobody knows: %v", err)
			}
		})
	}
}

// TestModelStakes: who develops a model or owns its system decides nothing
// about it.
func TestModelStakes(t *testing.T) {
	w := newWorldAbout(t, "playbook: one\ntitle: One\nsubject: model\nsteps:\n"+
		"  - {id: decide, approval: {need: [{any_of: [{person: olive}, {person: val}, {role: ai-ethics-officer}]}]}}\n", "ranker", nil, modelled)
	w.advance()
	for person, why := range map[string]string{"olive": "You own CV screener", "val": "You develop Ranker"} {
		said := w.say("decide", person, "approve", nil)
		w.judgeOnly()
		if v := w.verdict(said); v.Verdict != port.VerdictRefused || !strings.Contains(v.Reason, why) {
			t.Errorf("%s: %+v", person, v)
		}
	}
}
