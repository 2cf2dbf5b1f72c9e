package playbooks

import (
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func TestErrorsAreTypedAndPlain(t *testing.T) {
	t.Parallel()
	e := evaluator(t, assessment())
	secret := "Jane Doe reported it"
	full := scope(5, "bias")
	full.Steps["scope"]["purpose"] = secret
	bare := full
	bare.Person = nil
	bare.Holds, bare.WorkingDays = nil, func(time.Time, int) (time.Time, error) {
		return time.Time{}, errors.New("the calendar has no working day")
	}
	tests := []struct {
		expr string
		s    Scope
		want string // part of the message
	}{
		{`1 / (steps.scope.people - 5)`, full, "divides by zero"},
		{`1.5 / (steps.scope.people - 5)`, full, "divides by zero"},
		{`1 % (steps.scope.people - 5)`, full, "divides by zero"},
		{`percent(1, steps.scope.people - 5)`, full, "divides by zero"},
		{`steps.bias_test.issue`, full, "`bias_test` is missing here"},
		{`steps.scope.aware_at`, full, "`aware_at` is missing here"},
		{`run.input.nothing`, full, "`nothing` is missing here"},
		{`run.input[steps.scope.purpose]`, full, "a value is missing here"},
		{`steps.scope.harms[3]`, full, "no entry at this place"},
		{`9223372036854775807 + steps.scope.people`, full, "too large"},
		{`int(steps.scope.purpose)`, full, "cannot be read as a number"},
		{`timestamp(steps.scope.purpose)`, full, "cannot be read as a date"},
		{`steps.scope.share * 1e308 * 1e308`, full, "infinite or undefined"},
		{`steps.scope.lead.manager.manager.manager`, full, "names no `manager` of this person"},
		{`steps.scope.lead.name`, bare, "what is known of a person cannot be read here"},
		{`months(now, 100000)`, full, "months() takes at most 2400 months"},
		{`holds("a", "b")`, bare, "holds() cannot be used here"},
		{`working_days(now, 1)`, bare, "the calendar has no working day"},
		{`steps.nope.x`, full, "no valid expression"},
		{`1 +`, full, "no valid expression"},
		{`b"bytes"`, full, "cannot be kept"},
		{`{"a": 2}`, full, "no valid expression"},
	}
	for _, tt := range tests {
		t.Run(tt.expr, func(t *testing.T) {
			t.Parallel()
			v, err := e.Value(tt.expr, tt.s)
			var ee *EvalError
			if !errors.As(err, &ee) {
				t.Fatalf("got %v, %v; want an EvalError", v, err)
			}
			if ee.Expr != tt.expr || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %q, want %q in it", err, tt.want)
			}
			if strings.Contains(err.Error(), "Jane") {
				t.Errorf("an answer stands in the error: %v", err)
			}
		})
	}
}

func TestErrorSaysWhere(t *testing.T) {
	t.Parallel()
	e := evaluator(t, assessment())
	_, err := e.Bool(`"bias" in steps.scope.harms`, Scope{})
	want := "step bias_test: `\"bias\" in steps.scope.harms`: `scope` is missing here: the step was skipped or the question not answered; ask has(...) first"
	if err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
	if _, err := e.Bool("steps.scope.people", scope(1)); err == nil || !strings.Contains(err.Error(), "true or false, but it is a whole number") {
		t.Errorf("a number is a condition: %v", err)
	}
}

func TestCostIsLimited(t *testing.T) {
	t.Parallel()
	s := scope(1)
	many := make([]any, 200)
	for i := range many {
		many[i] = "p"
	}
	s.Subject["developers"] = many
	const all = "system.developers.all("
	_, err := evaluator(t, assessment()).Bool(all+"a, "+all+"b, "+all+"c, a == b && b == c)))", s)
	var ee *EvalError
	if !errors.As(err, &ee) || !strings.Contains(err.Error(), "takes too long") {
		t.Errorf("got %v, want the cost limit", err)
	}
}

