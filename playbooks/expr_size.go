package playbooks

import (
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"
)

// tooMuch refuses an expression that is too much work to check: each list that is
// gone through inside another one multiplies it, and a pattern is built for it.
func (x *exprCheck) tooMuch() bool {
	ast.PreOrderVisit(x.in.ast.Expr(), ast.NewExprVisitor(x.longPattern))
	if deep := nested(x.in.ast.Expr()); deep > maxNested {
		x.add(0, "cost", "This goes through %d lists inside each other; the limit is %d. Split it into several values of a set step.", deep, maxNested)
	}
	return x.bad
}

// nested is how many lists an expression goes through inside each other.
func nested(e ast.Expr) int {
	deepest := 0
	each := func(list ...ast.Expr) {
		for _, inner := range list {
			deepest = max(deepest, nested(inner))
		}
	}
	switch e.Kind() {
	case ast.SelectKind:
		each(e.AsSelect().Operand())
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			each(c.Target())
		}
		each(c.Args()...)
	case ast.ListKind:
		each(e.AsList().Elements()...)
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		each(c.LoopStep(), c.Result())
		deepest++
		each(c.IterRange())
	}
	return deepest
}

// longPattern refuses a pattern in matches() that takes long to build.
func (x *exprCheck) longPattern(e ast.Expr) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != "matches" || len(e.AsCall().Args()) == 0 {
		return
	}
	args := e.AsCall().Args()
	lit := args[len(args)-1]
	if lit.Kind() != ast.LiteralKind {
		return
	}
	if text, ok := lit.AsLiteral().(types.String); ok && len(text) > maxPattern {
		x.addAt(lit, "cost", "This pattern has %d characters; the limit is %d. Write a shorter one.", len(text), maxPattern)
	}
}
