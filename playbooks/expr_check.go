package playbooks

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
)

// checkExpressions checks every expression of a playbook: names, types,
// options, order of steps, values that may be absent, and cost. With an
// organisation it also knows its roles and committees; o may be nil.
func checkExpressions(p *Playbook, o *Organisation, rules *Rules) Problems {
	ev, err := NewEvaluator(p, rules)
	if err != nil {
		return Problems{{Pos: p.Name.Pos, Message: fmt.Sprintf("The expressions cannot be checked: %v.", err), Rule: "expression"}}
	}
	c := &exprChecker{ev: ev, o: o, rules: rules, subject: p.About(), flow: flow(p), read: map[string]*ast.AST{}, parts: map[string][]string{}}
	for _, s := range sites(p) {
		c.site(s)
	}
	c.registers()
	c.collected()
	c.ps.Sort()
	return c.ps
}

// exprChecker checks the expressions of one playbook.
type exprChecker struct {
	ev      *Evaluator
	o       *Organisation
	rules   *Rules
	subject string
	flow    []place
	ps      Problems
	// What was read of the conditions of steps so far, by their text: each is looked
	// at again from every step after it.
	read  map[string]*ast.AST
	parts map[string][]string
}

func (c *exprChecker) find(id string) (place, bool) {
	for _, pl := range c.flow {
		if pl.step.ID.V == id && id != "" {
			return pl, true
		}
	}
	return place{}, false
}

// site checks one text.
func (c *exprChecker) site(s site) {
	if s.bare() {
		if strings.HasPrefix(strings.TrimSpace(s.str.V), "${") {
			c.ps.Add(s.str.Pos, "syntax", "`%s` is an expression already: write it without ${ and }.", s.key)
			return
		}
		x := &exprCheck{exprChecker: c, site: s, expr: s.str.V}
		if sh := x.check(); sh != nil {
			x.wantBare(sh)
		}
		return
	}
	parts, err := splitText(s.str.V)
	if err != nil {
		last := parts[len(parts)-1]
		c.ps.Add(posIn(s.str, last.at-2), "syntax", "`${` is never closed. Write } after the expression.")
		return
	}
	_, alone := whole(parts)
	for _, part := range parts {
		if !part.expr {
			continue
		}
		x := &exprCheck{exprChecker: c, site: s, expr: part.text, base: part.at}
		if sh := x.check(); sh != nil {
			x.want(sh, alone)
		}
	}
}

// exprCheck checks one expression.
type exprCheck struct {
	*exprChecker
	site site
	expr string
	base int // offset in bytes of the expression in the site's text
	in   *infer
	bad  bool
}

// check returns the shape of the result, or nil when a problem was found.
func (x *exprCheck) check() *shape {
	if strings.TrimSpace(x.expr) == "" {
		x.add(0, "syntax", "There is no expression here. Write one, or remove it.")
		return nil
	}
	parsed, iss := x.ev.env.Parse(x.expr)
	if iss.Err() != nil {
		x.syntax(iss.Errors())
		return nil
	}
	if x.paperDate(); x.bad {
		return nil
	}
	x.in = &infer{schema: x.ev.schema, ast: parsed.NativeRep(), answers: x.answers(), choice: x.choice(), item: x.site.item()}
	if x.tooMuch() {
		return nil
	}
	x.names(x.in.ast.Expr(), nil)
	if x.bad {
		return nil
	}
	written := ast.Copy(x.in.ast) // what people are looked up by is no words for the author
	x.in.lookUp(parsed.NativeRep().Expr(), nil)
	x.in.ast = written
	checked, iss := x.ev.env.Check(parsed)
	if iss.Err() != nil {
		x.mistyped(iss.Errors())
		return nil
	}
	x.in.ast = ast.NewCheckedAST(written, checked.NativeRep().TypeMap(), checked.NativeRep().ReferenceMap())
	root := x.in.ast.Expr()
	x.names(root, nil) // again: more is known of what the fields are read of
	if x.bad {
		return nil
	}
	x.compare(root, nil)
	x.present(root, x.known(), nil)
	x.cost(checked)
	if x.bad {
		return nil
	}
	return x.in.shape(root, nil)
}

// add reports a problem at an offset, in characters, of the expression.
func (x *exprCheck) add(offset int, rule, format string, args ...any) {
	x.bad = true
	at := x.base
	for range offset {
		_, n := utf8.DecodeRuneInString(x.site.str.V[at:])
		at += n
	}
	x.ps.Add(posIn(x.site.str, at), rule, format, args...)
}

// addAt reports a problem at a node.
func (x *exprCheck) addAt(e ast.Expr, rule, format string, args ...any) {
	x.add(x.start(e), rule, format, args...)
}

// start is where a node begins, in characters: CEL keeps the place of the dot
// or the operator.
func (x *exprCheck) start(e ast.Expr) int {
	first := -1
	ast.PreOrderVisit(e, ast.NewExprVisitor(func(n ast.Expr) {
		if r, ok := x.in.ast.SourceInfo().GetOffsetRange(n.ID()); ok && (first < 0 || int(r.Start) < first) {
			first = int(r.Start)
		}
	}))
	if e.Kind() == ast.StructKind {
		first -= utf8.RuneCountInString(e.AsStruct().TypeName())
	}
	if e.Kind() == ast.CallKind && first > 0 && !e.AsCall().IsMemberFunction() {
		if name := e.AsCall().FunctionName(); strings.HasSuffix(string([]rune(x.expr)[:first]), name) {
			first -= utf8.RuneCountInString(name)
		}
	}
	return max(first, 0)
}

// startOf is where the node of an id begins; at when there is none.
func (x *exprCheck) startOf(id int64, at int) int {
	ast.PreOrderVisit(x.in.ast.Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		if n.ID() == id {
			at = x.start(n)
		}
	}))
	return at
}

// text is a node as the author wrote it.
func (x *exprCheck) text(e ast.Expr) string {
	s, err := cel.ExprToString(e, x.in.ast.SourceInfo())
	if err != nil {
		return x.expr
	}
	return s
}

// posIn is the place of a byte of a text. Each line of a text counts as one
// line of the file, beginning in the same column: true for block texts, and
// exact for texts on one line without escapes.
func posIn(s Str, at int) Pos {
	before := s.V[:min(max(at, 0), len(s.V))]
	pos := s.Pos
	if i := strings.LastIndexByte(before, '\n'); i >= 0 {
		pos.Line += strings.Count(before, "\n")
		before = before[i+1:]
	}
	pos.Col += utf8.RuneCountInString(before)
	return pos
}
