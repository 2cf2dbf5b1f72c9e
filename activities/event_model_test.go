package activities_test

import (
	"slices"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

const ofModels = `playbook: of-models
title: Of models
subject: model
input: {rose: {type: yesno, optional: true}}
starts:
  events:
    - {event: metric.acted, where: 'event.metric == "auc"'}
    - {event: model.tier_changed, with: {rose: '${event.rose}'}}
steps:
  - id: look
    form: {ask: '${model.system.owner}', title: Look, questions: [{id: text, text: Text, type: text}]}
`

// models gives the first system models of its own.
func (w *world) models(ids ...string) {
	w.t.Helper()
	w.organisation(func(o *org.Organisation) {
		o.Models = nil
		for _, id := range ids {
			o.Models = append(o.Models, org.Model{ID: id, Name: id, System: "cv-screener"})
		}
	})
	w.must(w.acts.Match(w.t.Context()))
}

// TestEventsOfModels: what happens to a system begins a run about its model, as
// long as there is no doubt which; what would begin none anyway is told to nobody.
func TestEventsOfModels(t *testing.T) {
	w := newWorld(t, asking)
	w.also(ofModels)
	w.models("ranker")
	w.must(w.raise("metric.acted", "olive", map[string]string{"metric": "auc"}))
	if runs := w.runsOf("of-models"); len(runs) != 1 || runs[0].SubjectID != "ranker" {
		t.Fatalf("%+v", runs)
	}
	w.models("ranker", "scorer")
	w.must(w.raise("metric.acted", "olive", map[string]string{"metric": "latency"}))
	if n := w.loose("event.not_begun"); n != 0 {
		t.Errorf("%d are told of that begin nothing", n)
	}
	w.must(w.raise("metric.acted", "olive", map[string]string{"metric": "auc"}))
	if runs, n := w.runsOf("of-models"), w.loose("event.not_begun"); len(runs) != 1 || n != 1 {
		t.Errorf("%d runs, %d not begun", len(runs), n)
	}
}

// TestTierOfModels: another tier of a system is an event of each of its models.
func TestTierOfModels(t *testing.T) {
	w := newWorld(t, deciding)
	w.also(ofModels)
	w.models("ranker", "scorer")
	w.advance()
	w.rate(2, "x")
	w.judge()
	w.must(w.acts.Match(t.Context()))
	var about []string
	for _, r := range w.runsOf("of-models") {
		about = append(about, r.SubjectID+" "+r.Input["rose"])
	}
	slices.Sort(about)
	if want := []string{"ranker no", "scorer no"}; !slices.Equal(about, want) {
		t.Errorf("runs about %v, want %v", about, want)
	}
}

// TestStartEachItsOwn: in an each, every entry begins its own finding.
func TestStartEachItsOwn(t *testing.T) {
	w := newWorld(t, `playbook: starting
title: Starting
subject: system
data: {found: [{id: a}, {id: b}]}
steps:
  - id: all
    each: {in: data.found, as: one, steps: [{id: go_on, start: {playbook: followup, with: {what: '${one.id}'}}}]}
`)
	w.also("playbook: followup\ntitle: Follow up\nsubject: finding\ninput: {what: {type: text}}\nsteps:\n  - id: look\n    form: {ask: aims-manager, title: Look, questions: [{id: text, text: Text, type: text}]}\n")
	before := w.request()
	_, err := w.acts.Advance(t.Context(), before)
	w.must(err)
	w.apply(w.acts.Advance(t.Context(), before))
	rows := w.runsOf("followup")
	if len(rows) != 2 || rows[0].SubjectID == rows[1].SubjectID || rows[0].Input["what"] == rows[1].Input["what"] {
		t.Errorf("%+v, parked: %q", rows, w.state.Parked)
	}
}
