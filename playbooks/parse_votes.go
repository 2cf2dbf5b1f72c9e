package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// votes reads how many of a committee must approve. Its rule, such as majority,
// is the committee's own.
func (r *reader) votes(m *source.Map) int {
	n := m.Node("votes")
	if n == nil {
		return 0
	}
	if s := n.Str(); s.V == "majority" || s.V == "all" {
		r.ps.Add(s.Pos, "votes", "`votes` is how many of the committee must approve, such as 3. Leave it out for the committee's own rule: `%s` stands at the committee in the organisation file.", s)
		return 1
	}
	v, ok := n.Int(&r.ps)
	if ok && v < 1 && m.Has("committee") {
		r.ps.Add(n.Pos, "votes", "`votes` is how many of the committee must approve. Write at least 1.")
	}
	return int(v)
}
