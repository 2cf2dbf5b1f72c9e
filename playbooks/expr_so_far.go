package playbooks

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
)

// soFar tells whether the site is looked at again and again, so that it may name
// steps that are not finished yet: until they are, it does not hold.
func (s site) soFar() bool { return s.kind == siteUntil || s.kind == siteStandDown }

// mayName tells whether a site that is looked at again and again may name a step
// that stands so to it. A run does not come to a step after a wait, but a clock
// goes on beside everything that follows.
func (s site) mayName(o order) bool {
	return o == beside && s.soFar() || o == later && s.kind == siteStandDown
}

// ValueSoFar evaluates an expression that is looked at again and again; known is
// false while a step it names has no result that it could be worked out with.
func (e *Evaluator) ValueSoFar(expr string, s Scope) (value any, known bool, err error) {
	value, err = e.Value(expr, s)
	if err != nil && e.unfinished(expr, s) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// unfinished tells whether the expression reads a step that has no result.
func (e *Evaluator) unfinished(expr string, s Scope) bool {
	return slices.ContainsFunc(e.StepsNamed(expr), func(id string) bool { return s.Steps[id] == nil && s.Lists[id] == nil })
}

// StepsNamed are the steps whose results an expression reads.
func (e *Evaluator) StepsNamed(expr string) (out []string) {
	parsed, iss := e.env.Parse(expr)
	if iss.Err() != nil {
		return nil
	}
	ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		id, ok := strings.CutPrefix(pathOf(n), "steps.")
		if ok && !strings.Contains(id, ".") {
			out = append(out, id)
		}
	}))
	return out
}
