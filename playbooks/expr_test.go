package playbooks

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func str(v string) Str { return Str{V: v} }

func lit(v any) Lit { return Lit{V: v} }

// assessment is the part of the impact assessment that expressions read.
func assessment() *Playbook {
	return &Playbook{Name: str("impact-assessment"), Subject: str("system"), Steps: []*Step{
		{ID: str("scope"), Kind: KindForm, Form: &Form{Ask: People{One: str("${system.owner}")}, Questions: []Question{
			{ID: str("purpose"), Type: str(TypeText)},
			{ID: str("people"), Type: str(TypeInt)},
			{ID: str("share"), Type: str(TypeNumber)},
			{ID: str("start"), Type: str(TypeDate)},
			{ID: str("aware_at"), Type: str(TypeDatetime), Optional: true},
			{ID: str("lead"), Type: str(TypePerson)},
			{ID: str("harms"), Type: str(TypeChoices), Options: []Option{{ID: str("bias")}, {ID: str("safety")}, {ID: str("privacy")}}},
		}}},
		{ID: str("bias_test"), Kind: KindTask, When: str(`"bias" in steps.scope.harms`), Task: &Task{Assign: People{One: str("explainability-lead")}, Title: str("Test ${system.name} for bias")}},
		{ID: str("rating"), Kind: KindSet, Set: []SetVar{{Name: str("level"), Table: []Row{
			{When: str(`steps.scope.people > 100000 || "safety" in steps.scope.harms`), Value: lit("high")},
			{Else: true, Value: lit("limited")},
		}}}},
		{ID: str("sign_off"), Kind: KindApproval, Approval: &Approval{Need: []Need{
			{Role: str("ai-ethics-officer")},
			{Committee: str("responsible-ai-committee"), When: str(`steps.rating.level == "high"`)},
		}}},
	}}
}

func scope(people any, harms ...any) Scope {
	return Scope{
		Steps: map[string]map[string]any{
			"scope": {
				"purpose": "Rank", "people": people, "share": 0.25, "start": "2026-01-31", "lead": "eli",
				"harms": harms, "by": "olive", "at": "2026-11-23T09:00:00Z",
			},
			"rating": {"level": "high"},
		},
		Run:          map[string]any{"id": "R1", "by": "olive", "started_at": "2026-11-23T08:00:00Z", "playbook": "impact-assessment", "input": map[string]any{"b": 2.0, "a": "x"}},
		Subject:      map[string]any{"id": "cv", "name": "CV screener", "owner": "olive", "developers": []any{"dev", "olive"}},
		Before:       map[string]any{"id": "cv", "name": "Old name", "owner": "olive"},
		Organisation: map[string]any{"name": "Example Ltd", "zone": "Europe/Berlin"},
		Now:          time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC),
		Holds:        func(person, role string) bool { return person == "ethan" && role == "ai-ethics-officer" },
		Chairs: func(person, committee string) bool {
			return person == "cora" && committee == "responsible-ai-committee"
		},
		Deputises: func(person, id string) bool { return person == "max" && id == "ai-ethics-officer" },
		Sits: func(person, committee string) bool {
			return person == "cleo" && committee == "responsible-ai-committee"
		},
		Leads:       func(person, other string) bool { return person == "tess" && other == "olive" },
		WorkingDays: func(t time.Time, n int) (time.Time, error) { return t.AddDate(0, 0, n), nil },
	}
}

func evaluator(t *testing.T, p *Playbook) *Evaluator {
	t.Helper()
	e, err := NewEvaluator(p, nil)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestValue(t *testing.T) {
	t.Parallel()
	e, s := evaluator(t, assessment()), scope(250000.0, "bias", "safety")
	tests := []struct {
		expr string
		want any
	}{
		{`steps.scope.people`, int64(250000)},
		{`steps.scope.people * 1.5`, 375000.0},
		{`1.5 * steps.scope.people`, 375000.0},
		{`steps.scope.people + 1`, int64(250001)},
		{`steps.scope.people == 250000.0`, true},
		{`steps.scope.share * 4 == 1`, true},
		{`steps.scope.share < 1`, true},
		{`steps.scope.people > 0.5`, true},
		{`7 / 2`, int64(3)},
		{`7 / 2.0`, 3.5},
		{`1 - 0.5`, 0.5},
		{`percent(1, 8)`, 12.5},
		{`percent(steps.scope.share, 1)`, 25.0},
		{`"bias" in steps.scope.harms`, true},
		{`steps.scope.harms.exists(h, h == "privacy")`, false},
		{`steps.scope.harms.all(h, h != "privacy")`, true},
		{`steps.scope.harms.exists_one(h, h == "bias")`, true},
		{`steps.scope.harms.filter(h, h != "bias")`, []any{"safety"}},
		{`steps.scope.harms.map(h, h + "!")`, []any{"bias!", "safety!"}},
		{`size(steps.scope.harms)`, int64(2)},
		{`flatten([steps.scope.harms, ["none"], []])`, []any{"bias", "safety", "none"}},
		{`flatten(steps.scope.harms.map(h, [h])).exists(h, h == "bias")`, true},
		{`months(steps.scope.start, 1)`, "2026-02-28"},
		{`months(now, 12)`, "2027-11-23T12:00:00Z"},
		{`working_days(now, 2)`, "2026-11-25T12:00:00Z"},
		{`steps.scope.at < now`, true},
		{`holds("ethan", "ai-ethics-officer")`, true},
		{`holds(run.by, "ai-ethics-officer")`, false},
		{`chairs("cora", "responsible-ai-committee")`, true},
		{`deputises("max", "ai-ethics-officer") && !deputises("ethan", "ai-ethics-officer")`, true},
		{`sits("cleo", "responsible-ai-committee") && !sits("ethan", "responsible-ai-committee")`, true},
		{`leads("tess", run.by)`, true},
		{`leads(run.by, "tess")`, false},
		{`has(steps.bias_test)`, false},
		{`has(steps.scope.aware_at)`, false},
		{`has(steps.scope)`, true},
		{`!has(steps.bias_test) || steps.bias_test.issue == "GOV-1"`, true},
		{`before.name != subject.name`, true},
		{`system.developers`, []any{"dev", "olive"}},
		{`run.input.a + "y"`, "xy"},
		{`run.input.b == 2`, true},
		{`run.input.map(k, k)`, []any{"a", "b"}},
		{`before`, map[string]any{"id": "cv", "name": "Old name", "owner": "olive", "developers": []any{}, "users": []any{}, "overseers": []any{}, "models": []any{}, "suppliers": []any{}, "regions": []any{}, "conditions": []any{}, "holds": []any{}, "restrictions": []any{}, "valid_until": map[string]any{}}},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			t.Parallel()
			got, err := e.Value(tt.expr, s)
			if err != nil {
				t.Fatal(err)
			}
			if diff := diffOf(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func diffOf(want, got any) string { return cmp.Diff(want, got) }
