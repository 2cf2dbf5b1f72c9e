package playbooks

import (
	"regexp"
	"slices"

	"cel.dev/cel-go/cel"
)

// dataShape is the fixed lists of a playbook. A value that some entry lacks may
// be absent.
func dataShape(lists []List) *shape {
	fields := make([]field, 0, len(lists))
	for _, l := range lists {
		var entry []field
		for _, e := range l.Entries {
			for _, f := range e.Fields {
				i := slices.IndexFunc(entry, func(x field) bool { return x.name == f.Name.V })
				if i < 0 {
					entry = append(entry, field{name: f.Name.V, shape: plainShape(f.Value.V)})
				} else {
					entry[i].shape = entry[i].shape.join(plainShape(f.Value.V))
				}
			}
		}
		for i := range entry {
			entry[i].maybe = slices.ContainsFunc(l.Entries, func(e Entry) bool { return !e.has(entry[i].name) })
		}
		fields = append(fields, field{name: l.Name.V, shape: listOf(objectOf("an entry of data."+l.Name.V, entry...))})
	}
	return objectOf("the fixed lists", fields...)
}

func (e Entry) has(name string) bool {
	return slices.ContainsFunc(e.Fields, func(f EntryField) bool { return f.Name.V == name })
}

func plainShape(v any) *shape {
	switch v.(type) {
	case bool:
		return boolShape
	case int, int64:
		return intShape
	case float64:
		return numberShape
	}
	return textShape
}

// plainData is the fixed lists as values.
func plainData(lists []List) map[string]any {
	out := map[string]any{}
	for _, l := range lists {
		entries := make([]any, 0, len(l.Entries))
		for _, e := range l.Entries {
			entry := map[string]any{}
			for _, f := range e.Fields {
				entry[f.Name.V] = f.Value.V
			}
			entries = append(entries, entry)
		}
		out[l.Name.V] = entries
	}
	return out
}

// entryRoots are the names that the forms give to an entry of what they go
// through. What an entry is becomes known when the expressions are compiled.
func entryRoots(p *Playbook, roots []field) []field {
	var out []field
	for _, pl := range flow(p) {
		name := entryNames(pl.step)
		same := func(r field) bool { return r.name == name }
		if name != "" && !slices.ContainsFunc(roots, same) && !slices.ContainsFunc(out, same) {
			out = append(out, field{name: name, shape: anyShape})
		}
	}
	return out
}

// ofData is a list of the playbook itself, which is never empty.
var ofData = regexp.MustCompile(`^data\.[a-z][a-z0-9_]*$`)

// rowsShape is what a form leaves that goes through a list: with an empty list
// nobody is asked.
func rowsShape(name string, s *Step) *shape {
	row := objectOf("a row of step "+s.ID.V, append([]field{{name: "item", shape: anyShape}}, answers(s, s.Form.Questions)...)...)
	maybe := !ofData.MatchString(s.Form.Each.V)
	return objectOf(name, field{name: "rows", shape: listOf(row), filled: true},
		field{name: "by", shape: personShape, maybe: maybe}, field{name: "at", shape: datetimeShape, maybe: maybe})
}

// inferEntries finds what an entry of a form's list is.
func (sc *schema) inferEntries(f *Form, result *shape, env *cel.Env) {
	entry := sc.entryOf(f.Each, env)
	result.field("rows").shape.elem.field("item").shape = entry
	sc.nameEntry(f.EntryName(), entry)
}

// isEntry tells whether a root is the name some step gives to its entries.
func isEntry(flow []place, name string) bool {
	return slices.ContainsFunc(flow, func(pl place) bool {
		return entryNames(pl.step) == name
	})
}
