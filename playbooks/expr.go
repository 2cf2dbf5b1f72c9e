package playbooks

import (
	"context"
	"fmt"
	"sync"
	"time"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types/ref"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// evalTimeout bounds one evaluation in wall time, should the cost limit ever
// misjudge one. The cost limit is reached after milliseconds.
const evalTimeout = 5 * time.Second

// Scope is what expressions see at one instant. Values are plain and may come
// from JSON. A nil function makes the expressions that call it fail.
type Scope struct {
	Steps        map[string]map[string]any // results by step id; a step that did not run is absent
	Lists        map[string][]any          // what each steps left, by step id
	Run          map[string]any            // id, by, started_at, playbook, input
	Subject      map[string]any            // as SubjectOf gives it
	Before       map[string]any            // the subject at the run's start
	Organisation map[string]any            // as OrganisationOf gives it
	Entry        map[string]any            // the entry a form is at, under its name
	Answers      map[string]any            // what is just being answered, as Answers gives it
	Item         map[string]any            // the entry of a list that is just collected, as Where gives it
	Choice       map[string]any            // what an approval chooses, as Choice gives it
	Event        map[string]any            // what happened, for what begins a run
	Now          time.Time
	Holds        func(person, role string) bool
	Chairs       func(person, committee string) bool
	Deputises    func(person, roleOrCommittee string) bool
	Sits         func(person, committee string) bool
	Leads        func(person, other string) bool
	WorkingDays  func(t time.Time, n int) (time.Time, error)
}

// Evaluator evaluates the expressions of one playbook. It is safe for
// concurrent use. It belongs in activities and lint, never in workflow code.
type Evaluator struct {
	env    *cel.Env
	schema *schema
	where  map[string]string // expression -> the first step that has it
	data   map[string]any    // the fixed lists

	// decided is told of every condition; nil = nobody is.
	decided func(at Pos, holds bool)

	mu    sync.Mutex
	cache map[string]*compiled
}

// compiled is an expression ready to run, or why it cannot.
type compiled struct {
	program cel.Program
	shape   *shape
	err     error
}

// NewEvaluator prepares the expressions of a playbook; each is compiled when it
// is first used and kept. Neither the playbook nor the rules, which may be nil,
// must change afterwards.
func NewEvaluator(p *Playbook, rules *Rules) (*Evaluator, error) {
	sc := newSchema(p)
	sc.rules = rules
	env, err := newEnv(sc)
	if err != nil {
		return nil, err
	}
	e := &Evaluator{env: env, schema: sc, where: map[string]string{}, data: plainData(p.Data), cache: map[string]*compiled{}}
	for _, s := range sites(p) {
		for _, x := range append(s.exprs(), s.str.V) {
			if _, ok := e.where[x]; !ok {
				e.where[x] = s.where()
			}
		}
	}
	sc.inferSets(p, env)
	return e, nil
}

// Bool evaluates a condition.
func (e *Evaluator) Bool(expr string, s Scope) (bool, error) {
	v, _, err := e.eval(expr, s)
	if err != nil {
		return false, err
	}
	b, ok := v.Value().(bool)
	if !ok {
		return false, e.fail(expr, fmt.Errorf("this must be true or false, but it is %s", celName(v.Type().TypeName())))
	}
	return b, nil
}

// Holds is Bool of a condition where it stands in a playbook: who watches the
// conditions of the playbook is told.
func (e *Evaluator) Holds(condition Str, s Scope) (bool, error) {
	b, err := e.Bool(condition.V, s)
	if err == nil {
		e.saw(condition.Pos, b)
	}
	return b, err
}

// Watch has decided told of every condition that is evaluated, with its place,
// and of every row of a table that is chosen. It must be called before the first
// evaluation.
func (e *Evaluator) Watch(decided func(at Pos, holds bool)) { e.decided = decided }

func (e *Evaluator) saw(at Pos, holds bool) {
	if e.decided != nil {
		e.decided(at, holds)
	}
}

// Value evaluates an expression to a plain value that JSON can hold: string,
// bool, int64, float64, []any or map[string]any; an instant is RFC 3339 in UTC,
// a day is YYYY-MM-DD.
func (e *Evaluator) Value(expr string, s Scope) (any, error) {
	v, sh, err := e.eval(expr, s)
	if err != nil {
		return nil, err
	}
	out, err := toPlain(v, sh)
	if err != nil {
		return nil, e.fail(expr, err)
	}
	return out, nil
}

func (e *Evaluator) fail(expr string, err error) error {
	return &EvalError{Expr: expr, Where: e.where[expr], Err: err}
}

func (e *Evaluator) compile(expr string) *compiled {
	e.mu.Lock()
	defer e.mu.Unlock()
	if c, ok := e.cache[expr]; ok {
		return c
	}
	c := e.compileNew(expr)
	e.cache[expr] = c
	return c
}

func (e *Evaluator) compileNew(expr string) *compiled {
	checked, iss := e.env.Compile(expr)
	if iss.Err() != nil {
		return &compiled{err: &plainError{"this is no valid expression; `aimsbot lint` says why", iss.Err()}}
	}
	if braces(checked) {
		return &compiled{err: &plainError{"this is no valid expression; `aimsbot lint` says why", nil}}
	}
	program, err := e.env.Program(checked, cel.CostLimit(costLimit), cel.InterruptCheckFrequency(interruptEvery))
	if err != nil {
		return &compiled{err: &plainError{"this is no valid expression; `aimsbot lint` says why", err}}
	}
	return &compiled{program: program, shape: e.schema.shapeOf(checked)}
}

// braces tells whether an expression writes a map. CEL walks such a map in an
// order of its own, different each time, and gives no way to change that.
func braces(checked *cel.Ast) bool {
	found := false
	ast.PreOrderVisit(checked.NativeRep().Expr(), ast.NewExprVisitor(func(n ast.Expr) {
		found = found || n.Kind() == ast.MapKind
	}))
	return found
}

// eval runs an expression. A panic inside CEL becomes an error: one expression
// must never take the worker with it.
func (e *Evaluator) eval(expr string, s Scope) (v ref.Val, sh *shape, err error) {
	defer func() {
		if r := recover(); r != nil {
			v, sh, err = nil, nil, e.fail(expr, &plainError{"this cannot be worked out", fmt.Errorf("panic: %v", r)})
		}
	}()
	c := e.compile(expr)
	if c.err != nil {
		return nil, nil, e.fail(expr, c.err)
	}
	vars, err := cel.FunctionVars(e.schema.vars(s, e.data), e.hooks(s))
	if err != nil {
		return nil, nil, e.fail(expr, err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), evalTimeout)
	defer cancel()
	out, _, err := c.program.ContextEval(ctx, vars)
	if err != nil {
		return nil, nil, e.fail(expr, plain(expr, err))
	}
	return out, c.shape, nil
}

// vars gives CEL the roots; each is converted only when it is read.
func (sc *schema) vars(s Scope, data map[string]any) map[string]any {
	steps := make(map[string]any, len(s.Steps))
	for id, r := range s.Steps {
		if r != nil {
			steps[id] = r
		}
	}
	for id, list := range s.Lists {
		steps[id] = list
	}
	values := map[string]any{
		"steps": steps, "run": orEmpty(s.Run), "subject": orEmpty(s.Subject), "before": orEmpty(s.Before), "organisation": orEmpty(s.Organisation), "now": s.Now, "data": data, "answers": orEmpty(s.Answers), "choice": orEmpty(s.Choice), "event": orEmpty(s.Event),
	}
	if sc.kind != org.KindOrganisation {
		values[sc.kind] = orEmpty(s.Subject)
	}
	for name, entry := range s.Entry {
		values[name] = entry
	}
	vars := make(map[string]any, len(sc.roots))
	for _, r := range sc.roots {
		vars[r.name] = func() any { return r.shape.coerce(values[r.name]) }
	}
	if s.Item != nil {
		vars[itemName] = s.Item
	}
	return vars
}

func orEmpty(m map[string]any) map[string]any {
	if m == nil {
		return map[string]any{}
	}
	return m
}
