package playbooks

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// lintBase is a playbook whose step probe is replaced by each test.
const lintBase = `playbook: p
title: P
subject: system
steps:
  - id: scope
    form:
      ask: ${system.owner}
      title: T
      questions:
        - {id: people, text: People, type: int}
        - {id: share, text: Share, type: number}
        - {id: start, text: Start, type: date}
        - {id: sure, text: Sure, type: yesnounsure}
        - {id: lead, text: Lead, type: person}
        - {id: note, text: Note, type: text, optional: true}
        - {id: harms, text: Harms, type: choices, options: {bias: Bias, safety: Safety}}
  - id: tests
    group:
      - id: bias_test
        when: '"bias" in steps.scope.harms'
        task: {assign: explainability-lead, title: T}
      - id: other_test
        task: {assign: explainability-lead, title: T}
  - id: rating
    set:
      level: [{when: 'steps.scope.people > 100000', value: high}, {else: limited}]
  - id: probe
    STEP
  - id: final
    notify: {to: ai-ethics-officer, text: Done}
`

// lintStep checks lintBase with its step probe, and returns what is found as
// line:col: message [rule].
func lintStep(t *testing.T, step string) []string {
	t.Helper()
	p, ps := Parse("", []byte(strings.Replace(lintBase, "STEP", step, 1)))
	if len(ps) > 0 {
		t.Fatalf("the test's own playbook: %v", ps)
	}
	o := &org.Organisation{Roles: []org.Role{{ID: "ai-ethics-officer"}}, Committees: []org.Committee{{ID: "responsible-ai-committee"}}}
	var out []string
	for _, problem := range checkExpressions(p, o, &Rules{}) {
		out = append(out, fmt.Sprintf("%d:%d: %s [%s]", problem.Line, problem.Col, problem.Message, problem.Rule))
	}
	return out
}

// whenColumn is where the expression of a `when` begins: line 28 is
// "    when: 'expr'".
const whenColumn = 12

