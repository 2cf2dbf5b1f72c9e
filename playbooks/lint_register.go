package playbooks

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// lintRegister checks what steps write into the register, as far as no
// expression has to be understood for it.
func lintRegister(l *linter) {
	for _, at := range l.flow {
		r := at.step.Register
		if r == nil {
			continue
		}
		if !r.On.Empty() && !isExpr(r.On.V) {
			l.ps.Add(r.On.Pos, "register", "`on` says whose facts are written: an expression such as ${system.id}, or the answer to a question of type system. Leave it out for what the run is about.")
		}
		if row, known := l.rules.Row(r.Valid.V); !r.Valid.Empty() && l.rules != nil {
			l.dueRule(r.Valid, row, known)
		}
		first := map[string]Pos{}
		if !r.Create.Empty() && !has(createdKinds(), r.Create.V) {
			l.ps.Add(r.Create.Pos, "register", "A step cannot create a `%s`.%s It creates one of: %s.", r.Create, source.DidYouMean(r.Create.V, createdKinds()), strings.Join(createdKinds(), ", "))
		}
		names := append(append([]SetVar{}, r.Set...), r.Add...)
		for _, change := range r.Change {
			names = append(names, SetVar{Name: change.Name})
		}
		for _, v := range names {
			if pos, dup := first[v.Name.V]; dup {
				l.ps.Add(v.Name.Pos, "duplicate", "`%s` is written already, on line %d. Each field is written once in a step.", v.Name, pos.Line)
				continue
			}
			first[v.Name.V] = v.Name.Pos
		}
	}
}

// createdKinds are the kinds of subjects that a step can make.
func createdKinds() []string {
	return slices.DeleteFunc(org.Kinds(), func(kind string) bool {
		k, _ := org.KindOf(kind)
		return k.Prefix == ""
	})
}

// registers checks that each register step writes fields that are the
// register's, with values of their types. What the expressions in it get wrong
// themselves is reported already.
func (c *exprChecker) registers() {
	for _, pl := range c.flow {
		r := pl.step.Register
		if r == nil {
			continue
		}
		kind, known := c.subjectOf(r)
		if !known {
			continue
		}
		for _, v := range r.Set {
			if f, ok := c.registerField(kind, v.Name, !r.Create.Empty()); ok {
				c.setsField(pl.step, kind, f, v)
			}
		}
		for _, v := range r.Add {
			if f, ok := c.registerField(kind, v.Name, !r.Create.Empty()); ok {
				c.addsToField(pl.step, kind, f, v)
			}
		}
		for _, change := range r.Change {
			if f, ok := c.registerField(kind, change.Name, false); ok {
				c.changesField(pl.step, kind, f, change)
			}
		}
	}
}

// subjectOf is the kind of subject a step writes about.
func (c *exprChecker) subjectOf(r *Register) (string, bool) {
	if !r.Create.Empty() {
		return r.Create.V, has(createdKinds(), r.Create.V)
	}
	if r.On.Empty() {
		return c.subject, len(org.Fields(c.subject)) > 0
	}
	parts, err := splitText(r.On.V)
	expr, alone := whole(parts)
	if err != nil || !isExpr(r.On.V) {
		return "", false // reported at its place
	}
	if !alone {
		c.ps.Add(r.On.Pos, "register", "`on` is one expression such as ${system.id}, with no text around it.")
		return "", false
	}
	compiled := c.ev.compile(expr)
	if compiled.err != nil {
		return "", false
	}
	if s := compiled.shape; len(org.Fields(s.ref)) == 0 {
		c.ps.Add(r.On.Pos, "register", "`on` says whose facts are written, but this is %s. Write ${system.id}, or the answer to a question of type system.", s.words())
		return "", false
	}
	return compiled.shape.ref, true
}

// registerField is the field that a step writes.
func (c *exprChecker) registerField(kind string, name Str, created bool) (org.Field, bool) {
	f, known := org.FieldOf(kind, name.V)
	var own []string
	for _, x := range org.Fields(kind) {
		if (x.Register || created && x.Name != "id") && x.Type != org.FieldInstants && x.Rank == "" {
			own = append(own, x.Name)
		}
	}
	switch {
	case !known:
		c.ps.Add(name.Pos, "register", "%s has no field `%s`.%s Runs decide: %s.", upperFirst(withArticle(kind)), name, source.DidYouMean(name.V, own), strings.Join(own, ", "))
	case name.V == "id":
		c.ps.Add(name.Pos, "register", "The id of %s is given once and never written. Runs decide: %s.", withArticle(kind), strings.Join(own, ", "))
	case !f.Register && !created:
		c.ps.Add(name.Pos, "register", "`%s` of %s is set in the organisation file, so no run may write it. Runs decide: %s.", name, withArticle(kind), strings.Join(own, ", "))
	case f.Rank != "":
		c.ps.Add(name.Pos, "register", "`%s` follows from `%s`: write that.", name, f.Rank)
	case f.Type == org.FieldInstants && f.Name != org.FieldValidUntil:
		return f, true
	case f.Type == org.FieldInstants:
		c.ps.Add(name.Pos, "register", "Until when a decision holds is written with `valid`, such as valid: {for: cad-impact}.")
	default:
		return f, true
	}
	return f, false
}

