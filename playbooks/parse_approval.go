package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

func (r *reader) approval(n *source.Node, s *Step) *Approval {
	m := r.fields(n, "an approval", []string{"about", "need", "never", "changes", "on_reject", "pattern", "not_before", "choose", "raise"}, nil)
	if !m.Has("pattern") {
		m.Require("need")
	}
	var gates []Gate
	for _, item := range m.List("not_before") {
		g := item.Map(&r.ps, "an entry of `not_before`", "check", "say")
		g.Require("check", "say")
		gates = append(gates, Gate{Check: g.Text("check"), Say: g.Text("say")})
	}
	return &Approval{
		NotBefore: gates,
		Pattern:   r.choice(m.Node("pattern")),
		About:     r.about(m),
		Need:      r.needs(m.Node("need")),
		Never:     m.Texts("never"),
		Changes:   m.Text("changes"),
		OnReject:  r.onReject(m.Node("on_reject"), s),
		Choose:    r.choose(m),
		Raise:     r.raise(m),
	}
}

// choice reads a name, or a table that gives one.
func (r *reader) choice(n *source.Node) *Choice {
	switch {
	case n == nil:
		return nil
	case n.Kind == source.Sequence:
		c := &Choice{Table: r.table(n, true)}
		for _, row := range c.Table {
			if _, ok := row.Value.V.(string); !ok {
				r.ps.Add(row.Value.Pos, "pattern", "A row of `pattern` gives the name of a pattern, such as P-std.")
			}
		}
		return c
	}
	return &Choice{Name: n.Text(&r.ps)}
}

// onReject reads what a rejection leads to.
func (r *reader) onReject(n *source.Node, s *Step) *OnReject {
	switch {
	case n == nil:
		return nil
	case n.Kind == source.Sequence:
		return &OnReject{Steps: r.steps(n, s)}
	case n.Kind == source.Scalar:
		r.ps.Add(n.Pos, "type", "`on_reject` is {back: STEP} or a list of steps, but this is one value. Without it, the run ends as rejected.")
		return nil
	}
	m := n.Map(&r.ps, "`on_reject`", "back")
	m.Require("back")
	return &OnReject{Back: m.Text("back")}
}

func (r *reader) needs(n *source.Node) []Need {
	if n != nil && n.Kind == source.Scalar {
		r.ps.Add(n.Pos, "type", "`need` is a list of lines, each with who decides, but this is the text `%s`. Write [{role: %s}].", n.Str(), n.Str())
		return nil
	}
	items := n.List(&r.ps)
	if n != nil && n.Kind == source.Sequence && len(items) == 0 {
		r.ps.Add(n.Pos, "empty", "`need` is an empty list: nobody could approve. Write at least one line, such as - role: ai-ethics-officer.")
	}
	var out []Need
	for _, item := range items {
		if line, ok := r.need(item, true); ok {
			out = append(out, line)
		}
	}
	return out
}

// need reads one line; an entry of any_of is a line without when and any_of.
func (r *reader) need(n *source.Node, top bool) (Need, bool) {
	keys := []string{"role", "person", "committee", "votes", "chair"}
	what := "an entry of any_of"
	if top {
		keys = append(keys, "any_of", "when")
		what = "a line of need"
	}
	m := n.Map(&r.ps, what, keys...)
	if !m.OK() {
		return Need{}, false
	}
	line := Need{
		Role: m.Text("role"), Person: m.Text("person"), Committee: m.Text("committee"),
		Votes: r.votes(m), Chair: r.chair(m), When: m.Text("when"), Pos: m.Pos,
	}
	if list := m.Node("any_of"); list != nil {
		for _, item := range list.List(&r.ps) {
			if one, ok := r.need(item, false); ok {
				line.AnyOf = append(line.AnyOf, one)
			}
		}
		if list.Kind == source.Sequence && len(list.Items) == 0 {
			r.ps.Add(list.Pos, "empty", "`any_of` is an empty list: nobody could approve.")
		}
	}
	r.needOne(m, top)
	return line, true
}

// needOne checks that the line names exactly one who decides.
func (r *reader) needOne(m *source.Map, top bool) {
	kinds := []string{"role", "person", "committee"}
	choices := "role, person or committee"
	if top {
		kinds = append(kinds, "any_of")
		choices = "role, person, committee or any_of"
	}
	found := 0
	for _, k := range kinds {
		if !m.Has(k) {
			continue
		}
		if found++; found > 1 {
			r.ps.Add(m.KeyPos(k), "need", "A line names one who decides. Make a line of its own for `%s`; if any one of them is enough, use any_of.", k)
		}
	}
	if found == 0 {
		r.ps.Add(m.Pos, "need", "This line does not say who decides. Add one of: %s.", choices)
	}
	if m.Has("votes") && !m.Has("committee") {
		r.ps.Add(m.KeyPos("votes"), "votes", "`votes` counts members of a committee; this line has none.")
	}
}
