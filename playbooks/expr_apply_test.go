package playbooks

import (
	"os"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestText(t *testing.T) {
	t.Parallel()
	e, s := evaluator(t, assessment()), scope(1234567890123.0, "bias", "safety")
	tests := []struct{ tmpl, want string }{
		{"no expression { } $", "no expression { } $"},
		{"Test ${system.name} for bias", "Test CV screener for bias"},
		{"${steps.scope.harms}", "bias, safety"},
		{"${steps.scope.people} people", "1234567890123 people"},
		{"${steps.scope.people * 1.5}", "1851851835184.5"},
		{"${steps.scope.people * 1000000000000.0}", "1234567890123000000000000"},
		{"${1 == 1} and ${1 == 2}", "yes and no"},
		{"starts ${steps.scope.start}", "starts 2026-01-31"},
		{"at ${now}", "at 2026-11-23 13:00 CET"},
		{"${size(system.users)} users: ${system.users}.", "0 users: ."},
		{`${"}" + '{' + "\"}"} end`, `}{"} end`},
		{"${run.input}", "a: x, b: 2"},
		{"Für ${system.name}: ${\"ä\"}", "Für CV screener: ä"},
	}
	for _, tt := range tests {
		t.Run(tt.tmpl, func(t *testing.T) {
			t.Parallel()
			got, err := e.Text(tt.tmpl, s)
			if err != nil {
				t.Fatal(err)
			}
			if got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
		})
	}
}

func TestTemplateKeepsTheTypeOfAWholeExpression(t *testing.T) {
	t.Parallel()
	e, s := evaluator(t, assessment()), scope(7, "bias")
	tests := []struct {
		tmpl string
		want any
	}{
		{"${steps.scope.people}", int64(7)},
		{"${steps.scope.share}", 0.25},
		{"${steps.scope.harms}", []any{"bias"}},
		{"${steps.scope.start}", "2026-01-31"},
		{"${now}", "2026-11-23T12:00:00Z"},
		{"${steps.scope.people} ", "7 "},
		{"${1}${2}", "12"},
		{"plain", "plain"},
	}
	for _, tt := range tests {
		got, err := e.Template(tt.tmpl, s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := diffOf(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.tmpl, diff)
		}
	}
}

func TestSet(t *testing.T) {
	t.Parallel()
	rows := []Row{
		{When: str(`"bias" in steps.scope.harms`), Value: lit("fair")},
		{When: str("steps.scope.people > 100"), Value: lit("big ${steps.scope.people}")},
	}
	tests := []struct {
		name string
		vars []SetVar
		want map[string]any
	}{
		{"literals", []SetVar{
			{Name: str("a"), Value: &Lit{V: "text"}},
			{Name: str("b"), Value: &Lit{V: true}},
			{Name: str("c"), Value: &Lit{V: int64(3)}},
			{Name: str("d"), Value: &Lit{V: 0.5}},
			{Name: str("e"), Value: &Lit{V: "${steps.scope.people}"}},
		}, map[string]any{"a": "text", "b": true, "c": int64(3), "d": 0.5, "e": int64(250)}},
		{"first match", []SetVar{{Name: str("a"), Table: rows}}, map[string]any{"a": "fair"}},
		{"all that match", []SetVar{{Name: str("a"), All: true, Table: rows}}, map[string]any{"a": []any{"fair", "big 250"}}},
		{"else", []SetVar{{Name: str("a"), Table: []Row{{When: str("steps.scope.people < 1"), Value: lit("none")}, {Else: true, Value: lit("some")}}}}, map[string]any{"a": "some"}},
		{"no match", []SetVar{{Name: str("a"), Table: []Row{{When: str("steps.scope.people < 1"), Value: lit("none")}}}}, map[string]any{}},
		{"no match of all", []SetVar{{Name: str("a"), All: true, Table: []Row{{When: str("steps.scope.people < 1"), Value: lit("none")}}}}, map[string]any{"a": []any{}}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got, err := evaluator(t, assessment()).Set(&Step{ID: str("x"), Kind: KindSet, Set: tt.vars}, scope(250, "bias"))
			if err != nil {
				t.Fatal(err)
			}
			if diff := diffOf(tt.want, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestPeople(t *testing.T) {
	t.Parallel()
	e, s := evaluator(t, assessment()), scope(1)
	tests := []struct {
		name string
		who  People
		want []string
	}{
		{"role", People{One: str("ai-ethics-officer")}, []string{"ai-ethics-officer"}},
		{"anyone", People{One: str("anyone")}, []string{"anyone"}},
		{"person", People{One: str("${system.owner}")}, []string{"olive"}},
		{"list", People{One: str("${system.developers}")}, []string{"dev", "olive"}},
		{"any of, each once", People{AnyOf: []Str{str("${system.developers}"), str("${system.owner}"), str("aims-manager")}}, []string{"dev", "olive", "aims-manager"}},
		{"nobody", People{One: str("${system.overseers}")}, nil},
		{"no name", People{One: str(`${""}`)}, nil},
	}
	for _, tt := range tests {
		got, err := e.People(tt.who, s)
		if err != nil {
			t.Fatal(err)
		}
		if diff := diffOf(tt.want, got); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
	if got, err := e.People(People{One: str("${steps.scope.people}")}, s); err == nil {
		t.Errorf("a number names people: %v", got)
	}
}

// The shipped playbook's expressions, for the three ways its run can go.
func TestShippedAssessment(t *testing.T) {
	t.Parallel()
	p := shipped(t)
	tests := []struct {
		name                    string
		people                  any
		harms                   []any
		bias, safety, committee bool
		level                   string
	}{
		{"few people, one harm", 50.0, []any{"bias"}, true, false, false, "limited"},
		{"many people, all harms", 250000.0, []any{"bias", "safety", "privacy"}, true, true, true, "high"},
		{"few people, safety", 50.0, []any{"safety"}, false, true, true, "high"},
		{"at the limit", 100000.0, []any{}, false, false, false, "limited"},
		{"over the limit", 100001.0, []any{"privacy"}, false, false, true, "high"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			e := evaluator(t, p)
			s := scope(tt.people, tt.harms...)
			delete(s.Steps, "rating")
			rating, err := e.Set(p.Step("rating"), s)
			if err != nil {
				t.Fatal(err)
			}
			s.Steps["rating"] = rating
			need := p.Step("sign_off").Approval.Need
			got := []any{rating["level"]}
			for _, when := range []Str{p.Step("bias_test").When, p.Step("safety_test").When, need[1].When} {
				ok, err := e.Bool(when.V, s)
				if err != nil {
					t.Fatal(err)
				}
				got = append(got, ok)
			}
			if diff := diffOf([]any{tt.level, tt.bias, tt.safety, tt.committee}, got); diff != "" {
				t.Error(diff)
			}
		})
	}
}

func TestShippedTextsAndPeople(t *testing.T) {
	t.Parallel()
	p := shipped(t)
	e, s := evaluator(t, p), scope(1)
	o := org.Organisation{Systems: []org.System{{ID: "cv-screener", Name: "CV screener", Owner: "olive", Developers: []string{"dev"}}}}
	sys, _ := o.Subject(org.KindSystem, "cv-screener")
	s.Subject = SubjectOf(o, sys)
	title, err := e.Text(p.Step("scope").Form.Title.V, s)
	if err != nil || title != "What does CV screener do, and to whom?" {
		t.Errorf("title %q, %v", title, err)
	}
	asked, err := e.People(p.Step("scope").Form.Ask, s)
	if diff := diffOf([]string{"olive"}, asked); diff != "" || err != nil {
		t.Error(diff, err)
	}
	never, err := e.People(People{AnyOf: p.Step("sign_off").Approval.Never}, s)
	if diff := diffOf([]string{"dev"}, never); diff != "" || err != nil {
		t.Error(diff, err)
	}
}

// shipped is the impact assessment of the demo.
func shipped(t *testing.T) *Playbook {
	t.Helper()
	src, err := os.ReadFile("library/demo/playbooks/impact-assessment.yaml")
	if err != nil {
		t.Fatal(err)
	}
	p, problems := Parse("impact-assessment.yaml", src)
	if err := append(problems, checkExpressions(p, nil, nil)...).Err(); err != nil {
		t.Fatal(err)
	}
	return p
}
