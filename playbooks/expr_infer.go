package playbooks

import (
	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/operators"
	"cel.dev/cel-go/common/types"
)

// inferSets finds the shapes of the values of set steps from what they are set
// to, in the order of the file, so that later expressions are checked too.
func (sc *schema) inferSets(p *Playbook, env *cel.Env) {
	steps := sc.root("steps")
	for _, pl := range flow(p) {
		result := steps.field(pl.step.ID.V)
		if f := pl.step.Form; f != nil && !f.Each.Empty() && result != nil {
			sc.inferEntries(f, result.shape, env)
		}
		if pl.step.Each != nil && result != nil {
			sc.inferItems(pl.step, result.shape, steps, env)
			sc.register(result.shape)
		}
		if pl.step.Kind != KindSet || result == nil {
			continue
		}
		for _, v := range pl.step.Set {
			f := result.shape.field(v.Name.V)
			f.shape, f.maybe = sc.setShape(pl.step, v, env)
			sc.register(f.shape)
		}
	}
}

// setShape is the shape of one value of a set step; maybe says that no row may
// match.
func (sc *schema) setShape(s *Step, v SetVar, env *cel.Env) (out *shape, maybe bool) {
	what := "steps." + s.ID.V + "." + v.Name.V
	if v.Value != nil {
		return sc.litShape(what, *v.Value, env), false
	}
	maybe = true
	for _, r := range v.Table {
		row := sc.litShape(what, r.Value, env)
		if out == nil {
			out = row
		} else {
			out = out.join(row)
		}
		if r.Else || r.When.Empty() {
			maybe = false
		}
	}
	switch {
	case out == nil:
		return anyShape, maybe
	case v.All:
		return listOf(out), false
	}
	return out, maybe
}

// litShape is the shape of a literal. A plain text is one option of a choice:
// comparing the value with a text it can never have is a mistake.
func (sc *schema) litShape(what string, l Lit, env *cel.Env) *shape {
	switch v := l.V.(type) {
	case bool:
		return boolShape
	case int, int64:
		return intShape
	case float64:
		return numberShape
	case string:
		parts, err := splitText(v)
		expr, isWhole := whole(parts)
		switch {
		case err != nil:
			return anyShape
		case isWhole:
			if checked, iss := sc.compile(expr, env); iss.Err() == nil {
				return sc.shapeOf(checked)
			}
			return anyShape
		case len(parts) > 1:
			return textShape
		}
		return choiceOf(what, v)
	}
	return anyShape
}

// shapeOf is the shape of a checked expression's result.
func (sc *schema) shapeOf(checked *cel.Ast) *shape {
	in := &infer{schema: sc, ast: checked.NativeRep()}
	return in.shape(in.ast.Expr(), nil)
}

// infer finds the shapes of the nodes of one expression. Before the check there
// are no CEL types, and what cannot be known is any.
type infer struct {
	schema  *schema
	ast     *ast.AST
	choice  *shape // of the approval whose condition it is; nil where there is none
	item    *shape // an entry of the list that is collected from; nil where there is none
	answers *shape // of the step the expression stands in; nil where there are none
}

// bound are the variables of all, exists, filter and map around a node.
type bound struct {
	name  string
	shape *shape
	up    *bound
}

func (b *bound) find(name string) *shape {
	for ; b != nil; b = b.up {
		if b.name == name {
			return b.shape
		}
	}
	return nil
}

func (in *infer) shape(e ast.Expr, vars *bound) *shape {
	switch e.Kind() {
	case ast.IdentKind:
		if s := vars.find(e.AsIdent()); s != nil {
			return s
		}
		switch name := e.AsIdent(); {
		case name == "choice" && in.choice != nil:
			return in.choice
		case name == itemName && in.item != nil:
			return in.item
		case name == "answers" && in.answers != nil:
			return in.answers
		}
		if s := in.schema.root(e.AsIdent()); s != nil {
			return s
		}
	case ast.SelectKind:
		return in.selectShape(e.AsSelect(), vars)
	case ast.ListKind:
		return in.listShape(e.AsList(), vars)
	case ast.CallKind:
		if s := in.callShape(e.AsCall(), vars); s != nil {
			return s
		}
	case ast.ComprehensionKind:
		if c, ok := in.ast.SourceInfo().GetMacroCall(e.ID()); ok {
			switch c.AsCall().FunctionName() {
			case "filter":
				return in.shape(e.AsComprehension().IterRange(), vars)
			case "map":
				if in.mapsToPeople(e.AsComprehension(), vars) {
					return listOf(personShape)
				}
			}
		}
	}
	return in.fromCEL(in.ast.GetType(e.ID()))
}

