package playbooks

import (
	"errors"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// FuzzExpressions: whatever is written as an expression has a value of plain
// types or a typed error, the same each time, and a template loses no text.
func FuzzExpressions(f *testing.F) {
	corpustest.Add(f, "expressions", corpustest.Text)
	f.Add(`Ask ${system.owner} about ${"}"}, and ${run.by + '${'} too`)
	p, s := assessment(), scope(250000, "bias", "safety")
	f.Fuzz(func(t *testing.T, expr string) {
		// A new one for each: it keeps what it compiled.
		e, err := NewEvaluator(p, nil)
		if err != nil {
			t.Fatal(err)
		}
		v, err := e.Value(expr, s)
		var typed *EvalError
		if err != nil && !errors.As(err, &typed) {
			t.Fatalf("%q: an error of type %T: %v", expr, err, err)
		}
		again, errAgain := e.Value(expr, s)
		if diff := diffOf(v, again); diff != "" && v == v { //nolint:gocritic // NaN differs from itself
			t.Errorf("%q: %s", expr, diff)
		}
		if (err == nil) != (errAgain == nil) {
			t.Errorf("%q: %v, then %v", expr, err, errAgain)
		}
		if b, err := e.Bool(expr, s); err == nil && b != v {
			t.Errorf("%q is %v as a condition and %v as a value", expr, b, v)
		}
		losesNothing(t, expr)
		inText(t, e, expr, v, err, s)
	})
}

// losesNothing: the parts of a text, put together, are the text, and each
// stands where it says.
func losesNothing(t *testing.T, text string) {
	t.Helper()
	parts, err := splitText(text)
	if err != nil {
		return // names the part that is not closed
	}
	var b strings.Builder
	for _, p := range parts {
		if !strings.HasPrefix(text[p.at:], p.text) {
			t.Errorf("%q: %q does not stand at %d", text, p.text, p.at)
		}
		if p.expr {
			b.WriteString("${" + p.text + "}")
			continue
		}
		if strings.Contains(p.text, "${") {
			t.Errorf("%q: %q is taken as text", text, p.text)
		}
		b.WriteString(p.text)
	}
	if b.String() != text {
		t.Errorf("%q becomes %q", text, &b)
	}
}

// inText: an expression means in ${...} what it means alone, and what stands
// around it stays.
func inText(t *testing.T, e *Evaluator, expr string, v any, errValue error, s Scope) {
	t.Helper()
	if n := exprEnd(expr + "}"); n != len(expr) {
		return // an expression that is not closed, or ends before
	}
	alone, err := e.Template("${"+expr+"}", s)
	if (err == nil) != (errValue == nil) {
		t.Fatalf("%q in a template: %v, alone: %v", expr, err, errValue)
	}
	if diff := diffOf(v, alone); diff != "" && v == v { //nolint:gocritic // NaN differs from itself
		t.Errorf("%q in a template: %s", expr, diff)
	}
	text, err := e.Text("${"+expr+"}", s)
	if (err == nil) != (errValue == nil) {
		t.Fatalf("%q in a text: %v, alone: %v", expr, err, errValue)
	}
	const before, after = "Before } it, ", ", after { it"
	around, err := e.Text(before+"${"+expr+"}"+after, s)
	if err == nil && around != before+text+after {
		t.Errorf("%q: %q becomes %q", expr, text, around)
	}
	if (err == nil) != (errValue == nil) {
		t.Errorf("%q within a text: %v, alone: %v", expr, err, errValue)
	}
}
