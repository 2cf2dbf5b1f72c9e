package activities_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// drift is begun by each alert about PSI; complaints by the third within 90 days.
const (
	drift = `playbook: drift
title: Drift
subject: system
input: {metric: {type: text}, psi: {type: number, optional: true}, rose: {type: yesno, optional: true}}
starts:
  events:
    - {event: alert.received, where: 'event.metric == "psi" && system.tier == 1', with: {metric: '${event.metric}', psi: '${event.psi}'}}
    - {event: system.tier_changed, with: {metric: tier, rose: '${event.rose}'}}
steps:
  - id: look
    form: {ask: '${system.owner}', title: Look, questions: [{id: text, text: Text, type: text}]}
`
	complaints = `playbook: complaints
title: Complaints
subject: system
starts: {events: [{event: complaint.filed, count: 3, within: 90 days}]}
steps:
  - id: look
    form: {ask: '${system.owner}', title: Look, questions: [{id: text, text: Text, type: text}]}
`
)

// also adds playbooks to the library of the world.
func (w *world) also(sources ...string) {
	w.t.Helper()
	for _, s := range sources {
		d := w.define(s)
		w.shelf.defs[d.Playbook.Name.V] = d
	}
}

// alert has a monitoring system send an alert about a system, and looks at it.
func (w *world) alert(fingerprint string, labels map[string]string) {
	w.t.Helper()
	w.must(w.acts.Alerted(w.t.Context(), []port.Alert{{
		Status: "firing", Labels: labels, Fingerprint: fingerprint, StartsAt: monday, Annotations: map[string]string{"psi": "0.31", "summary": "Inputs moved"},
	}}))
	w.must(w.acts.Match(w.t.Context()))
}

func (w *world) raise(event, by string, values map[string]string) error {
	w.t.Helper()
	_, _, err := w.acts.Raise(w.t.Context(), activities.RaiseRequest{Event: event, Kind: "system", Subject: "cv-screener", By: by, Door: port.EventDoorCLI, Values: values})
	w.must(w.acts.Match(w.t.Context()))
	return err
}

// begun are the runs of a playbook, the newest first.
func (w *world) begun(playbook string) []port.RunRow {
	w.t.Helper()
	runs, err := w.ledger.RunsAbout(w.t.Context(), playbook, "cv-screener", 100)
	w.must(err)
	return runs
}

// loose counts the records of a kind that belong to no run.
func (w *world) loose(kind string) (n int) {
	w.t.Helper()
	all, err := w.ledger.RecordsOf(w.t.Context(), "")
	w.must(err)
	for _, r := range all {
		if strings.Contains(string(r.Header), fmt.Sprintf(`"kind":%q`, kind)) {
			n++
		}
	}
	return n
}

// become has the world play the newest run of a playbook.
func (w *world) become(playbook string) {
	w.t.Helper()
	row := w.begun(playbook)[0]
	w.run, w.def = row.StartedRun, row.Definition
	w.state = port.RunState{Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
		ID: row.ID, WorkflowID: row.WorkflowID, Playbook: row.Playbook, SubjectID: row.SubjectID, By: row.By, Input: row.Input, StartedAt: row.StartedAt,
	}}
	w.advance()
}

