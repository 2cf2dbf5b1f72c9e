package playbooks

import (
	"errors"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// FuzzExpressions: whatever is written as an expression has a value of plain
// types or a typed error, the same each time, and a template loses no text.
func FuzzExpressions(f *testing.F) {
	corpustest.Add(f, "expressions", corpustest.Text)
	p, s := assessment(), scope(250000, "bias", "safety")
	f.Fuzz(func(t *testing.T, expr string) {
		// A new one for each: it keeps what it compiled.
		e, err := NewEvaluator(p)
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
		parts, err := splitText(expr)
		if err != nil {
			return
		}
		if w, ok := whole(parts); ok && w == "" && len(parts) > 1 {
			t.Errorf("%q is one expression of %d parts", expr, len(parts))
		}
	})
}
