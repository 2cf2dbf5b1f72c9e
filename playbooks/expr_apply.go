package playbooks

import (
	"fmt"
	"slices"
	"strings"
)

// Text evaluates a text with ${...} to a readable text: lists are joined with
// ", ", numbers have no exponent, true and false are yes and no.
func (e *Evaluator) Text(tmpl string, s Scope) (string, error) {
	parts, err := splitText(tmpl)
	if err != nil {
		return "", e.fail(tmpl, err)
	}
	var b strings.Builder
	for _, p := range parts {
		if !p.expr {
			b.WriteString(p.text)
			continue
		}
		v, err := e.Value(p.text, s)
		if err != nil {
			return "", err
		}
		b.WriteString(readable(v, e.compile(p.text).shape, zoneOf(s)))
	}
	return b.String(), nil
}

// Template evaluates a text with ${...}. A text that is exactly `${expr}` keeps
// the expression's type, any other gives a string.
func (e *Evaluator) Template(tmpl string, s Scope) (any, error) {
	parts, err := splitText(tmpl)
	if err != nil {
		return nil, e.fail(tmpl, err)
	}
	if expr, ok := whole(parts); ok {
		return e.Value(expr, s)
	}
	return e.Text(tmpl, s)
}

// Set evaluates a set step to its values by name.
func (e *Evaluator) Set(step *Step, s Scope) (map[string]any, error) { return e.Values(step.Set, s) }

// Values evaluates named values. A table none of whose rows matches leaves its
// name out.
func (e *Evaluator) Values(vars []SetVar, s Scope) (map[string]any, error) {
	out := make(map[string]any, len(vars))
	for _, v := range vars {
		value, ok, err := e.setVar(v, s)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Name.V, err)
		}
		if ok {
			out[v.Name.V] = value
		}
	}
	return out, nil
}

func (e *Evaluator) setVar(v SetVar, s Scope) (any, bool, error) {
	switch {
	case v.Value != nil:
		value, err := e.lit(*v.Value, s)
		return value, err == nil, err
	case v.All:
		value, err := e.all(v.Table, s)
		return value, err == nil, err
	case len(v.Group) > 0:
		value, err := e.Values(v.Group, s)
		return value, err == nil, err
	}
	return e.Table(v.Table, s)
}

// Table gives the value of the first row whose condition holds; the else row
// always does. matched is false when none holds.
func (e *Evaluator) Table(rows []Row, s Scope) (value any, matched bool, err error) {
	for _, r := range rows {
		ok, err := e.holds(r, s)
		if err != nil {
			return nil, false, err
		}
		if ok {
			value, err := e.lit(r.Value, s)
			return value, err == nil, err
		}
	}
	return nil, false, nil
}

// all gives the values of every row that holds, and of the else row if none does.
func (e *Evaluator) all(rows []Row, s Scope) (any, error) {
	out := []any{}
	for _, r := range rows {
		if r.Else && len(out) > 0 {
			continue
		}
		ok, err := e.holds(r, s)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		v, err := e.lit(r.Value, s)
		if err != nil {
			return nil, err
		}
		out = append(out, v)
	}
	return out, nil
}

func (e *Evaluator) holds(r Row, s Scope) (bool, error) {
	if r.Else || r.When.Empty() {
		e.saw(r.Pos(), true)
		return true, nil
	}
	return e.Holds(r.When, s)
}

func (e *Evaluator) lit(l Lit, s Scope) (any, error) {
	switch v := l.V.(type) {
	case string:
		return e.Template(v, s)
	case int:
		return int64(v), nil
	}
	return l.V, nil
}

// People gives the raw names of who is meant: role ids, committee ids, "anyone"
// or person ids, each once, in the order written. It is empty when expressions
// name nobody.
func (e *Evaluator) People(p People, s Scope) ([]string, error) {
	texts := p.AnyOf
	if !p.One.Empty() {
		texts = append([]Str{p.One}, texts...)
	}
	var names []string
	for _, t := range texts {
		v, err := e.Template(t.V, s)
		if err != nil {
			return nil, err
		}
		if names, err = addNames(names, v); err != nil {
			return nil, e.fail(t.V, err)
		}
	}
	return names, nil
}

func addNames(names []string, v any) ([]string, error) {
	switch x := v.(type) {
	case string:
		if x != "" && !slices.Contains(names, x) {
			names = append(names, x)
		}
	case []any:
		for _, e := range x {
			var err error
			if names, err = addNames(names, e); err != nil {
				return nil, err
			}
		}
	default:
		return nil, fmt.Errorf("this must give people, but it gives %T", v)
	}
	return names, nil
}
