package playbooks

import (
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Register writes what was decided about a subject into the register, where the
// expressions of all runs read it from then on.
type Register struct {
	On  Str      `json:"on,omitzero"`   // an expression that gives the subject; empty = the run's
	Set []SetVar `json:"set,omitempty"` // values by field
	Add []SetVar `json:"add,omitempty"` // entries for lists, by field
	// Create is the kind of a subject that the step makes; empty = none.
	Create Str      `json:"create,omitzero"`
	Change []Change `json:"change,omitempty"`
	// Valid is the rule that says for how long from now on the decision holds.
	Valid Str `json:"valid,omitzero"`
}

// values are all values that the step writes or looks for.
func (r *Register) values() []SetVar {
	out := slices.Concat(r.Set, r.Add)
	for _, c := range r.Change {
		out = slices.Concat(out, c.Of, c.Set)
	}
	for i := 0; i < len(out); i++ {
		out = append(out, out[i].Group...)
	}
	return out
}

// Change sets values in the entries of a list that have the values of Of.
type Change struct {
	Name Str      `json:"name"`
	Of   []SetVar `json:"of"`
	Set  []SetVar `json:"set"`
}

// register reads what a step writes into the register.
func (r *reader) register(n *source.Node) *Register {
	m := r.fields(n, "`register`", []string{"on", "create", "set", "add", "change", "valid"}, nil)
	out := &Register{
		On: m.Text("on"), Create: m.Text("create"),
		Set: r.registerValues(m.Node("set")), Add: r.registerValues(m.Node("add")), Change: r.changes(m.Pairs("change")),
	}
	if m.Has("valid") {
		v := m.Node("valid").Map(&r.ps, "`valid`", "for")
		v.Require("for")
		out.Valid = v.Text("for")
	}
	if m.Has("on") && m.Has("create") {
		r.ps.Add(m.KeyPos("create"), "register", "`create` makes a new subject and `on` names one that is there. Keep one of them.")
	}
	writes := func(key string) bool { return m.Has(key) || m.Meant(key) }
	if m.OK() && !slices.ContainsFunc([]string{"set", "add", "change", "valid", "create"}, writes) {
		r.ps.Add(m.Pos, "required", "This writes nothing. Say what it decides, such as register: {set: {tier: 2}}.")
	}
	return out
}

// registerValues reads values by field; one may be a group of values, such as
// {incident: ..., from: ...}.
func (r *reader) registerValues(n *source.Node) []SetVar {
	if n == nil || n.Kind != source.Mapping {
		return r.set(n)
	}
	var out []SetVar
	for _, e := range n.Pairs(&r.ps) {
		out = append(out, r.registerValue(e))
	}
	if len(out) == 0 {
		return r.set(n) // says that it is empty
	}
	return out
}

func (r *reader) registerValue(e source.Entry) SetVar {
	if e.Value.Kind != source.Mapping || len(e.Value.Entries) == 0 || e.Value.Entries[0].Key.V == "all" {
		return r.setVar(e)
	}
	return SetVar{Name: e.Key, Group: r.registerValues(e.Value)}
}

// changes reads which entries of lists are changed, and how.
func (r *reader) changes(pairs []source.Entry) []Change {
	var out []Change
	for _, e := range pairs {
		m := e.Value.Map(&r.ps, "a change of a list", "of", "set")
		if !m.OK() {
			continue
		}
		m.Require("of", "set")
		out = append(out, Change{Name: e.Key, Of: r.registerValues(m.Node("of")), Set: r.registerValues(m.Node("set"))})
	}
	return out
}
