package scenario

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// readAnswers reads the answers that several scenarios give alike.
func (r *reader) readAnswers(file *source.Map) {
	r.byName = map[string]*source.Node{}
	for _, e := range file.Pairs("answers") {
		if e.Value.Kind != source.Mapping {
			r.ps.Add(e.Value.Pos, "scenario", "`%s` holds answers by question, such as {people: 900}.", e.Key)
			continue
		}
		r.byName[e.Key.V] = e.Value
	}
}

// with is what somebody answers: by question, by the name of answers that the file
// gives, or a list of both, of which the later win.
func (r *reader) with(n *source.Node) *source.Node {
	switch {
	case n == nil || n.Kind == source.Mapping:
		return n
	case n.Kind == source.Sequence:
		var out *source.Node
		for _, item := range n.Items {
			out = r.with(item).Over(out)
		}
		return out
	}
	name := n.Str()
	if found, ok := r.byName[name.V]; ok {
		return found
	}
	names := slices.Sorted(maps.Keys(r.byName))
	given := "This file names none under `answers`."
	if len(names) > 0 {
		given = "Those that this file names are: " + strings.Join(names, ", ") + "."
	}
	r.ps.Add(name.Pos, "scenario", "`with` holds answers by question, such as {people: 900}, or names some, and there is no `%s`.%s %s", name, source.DidYouMean(name.V, names), given)
	return nil
}

// register reads what runs have decided about subjects before: fields by subject,
// which is written as its id, or as KIND:ID where a run made it.
func (r *reader) register(subjects []source.Entry, at time.Time) []org.Fact {
	var out []org.Fact
	for _, e := range subjects {
		kind, id := r.subjectNamed(e.Key.V)
		if kind == "" {
			r.ps.Add(e.Key.Pos, "scenario", "Nothing in the organisation is called `%s`. Write the id of a system, a model or the like; what only runs know is written with its kind, such as incident:inc-1.", e.Key)
			continue
		}
		for _, f := range e.Value.Pairs(&r.ps) {
			if fact, ok := r.fact(kind, f); ok {
				fact.Subject, fact.From = id, at
				out = append(out, fact)
			}
		}
	}
	return out
}

// subjectNamed finds the kind of a subject; empty = there is none such.
func (r *reader) subjectNamed(text string) (kind, id string) {
	kinds := org.Kinds()
	if kind, id, ok := strings.Cut(text, ":"); ok {
		if _, known := r.orgAt.Subject(kind, id); slices.Contains(kinds, kind) && (known || org.RegisterOnly(kind)) {
			return kind, id
		}
		return "", ""
	}
	for _, kind := range kinds {
		if _, known := r.orgAt.Subject(kind, text); known {
			return kind, text
		}
	}
	return "", ""
}

// fact reads one field of a subject of a kind.
func (r *reader) fact(kind string, f source.Entry) (org.Fact, bool) {
	name, _, grouped := strings.Cut(f.Key.V, ".")
	field, known := org.FieldOf(kind, name)
	if !known || !field.Register {
		r.ps.Add(f.Key.Pos, "scenario", "`%s` of a %s is no field that runs decide.", f.Key, kind)
		return org.Fact{}, false
	}
	v := r.value(f.Value)
	if _, err := playbooks.FieldValue(kind, field, v); err != nil && !grouped {
		r.ps.Add(f.Value.Pos, "scenario", "%v.", err)
		return org.Fact{}, false
	}
	raw, err := json.Marshal(v)
	if err != nil {
		r.ps.Add(f.Value.Pos, "scenario", "%v.", err)
		return org.Fact{}, false
	}
	return org.Fact{Kind: kind, Field: f.Key.V, Value: raw}, true
}
