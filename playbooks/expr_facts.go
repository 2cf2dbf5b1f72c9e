package playbooks

import (
	"maps"
	"slices"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// facts is what is known to be so while an expression is evaluated.
type facts struct {
	present map[string]bool // paths that have a value: steps.bias_test
	holds   map[string]bool // conditions that are true, as written
}

func newFacts() facts { return facts{present: map[string]bool{}, holds: map[string]bool{}} }

// with adds what follows from a part of the same expression being true, or
// false.
func (x *exprCheck) with(f facts, e ast.Expr, truth bool) facts {
	out := facts{present: maps.Clone(f.present), holds: maps.Clone(f.holds)}
	x.follow(out, e, x.in.ast, truth)
	return x.closed(out)
}

// presentIf are the paths that have a value when e is true, or false.
func presentIf(e ast.Expr, truth bool) map[string]bool {
	switch e.Kind() {
	case ast.SelectKind:
		if p := pathOf(e); truth && p != "" && e.AsSelect().IsTestOnly() {
			return map[string]bool{p: true}
		}
	case ast.CallKind:
		c := e.AsCall()
		args := c.Args()
		switch {
		case c.FunctionName() == operators.LogicalNot && len(args) == 1:
			return presentIf(args[0], !truth)
		case c.FunctionName() == operators.LogicalAnd && len(args) == 2, c.FunctionName() == operators.LogicalOr && len(args) == 2:
			a, b := presentIf(args[0], truth), presentIf(args[1], truth)
			if truth == (c.FunctionName() == operators.LogicalAnd) {
				return merged(a, b)
			}
			maps.DeleteFunc(a, func(p string, _ bool) bool { return !b[p] })
			return a
		}
	}
	return map[string]bool{}
}

func merged(a, b map[string]bool) map[string]bool {
	out := maps.Clone(a)
	maps.Copy(out, b)
	return out
}

// pathOf writes a chain of names: steps.scope.people. It is empty for anything
// else.
func pathOf(e ast.Expr) string {
	switch e.Kind() {
	case ast.IdentKind:
		return e.AsIdent()
	case ast.SelectKind:
		if up := pathOf(e.AsSelect().Operand()); up != "" {
			return up + "." + e.AsSelect().FieldName()
		}
	}
	return ""
}

// conjuncts are the parts of a condition joined by &&.
func conjuncts(e ast.Expr) []ast.Expr {
	if e.Kind() == ast.CallKind {
		if c := e.AsCall(); c.FunctionName() == operators.LogicalAnd {
			var out []ast.Expr
			for _, a := range c.Args() {
				out = append(out, conjuncts(a)...)
			}
			return out
		}
	}
	return []ast.Expr{e}
}

// known is what is known at the expression's place before it is evaluated: the
// conditions of its step and of what it stands in hold, unless it is that
// condition; those of the rows above do not. Whatever must have run for these
// to hold, did.
func (x *exprCheck) known() facts {
	f := newFacts()
	for _, g := range x.site.place.above {
		x.assume(f, g.When, true)
		if !g.Holds() {
			f.present["steps."+g.ID.V] = true // it ran, and led here
		}
	}
	if !x.site.own() {
		x.assume(f, x.site.place.step.When, true)
	}
	for _, row := range x.site.earlier {
		x.assume(f, row, false)
	}
	if q := x.site.question; q != nil && !x.site.asksWhether() {
		x.assume(f, q.When, true)
		f.present["answers."+q.ID.V] = true // without an answer nothing is checked
	}
	x.assume(f, x.site.row, true)
	return x.closed(f)
}

// closed adds all that follows from the facts.
func (x *exprCheck) closed(f facts) facts {
	for x.ran(f) {
	}
	x.written(f)
	return f
}

// ran adds the steps that must have run because their conditions are known to
// hold, and the conditions of steps known to have run. It tells whether it
// found anything.
func (x *exprCheck) ran(f facts) bool {
	found := false
	for _, pl := range x.flow {
		path := "steps." + pl.step.ID.V
		if pl.step.Holds() && pl.step.Each == nil || !pl.step.WaitedFor() || pl.step.MayStandDown() || !pl.maySkip() || x.site.place.orderOf(pl) != earlier {
			continue
		}
		done := f.present[path] && f.holds["ran "+path]
		if done || !f.present[path] && !x.allHold(f, x.undecided(f, pl)) {
			continue
		}
		f.present[path], f.holds["ran "+path] = true, true
		x.assume(f, pl.step.guard(), true)
		for _, g := range pl.above {
			f.holds["entered "+g.ID.V] = true
			x.assume(f, g.When, true)
		}
		found = true
	}
	return found
}

// undecided are the conditions on which it depends whether a step ran. Those of
// the groups and blocks that this place stands in too, or that another step is
// known to have run in, were looked at once for all: they held, even if they
// read the time and would not hold now.
func (x *exprCheck) undecided(f facts, pl place) []Str {
	whens := []Str{pl.step.guard()}
	for _, g := range pl.above {
		if !slices.Contains(x.site.place.above, g) && !f.holds["entered "+g.ID.V] {
			whens = append(whens, g.When)
		}
	}
	return whens
}

// assume adds a condition, and what follows from it, to the facts.
func (x *exprCheck) assume(f facts, when Str, truth bool) {
	if in := x.parse(when); in != nil {
		x.follow(f, in.Expr(), in, truth)
	}
}

func (x *exprCheck) follow(f facts, e ast.Expr, in *ast.AST, truth bool) {
	maps.Copy(f.present, presentIf(e, truth))
	if !truth {
		return
	}
	for _, part := range conjuncts(e) {
		if s := asWritten(part, in); s != "" {
			f.holds[s] = true
		}
	}
}

func (x *exprCheck) allHold(f facts, whens []Str) bool {
	for _, w := range whens {
		if w.Empty() {
			continue
		}
		for _, s := range x.partsOf(w) {
			if s == "" || !f.holds[s] {
				return false
			}
		}
	}
	return true
}

// parse reads a condition; nil when there is none or it has a mistake, which is
// reported at its own place.
func (x *exprCheck) parse(when Str) *ast.AST {
	if when.Empty() {
		return nil
	}
	if read, ok := x.read[when.V]; ok {
		return read
	}
	parsed, iss := x.ev.env.Parse(when.V)
	if iss.Err() != nil {
		x.read[when.V] = nil
		return nil
	}
	x.read[when.V] = parsed.NativeRep()
	return x.read[when.V]
}

// partsOf are the conditions that all must hold for one to hold, each in one way
// of writing.
func (x *exprCheck) partsOf(when Str) []string {
	if parts, ok := x.parts[when.V]; ok {
		return parts
	}
	var parts []string
	if e := x.parse(when); e != nil {
		for _, part := range conjuncts(e.Expr()) {
			parts = append(parts, asWritten(part, e))
		}
	} else {
		parts = []string{""}
	}
	x.parts[when.V] = parts
	return parts
}

// asWritten is a condition in one way of writing. It is empty for a condition
// that may change between two steps although nothing was decided: one that
// reads the time.
func asWritten(e ast.Expr, in *ast.AST) string {
	timed := false
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(n ast.Expr) {
		timed = timed || n.Kind() == ast.IdentKind && n.AsIdent() == "now"
	}))
	s, err := cel.ExprToString(e, in.SourceInfo())
	if timed || err != nil {
		return ""
	}
	return s
}