func TestSameValueEveryTime(t *testing.T) {
	t.Parallel()
	e := evaluator(t, assessment())
	s := scope(1)
	input := map[string]any{}
	for _, k := range []string{"q", "w", "e", "r", "t", "y", "u", "i", "o", "p"} {
		input[k] = map[string]any{k + "1": 1.0, k + "2": 2.0, k + "3": 3.0}
	}
	s.Run["input"] = input
	for _, expr := range []string{
		`run.input.map(k, k)`,
		`run.input.map(k, run.input[k].map(j, j))`,
		`run.input.filter(k, k > "p")`,
		`[run.input].map(m, m.map(k, k))`,
		`(size(run.input) > 1 ? run.input : run.input).map(k, k + "!")`,
		`run.input`,
	} {
		t.Run(expr, func(t *testing.T) {
			t.Parallel()
			first, err := e.Text("${"+expr+"}", s)
			if err != nil {
				t.Fatal(err)
			}
			for range 200 {
				if again, err := e.Text("${"+expr+"}", s); err != nil || again != first {
					t.Fatalf("first %q, then %q (%v)", first, again, err)
				}
			}
		})
	}
}

func TestManyAtOnce(t *testing.T) {
	t.Parallel()
	e, s := evaluator(t, assessment()), scope(250000, "bias")
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				set, err := e.Set(assessment().Steps[2], s)
				if err != nil || set["level"] != "high" {
					t.Errorf("got %v, %v", set, err)
					return
				}
			}
		})
	}
	wg.Wait()
}

// genExpr draws small expressions, most of them wrong in some way.
func genExpr() *rapid.Generator[string] {
	atom := rapid.SampledFrom([]string{
		"1", "0", "-3", "2.5", "0.0", `"bias"`, `"x"`, "true", "null", "[]", "[1, 2.5]", `{"a": 1}`, "{1: 2}", "now", "steps", "steps.scope", "steps.scope.people", "steps.scope.share",
		"steps.scope.harms", "steps.scope.start", "steps.bias_test.issue", "system.developers", "run.input", "run.input.a", "before", "x", `b"z"`, `duration("1h")`, "9223372036854775807",
	})
	op := rapid.SampledFrom([]string{"+", "-", "*", "/", "%", "==", "!=", "<", ">=", "in", "&&", "||"})
	call := rapid.SampledFrom([]string{"size(%)", "int(%)", "string(%)", "double(%)", "has(%)", "has(%.x)", "!%", "-%", "(%)", "%.map(x, x)", "%.all(x, x == 1)", "%.filter(x, x != %)", "%[0]", `%["a"]`, "%.people", "months(%, %)", "percent(%, %)", "holds(%, %)", "% ? % : %", "[%, %]", `{"k": %, "l": %}`, "working_days(%, %)", "%.matches(%)", "timestamp(%)"})
	return rapid.Custom(func(t *rapid.T) string { return drawExpr(t, atom, op, call, 3) })
}

func drawExpr(t *rapid.T, atom, op, call *rapid.Generator[string], depth int) string {
	kind := rapid.IntRange(0, 2).Draw(t, "kind")
	switch {
	case depth == 0 || kind == 0:
		return atom.Draw(t, "atom")
	case kind == 1:
		return drawExpr(t, atom, op, call, depth-1) + " " + op.Draw(t, "op") + " " + drawExpr(t, atom, op, call, depth-1)
	}
	out := ""
	for i, piece := range strings.Split(call.Draw(t, "call"), "%") {
		if i > 0 {
			out += drawExpr(t, atom, op, call, depth-1)
		}
		out += piece
	}
	return out
}

// Whatever stands in an expression: it gives a value or an EvalError, the same
// each time, and what lint finds good has a type that holds.
func TestAnyExpressionIsSafe(t *testing.T) {
	t.Parallel()
	s := scope(7, "bias")
	rapid.Check(t, func(rt *rapid.T) {
		p := assessment()
		expr := genExpr().Draw(rt, "expr")
		p.Steps = append(p.Steps, &Step{ID: str("last"), Kind: KindNotify, When: str(expr), Notify: &Notify{Text: str("${" + expr + "}")}})
		e, err := NewEvaluator(p, nil)
		if err != nil {
			rt.Fatal(err)
		}
		dyn := e.compile(expr).shape == anyShape
		good := len(checkExpressions(p, nil, nil)) == 0
		for range 2 {
			v, err := e.Value(expr, s)
			var ee *EvalError
			if err != nil && !errors.As(err, &ee) {
				rt.Fatalf("%v is no EvalError", err)
			}
			if _, isBool := v.(bool); good && err == nil && !isBool && !dyn {
				rt.Fatalf("lint takes it for a condition, but it gives %v", v)
			}
			if err != nil && strings.Contains(err.Error(), "panic") {
				rt.Fatal(err)
			}
		}
	})
}