func (in *infer) selectShape(sel ast.SelectExpr, vars *bound) *shape {
	if sel.IsTestOnly() {
		return boolShape
	}
	operand := in.shape(sel.Operand(), vars)
	switch operand.kind {
	case shapeObject:
		if f := operand.field(sel.FieldName()); f != nil {
			return f.shape
		}
	case shapePerson:
		if f := ofPerson().field(sel.FieldName()); f != nil {
			return f.shape
		}
	case shapeMap:
		return operand.elem
	}
	return anyShape
}

func (in *infer) listShape(l ast.ListExpr, vars *bound) *shape {
	elem := emptyShape
	for _, e := range l.Elements() {
		elem = elem.join(in.shape(e, vars))
	}
	return listOf(elem)
}

// callShape is the shape of a call that keeps the shape of an argument; nil for
// any other call.
func (in *infer) callShape(c ast.CallExpr, vars *bound) *shape {
	args := c.Args()
	switch fn := c.FunctionName(); {
	case looked(fn) != nil:
		return looked(fn).shape
	case fn == operators.Index && len(args) == 2:
		if s := in.shape(args[0], vars); s.kind == shapeList || s.kind == shapeMap {
			return s.elem
		}
	case fn == operators.Conditional && len(args) == 3:
		return in.shape(args[1], vars).join(in.shape(args[2], vars))
	case fn == fnRule:
		id, _ := ruleOfArgs(args)
		if row, ok := in.schema.rules.Row(id); ok {
			return row.shape()
		}
	case fn == fnMonths && len(args) == 2:
		if s := in.shape(args[0], vars); s.isTime() {
			return s
		}
	case fn == fnFlatten && len(args) == 1:
		if s := in.shape(args[0], vars); s.kind == shapeList && s.elem.kind == shapeList {
			return s.elem
		}
	case fn == operators.Add && len(args) == 2:
		a, b := in.shape(args[0], vars), in.shape(args[1], vars)
		if a.kind == shapeList && b.kind == shapeList {
			return a.join(b)
		}
	}
	return nil
}

// mapsToPeople tells whether map gives people, for CEL mere texts: each step adds
// one entry to what there is, some only where a condition holds.
func (in *infer) mapsToPeople(c ast.ComprehensionExpr, vars *bound) bool {
	step := c.LoopStep()
	if step.Kind() == ast.CallKind && step.AsCall().FunctionName() == operators.Conditional {
		step = step.AsCall().Args()[1]
	}
	if step.Kind() != ast.CallKind || len(step.AsCall().Args()) != 2 {
		return false
	}
	out := in.shape(step.AsCall().Args()[1], in.enter(c, vars))
	return out.kind == shapeList && out.elem.kind == shapePerson
}

// enter adds the variable of a comprehension: the entries of a list, the keys
// of a map.
func (in *infer) enter(c ast.ComprehensionExpr, vars *bound) *bound {
	elem := anyShape
	switch r := in.shape(c.IterRange(), vars); r.kind {
	case shapeList:
		elem = r.elem
	case shapeMap:
		elem = textShape
	}
	vars = &bound{name: c.IterVar(), shape: elem, up: vars}
	return &bound{name: c.AccuVar(), shape: anyShape, up: vars}
}

// fromCEL is the shape that says no more than CEL's type.
func (in *infer) fromCEL(t *types.Type) *shape {
	if t == nil {
		return anyShape
	}
	switch t.Kind() {
	case types.BoolKind:
		return boolShape
	case types.IntKind:
		return intShape
	case types.DoubleKind:
		return numberShape
	case types.StringKind:
		return textShape
	case types.TimestampKind:
		return datetimeShape
	case types.DurationKind:
		return durationShape
	case types.ListKind:
		return listOf(in.fromCEL(t.Parameters()[0]))
	case types.MapKind:
		return mapOf(in.fromCEL(t.Parameters()[1]))
	case types.StructKind:
		if s, ok := in.schema.objects[t.TypeName()]; ok {
			return s
		}
	}
	return anyShape
}
