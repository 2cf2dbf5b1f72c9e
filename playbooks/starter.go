package playbooks

import (
	"slices"
	"strings"
)

// AsksStarter is the first place at which a playbook asks or tells whoever started
// the run, without looking first whether that was a person; empty = none. What
// nobody started, such as a run of the programme, could never go on there.
func (p *Playbook) AsksStarter() Str {
	const starter, looks = "run.by", "has(run.by)"
	for _, s := range sites(p) {
		guarded := func(st *Step) bool { return strings.Contains(st.When.V, looks) }
		if s.kind != sitePeople || guarded(s.place.step) || slices.ContainsFunc(s.place.above, guarded) {
			continue
		}
		for _, x := range s.exprs() {
			if strings.Contains(x, starter) && !strings.Contains(x, looks) {
				return s.str
			}
		}
	}
	return Str{}
}
