package playbooks

import (
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// KindEach is a step that does its steps once for every entry of a list.
const KindEach Kind = "each"

// MostItems is how many entries an each is expected to have where it says
// nothing else; ours: what somebody still looks through by hand. More are done
// all the same, and the AIMS manager is told.
const MostItems = 100

// Each does steps once for every entry of a list, the entries side by side, the
// steps of one entry in sequence.
type Each struct {
	In     Str     `json:"in"` // an expression that gives the list
	As     Str     `json:"as,omitzero"`
	AtMost int     `json:"at_most,omitempty"` // 0 = MostItems
	Steps  []*Step `json:"steps"`
}

// EntryName is what the entry is called in the steps.
func (e *Each) EntryName() string {
	if e.As.Empty() {
		return "item"
	}
	return e.As.V
}

// Most is how many entries are expected.
func (e *Each) Most() int {
	if e.AtMost == 0 {
		return MostItems
	}
	return e.AtMost
}

func (r *reader) each(n *source.Node, s *Step) *Each {
	m := r.fields(n, "an each", []string{"in", "as", "at_most", "steps"}, nil)
	m.Require("in", "steps")
	e := &Each{In: m.Text("in"), As: m.Text("as"), AtMost: m.Int("at_most"), Steps: r.steps(m.Node("steps"), s)}
	if m.Has("at_most") && e.AtMost < 1 {
		r.ps.Add(m.Node("at_most").Pos, "each", "`at_most` is how many entries are expected: at least 1. More are done all the same, and the AIMS manager is told.")
	}
	return e
}

// EachOf returns the each that a step stands in; nil when it stands in none.
func (p *Playbook) EachOf(id string) *Step {
	for _, s := range p.All() {
		if s.Each == nil {
			continue
		}
		if slices.ContainsFunc(s.All()[1:], func(in *Step) bool { return in.ID.V == id && id != "" }) {
			return s
		}
	}
	return nil
}

// each is the step of that kind that the place stands in; nil for none.
func (p place) each() *Step {
	for _, s := range p.above {
		if s.Each != nil {
			return s
		}
	}
	return nil
}