// TestEventBegins: an alert begins one run with what it says, however often it is
// sent; another joins it, with its values in the evidence and on the issue.
func TestEventBegins(t *testing.T) {
	w := newWorld(t, asking)
	w.also(drift)
	labels := map[string]string{"alertname": "HighPSI", "system": "CV screener", "metric": "psi"}
	w.alert("a", map[string]string{"alertname": "Slow", "system": "cv-screener", "metric": "latency"})
	if n := len(w.begun("drift")); n != 0 {
		t.Fatalf("%d runs of an alert that begins none", n)
	}
	for range 3 {
		w.alert("b", labels)
	}
	runs := w.begun("drift")
	if len(runs) != 1 || runs[0].Input["metric"] != "psi" || runs[0].Input["psi"] != "0.31" || runs[0].By != activities.ProgrammeActor || runs[0].Door != "event" {
		t.Fatalf("%d runs: %+v", len(runs), runs)
	}
	w.become("drift")
	w.alert("c", labels)
	w.alert("c", labels)
	w.judge()
	if recs := w.records("event.joined"); len(recs) != 1 || recs[0].Facts["event"] != "alert.received" {
		t.Errorf("joined: %+v", recs)
	}
	comments := 0
	for _, e := range w.effects() {
		if strings.HasPrefix(e.Purpose, "comment:event") && e.State == port.EffectDone {
			comments++
		}
	}
	if comments != 1 || len(w.begun("drift")) != 1 || w.loose(port.KindEventReceived) != 3 {
		t.Errorf("%d comments, %d runs, %d events", comments, len(w.begun("drift")), w.loose(port.KindEventReceived))
	}
	if o := w.last("drift"); o.ID != "" {
		t.Errorf("an event moved the cadence: %+v", o)
	}
}

// TestEventAfterTheEnd: an event that came while the run was ending begins the
// next one, whoever notices.
func TestEventAfterTheEnd(t *testing.T) {
	for _, judged := range []bool{false, true} {
		t.Run(fmt.Sprintf("judged %t", judged), func(t *testing.T) {
			w := newWorld(t, asking)
			w.also(drift)
			labels := map[string]string{"system": "cv-screener", "metric": "psi"}
			w.alert("a", labels)
			w.become("drift")
			w.alert("b", labels)
			w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
			if judged { // the cancellation came first
				w.state.Cancel = &port.Cancel{By: "ethan", Reason: "Not needed"}
				w.judge()
			} else {
				w.must(w.ledger.Commit(t.Context(), port.Batch{Run: w.run.ID, Close: &port.RunClose{Outcome: "cancelled", At: w.clock()}}))
				w.pass(time.Minute)
				w.must(w.acts.SettleLate(t.Context(), time.Second))
			}
			w.must(w.acts.Match(t.Context()))
			if runs := w.begun("drift"); len(runs) != 2 || runs[0].ID == w.run.ID && runs[1].ID == w.run.ID {
				t.Errorf("%d runs", len(runs))
			}
		})
	}
}

// TestEventsCounted: three complaints within 90 days begin a run; each counts
// once, and one that came before does not count any more.
func TestEventsCounted(t *testing.T) {
	w := newWorld(t, asking)
	w.also(complaints)
	file := func(after time.Duration, runs int) {
		t.Helper()
		w.pass(after)
		w.must(w.raise("complaint.filed", "dev", map[string]string{"what": "Unfair"}))
		if n := len(w.begun("complaints")); n != runs {
			t.Fatalf("%d runs, want %d", n, runs)
		}
	}
	const day = 24 * time.Hour
	file(0, 0)
	file(89*day, 0)
	file(10*day, 0) // the first is 99 days ago
	file(time.Hour, 1)
	if run := w.begun("complaints")[0]; run.By != "dev" {
		t.Errorf("started by %s", run.By)
	}
	w.become("complaints")
	file(time.Hour, 1) // joins
	w.judge()
	if n := len(w.records("event.joined")); n != 1 {
		t.Errorf("%d joined", n)
	}
	w.over()
	file(time.Hour, 1)
	file(time.Hour, 1)
	file(time.Hour, 2)
}

