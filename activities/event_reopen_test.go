package activities_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// due is done again and again about a system.
const due = `playbook: due
title: Due
subject: system
outcomes: {approved: {counts: true}, rejected: {}}
starts: {events: [{event: complaint.filed}]}
steps:
  - id: size
    form: {ask: '${system.owner}', title: Size, questions: [{id: people, text: People, type: int}]}
  - id: first
    approval: {about: [size], need: [{role: ai-ethics-officer}, {role: chief-risk-officer}]}
  - id: last
    task: {assign: explainability-lead, title: Carry on}
`

// TestEventReopens: what joins a run of what comes again and again is shown to
// those who decide, and what they decided without it is asked anew, whether all
// had decided or not.
func TestEventReopens(t *testing.T) {
	w := newWorld(t, asking)
	w.also(due)
	again := func() {
		t.Helper()
		w.pass(time.Hour)
		w.must(w.raise("complaint.filed", "dev", map[string]string{"what": "Unfair, says Anna"}))
		w.judge()
	}
	w.must(w.raise("complaint.filed", "val", map[string]string{"what": "Unfair"}))
	w.become("due")
	w.say("size", "olive", "answer", map[string]any{"people": 3})
	w.judge()
	w.say("first", "ethan", "approve", nil)
	w.judge()
	again()
	if o := w.open("first"); o.Version != 2 || len(o.Decisions) != 0 || len(w.records("decision.voided")) != 1 {
		t.Errorf("version %d with %d decisions", o.Version, len(o.Decisions))
	}
	said := w.messagesTo("U0ETHAN")
	if card := fmt.Sprint(said[len(said)-1].card); !strings.Contains(card, "{Since this began somebody says that they were treated unfairly (complaint.filed, ") || strings.Contains(card, "Anna") {
		t.Errorf("ethan is shown %s", card)
	}
	w.say("first", "ethan", "approve", nil)
	w.say("first", "ron", "approve", nil)
	w.judge()
	again()
	if w.state.Round != 2 || w.state.FindOpen("last", "") != nil || !strings.Contains(w.state.RoundWhy, "something happened") {
		t.Fatalf("round %d, %q, %+v", w.state.Round, w.state.RoundWhy, w.state.Open)
	}
	w.say("first", "ethan", "approve", nil)
	w.say("first", "ron", "approve", nil)
	w.judge()
	if w.open("last"); w.state.Round != 2 {
		t.Errorf("round %d", w.state.Round)
	}
}

// TestEventTold: who is told of a run hears which event began it.
func TestEventTold(t *testing.T) {
	w := newWorld(t, asking)
	w.also(due, drift)
	for playbook, want := range map[string]string{
		"due":   "Started by the event complaint.filed (somebody says that they were treated unfairly), which Val Vogel told of. Run",
		"drift": "Started by the event alert.received (a monitoring system sent an alert). Run",
	} {
		w.must(w.raise("complaint.filed", "val", map[string]string{"what": "Unfair"}))
		w.alert("b", map[string]string{"alertname": "HighPSI", "system": "CV screener", "metric": "psi"})
		w.become(playbook)
		if !slices.ContainsFunc(w.out.issues, func(i *issue) bool { return strings.Contains(i.issue.Description, want) }) {
			t.Errorf("no epic says %q", want)
		}
	}
}

// TestEventLeavesCase: what joins a run that counts for nothing undoes nothing.
func TestEventLeavesCase(t *testing.T) {
	w := newWorld(t, asking)
	w.also(strings.Replace(due, "{counts: true}", "{}", 1))
	w.must(w.raise("complaint.filed", "val", map[string]string{"what": "Unfair"}))
	w.become("due")
	w.say("size", "olive", "answer", map[string]any{"people": 3})
	w.judge()
	w.say("first", "ethan", "approve", nil)
	w.judge()
	w.must(w.raise("complaint.filed", "dev", map[string]string{"what": "Unfair"}))
	w.judge()
	if o := w.open("first"); o.Version != 1 || len(o.Decisions) != 1 || len(w.records("event.joined")) != 1 {
		t.Errorf("version %d with %d decisions", o.Version, len(o.Decisions))
	}
}

// TestEventAfterRejection: what follows a rejection goes on, and the rejection
// stands.
func TestEventAfterRejection(t *testing.T) {
	w := newWorld(t, asking)
	w.also(strings.NewReplacer("  - id: last\n", "  - id: second\n    approval: {about: [size], need: [{role: ai-ethics-officer}], on_reject: [{id: stop, task: {assign: explainability-lead, title: Stop it}}]}\n  - id: last\n").Replace(due))
	w.must(w.raise("complaint.filed", "val", map[string]string{"what": "Unfair"}))
	w.become("due")
	w.say("size", "olive", "answer", map[string]any{"people": 3})
	w.judge()
	w.say("first", "ethan", "approve", nil)
	w.say("first", "ron", "approve", nil)
	w.judge()
	w.say("second", "ethan", "reject", map[string]any{"reason": "No"})
	w.judge()
	w.pass(time.Hour)
	w.must(w.raise("complaint.filed", "dev", map[string]string{"what": "Unfair"}))
	w.judge()
	if w.open("stop"); w.state.Round != 1 || len(w.records("event.joined")) != 1 {
		t.Errorf("round %d", w.state.Round)
	}
}
