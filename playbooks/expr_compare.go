package playbooks

import (
	"slices"
	"strings"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// compare checks what is compared: two values that can be equal, and texts that
// are options of the choice they are compared with.
func (x *exprCheck) compare(e ast.Expr, vars *bound) {
	switch e.Kind() {
	case ast.SelectKind:
		x.compare(e.AsSelect().Operand(), vars)
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			x.compare(c.Target(), vars)
		}
		for _, a := range c.Args() {
			x.compare(a, vars)
		}
		x.compareCall(e, vars)
	case ast.ListKind:
		for _, el := range e.AsList().Elements() {
			x.compare(el, vars)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		x.compare(c.IterRange(), vars)
		x.compare(c.LoopStep(), x.in.enter(c, vars))
	}
}

func (x *exprCheck) compareCall(e ast.Expr, vars *bound) {
	c := e.AsCall()
	args := c.Args()
	switch fn := c.FunctionName(); fn {
	case operators.Equals, operators.NotEquals:
		x.equal(args[0], args[1], vars)
		x.wholeNumber(args, true, vars)
	case operators.In:
		x.within(args[0], args[1], vars)
	case operators.Divide, operators.Modulo:
		if lit := args[1]; lit.Kind() == ast.LiteralKind && isZero(lit.AsLiteral()) {
			x.addAt(lit, "number", "Nothing can be divided by 0. Write another number, or leave the division out.")
		}
	case operators.Less, operators.LessEquals, operators.Greater, operators.GreaterEquals:
		x.wholeNumber(args, false, vars)
		for _, a := range args {
			if s := x.in.shape(a, vars); s.kind == shapeChoice {
				x.addAt(e, "type", "The options of `%s` have no order. Compare with == or write %s in [\"...\"].", x.text(a), x.text(a))
				return
			}
		}
	case fnRule:
		x.knownRule(e)
	case fnHolds, fnChairs, fnDeputises, fnSits:
		x.knownID(fn, args[1])
	}
}

func (x *exprCheck) equal(a, b ast.Expr, vars *bound) {
	sa, sb := x.in.shape(a, vars), x.in.shape(b, vars)
	if !sa.comparable(sb) {
		x.addAt(a, "type", "`%s` is %s and `%s` is %s: they are never equal.%s", x.text(a), sa.words(), x.text(b), sb.words(), x.equalHint(a, sa, b, sb))
		return
	}
	if !x.options(a, sa, b) && !x.options(b, sb, a) {
		x.disjoint(a, sa, b, sb)
	}
}

// within checks a in b.
func (x *exprCheck) within(a, b ast.Expr, vars *bound) {
	sa, sb := x.in.shape(a, vars), x.in.shape(b, vars)
	if sb.kind == shapeList && !x.options(b, sb.elem, a) {
		x.options(a, sa, b)
	}
}

// options checks the texts written in lit against the options of target, whose
// shape is s. It tells whether there was something to check.
func (x *exprCheck) options(target ast.Expr, s *shape, lit ast.Expr) bool {
	if s.kind == shapeList {
		s = s.elem
	}
	if s.kind != shapeChoice || s.what == "" {
		return false
	}
	switch lit.Kind() {
	case ast.ListKind:
		for _, el := range lit.AsList().Elements() {
			x.options(target, s, el)
		}
		return true
	case ast.LiteralKind:
		text, ok := lit.AsLiteral().(types.String)
		if ok && !slices.Contains(s.options, string(text)) {
			x.addAt(lit, "option", "\"%s\" is not an option of `%s`.%s The options are: %s.", text, x.text(target),
				source.DidYouMean(string(text), s.options), strings.Join(s.options, ", "))
		}
		return ok
	}
	return false
}

// disjoint refuses two choices that share no option.
func (x *exprCheck) disjoint(a ast.Expr, sa *shape, b ast.Expr, sb *shape) {
	if sa.kind != shapeChoice || sb.kind != shapeChoice {
		return
	}
	for _, o := range sa.options {
		if slices.Contains(sb.options, o) {
			return
		}
	}
	x.addAt(a, "option", "`%s` and `%s` have no option in common, so they are never equal. The options are: %s; and: %s.",
		x.text(a), x.text(b), strings.Join(sa.options, ", "), strings.Join(sb.options, ", "))
}

// knownID checks a role or committee id written as a text.
func (x *exprCheck) knownID(fn string, arg ast.Expr) {
	if x.o == nil || arg.Kind() != ast.LiteralKind {
		return
	}
	id, ok := arg.AsLiteral().(types.String)
	if !ok {
		return
	}
	var ids []string
	what, rule := "role", "unknown-role"
	if fn != fnChairs && fn != fnSits {
		for _, r := range x.o.Roles {
			ids = append(ids, r.ID)
		}
	}
	switch fn {
	case fnChairs, fnSits:
		what, rule = "committee", "unknown-committee"
	case fnDeputises:
		what, rule = "role or committee", "unknown-name"
	}
	if fn != fnHolds {
		for _, c := range x.o.Committees {
			ids = append(ids, c.ID)
		}
	}
	if !slices.Contains(ids, string(id)) {
		x.addAt(arg, rule, "The organisation has no %s `%s`.%s It has: %s.", what, id, source.DidYouMean(string(id), ids), strings.Join(ids, ", "))
	}
}

// comparable tells whether two values can be equal at all.
func (s *shape) comparable(o *shape) bool {
	switch {
	case s.kind == shapeAny || o.kind == shapeAny:
		return true
	case s.kind == shapeList:
		return o.kind == shapeList && s.elem.comparable(o.elem)
	case s.isText():
		return o.isText()
	case s.isNumber():
		return o.isNumber()
	case s.isTime():
		return o.isTime()
	case s.kind == shapeMap || s.kind == shapeObject:
		return o.kind == shapeMap || o.kind == shapeObject
	}
	return s.kind == o.kind
}
