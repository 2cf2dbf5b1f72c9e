package playbooks

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cel.dev/cel-go/common/ast"
	"cel.dev/cel-go/common/types"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

func isDay(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

// Expand writes the lines of the patterns that approvals name into their need,
// under the conditions by which the pattern is chosen. The playbook then says
// by itself who decides.
func Expand(p *Playbook, rules *Rules) Problems {
	var ps Problems
	for _, at := range flow(p) {
		a := at.step.Approval
		if a == nil {
			continue
		}
		for i := range a.Raise {
			a.Raise[i].Need = rules.linesOf(a.Raise[i].To, "", &ps)
		}
		if a.Pattern != nil {
			a.Need = slices.DeleteFunc(a.Need, func(n Need) bool { return !n.Pattern.Empty() })
			a.expand(rules, &ps)
		}
	}
	return ps
}

func (a *Approval) expand(rules *Rules, ps *Problems) {
	if len(a.Pattern.Table) == 0 {
		a.lines(a.Pattern.Name, "", rules, ps)
		return
	}
	var not []string
	for _, row := range a.Pattern.Table {
		name, _ := row.Value.V.(string)
		conditions := slices.Clone(not)
		if !row.Else {
			conditions = append(conditions, "("+row.When.V+")")
			not = append(not, "!("+row.When.V+")")
		}
		a.lines(Str{V: name, Pos: row.Value.Pos}, strings.Join(conditions, " && "), rules, ps)
	}
}

// lines adds the lines of one pattern under a condition.
func (a *Approval) lines(name Str, when string, rules *Rules, ps *Problems) {
	a.Need = append(a.Need, rules.linesOf(name, when, ps)...)
}

// linesOf are the lines of a pattern under a condition.
func (r *Rules) linesOf(name Str, when string, ps *Problems) []Need {
	p, ok := r.Pattern(name.V)
	if !ok {
		names := r.patternNames()
		ps.Add(name.Pos, "pattern", "There is no pattern `%s`.%s The patterns of rules.yaml are: %s.", name, source.DidYouMean(name.V, names), strings.Join(names, ", "))
		return nil
	}
	var out []Need
	for _, n := range p.Need {
		n.Pos, n.Pattern = name.Pos, Str{V: name.V, Pos: name.Pos}
		if when != "" {
			n.When = Str{V: when, Pos: name.Pos}
		}
		out = append(out, n)
	}
	return out
}

// ruleIDs are the rules a playbook names, each once, in the order named.
func ruleIDs(p *Playbook) []string {
	var out []string
	add := func(id string) {
		if id != "" && !slices.Contains(out, id) {
			out = append(out, id)
		}
	}
	ev, err := NewEvaluator(p, nil)
	if err != nil {
		return nil
	}
	named := func(expr string) {
		parsed, iss := ev.env.Parse(expr)
		if iss.Err() != nil {
			return
		}
		ast.PreOrderVisit(parsed.NativeRep().Expr(), ast.NewExprVisitor(func(n ast.Expr) {
			if id, ok := ruleOf(n); ok {
				add(id)
			}
		}))
	}
	for _, x := range startExprs(p) {
		named(x)
	}
	for _, s := range sites(p) {
		if s.place.step.Due != nil {
			add(s.place.step.Due.Rule.V)
		}
		if s.place.step.Clock != nil {
			for _, id := range s.place.step.Clock.rules() {
				add(id.V)
			}
		}
		if r := s.place.step.Register; r != nil {
			add(r.Valid.V)
		}
		for _, x := range s.exprs() {
			named(x)
		}
	}
	return out
}

// ruleOf is the id in a call of rule().
func ruleOf(e ast.Expr) (string, bool) {
	if e.Kind() != ast.CallKind || e.AsCall().FunctionName() != fnRule || len(e.AsCall().Args()) == 0 {
		return "", false
	}
	return ruleOfArgs(e.AsCall().Args())
}

func ruleOfArgs(args []ast.Expr) (string, bool) {
	if len(args) == 0 || args[0].Kind() != ast.LiteralKind {
		return "", false
	}
	id, ok := args[0].AsLiteral().(types.String)
	return string(id), ok
}

// knownRule checks a call of rule(): which rule is meant must be known before a
// run, because the run keeps it.
func (x *exprCheck) knownRule(e ast.Expr) {
	id, ok := ruleOf(e)
	if !ok {
		x.addAt(e, "rule", "`rule` takes the id of a rule in quotes, such as rule(\"cad-impact\").")
		return
	}
	if x.rules == nil {
		return
	}
	row, ok := x.rules.Row(id)
	arg := e.AsCall().Args()[0]
	switch {
	case !ok:
		x.addAt(arg, "rule", "There is no rule `%s`.%s Rules stand in rules.yaml.", id, source.DidYouMean(id, x.rules.ids()))
	case row.Off:
		x.addAt(arg, "rule", ruleOff, id)
	case row.Value != nil && len(e.AsCall().Args()) > 1:
		x.addAt(e, "rule", "The rule `%s` is the same for all tiers: write rule(\"%s\").", id, id)
	}
}

const ruleOff = "The rule `%s` is off: `enabled: false` stands at it in rules.yaml. Switch it on in your own rules.yaml, or use another."

// rule is the value of a rule for a tier; 0 = that of the subject in the scope.
func (e *Evaluator) rule(id string, tier int, s Scope) (any, error) {
	row, ok := e.schema.rules.Row(id)
	if !ok {
		return nil, fmt.Errorf("there is no rule %q", id)
	}
	if tier == 0 {
		tier = tierOf(s)
	}
	v, err := row.value(tier)
	if err != nil {
		return nil, err
	}
	return row.shape().coerce(v), nil
}

func tierOf(s Scope) int { return TierOf(s.Subject) }

// TierOf is the tier of a subject, 1 to 3; of one that has none, that of the
// system it belongs to.
func TierOf(subject map[string]any) int {
	if sys, ok := subject["system"].(map[string]any); ok && subject["tier"] == nil {
		return TierOf(sys)
	}
	switch n := subject["tier"].(type) {
	case int64:
		return int(n)
	case float64:
		return int(n)
	}
	return 1 // what is not assessed counts as the highest (processes.md 0.2)
}

// RuleSpan is the length of time that a rule gives for the subject in the scope.
func (e *Evaluator) RuleSpan(id string, s Scope) (string, error) {
	row, ok := e.schema.rules.Row(id)
	if !ok {
		return "", fmt.Errorf("there is no rule %q", id)
	}
	return row.span(tierOf(s))
}
