package playbooks

import (
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
)

// present checks that every value read is there: the step has run, the question
// was answered. It walks with what is known at each node.
func (x *exprCheck) present(e ast.Expr, f facts, vars *bound) {
	switch e.Kind() {
	case ast.SelectKind:
		x.presentField(e, f, vars)
	case ast.CallKind:
		x.presentCall(e.AsCall(), f, vars)
	case ast.ListKind:
		for _, el := range e.AsList().Elements() {
			x.present(el, f, vars)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		x.present(c.IterRange(), f, vars)
		x.present(c.LoopStep(), f, x.in.enter(c, vars))
	}
}

// presentCall knows that the parts of && and || guard each other, whatever
// their order: CEL takes false && error for false.
func (x *exprCheck) presentCall(c ast.CallExpr, f facts, vars *bound) {
	args := c.Args()
	fn := c.FunctionName()
	switch {
	case (fn == operators.LogicalAnd || fn == operators.LogicalOr) && len(args) == 2:
		truth := fn == operators.LogicalAnd
		x.present(args[0], x.with(f, args[1], truth), vars)
		x.present(args[1], x.with(f, args[0], truth), vars)
	case fn == operators.Conditional && len(args) == 3:
		x.present(args[0], f, vars)
		x.present(args[1], x.with(f, args[0], true), vars)
		x.present(args[2], x.with(f, args[0], false), vars)
	default:
		if c.IsMemberFunction() {
			x.present(c.Target(), f, vars)
		}
		for _, a := range args {
			x.present(a, f, vars)
		}
	}
}

func (x *exprCheck) presentField(e ast.Expr, f facts, vars *bound) {
	sel := e.AsSelect()
	before := len(x.ps)
	x.present(sel.Operand(), f, vars)
	if sel.IsTestOnly() || len(x.ps) > before {
		return
	}
	operand := x.in.shape(sel.Operand(), vars)
	fd := operand.field(sel.FieldName())
	path := pathOf(e)
	if fd == nil || !fd.maybe || f.present[path] {
		return
	}
	if x.isSteps(sel.Operand(), vars) {
		if x.site.soFar() {
			return
		}
		if pl, ok := x.find(sel.FieldName()); ok && !pl.step.WaitedFor() {
			x.addAt(e, "maybe-skipped", "The run does not wait for `%s`, so `%s` may have no values yet. Ask first: %s", sel.FieldName(), path, x.guard(path))
			return
		}
		x.addAt(e, "maybe-skipped", "Step `%s` may be skipped, and then `%s` has no values. Give this step the same `when`, or ask first: %s", sel.FieldName(), path, x.guard(path))
		return
	}
	why := "may have no value here"
	switch step, isStep := strings.CutPrefix(pathOf(sel.Operand()), "steps."); {
	case !isStep || strings.Contains(step, "."):
	case x.kindOf(step) == KindSet:
		why = "has no value when no row of its table holds, unless an `else` row ends it"
	case sel.FieldName() == "by" || sel.FieldName() == "at":
		why = "has no value when the list was empty, because then nobody is asked"
	default:
		why = "has no value when its question is not asked or not answered"
	}
	if path == "" {
		path = x.text(e)
	}
	x.addAt(e, "maybe-absent", "`%s` %s. Ask first: %s", path, why, x.guard(path))
}

// guard says how to ask first, as it is written at this place.
func (x *exprCheck) guard(path string) string {
	if x.site.ofAnswer() && x.site.bare() && !x.site.asksWhether() {
		return "!has(" + path + ") || ..."
	}
	if x.site.bare() {
		return "has(" + path + ") && ..."
	}
	return "${has(" + path + ") ? ... : ...}"
}

func (x *exprCheck) kindOf(id string) Kind {
	if pl, ok := x.find(id); ok {
		return pl.step.Kind
	}
	return ""
}