// TestEventWithoutPlace: an alert that names nothing known, and one by which no
// run can begin, are on record and told, once a day.
func TestEventWithoutPlace(t *testing.T) {
	w := newWorld(t, asking)
	w.also(strings.ReplaceAll(drift, "psi: {type: number, optional: true}", "psi: {type: number, optional: true, max: 0.1}"))
	for _, f := range []string{"a", "b"} {
		w.alert(f, map[string]string{"alertname": "Odd", "system": "unheard-of"})
	}
	w.alert("c", map[string]string{"alertname": "HighPSI", "system": "cv-screener", "metric": "psi"})
	if w.loose("event.not_placed") != 2 || w.loose("event.not_begun") != 1 || len(w.begun("drift")) != 0 {
		t.Errorf("%d not placed, %d not begun, %d runs", w.loose("event.not_placed"), w.loose("event.not_begun"), len(w.begun("drift")))
	}
	if n, m := w.titled("U0MAX", "An alert belongs to nothing here: Odd"), w.titled("U0MAX", "Not started: Drift"); n != 1 || m != 1 {
		t.Errorf("max was told %d and %d times", n, m)
	}
	w.pass(24 * time.Hour)
	w.alert("d", map[string]string{"alertname": "Odd"})
	if n := w.titled("U0MAX", "An alert belongs to nothing here"); n != 2 {
		t.Errorf("max was told %d times on the next day", n)
	}
}

// TestEventRefused: who may say what.
func TestEventRefused(t *testing.T) {
	w := newWorld(t, asking)
	for _, c := range []struct {
		event, by string
		values    map[string]string
		why       string
	}{
		{"complaint.file", "dev", nil, "There is no event"},
		{"complaint.filed", "nobody", nil, "is no person"},
		{"complaint.filed", "dev", map[string]string{"wat": "x"}, "`wat` is nothing that is known of complaint.filed. It may have: what, from, aware_at."},
		{"metric.acted", "dev", nil, "Only the owner of the system"},
		{"metric.acted", "olive", map[string]string{"psi": "high"}, "`psi`: "},
		{"system.registered", "max", nil, "Nobody says by hand"},
		{"role.vacant", "max", nil, "role.vacant is about a role"},
	} {
		var refused *activities.Refusal
		if err := w.raise(c.event, c.by, c.values); !errors.As(err, &refused) || !strings.Contains(refused.Reason, c.why) {
			t.Errorf("%s by %s: %v, want %q", c.event, c.by, err, c.why)
		}
	}
	if w.loose("event.refused") != 3 || w.loose(port.KindEventReceived) != 0 {
		t.Errorf("%d refused, %d kept", w.loose("event.refused"), w.loose(port.KindEventReceived))
	}
}

