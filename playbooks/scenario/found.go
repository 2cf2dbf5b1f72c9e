package scenario

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// given reads the entries of lists that are collected from. In a scenario nothing
// was there before, so that there is nothing to find unless it is given.
func (r *reader) given(m *source.Map) map[string][]map[string]any {
	out := map[string][]map[string]any{}
	for _, e := range m.Pairs("given") {
		step, name, _ := strings.Cut(e.Key.V, ".")
		if !r.collects(step, name) {
			r.ps.Add(e.Key.Pos, "scenario", "The playbook collects nothing that is called `%s`.%s Write step.name: %s.", e.Key, source.DidYouMean(e.Key.V, r.collected()), orNone(r.collected()))
			continue
		}
		entries := []map[string]any{}
		for _, item := range e.Value.List(&r.ps) {
			entry := map[string]any{}
			for _, f := range item.Pairs(&r.ps) {
				if v, ok := r.plain(f.Value); ok {
					entry[f.Key.V] = v
				}
			}
			if entry["id"] == nil {
				r.ps.Add(item.Pos, "scenario", "Each entry that is found has an `id`, such as {id: a, ...}.")
			}
			entries = append(entries, entry)
		}
		out[e.Key.V] = entries
	}
	return out
}

// plain reads a value: a text, a number, true or false, or a list of such.
func (r *reader) plain(n *source.Node) (any, bool) {
	if n.Kind != source.Sequence {
		return n.Value(&r.ps)
	}
	list := []any{}
	for _, item := range n.Items {
		if v, ok := item.Value(&r.ps); ok {
			list = append(list, v)
		}
	}
	return list, true
}

func (r *reader) collects(step, name string) bool {
	s := r.book.Step(step)
	return s != nil && slices.ContainsFunc(s.Collect, func(c playbooks.Collected) bool { return c.Name.V == name })
}

func (r *reader) collected() (names []string) {
	for _, s := range r.book.All() {
		for _, c := range s.Collect {
			names = append(names, s.ID.V+"."+c.Name.V)
		}
	}
	return names
}

func orNone(names []string) string {
	if len(names) == 0 {
		return "it has no collect step"
	}
	return strings.Join(names, ", ")
}