func (c *exprChecker) setsField(s *Step, kind string, f org.Field, v SetVar) {
	want := fieldShape(kind, f)
	if len(v.Group) > 0 {
		c.group(s, v, want, true)
		return
	}
	if v.All && want.kind != shapeList {
		c.ps.Add(v.Name.Pos, "register", "`all` gives a list, but `%s` is %s. Write the rows without `all`.", v.Name, want.words())
		return
	}
	if v.All {
		want = want.elem
	}
	c.fit(s, v, want)
}

func (c *exprChecker) addsToField(s *Step, kind string, f org.Field, v SetVar) {
	list := fieldShape(kind, f)
	if list.kind != shapeList {
		c.ps.Add(v.Name.Pos, "register", "`%s` is no list, so nothing can be added to it. Write it under `set`.", v.Name)
		return
	}
	if len(v.Group) > 0 {
		c.group(s, v, list.elem, true)
		return
	}
	c.fit(s, v, list.elem, list)
}

// fit checks each value that v may have against the shapes it may be of.
func (c *exprChecker) fit(s *Step, v SetVar, want ...*shape) {
	values := make([]Lit, 0, len(v.Table)+1)
	if v.Value != nil {
		values = append(values, *v.Value)
	}
	for _, row := range v.Table {
		values = append(values, row.Value)
	}
	for _, lit := range values {
		what := "register." + s.ID.V + "." + v.Name.V
		got := c.ev.schema.litShape(what, lit, c.ev.env)
		if why := misfit(got, want); why != "" {
			what := "`" + v.Name.V + "`"
			if len(want) > 1 {
				what = "An entry of " + what
			}
			c.ps.Add(lit.Pos, "register", "%s %s", what, why)
			continue
		}
		c.knownPerson(lit, got, want[0])
	}
}

// knownPerson checks a person written by id.
func (c *exprChecker) knownPerson(lit Lit, got, want *shape) {
	id, isText := lit.V.(string)
	if want.kind != shapePerson || got.kind != shapeChoice || !isText || isExpr(id) || c.o == nil {
		return
	}
	if _, known := c.o.Person(id); !known {
		c.ps.Add(lit.Pos, "register", "The organisation has no person `%s`.", id)
	}
}

// misfit says why a value of one shape is of none of those wanted; "" = it is.
func misfit(got *shape, want []*shape) string {
	for _, w := range want {
		if w.holds(got) {
			return ""
		}
	}
	w := want[0]
	if w.kind == shapeChoice && got.kind == shapeChoice {
		for _, o := range got.options {
			if !has(w.options, o) {
				return fmt.Sprintf("cannot be `%s`.%s It is one of: %s.", o, source.DidYouMean(o, w.options), strings.Join(w.options, ", "))
			}
		}
	}
	if w.kind == shapeChoice && got.isText() {
		return fmt.Sprintf("is one of %s, but this can be any text. Use the answer to a question of type choice with these options, or a set step.", strings.Join(w.options, ", "))
	}
	return fmt.Sprintf("is %s, but this is %s.", w.described(), got.described())
}

// described is the shape in more words than people need elsewhere: what a list
// has in it, and a text as it stands.
func (s *shape) described() string {
	switch {
	case s.kind == shapeList:
		return "a list with " + s.elem.described() + " in each entry"
	case s.kind == shapeObject:
		return s.name
	case s.kind == shapeChoice && len(s.options) == 1:
		return "the text `" + s.options[0] + "`"
	}
	return s.words()
}

// holds tells whether a field of shape s may keep a value of shape o. What
// cannot be known before the run is checked in it.
func (s *shape) holds(o *shape) bool {
	switch {
	case o.kind == shapeAny || s.kind == shapeAny:
		return true
	case s.kind == shapeChoice && o.kind == shapeChoice:
		return containsAll(s.options, o.options)
	case s.kind == shapeChoice:
		return false
	case s.kind == shapePerson:
		return o.kind == shapePerson || o.kind == shapeChoice
	case s.kind == shapeText:
		return o.isText()
	case s.kind == shapeNumber:
		return o.isNumber()
	case s.kind == shapeList:
		return o.kind == shapeList && s.elem.holds(o.elem)
	case s.kind == shapeObject && s.ref != "":
		return o.ref == s.ref
	case s.kind == shapeObject:
		return o.kind == shapeObject && s.name == o.name
	}
	return s.kind == o.kind
}

func containsAll(all, some []string) bool {
	for _, x := range some {
		if !has(all, x) {
			return false
		}
	}
	return true
}