// TestEventsFromInside: a changed tier and a changed organisation file are events;
// a run that goes round in a circle stops.
func TestEventsFromInside(t *testing.T) {
	w := newWorld(t, deciding)
	w.also(drift)
	w.advance()
	w.rate(2, "x")
	w.judge()
	w.must(w.acts.Match(t.Context()))
	runs := w.begun("drift")
	if len(runs) != 1 || runs[0].Input["rose"] != "no" || runs[0].Input["metric"] != "tier" {
		t.Fatalf("%+v", runs)
	}
	deciding, first := w.run, w.state
	w.become("drift")
	w.over()
	// The first run goes back and changes it once more: for the same reason nothing
	// begins again so soon.
	w.run, w.state, w.def = deciding, first, w.shelf.defs["deciding"]
	w.say("decide", "ethan", "changes", map[string]any{"reason": "Again"})
	w.judge()
	w.rate(3, "y")
	w.judge()
	w.must(w.acts.Match(t.Context()))
	if n := len(w.begun("drift")); n != 1 || w.loose("event.not_begun") != 1 {
		t.Errorf("%d runs, %d not begun", n, w.loose("event.not_begun"))
	}
	w.holder("ai-ethics-officer", "")
	w.organisation(func(o *org.Organisation) {
		o.Systems = append(o.Systems, org.System{ID: "ranker", Name: "Ranker", Owner: "dev"})
		o.Systems[0].Purpose, o.Systems[0].Models = "Something else", append(slices.Clone(o.Systems[0].Models), "bert")
	})
	var got []string
	events, err := w.ledger.WaitingEvents(t.Context(), 100)
	w.must(err)
	for _, e := range events {
		b, err := json.Marshal(e.Values)
		w.must(err)
		got = append(got, e.Name+" "+e.Kind+":"+e.Subject+" "+string(b))
	}
	want := []string{
		`role.vacant role:ai-ethics-officer {"title":"AI Ethics Officer"}`,
		`system.changed system:cv-screener {"changed":["purpose","models"]}`,
		`model.changed system:cv-screener {"changed":["models"],"model":"bert"}`,
		`system.registered system:ranker null`,
	}
	if !slices.Equal(got, want) {
		t.Errorf("events:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	w.alert("m", map[string]string{"model": "Bert", "metric": "latency"})
	if events, err := w.ledger.WaitingEvents(t.Context(), 100); err != nil || len(events) != 0 || w.loose("event.not_placed") != 0 {
		t.Errorf("an alert about a model of a system has no place: %v %+v", err, events)
	}
}

// TestLateIsAnEvent: a day that passed without a completed run is an event, once.
func TestLateIsAnEvent(t *testing.T) {
	w := newWorld(t, asking)
	w.quarterly()
	w.pass(40 * 24 * time.Hour)
	for range 2 {
		w.look()
	}
	if n := w.loose(port.KindEventReceived); n != 1 {
		t.Errorf("%d events", n)
	}
}

// mishap is a run about a new incident each time, unless an alert comes again.
const mishap = `playbook: mishap
title: Mishap
subject: incident
starts: {by: [anyone], events: [{event: alert.received}, {event: concern.raised}]}
steps:
  - id: look
    form: {ask: aims-manager, title: Look, questions: [{id: text, text: Text, type: text}]}
`

// TestEventsOfIncidents: alerts about one system are one incident while it is
// open; what a person tells of is an incident of its own.
func TestEventsOfIncidents(t *testing.T) {
	w := newWorld(t, asking)
	w.also(mishap)
	about := func(want int) map[string]bool {
		t.Helper()
		runs, err := w.ledger.Runs(t.Context(), "", 100)
		w.must(err)
		ids := map[string]bool{}
		for _, r := range runs {
			if r.Playbook == "mishap" {
				ids[r.SubjectID] = true
			}
		}
		if len(ids) != want {
			t.Fatalf("%d incidents, want %d: %v", len(ids), want, ids)
		}
		return ids
	}
	w.alert("a", map[string]string{"system": "cv-screener"})
	w.alert("b", map[string]string{"system": "cv-screener"})
	for id := range about(1) {
		if !strings.HasPrefix(id, "inc-") {
			t.Errorf("the incident is %s", id)
		}
	}
	w.must(w.raise("concern.raised", "dev", map[string]string{"what": "It hurts"}))
	w.must(w.raise("concern.raised", "eli", map[string]string{"what": "It hurts me too"}))
	about(3)
}

// lapsed is begun by a condition that was not met.
const lapsed = `playbook: lapsed
title: Lapsed
subject: finding
input: {system: {type: system, optional: true}, what: {type: text}}
starts: {events: [{event: condition.lapsed, with: {system: '${event.system}', what: '${event.what}'}}]}
steps:
  - id: look
    form: {ask: aims-manager, title: Look, questions: [{id: text, text: Text, type: text}]}
`

// TestEventSaysTheSystem: what begins a run about something new says which system
// it is about, also where it happened to a model.
func TestEventSaysTheSystem(t *testing.T) {
	w := newWorldAbout(t, asking, "cv-screener", nil, modelled)
	w.also(lapsed)
	_, _, err := w.acts.Raise(t.Context(), activities.RaiseRequest{
		Event: "condition.lapsed", Kind: "model", Subject: "ranker", By: "olive", Door: port.EventDoorCLI, Values: map[string]string{"what": "Test it again"},
	})
	w.must(err)
	w.must(w.acts.Match(t.Context()))
	runs, err := w.ledger.Runs(t.Context(), "", 100)
	w.must(err)
	i := slices.IndexFunc(runs, func(r port.RunRow) bool { return r.Playbook == "lapsed" })
	if i < 0 || runs[i].Input["system"] != "cv-screener" || !strings.HasPrefix(runs[i].SubjectID, "find-") {
		t.Errorf("begun: %+v", runs)
	}
}
