package playbooks

import (
	"strings"
	"sync"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/cost"
	"cel.dev/cel-go/common/types"
	"cel.dev/cel-go/common/types/ref"
	"cel.dev/cel-go/common/types/traits"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// A person is a text in expressions: the id, by which people are asked, compared
// and kept. What is read of a person (`steps.triage.lead.manager`) is looked up, so
// before the types are checked each such field becomes a call that no author can
// write, because of its @. Where it is not known yet whether a value is a person,
// as in the answers that are just given, the call finds out.
const (
	fnOfPerson  = "@person_"
	fnHasPerson = "@has_person_"
	fnOfAny     = "@any_"
	fnHasAny    = "@has_any_"
)

// ofPerson is what can be read of a person: what the subject person has. It is made
// on first use and never changed.
var ofPerson = sync.OnceValue(func() *shape { return subjectShape(org.KindPerson) })

// PersonOf is what expressions read of a person. Of somebody whom the organisation
// no longer knows, the id is left.
func PersonOf(o org.Organisation, id string) map[string]any {
	s, _ := o.Subject(org.KindPerson, id)
	m := SubjectOf(o, s)
	if m["name"] == "" {
		m["name"] = id
	}
	return m
}

// personFunctions declares the calls.
func personFunctions() []cel.EnvOption {
	var opts []cel.EnvOption
	add := func(fn string, of, gives *cel.Type) {
		opts = append(opts, cel.Function(fn, cel.Overload(fn, []*cel.Type{of}, gives, cel.LateFunctionBinding())))
	}
	for _, f := range ofPerson().fields {
		add(fnOfPerson+f.name, cel.StringType, f.shape.celType())
		add(fnHasPerson+f.name, cel.StringType, cel.BoolType)
		add(fnOfAny+f.name, cel.DynType, cel.DynType)
		add(fnHasAny+f.name, cel.DynType, cel.BoolType)
	}
	return opts
}

// personHooks binds the calls to the people of a Scope.
func (e *Evaluator) personHooks(s Scope, hooks map[string]cel.LateBoundFunction) {
	for _, f := range ofPerson().fields {
		read := func(_ string, args ...ref.Val) ref.Val {
			v, _ := e.readOf(args[0], f, s)
			return v
		}
		test := func(_ string, args ...ref.Val) ref.Val {
			v, known := e.readOf(args[0], f, s)
			if known && types.IsError(v) {
				return v
			}
			return types.Bool(known)
		}
		hooks[fnOfPerson+f.name], hooks[fnOfAny+f.name] = read, read
		hooks[fnHasPerson+f.name], hooks[fnHasAny+f.name] = test, test
	}
}

// readOf reads a field of a person, or of a group of values that turns out to be
// none. It is an error where there is no value; known tells whether that is all
// that is wrong.
func (e *Evaluator) readOf(of ref.Val, f field, s Scope) (v ref.Val, known bool) {
	if m, ok := of.(traits.Mapper); ok {
		if v, ok := m.Find(types.String(f.name)); ok {
			return v, true
		}
		return types.NewErr("no such key: %s", f.name), false
	}
	id, ok := of.(types.String)
	switch {
	case !ok:
		return types.MaybeNoSuchOverloadErr(of), true
	case s.Person == nil:
		return types.WrapErr(&plainError{msg: "what is known of a person cannot be read here"}), true
	}
	value := ofPerson().coerceObject(s.Person(string(id)))[f.name]
	if value == nil {
		return types.WrapErr(&plainError{msg: "the organisation names no `" + f.name + "` of this person; add it to the organisation file, or ask has(...) first"}), false
	}
	return e.env.CELTypeAdapter().NativeToValue(value), true
}

// compile reads and checks an expression.
func (sc *schema) compile(expr string, env *cel.Env) (*cel.Ast, *cel.Issues) {
	parsed, iss := env.Parse(expr)
	if iss.Err() != nil {
		return nil, iss
	}
	in := &infer{schema: sc, ast: parsed.NativeRep()}
	in.lookUp(in.ast.Expr(), nil)
	return env.Check(parsed)
}

// lookUp turns the fields that an expression reads of people into calls, in the
// parsed expression itself.
func (in *infer) lookUp(e ast.Expr, vars *bound) {
	switch e.Kind() {
	case ast.SelectKind:
		in.lookUp(e.AsSelect().Operand(), vars)
		in.lookUpField(e, vars)
	case ast.CallKind:
		c := e.AsCall()
		if c.IsMemberFunction() {
			in.lookUp(c.Target(), vars)
		}
		for _, a := range c.Args() {
			in.lookUp(a, vars)
		}
	case ast.ListKind:
		for _, el := range e.AsList().Elements() {
			in.lookUp(el, vars)
		}
	case ast.ComprehensionKind:
		c := e.AsComprehension()
		in.lookUp(c.IterRange(), vars)
		inner := in.enter(c, vars)
		in.lookUp(c.LoopCondition(), inner)
		in.lookUp(c.LoopStep(), inner)
	}
}

func (in *infer) lookUpField(e ast.Expr, vars *bound) {
	sel := e.AsSelect()
	if ofPerson().field(sel.FieldName()) == nil {
		return
	}
	fn := ""
	switch in.shape(sel.Operand(), vars).kind {
	case shapePerson:
		fn = fnOfPerson
		if sel.IsTestOnly() {
			fn = fnHasPerson
		}
	case shapeAny:
		fn = fnOfAny
		if sel.IsTestOnly() {
			fn = fnHasAny
		}
	default:
		return
	}
	e.SetKindCase(ast.NewExprFactory().NewCall(e.ID(), fn+sel.FieldName(), sel.Operand()))
}

// looked is the field that such a call reads of a person; nil for any other call.
func looked(fn string) *field {
	if name, ok := strings.CutPrefix(fn, fnOfPerson); ok {
		return ofPerson().field(name)
	}
	return nil
}

// lookedCost is what such a call costs at most, and how much it gives; nil for any
// other call.
func lookedCost(fn string) *cost.CallEstimate {
	if !strings.HasPrefix(fn, "@") {
		return nil
	}
	out := &cost.CallEstimate{CostEstimate: cost.FixedCostEstimate(1)}
	if f := looked(fn); f != nil {
		out.ResultSize = sizeOf(f.shape)
	}
	return out
}
