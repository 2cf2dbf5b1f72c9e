package graph

import (
	"github.com/aimsbot/aimsbot/playbooks"
)

// step draws one step and returns where it leads out.
func (d *drawing) step(s *playbooks.Step, in []exit) []exit {
	if s.Back != nil {
		return d.back(s, in) // its condition is when it goes back
	}
	yes, no := d.split(in, s.When)
	if s.Kind == playbooks.KindSteps {
		return append(d.sequence(s.Steps, yes), no...)
	}
	if len(s.Inner()) > 0 && s.Approval == nil {
		return append(d.around(s, yes), no...)
	}
	id := d.ids[s]
	d.join(yes, id)
	switch {
	case s.Approval != nil:
		return append(d.approval(s), no...)
	case s.End != nil:
		d.node(id, stadium, append(title(s), s.ID.V+": "+outcome(d.p, s.End.Outcome.V))...)
		return no
	}
	d.node(id, shape(s.Kind), append(title(s), does(s))...)
	d.hold(s)
	return append([]exit{{from: id}}, no...)
}

func shape(k playbooks.Kind) [2]string {
	switch k {
	case playbooks.KindForm:
		return rounded
	case playbooks.KindTask:
		return doubled
	case playbooks.KindNotify:
		return flag
	case playbooks.KindSet, playbooks.KindRegister, playbooks.KindCollect:
		return slanted
	}
	return box
}

// around draws a step that has others in it, those of a group side by side:
// from one point to another, where it waits for all of them. Arrows lead to the
// points and not to the whole, which Mermaid would put before the start.
func (d *drawing) around(s *playbooks.Step, in []exit) []exit {
	id := d.ids[s]
	from, to := "from_"+id, "to_"+id
	d.join(in, from)
	d.line("subgraph " + id + "[" + label(append(title(s), does(s))) + "]")
	d.depth++
	d.node(from, circle, " ")
	lanes := [][]*playbooks.Step{s.Inner()}
	if s.SideBySide() {
		lanes = lanes[:0]
		for _, lane := range s.Inner() {
			lanes = append(lanes, []*playbooks.Step{lane})
		}
	}
	for _, lane := range lanes {
		for _, e := range d.sequence(lane, []exit{{from: from}}) {
			if e.from != from { // a lane that is left out leads nowhere
				d.join([]exit{e}, to)
			}
		}
	}
	d.node(to, circle, " ")
	d.depth--
	d.line("end")
	return []exit{{from: to}}
}

// approval draws who decides, and the ways when it is not approved.
func (d *drawing) approval(s *playbooks.Step) []exit {
	id, a := d.ids[s], s.Approval
	d.node(id, hexagon, append(append(title(s), does(s)), needs(a)...)...)
	if !a.Changes.Empty() {
		d.join([]exit{{from: id, label: "asks for changes", dashed: true}}, d.target(a.Changes))
	}
	rejected := []exit{{from: id, label: "rejected", dashed: true}}
	switch {
	case a.OnReject == nil:
		d.end(rejected)
	case len(a.OnReject.Steps) > 0:
		d.end(d.sequence(a.OnReject.Steps, rejected))
	default:
		d.join(rejected, d.target(a.OnReject.Back))
	}
	return []exit{{from: id, label: "approved"}}
}

// end leads to the end of a rejected run.
func (d *drawing) end(in []exit) {
	d.join(in, "rejected")
	d.rejects = d.rejects || len(in) > 0
}

// back draws where the run goes back, and how it goes on otherwise.
func (d *drawing) back(s *playbooks.Step, in []exit) []exit {
	id, b := d.ids[s], s.Back
	d.join(in, id)
	lines := append(title(s), does(s))
	if !b.Say.Empty() {
		lines = append(lines, text(b.Say))
	}
	d.node(id, rhombus, lines...)
	d.join([]exit{{from: id, label: condition(s.When), dashed: true}}, d.target(b.To))
	out := []exit{{from: id, label: "otherwise"}}
	if b.AtMost > 0 {
		out = append(out, d.sequence(b.Then, []exit{{from: id, label: "has gone back " + times(b.AtMost)}})...)
	}
	return out
}

// target is the node with which the step of that id begins.
func (d *drawing) target(id playbooks.Str) string {
	s := d.p.Step(id.V)
	switch {
	case s == nil:
		return d.ids[s]
	case s.Kind == playbooks.KindSteps && len(s.Steps) > 0:
		return d.target(s.Steps[0].ID)
	case len(s.Inner()) > 0 && s.Approval == nil && s.Back == nil:
		return "from_" + d.ids[s]
	}
	return d.ids[s]
}

// hold draws which steps wait for a task's hold, and what lifts it.
func (d *drawing) hold(s *playbooks.Step) {
	if s.Task == nil || s.Task.Hold == nil {
		return
	}
	h := s.Task.Hold
	for _, id := range h.Blocks {
		d.join([]exit{{from: d.ids[s], label: "holds up", dashed: true}}, d.target(id))
	}
	d.join([]exit{{from: d.target(h.Until), label: "lifts the hold", dashed: true}}, d.ids[s])
}
