package playbooks

import (
	"testing"

	"pgregory.net/rapid"
)

// Cutting a text loses nothing: put together again, the parts are the text.
func TestSplitTextLosesNothing(t *testing.T) {
	t.Parallel()
	piece := rapid.SampledFrom([]string{"${", "}", "{", "\"", "'", "\\", "$", "a", "ä", " ", "\n"})
	rapid.Check(t, func(rt *rapid.T) {
		text := ""
		for _, p := range rapid.SliceOfN(piece, 0, 20).Draw(rt, "pieces") {
			text += p
		}
		parts, err := splitText(text)
		again := ""
		for i, p := range parts {
			switch {
			case !p.expr:
				again += p.text
			case err != nil && i == len(parts)-1:
				again += "${" + p.text
			default:
				again += "${" + p.text + "}"
			}
			if text[p.at:p.at+len(p.text)] != p.text {
				rt.Fatalf("part %q does not stand at %d", p.text, p.at)
			}
		}
		if again != text {
			rt.Fatalf("%q became %q", text, again)
		}
	})
}

// The expressions of an incident process that work today.
func TestIncidentExample(t *testing.T) {
	t.Parallel()
	p := &Playbook{Name: str("incident-example"), Subject: str("system"), Steps: []*Step{
		{ID: str("triage"), Kind: KindForm, Form: &Form{Ask: People{One: str("ai-ethics-officer")}, Questions: []Question{
			{ID: str("aware_at"), Type: str(TypeDatetime)},
			{ID: str("lead"), Type: str(TypePerson)},
			{ID: str("severity"), Type: str(TypeInt)},
			{ID: str("reporter"), Type: str(TypePerson), Optional: true},
		}}},
		{ID: str("freeze"), Kind: KindTask, When: str("steps.triage.severity >= 3"), Task: &Task{Assign: People{One: str("${system.owner}")}, Title: str("Freeze the evidence")}},
		{ID: str("class"), Kind: KindSet, Set: []SetVar{{Name: str("level"), Table: []Row{
			{When: str("steps.triage.severity >= 4 || has(steps.freeze) && size(steps.freeze.evidence) > 2"), Value: lit("high")},
			{Else: true, Value: lit("low")},
		}}}},
		{ID: str("applies"), Kind: KindApproval, Approval: &Approval{Need: []Need{
			{Person: str("${steps.triage.lead}")},
			{AnyOf: []Need{{Role: str("ciso")}, {Role: str("counsel"), When: str(`steps.class.level == "high"`)}}},
		}}},
		{ID: str("report"), Kind: KindNotify, When: str(`steps.applies.outcome in ["approved", "approved_with_conditions"] && steps.applies.conditions.exists(c, c.due < months(now, 1))`), Notify: &Notify{
			To: People{AnyOf: []Str{str("${steps.triage.lead}"), str(`${has(steps.triage.reporter) ? [steps.triage.reporter] : []}`)}}, Text: str("Known since ${steps.triage.aware_at}"),
		}},
	}}
	if err := checkExpressions(p, nil, nil).Err(); err != nil {
		t.Fatal(err)
	}
	e, s := evaluator(t, p), scope(1)
	s.Steps = map[string]map[string]any{
		"triage": {"aware_at": "2026-11-22T23:30:00Z", "lead": "eli", "severity": 3.0},
		"freeze": {"evidence": []any{"a", "b", "c"}, "issue": "GOV-7"},
	}
	class, err := e.Set(p.Steps[2], s)
	if diff := diffOf(map[string]any{"level": "high"}, class); diff != "" || err != nil {
		t.Fatal(diff, err)
	}
	s.Steps["class"] = class
	s.Steps["applies"] = map[string]any{"outcome": "approved", "conditions": []any{map[string]any{"text": "t", "owner": "eli", "due": "2026-12-01"}}}
	report := p.Steps[4]
	if ok, err := e.Bool(report.When.V, s); !ok || err != nil {
		t.Errorf("report: %v, %v", ok, err)
	}
	to, err := e.People(report.Notify.To, s)
	if diff := diffOf([]string{"eli"}, to); diff != "" || err != nil {
		t.Error(diff, err)
	}
	text, err := e.Text(report.Notify.Text.V, s)
	if text != "Known since 2026-11-23 00:30 CET" || err != nil {
		t.Errorf("%q, %v", text, err)
	}
}
