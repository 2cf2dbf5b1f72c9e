package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// deciding writes what a form says into the register, reads it in the same
// advance, and asks somebody else what only tier 3 is asked.
const deciding = `playbook: deciding
title: Deciding
subject: system
steps:
  - id: rate
    form:
      ask: ${system.owner}
      title: Rate
      questions:
        - {id: tier, text: Tier, type: int, min: 1, max: 3}
        - {id: limit, text: What it must not do, type: text}
  - id: seen
    set: {tier: '${system.tier}'}
  - id: apply
    register:
      set: {tier: '${steps.rate.tier}', status: suspended}
      add: {restrictions: '${steps.rate.limit}'}
      valid: {for: cad-impact}
  - id: after
    set:
      tier: ${system.tier}
      before: ${before.tier}
      limits: ${system.restrictions}
      until: ${system.valid_until["deciding"]}
      written: ${steps.apply.at}
  - id: lax
    when: system.tier == 3
    form: {ask: explainability-lead, title: Lax, questions: [{id: text, text: Text, type: text}]}
  - id: decide
    approval: {about: [rate, apply], need: [{role: ai-ethics-officer}], changes: rate}
`

func (w *world) rate(tier int, limit string) {
	w.t.Helper()
	w.say("rate", "olive", "answer", map[string]any{"tier": tier, "limit": limit})
	w.judgeOnly()
}

// facts are the register's facts about cv-screener now, by field.
func (w *world) facts() map[string]string {
	w.t.Helper()
	o, err := w.ledger.SnapshotAt(w.t.Context(), w.clock())
	w.must(err)
	out := map[string]string{}
	for _, f := range o.Register.Of(org.KindSystem, "cv-screener") {
		out[f.Field] = string(f.Value)
	}
	return out
}

// TestRegister: what a step writes is read by the steps after it, by other runs
// and by the programme, and says what it took the place of.
func TestRegister(t *testing.T) {
	w := newWorld(t, deciding)
	w.advance()
	w.rate(2, "Reject alone")
	w.advance()
	fields := w.done("after").Fields
	until := "2027-09-01T21:59:59Z" // six months, in the organisation's zone
	want := map[string]any{"tier": 2.0, "before": 1.0, "limits": []any{"Reject alone"}, "until": until, "written": w.clock().Format(time.RFC3339)}
	if diff := cmp.Diff(want, fields); diff != "" {
		t.Errorf("after (-want +got):\n%s", diff)
	}
	if got := w.done("seen").Fields["tier"]; got != 1.0 {
		t.Errorf("before the write the tier was %v", got)
	}
	wantFacts := map[string]string{"tier": "2", "status": `"suspended"`, "restrictions": `["Reject alone"]`, "valid_until.deciding": `"` + until + `"`}
	if diff := cmp.Diff(wantFacts, w.facts()); diff != "" {
		t.Errorf("register (-want +got):\n%s", diff)
	}
	records := w.records("register.written")
	if len(records) != 1 || !strings.Contains(records[0].Content, `"on":"system:cv-screener"`) {
		t.Errorf("%+v", records)
	}
	o, err := w.ledger.SnapshotAt(t.Context(), w.clock())
	w.must(err)
	sys, _ := o.Subject(org.KindSystem, "cv-screener")
	if ok, err := playbooks.Selects("system.tier == 2 && system.status != 'retired'", o, sys, w.clock()); err != nil || !ok {
		t.Errorf("the programme does not see it: %v %v", ok, err)
	}
	before, err := w.ledger.SnapshotAt(t.Context(), monday.Add(-time.Hour))
	w.must(err)
	if len(before.Register) > 0 {
		t.Errorf("an hour earlier the register had %v", before.Register)
	}
}

// TestRegisterOnce: a try that dies after its commit is repeated later. The
// repetition sees the register as it was, and what was written first stands.
func TestRegisterOnce(t *testing.T) {
	w := newWorld(t, deciding)
	w.advance()
	w.rate(3, "Reject alone")
	first, err := w.acts.Advance(t.Context(), w.request())
	w.must(err)
	w.pass(time.Hour)
	w.advance()
	if diff := cmp.Diff(through(t, first).Done[0].Fields, w.done("seen").Fields); diff != "" {
		t.Errorf("the repetition saw another register (-first +again):\n%s", diff)
	}
	if got := w.done("seen").Fields["tier"]; got != 1.0 {
		t.Errorf("the repetition saw tier %v before it was written", got)
	}
	facts, err := w.ledger.FactsOf(t.Context(), w.run.ID)
	w.must(err)
	if len(facts) != 4 || string(facts[0].Value) != `"suspended"` || !facts[0].From.Equal(monday) {
		t.Errorf("written: %+v", facts)
	}
	if got := w.facts()["restrictions"]; got != `["Reject alone"]` {
		t.Errorf("added twice: %s", got)
	}
	if got := w.done("apply").Fields["at"]; got != monday.Format(time.RFC3339) {
		t.Errorf("the repetition says it was written at %v", got)
	}
	if len(w.records("register.written")) != 1 {
		t.Error("recorded twice")
	}
}

// TestRegisterStays: going back undoes no write; the next round's is one more.
func TestRegisterStays(t *testing.T) {
	w := newWorld(t, deciding)
	w.advance()
	w.rate(2, "Reject alone")
	w.advance()
	w.pass(time.Hour)
	w.say("decide", "ethan", "changes", map[string]any{"reason": "Look again"})
	w.judge()
	if got := w.facts()["tier"]; got != "2" {
		t.Errorf("after going back the tier is %s", got)
	}
	w.pass(time.Hour)
	w.rate(1, "Rank by age")
	w.advance()
	if got := w.done("seen").Fields["tier"]; got != 2.0 {
		t.Errorf("in round 2 the tier was %v before the write", got)
	}
	want := map[string]any{"tier": 1.0, "before": 1.0, "limits": []any{"Reject alone", "Rank by age"}}
	got := w.done("after").Fields
	delete(got, "until")
	delete(got, "written")
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("after round 2 (-want +got):\n%s", diff)
	}
	facts, err := w.ledger.FactsOf(t.Context(), w.run.ID)
	w.must(err)
	if len(facts) != 8 || facts[5].Field != "tier" || string(facts[5].Before) != "2" {
		t.Errorf("%d facts: %+v", len(facts), facts)
	}
}

// TestRegisterRefuses: what lint could not know parks the run and writes nothing.
func TestRegisterRefuses(t *testing.T) {
	w := newWorld(t, strings.Replace(deciding, "status: suspended", "registered_at: '${steps.rate.limit}'", 1))
	w.advance()
	w.rate(2, "Reject alone")
	w.advance()
	if !strings.Contains(w.state.Parked, "registered_at of a system is a date with time, and Reject alone is not") {
		t.Errorf("parked: %q", w.state.Parked)
	}
	if got := w.facts(); len(got) > 0 {
		t.Errorf("written all the same: %v", got)
	}
}

// done is the result of a finished step.
func (w *world) done(step string) *port.StepResult {
	w.t.Helper()
	d := w.state.FindDone(step, "")
	if d == nil {
		w.t.Fatalf("step %s is not done; parked %q", step, w.state.Parked)
	}
	return d
}
