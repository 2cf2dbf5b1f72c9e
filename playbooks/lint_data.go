package playbooks

import "strings"

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

// lintEach checks what forms call the entries they go through, and that all
// questions fit into one window where the list is known.
func lintEach(l *linter) {
	roots := []string{"steps", "run", "subject", "before", "organisation", "rules", "data", "answers", "choice", "now"}
	for _, at := range l.flow {
		f := at.step.Form
		if f == nil || f.Each.Empty() {
			continue
		}
		switch {
		case f.As.Empty():
		case !snake.MatchString(f.As.V) || len(f.As.V) > maxID || has(celWords, f.As.V):
			l.ps.Add(f.As.Pos, "id", "`%s` is no name for an entry. Use small letters, digits and _, beginning with a letter, such as dimension.", f.As)
		case has(roots, f.As.V) || has(subjectKinds, f.As.V):
			l.ps.Add(f.As.Pos, "id", "`%s` means something else in expressions already. Choose another name for the entry, such as entry.", f.As)
		}
		name, known := strings.CutPrefix(f.Each.V, "data.")
		if !known {
			continue
		}
		for _, list := range l.p.Data {
			if rows := len(list.Entries); list.Name.V == name && RowBlocks(rows, len(f.Questions)) > maxQuestions {
				l.ps.Add(f.Each.Pos, "too-many", "%d entries with %d questions each do not fit into one window of Slack: with a heading for each entry there is room for %d in all. Ask less, or make two forms.", rows, len(f.Questions), maxQuestions)
			}
		}
	}
}

// RowBlocks is how many blocks of a window the questions of so many rows take,
// with a heading for each row.
func RowBlocks(rows, questions int) int { return rows * (questions + 1) }
