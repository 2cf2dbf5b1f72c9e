package playbooks

import (
	"slices"

	"cel.dev/cel-go/cel"
)

// eachShape is what an each leaves: for every entry what its steps left.
func eachShape(name string, s *Step) *shape {
	fields := []field{{name: "item", shape: anyShape}}
	for _, pl := range flow(&Playbook{Steps: s.Each.Steps}) {
		if r := resultShape(pl.step); r != nil {
			fields = append(fields, field{name: pl.step.ID.V, shape: r, maybe: pl.maySkip() || !pl.step.WaitedFor()})
		}
	}
	return listOf(objectOf("an entry of step "+s.ID.V, fields...))
}

// entryOf finds what an entry of a list is.
func (sc *schema) entryOf(list Str, env *cel.Env) *shape {
	if checked, iss := sc.compile(list.V, env); iss.Err() == nil {
		if s := sc.shapeOf(checked); s.kind == shapeList {
			return s.elem
		}
	}
	return anyShape
}

// nameEntry says what the name of an entry stands for.
func (sc *schema) nameEntry(name string, entry *shape) {
	for i := range sc.roots {
		if sc.roots[i].name == name {
			if before := sc.roots[i].shape; before.kind != shapeAny && before != entry {
				entry = anyShape // another step calls other entries the same
			}
			sc.roots[i].shape = entry
		}
	}
}

// inferItems finds what an entry of an each is; result is what the each leaves.
// Values of set steps in it become known with those steps: both read one shape.
func (sc *schema) inferItems(s *Step, result *shape, steps *shape, env *cel.Env) {
	entry := sc.entryOf(s.Each.In, env)
	result.elem.field("item").shape = entry
	sc.nameEntry(s.Each.EntryName(), entry)
	for i := range result.elem.fields {
		if f := steps.field(result.elem.fields[i].name); f != nil && result.elem.fields[i].name != "item" {
			result.elem.fields[i].shape = f.shape
		}
	}
}

// entryNames are the names that steps give to the entries they go through.
func entryNames(s *Step) string {
	switch {
	case s.Form != nil && !s.Form.Each.Empty():
		return s.Form.EntryName()
	case s.Each != nil:
		return s.Each.EntryName()
	}
	return ""
}

// knowsEntry tells whether a name of entries means something at a site.
func (s site) knowsEntry(name string) bool {
	if f := s.place.step.Form; f != nil && !f.Each.Empty() && f.EntryName() == name && s.ofQuestion() {
		return true
	}
	return slices.ContainsFunc(s.place.above, func(a *Step) bool { return a.Each != nil && a.Each.EntryName() == name })
}

// stepInEach reports a step of an each that is read from outside of it.
func (x *exprCheck) stepInEach(at int, other place) bool {
	e := other.each()
	if e == nil || e == x.site.place.each() {
		return false
	}
	id := other.step.ID.V
	x.add(at, "unknown-step", "`%s` is done once for every entry of `%s`, so it has many results. Ask the list, such as steps.%s.all(x, has(x.%s)).", id, e.ID, e.ID, id)
	return true
}

// entryElsewhere says where the name of an entry is known.
func (x *exprCheck) entryElsewhere(name string) string {
	for _, pl := range x.flow {
		if e := pl.step.Each; e != nil && e.EntryName() == name {
			return "`" + name + "` is an entry of what `" + pl.step.ID.V + "` goes through: it is known in the steps of that each only. Later, ask the list steps." + pl.step.ID.V + ", whose entries have `item`."
		}
	}
	return "`" + name + "` is an entry of what a form goes through: it is known in the questions of that form only. Its answers are in `rows` of that step."
}
