package main

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// harmReview asks about every entry of a list, goes back by itself, takes an
// opinion, and says what a rejection leads to.
const harmReview = `playbook: harm-review
title: Harm review
subject: system
outcomes: {approved: {counts: true}, rejected: {}, withdrawn: {}, unclear: {}}
data:
  dimensions: [{id: fairness, title: Fairness}, {id: safety, title: Physical safety}]
steps:
  - id: harms
    form:
      ask: ${system.owner}
      title: What could ${system.name} do to people?
      each: data.dimensions
      as: dimension
      questions:
        - {id: sev, text: 'How bad is it for ${dimension.title}?', type: int, min: 0, max: 5}
        - {id: why, text: Why, type: text, optional: true}
        - {id: seen, text: Seen on, type: date, optional: true, check: {when: answers.seen <= now, say: Not in the future}}
    due: 5 working days
  - id: reasons
    back:
      to: harms
      when: steps.harms.rows.exists(r, r.sev >= 4 && !has(r.why))
      say: Say why a harm is 4 or more.
      at_most: 1
      then: [{id: gave_up, title: Nobody said why, end: {outcome: unclear}}]
  - id: high
    set: {rows: '${steps.harms.rows.filter(r, r.sev >= 3)}'}
  - id: plan
    form:
      ask: ${system.owner}
      title: What is done about it?
      each: steps.high.rows
      as: harm
      questions: [{id: measure, text: 'Measure for ${harm.item.title}', type: text}]
  - id: opinion
    form:
      ask: explainability-lead
      title: Your opinion
      opinion: true
      questions: [{id: text, text: Opinion, type: text}, {id: where, text: Used in, type: countries, optional: true}]
  - id: decide
    approval:
      about: [harms, plan, opinion]
      need: [{role: ai-ethics-officer}]
      on_reject:
        - id: next
          form: {ask: '${system.owner}', title: 'Rejected. What now?', questions: [{id: stop, text: Do you withdraw it, type: yesno}]}
        - {id: stopped, title: The owner withdrew it, end: {outcome: withdrawn, when: steps.next.stop}}
    due: 5 working days
`

// TestRowsWay plays the three ends of it, in one history and continued as new.
func TestRowsWay(t *testing.T) {
	for name, way := range map[string]func(w *world) string{"approved": harmsApproved, "withdrawn": harmsWithdrawn, "unclear": harmsUnclear} {
		for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
			t.Run(name+", "+form, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, harmReview)})
				way(w)
				w.continued(events > 0)
			})
		}
	}
}

func (w *world) startHarms() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "harm-review", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	return run.ID
}

func (w *world) harms(words string, answers map[string]any) {
	w.t.Helper()
	w.fill("olive", w.message("olive", "answer", words), "answer", answers)
}

func (w *world) planned(words string, answers map[string]any) {
	w.t.Helper()
	w.harms(words, answers)
	w.fill("eli", w.message("eli", "answer", "Your opinion"), "answer", map[string]any{"text": "Explainable", "where": []string{"FR", "DE"}})
}

func harmsApproved(w *world) string {
	run := w.startHarms()
	_, view := w.open("olive", w.message("olive", "answer", "What could CV screener do"), "answer")
	for _, words := range []string{`"Fairness"`, `"Physical safety"`, "How bad is it for Physical safety?"} {
		if !strings.Contains(string(view), words) {
			w.t.Errorf("the window does not say %s: %s", words, view)
		}
	}
	told := w.fill("olive", w.message("olive", "answer", "What could CV screener do"), "answer", map[string]any{"r1.sev": 4, "r2.sev": 3, "r2.seen": "2060-01-31"})
	if want := `{"response_action":"errors","errors":{"r2.seen":"Not in the future"}}`; string(told.Body) != want {
		w.t.Errorf("the window says %s, want %s", told.Body, want)
	}
	w.harms("What could CV screener do", map[string]any{"r1.sev": 4, "r2.sev": 3, "r2.seen": "2026-01-31"})
	w.harms("Round 2: this is asked again. Say why a harm is 4 or more.", map[string]any{"r1.sev": 4, "r1.why": "Women rank lower", "r2.sev": 0})
	w.planned("What is done about it?", map[string]any{"r1.measure": "Rank without names"})
	m := w.message("ethan", "approve", "Women rank lower")
	if all := string(m.Blocks); !strings.Contains(all, "Measure for Fairness: Rank without names") || !strings.Contains(all, "Explainable") || !strings.Contains(all, "France, Germany") {
		w.t.Errorf("who decides is not shown the plan and the opinion: %s", all)
	}
	w.press("ethan", m, "approve")
	w.ends(run, "approved", expected{
		issues: []string{
			"Decide (round 2)", "Harm review: CV screener", "What could CV screener do to people?", "What could CV screener do to people? (round 2)",
			"What is done about it? (round 2)", "Your opinion (round 2)",
		},
		records: map[string]int{"round.started": 1, "step.opened": 5, "run.ended": 1},
	})
	return run
}

func harmsWithdrawn(w *world) string {
	run := w.startHarms()
	w.harms("What could CV screener do", map[string]any{"r1.sev": 1, "r2.sev": 2})
	w.fill("eli", w.message("eli", "answer", "Your opinion"), "answer", map[string]any{"text": "Fine"})
	w.fill("ethan", w.message("ethan", "reject", "CV screener"), "reject", map[string]any{"reason": "No need for it"})
	w.fill("olive", w.message("olive", "answer", "Rejected. What now?"), "answer", map[string]any{"stop": "yes"})
	w.ends(run, "withdrawn", expected{records: map[string]int{"step.empty": 1, "step.ended_run": 1, "step.opened": 4, "run.ended": 1}})
	return run
}

func harmsUnclear(w *world) string {
	run := w.startHarms()
	for _, words := range []string{"What could CV screener do", "Round 2"} {
		w.harms(words, map[string]any{"r1.sev": 5, "r2.sev": 0})
	}
	w.ends(run, "unclear", expected{records: map[string]int{"step.back_over": 1, "step.ended_run": 1, "step.opened": 2, "run.ended": 1}})
	return run
}
