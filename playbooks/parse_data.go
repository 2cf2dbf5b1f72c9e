package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// list reads a fixed list of the playbook: entries of plain values.
func (r *reader) list(e source.Entry) List {
	out := List{Name: e.Key}
	items := e.Value.List(&r.ps)
	if e.Value.Kind == source.Sequence && len(items) == 0 {
		r.ps.Add(e.Value.Pos, "empty", "`%s` is an empty list. Write its entries as {id: fairness, title: Fairness}.", e.Key)
	}
	for _, item := range items {
		if item.Kind != source.Mapping {
			r.ps.Add(item.Pos, "type", "An entry of `%s` is a group of values such as {id: fairness, title: Fairness}, but this is one value.", e.Key)
			continue
		}
		entry := Entry{Pos: item.Pos}
		for _, f := range item.Pairs(&r.ps) {
			if v, ok := r.lit(f.Value); ok {
				entry.Fields = append(entry.Fields, EntryField{Name: f.Key, Value: v})
			}
		}
		out.Entries = append(out.Entries, entry)
	}
	return out
}
