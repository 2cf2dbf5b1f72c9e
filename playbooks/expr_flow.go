package playbooks

import "slices"

// place is a step with its way through the playbook: which groups and blocks it
// stands in, and at which position of each.
type place struct {
	step  *Step
	path  []int   // index at each level; the first is the top level
	above []*Step // the groups and blocks it stands in, outermost first
}

// flow lists every step of a playbook, groups and blocks included, in the order
// written.
func flow(p *Playbook) []place {
	var out []place
	var walk func(steps []*Step, path []int, above []*Step)
	walk = func(steps []*Step, path []int, above []*Step) {
		for i, s := range steps {
			if s == nil {
				continue
			}
			here := place{step: s, path: append(append([]int(nil), path...), i), above: above}
			out = append(out, here)
			walk(s.Inner(), here.path, append(append([]*Step(nil), above...), s))
		}
	}
	walk(p.Steps, nil, nil)
	return out
}

// maySkip tells whether a run can go on without the step having run.
func (p place) maySkip() bool {
	if !p.step.guard().Empty() || p.step.MayStandDown() {
		return true
	}
	for _, g := range p.above {
		if !g.When.Empty() || !g.Holds() {
			return true
		}
	}
	return false
}

// nextTo tells whether the other step comes directly after this one, in the same
// list of steps.
func (p place) nextTo(other place) bool {
	n := len(p.path)
	return len(other.path) == n && slices.Equal(p.path[:n-1], other.path[:n-1]) && other.path[n-1] == p.path[n-1]+1
}

// order says how another step stands to this one.
type order int

const (
	earlier order = iota
	later
	beside
	itself
	around // the other is a group or block that this one stands in
	within // the other stands in this group or block
)

// orderOf tells when the other step runs, seen from this one: what counts is
// the innermost group or block both stand in. The entries of a group run side
// by side; everything else is a sequence. What a rejection leads to comes after
// the approval it is written in.
func (p place) orderOf(other place) order {
	if p.step == other.step {
		return itself
	}
	level := 0
	for ; level < len(p.path) && level < len(other.path); level++ {
		if p.path[level] != other.path[level] {
			break
		}
	}
	switch {
	case level == len(p.path):
		return within
	case level == len(other.path) && !other.step.Holds():
		return earlier
	case level == len(other.path):
		return around
	case level > 0 && p.above[level-1].SideBySide():
		return beside
	case other.path[level] < p.path[level]:
		return earlier
	}
	return later
}