func TestLintConditions(t *testing.T) {
	t.Parallel()
	for _, tt := range conditionTests {
		t.Run(tt.expr, func(t *testing.T) {
			t.Parallel()
			step := "when: '" + strings.ReplaceAll(tt.expr, "'", "''") + "'\n    notify: {to: ai-ethics-officer, text: T}"
			var want []string
			if tt.want != "" {
				want = []string{fmt.Sprintf("28:%d: %s", whenColumn+tt.at, tt.want)}
			}
			if diff := diffOf(want, lintStep(t, step)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestLintSteps(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name, step string
		want       []string
	}{
		{"text of a skipped step", "notify: {to: ai-ethics-officer, text: 'See ${steps.bias_test.issue} now'}", []string{
			"28:50: Step `bias_test` may be skipped, and then `steps.bias_test` has no values. Give this step the same `when`, or ask first: ${has(steps.bias_test) ? ... : ...} [maybe-skipped]",
		}},
		{"text of a skipped step, asked first", "notify: {to: ai-ethics-officer, text: '${has(steps.bias_test) ? steps.bias_test.issue : \"\"}'}", nil},
		{"text of a skipped step under the same when", "when: '\"bias\" in steps.scope.harms'\n    notify: {to: ai-ethics-officer, text: '${steps.bias_test.issue}'}", nil},
		{"text of a skipped step under a longer when", "when: 'steps.scope.people > 1 && \"bias\" in steps.scope.harms'\n    notify: {to: ai-ethics-officer, text: '${steps.bias_test.issue}'}", nil},
		{"text of a skipped step when has() is the when", "when: has(steps.bias_test)\n    notify: {to: ai-ethics-officer, text: '${steps.bias_test.issue}'}", nil},
		{"inside a group with the same when", "when: '\"bias\" in steps.scope.harms'\n    group:\n      - {id: in_group, notify: {to: ai-ethics-officer, text: '${steps.bias_test.issue}'}}", nil},
		{"row guarded by its when", "set: {a: [{when: has(steps.bias_test), value: '${steps.bias_test.issue}'}, {else: none}]}", nil},
		{"else row guarded by the rows above", "set: {a: [{when: '!has(steps.bias_test)', value: none}, {else: '${steps.bias_test.issue}'}]}", nil},
		{"row not guarded", "set: {a: [{when: has(steps.bias_test), value: none}, {else: '${steps.bias_test.issue}'}]}", []string{
			"28:68: Step `bias_test` may be skipped, and then `steps.bias_test` has no values. Give this step the same `when`, or ask first: ${has(steps.bias_test) ? ... : ...} [maybe-skipped]",
		}},
		{"own value of a set step", "set: {a: 1, b: '${steps.probe.a}'}", []string{
			"28:29: Step `probe` reads its own values here, before it has any. Use only steps above it. [order]",
		}},
		{"beside in a group", "group:\n      - {id: one, notify: {to: ai-ethics-officer, text: T}}\n      - {id: two, notify: {to: ai-ethics-officer, text: '${steps.one.at}'}}", []string{
			"30:66: Step `one` runs side by side with this one, so its values may not be there yet. Move one of them out of the group. [order]",
		}},
		{"people of a number", "notify: {to: '${steps.scope.people}', text: T}", []string{
			"28:21: `to` names people, but this is a whole number. Write an expression that gives a person or a list of persons, such as ${system.owner}. [type]",
		}},
		{"people of a list", "notify: {to: '${system.developers + [steps.scope.lead]}', text: T}", nil},
		{"line of an approval under its when", "approval:\n      need: [{person: '${steps.bias_test.by}', when: has(steps.bias_test)}]", nil},
		{"never", "approval:\n      need: [{role: ai-ethics-officer}]\n      never: ['${system.developrs}']", []string{
			"30:25: `system` has no `developrs`. Did you mean `developers`? It has: id, name, owner, developers, purpose, users, overseers, models, suppliers, regions, personal_data, autonomy, generative, tier, stage, status, eu_class, eu_role, registered_at, conditions, restrictions, holds, released, valid_until. [unknown-field]",
		}},
		{"a whole object in a text", "notify: {to: ai-ethics-officer, text: 'About ${steps.rating}'}", []string{
			"28:52: This text would show a whole group of values. Choose one of: level. [type]",
		}},
		{"never closed", "notify: {to: ai-ethics-officer, text: 'About ${system.name'}", []string{
			"28:50: `${` is never closed. Write } after the expression. [syntax]",
		}},
		{"empty", "notify: {to: ai-ethics-officer, text: 'About ${}'}", []string{
			"28:52: There is no expression here. Write one, or remove it. [syntax]",
		}},
		{"two mistakes in one text", "notify: {to: ai-ethics-officer, text: 'Für ${sytem.name} und ${system.nme}'}", []string{
			"28:50: Nothing is called `sytem`. Did you mean `system`? An expression begins with: steps, run, subject, system, before, organisation, now. If you mean a text, put it in quotes: \"sytem\". [unknown-name]",
			"28:75: `system` has no `nme`. Did you mean `name`? It has: id, name, owner, developers, purpose, users, overseers, models, suppliers, regions, personal_data, autonomy, generative, tier, stage, status, eu_class, eu_role, registered_at, conditions, restrictions, holds, released, valid_until. [unknown-field]",
		}},
		{"second line of a block text", "notify:\n      to: ai-ethics-officer\n      text: |\n        About ${system.name}:\n        ${system.nme}", []string{
			"32:18: `system` has no `nme`. Did you mean `name`? It has: id, name, owner, developers, purpose, users, overseers, models, suppliers, regions, personal_data, autonomy, generative, tier, stage, status, eu_class, eu_role, registered_at, conditions, restrictions, holds, released, valid_until. [unknown-field]",
		}},
		{"prefill of another type", "form: {ask: '${system.owner}', title: T, questions: [{id: count, text: Count, type: int, prefill: '${system.name}'}]}", []string{
			"28:106: `prefill` of a question of type int cannot be a text. [type]",
		}},
		{"prefill of the same type", "form: {ask: '${system.owner}', title: T, questions: [{id: count, text: Count, type: int, prefill: '${steps.scope.people}'}]}", nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if diff := diffOf(tt.want, lintStep(t, tt.step)); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// A value set from another keeps its options, and one that may be missing must
// be asked for first.
func TestLintSetValues(t *testing.T) {
	t.Parallel()
	p := assessment()
	p.Steps[2].Set = append(p.Steps[2].Set,
		SetVar{Name: str("first"), Table: []Row{{When: str("steps.scope.people > 1"), Value: lit("some")}}},
		SetVar{Name: str("tags"), All: true, Table: []Row{{When: str("steps.scope.people > 1"), Value: lit("many")}, {When: str("true"), Value: lit("all")}}},
	)
	p.Steps = append(p.Steps,
		&Step{ID: str("copy"), Kind: KindSet, Set: []SetVar{{Name: str("level"), Value: &Lit{V: "${steps.rating.level}"}}}},
		&Step{ID: str("use"), Kind: KindNotify, When: str(`steps.copy.level == "hihg"`), Notify: &Notify{Text: str(`${"manny" in steps.rating.tags} ${steps.rating.first}`)}},
	)
	var got []string
	for _, problem := range checkExpressions(p, nil, nil) {
		got = append(got, problem.Message)
	}
	want := []string{
		"\"manny\" is not an option of `steps.rating.tags`. Did you mean `many`? The options are: many, all.",
		"\"hihg\" is not an option of `steps.copy.level`. Did you mean `high`? The options are: high, limited.",
		"`steps.rating.first` has no value when no row of its table holds, unless an `else` row ends it. Ask first: ${has(steps.rating.first) ? ... : ...}",
	}
	if diff := diffOf(want, got); diff != "" {
		t.Error(diff)
	}
}
