package playbooks

// lintData checks the fixed lists: their names, and that each entry has an id
// of its own, by which it is known from one round to the next.
func lintData(l *linter) {
	names := map[string]Pos{}
	for _, list := range l.p.Data {
		l.id(list.Name, "a list", names)
		ids := map[string]Pos{}
		for _, e := range list.Entries {
			found := false
			for _, f := range e.Fields {
				if !snake.MatchString(f.Name.V) {
					l.ps.Add(f.Name.Pos, "id", "`%s` is no name for a value. Use small letters, digits and _, beginning with a letter.", f.Name)
				}
				if f.Name.V != "id" {
					continue
				}
				found = true
				id, ok := f.Value.V.(string)
				if !ok {
					l.ps.Add(f.Value.Pos, "id", "The id of an entry is a text of small letters, digits and _, such as fairness.")
					continue
				}
				l.id(Str{V: id, Pos: f.Value.Pos}, "an entry", ids)
			}
			if !found {
				l.ps.Add(e.Pos, "data", "This entry of `%s` has no `id`. Add one, such as id: fairness.", list.Name)
			}
		}
	}
}

// lintEach checks what forms call the entries they go through.
func lintEach(l *linter) {
	for _, at := range l.flow {
		if f := at.step.Form; f != nil && !f.Each.Empty() {
			l.entryName(f.As)
		}
	}
}
