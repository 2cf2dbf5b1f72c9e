package playbooks_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// TestShippedRules: every row says where it comes from, and a playbook pins the
// rows it names and no others.
func TestShippedRules(t *testing.T) {
	t.Parallel()
	r := rules(t)
	if len(r.Rows) < 50 || len(r.Patterns) < 6 {
		t.Fatalf("%d rules and %d patterns", len(r.Rows), len(r.Patterns))
	}
	p, problems := playbooks.Check("", []byte(`playbook: example
title: An example
subject: system
steps:
  - id: late
    task: {assign: aims-manager, title: 'Every ${rule("cad-impact")} months, by ${rule("eu-aia-annex-iii")}'}
    due: {rule: gdpr-33-1, from: run.started_at}
`), demo(t), r)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	raw, err := r.UsedBy(p)
	if err != nil {
		t.Fatal(err)
	}
	d, err := playbooks.NewDefinition(p, nil, raw, org.Calendar{})
	if err != nil {
		t.Fatal(err)
	}
	var back playbooks.Definition
	if b, err := json.Marshal(d); err != nil || json.Unmarshal(b, &back) != nil || back.Verify() != nil {
		t.Fatalf("the definition does not come back as it was: %v, %v", err, back.Verify())
	}
	pinned, err := playbooks.ReadRules(back.Rules)
	if err != nil || len(pinned.Rows) != 3 {
		t.Fatalf("%v, pinned %+v", err, pinned)
	}
	ev, err := playbooks.NewEvaluator(back.Playbook, pinned)
	if err != nil {
		t.Fatal(err)
	}
	for tier, want := range map[int64]string{1: "Every 12 months, by 2027-12-02", 3: "Every 36 months, by 2027-12-02"} {
		scope := playbooks.Scope{Subject: map[string]any{"tier": tier}}
		if got, err := ev.Text(back.Playbook.Steps[0].Task.Title.V, scope); err != nil || got != want {
			t.Errorf("tier %d: %q, %v", tier, got, err)
		}
	}
}

// TestOwnRules: a row or a pattern of one's own takes the place of the shipped
// one, and others are added.
func TestOwnRules(t *testing.T) {
	t.Parallel()
	own, problems := playbooks.ParseRules("rules.yaml", []byte(`rules:
  - {id: cad-impact, what: Impact assessment, unit: month, value: 6, applies_from: 2026-01-01, source: our decision, checked_on: 2026-11-01, confidence: our default}
patterns:
  P-own: {need: [{role: aims-manager}]}
`))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	all := own.Over(rules(t))
	if row, _ := all.Row("cad-impact"); row.Value == nil || row.Value.V != int64(6) {
		t.Errorf("%+v", row)
	}
	if _, ok := all.Pattern("P-own"); !ok || len(all.Rows) != len(rules(t).Rows) {
		t.Errorf("%d rules, own pattern %v", len(all.Rows), ok)
	}
}

// TestWrongRules tells every mistake at its place.
func TestWrongRules(t *testing.T) {
	t.Parallel()
	_, problems := playbooks.ParseRules("rules.yaml", []byte(`rules:
  - {id: Cad, what: x, unit: months, value: 6, applies_from: at install, source: s, checked_on: 2026-11-01, confidence: c}
  - {id: both, what: x, unit: month, value: 6, per_tier: [1, 2, 3], applies_from: at install, source: s, checked_on: 2026-11-01, confidence: c}
  - {id: two, what: x, unit: month, per_tier: [1, 2], applies_from: at install, source: s, checked_on: 2026-11-01, confidence: c}
  - {id: two, what: x, unit: date, value: soon, applies_from: at install, source: s, checked_on: 2026-11-01, confidence: c}
  - {id: three, what: x, unit: hour, value: 1.5, applies_from: some day, source: s, confidence: c}
patterns:
  P-none: {need: []}
`))
	var got []string
	for _, p := range problems {
		got = append(got, p.Message)
	}
	want := []string{
		"There is no unit `months`. Did you mean `month`?", "`Cad` is no id for a rule.", "either one `value` or `per_tier`", "`per_tier` has 3 values",
		"The rule `two` is there already", "`soon` is no day.", "`some day` is no day. Write applies_from", "A rule needs `checked_on`", "is a whole number such as 3", "nobody could approve",
	}
	all := strings.Join(got, "\n")
	for _, w := range want {
		if !strings.Contains(all, w) {
			t.Errorf("nothing says %q in:\n%s", w, all)
		}
	}
}

// TestCountries: each country once, by the code people know.
func TestCountries(t *testing.T) {
	t.Parallel()
	all := playbooks.Countries()
	names := map[string]string{}
	for _, c := range all {
		names[c.ID.V] = c.Label.V
	}
	if len(all) != 250 || // 249 of ISO 3166-1 and Kosovo
		len(names) != len(all) || names["DE"] != "Germany" || names["CH"] != "Switzerland" || names["SU"] != "" || names["SZ"] != "Eswatini" {
		t.Errorf("%d countries, %d codes: %v", len(all), len(names), names)
	}
	got, problems := playbooks.CheckAnswers([]playbooks.Question{{ID: playbooks.Str{V: "c"}, Type: playbooks.Str{V: "countries"}}}, map[string]any{"c": []any{"FR", "DE"}}, "UTC", time.Now())
	if len(problems) > 0 || strings.Join(got["c"].([]string), " ") != "FR DE" {
		t.Errorf("%v %v", got, problems)
	}
}
