package playbooks

// place is a step with its way through the playbook: which groups it stands
// in, and at which position of each.
type place struct {
	step  *Step
	path  []int   // index at each level; the first is the top level
	above []*Step // the groups it stands in, outermost first
}

// flow lists every step of a playbook, groups included, in the order written.
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
			walk(s.Group, here.path, append(append([]*Step(nil), above...), s))
		}
	}
	walk(p.Steps, nil, nil)
	return out
}

// maySkip tells whether a run can go on without the step having run.
func (p place) maySkip() bool {
	if !p.step.When.Empty() {
		return true
	}
	for _, g := range p.above {
		if !g.When.Empty() {
			return true
		}
	}
	return false
}

// order says how another step stands to this one.
type order int

const (
	earlier order = iota
	later
	beside
	itself
)

// orderOf tells when the other step runs, seen from this one. Only the top
// level is a sequence: the entries of a group run side by side.
func (p place) orderOf(other place) order {
	switch {
	case p.step == other.step:
		return itself
	case other.path[0] < p.path[0]:
		return earlier
	case other.path[0] > p.path[0]:
		return later
	}
	return beside
}
