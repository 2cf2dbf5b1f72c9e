package activities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
)

// actionable asks for as many actions as there are, then about each of them.
const actionable = `playbook: planned
title: Planned
subject: system
steps:
  - id: plan
    form:
      ask: ${system.owner}
      title: Plan
      questions:
        - id: actions
          text: What is done?
          type: rows
          max: 3
          columns:
            - {id: what, text: Measure, type: text}
            - {id: owner, text: Owner, type: person, never: ['${system.developers}']}
            - {id: days, text: Days, type: int, optional: true}
  - id: long
    set: {any: '${steps.plan.actions.exists(a, has(a.days) && a.days > 20)}', owners: '${steps.plan.actions.map(a, a.owner)}'}
  - id: progress
    when: steps.long.any
    form:
      ask: ${system.owner}
      title: Progress
      each: steps.plan.actions
      as: action
      questions: [{id: done, text: 'Is “${action.what}” done?', type: yesno}]
  - id: decide
    approval: {about: [plan, long], need: [{role: ai-ethics-officer}], changes: plan}
`

func actions(days int) map[string]any {
	return map[string]any{"actions": []any{
		map[string]any{"what": "Guard rails", "owner": "max", "days": days},
		map[string]any{},
		map[string]any{"what": "Training", "owner": "olive"},
	}}
}

// TestRowsQuestion: a question of rows gives a list that expressions read, that
// another form goes through, and that those who decide see.
func TestRowsQuestion(t *testing.T) {
	w := newWorld(t, actionable)
	w.advance()
	w.say("plan", "olive", "answer", actions(30))
	w.judge()
	want := map[string]any{"any": true, "owners": []any{"max", "olive"}}
	if diff := cmp.Diff(want, w.state.FindDone("long", "").Fields); diff != "" {
		t.Error(diff)
	}
	qs := w.ask("progress").Body.Questions
	if len(qs) != 2 || qs[1].Heading != "Training" || qs[1].Text.V != "Is “Training” done?" {
		t.Errorf("asked about each: %+v", qs)
	}
	w.say("progress", "olive", "answer", map[string]any{"r1.done": true, "r2.done": false})
	w.judge()
	facts := w.card("decide").Facts
	if len(facts) == 0 || facts[0].Value != "1. Measure: Guard rails; Owner: Max Mayer; Days: 30\n2. Measure: Training; Owner: Olive Owens" {
		t.Errorf("who decides is shown %+v", facts)
	}
	w.say("decide", "ethan", "changes", map[string]any{"reason": "More"})
	w.judge()
	if rows, _ := w.ask("plan").Body.Prefill["actions"].([]any); len(rows) != 2 {
		t.Errorf("the next round is filled with %+v", w.ask("plan").Body.Prefill)
	}
}

// TestRowsQuestionRefused: what is wrong in a row is said with its number.
func TestRowsQuestionRefused(t *testing.T) {
	row := func(what, owner any) map[string]any { return map[string]any{"what": what, "owner": owner} }
	for _, c := range []struct {
		name string
		rows any
		say  string
	}{
		{"none", []any{map[string]any{}}, "“What is done?”: Please add a row and answer it."},
		{"a gap", []any{row("A", "max"), row("", "max")}, "“What is done?”, row 2, “Measure”: Please answer this question."},
		{"a developer", []any{row("A", "max"), row("B", "dev")}, "“What is done?”, row 2, “Owner”: Dev Dutta may not be named here"},
		{"too many", []any{row("A", "max"), row("B", "max"), row("C", "max"), row("D", "max")}, "At most 3 rows can be given; there are 4."},
		{"a column of its own", []any{map[string]any{"what": "A", "owner": "max", "odd": "x"}}, "There is no such question."},
		{"no list", "many", "This needs a list of rows."},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, actionable)
			w.advance()
			id := w.say("plan", "olive", "answer", map[string]any{"actions": c.rows})
			w.judge()
			if v := w.verdict(id); v.Verdict != port.VerdictRefused || !strings.Contains(v.Reason, c.say) {
				t.Errorf("%s: %s", v.Verdict, v.Reason)
			}
		})
	}
}
