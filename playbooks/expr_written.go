package playbooks

import "slices"

// written adds the fields of the subject that a register step has given a value
// before this place: a run about an incident begins with an id only, and after
// the step that files it everything about it may be read.
func (x *exprCheck) written(f facts) {
	for _, pl := range x.flow {
		r := pl.step.Register
		if r == nil || !r.On.Empty() || !r.Create.Empty() || x.site.place.orderOf(pl) != earlier {
			continue
		}
		if pl.maySkip() && !f.present["steps."+pl.step.ID.V] {
			continue
		}
		for _, v := range r.Set {
			if v.Value == nil && !slices.ContainsFunc(v.Table, func(row Row) bool { return row.Else }) {
				continue // no row may hold
			}
			for _, root := range []string{"subject", x.subject} {
				f.present[root+"."+v.Name.V] = true
			}
		}
	}
}
