package playbooks

import (
	"strconv"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// back reads where a run goes back to.
func (r *reader) back(n *source.Node, s *Step) *Back {
	m := n.Map(&r.ps, "`back`", "to", "when", "say", "at_most", "then")
	m.Require("to")
	b := &Back{To: m.Text("to"), Say: m.Text("say"), AtMost: m.Int("at_most"), Then: r.steps(m.Node("then"), s)}
	r.inWhen(m, s)
	switch {
	case !m.OK():
	case s.When.Empty() && !m.Meant("when"):
		r.ps.Add(m.Pos, "back", "Without a `when` this goes back every time, and the run never ends. Say when it goes back.")
	case m.Has("at_most") && b.AtMost < 1:
		r.ps.Add(m.Node("at_most").Pos, "back", "`at_most` is how often the run may go back here: at least 1.")
	case m.Has("at_most") && !m.Has("then"):
		r.ps.Add(m.KeyPos("at_most"), "back", "What happens when the run has gone back %s and the condition still holds? Add `then` with the steps for it, such as an approval or an `end`.", times(b.AtMost))
	case m.Has("then") && !m.Has("at_most"):
		r.ps.Add(m.KeyPos("then"), "back", "`then` is what happens when the run has gone back often enough. Add `at_most`, such as at_most: 3.")
	}
	return b
}

// end reads how a run ends.
func (r *reader) end(n *source.Node, s *Step) *End {
	m := n.Map(&r.ps, "`end`", "outcome", "when")
	m.Require("outcome")
	e := &End{Outcome: m.Text("outcome")}
	r.inWhen(m, s)
	return e
}

// inWhen reads the condition of a step that may be written beside what it does.
func (r *reader) inWhen(m *source.Map, s *Step) {
	when := m.Text("when")
	switch {
	case when.Empty():
	case s.When.Empty():
		s.When = when
	default:
		r.ps.Add(when.Pos, "when", "This step has a `when` already, on %s. Write one condition, joined with && if both must hold.", line(s.When.Pos, when.Pos))
	}
}

func times(n int) string {
	switch n {
	case 1:
		return "once"
	case 2:
		return "twice"
	}
	return strconv.Itoa(n) + " times"
}
