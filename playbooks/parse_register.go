package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// register reads what a step writes into the register.
func (r *reader) register(n *source.Node) *Register {
	m := r.fields(n, "`register`", []string{"on", "set", "add", "valid"}, []string{"create"})
	out := &Register{On: m.Text("on"), Set: r.set(m.Node("set")), Add: r.set(m.Node("add"))}
	if m.Has("valid") {
		v := m.Node("valid").Map(&r.ps, "`valid`", "for")
		v.Require("for")
		out.Valid = v.Text("for")
	}
	if m.OK() && !m.Has("set") && !m.Has("add") && !m.Has("valid") && !m.Has("create") && !m.Meant("set") && !m.Meant("add") && !m.Meant("valid") {
		r.ps.Add(m.Pos, "required", "This writes nothing. Say what it decides, such as register: {set: {tier: 2}}.")
	}
	return out
}
