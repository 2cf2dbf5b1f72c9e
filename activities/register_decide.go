package activities

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// fieldID is the fact by which the register knows a subject that a run made.
const fieldID = "id"

// deciding is what one register step writes, about one subject.
type deciding struct {
	*session
	kind, id string
	facts    []org.Fact
}

// decide works out the facts that a step writes.
func (s *session) decide(step *playbooks.Step) ([]org.Fact, error) {
	r, scope := step.Register, s.scope()
	d := &deciding{session: s}
	var err error
	if d.kind, d.id, err = s.writtenOn(step, scope); err != nil {
		return nil, err
	}
	if _, known := s.org.Subject(d.kind, d.id); !known {
		d.facts = append(d.facts, d.over(fieldID, d.id, false)) // from here on it is known
	}
	set, err := s.eval.Values(r.Set, scope)
	if err != nil {
		return nil, err
	}
	add, err := s.eval.Values(r.Add, scope)
	if err != nil {
		return nil, err
	}
	for _, name := range slices.Sorted(maps.Keys(set)) {
		if err := d.put(name, set[name], false, !r.Create.Empty()); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(add)) {
		list, isList := add[name].([]any)
		if !isList {
			list = []any{add[name]}
		}
		if err := d.put(name, list, true, !r.Create.Empty()); err != nil {
			return nil, err
		}
	}
	for _, c := range r.Change {
		if err := d.change(c, scope); err != nil {
			return nil, err
		}
	}
	if !r.Valid.Empty() {
		if err := d.validUntil(r); err != nil {
			return nil, err
		}
	}
	return d.facts, nil
}

// writtenOn is the kind and the id of the subject that a step writes about.
func (s *session) writtenOn(step *playbooks.Step, scope playbooks.Scope) (kind, id string, err error) {
	switch r := step.Register; {
	case !r.Create.Empty():
		// A repeated try makes the same subject again.
		key := port.RecordKey(s.place(step), kindWritten, "", 0)
		return r.Create.V, subjectID(r.Create.V, port.Digest26(key)[:newSubjectLetters]), nil
	case r.On.Empty():
		return s.def.Playbook.About(), s.state.Run.SubjectID, nil
	default:
		v, err := s.eval.Template(r.On.V, scope)
		if err != nil {
			return "", "", err
		}
		if m, ok := v.(map[string]any); ok {
			v = m[fieldID]
		}
		kind = s.eval.SubjectKind(r.On.V)
		id, _ = v.(string)
		if _, known := s.org.Subject(kind, id); !known {
			return "", "", fmt.Errorf("on: the organisation has no %s %q", kind, id)
		}
		return kind, id, nil
	}
}

// put checks one value and remembers what it takes the place of. A subject just
// made may also have what the organisation file will say of it.
func (d *deciding) put(name string, v any, add, created bool) error {
	f, known := org.FieldOf(d.kind, name)
	if !known || f.Name == fieldID || f.Rank != "" || !f.Register && !created {
		return fmt.Errorf("%s of %s %s is no field that runs decide", name, d.kind, d.id)
	}
	v, err := playbooks.FieldValue(d.kind, f, v)
	if err != nil {
		return err
	}
	if err := d.thingsKnown(f, v); err != nil {
		return err
	}
	if f.Type == org.FieldInstants {
		entries, _ := v.(map[string]any)
		for _, entry := range slices.Sorted(maps.Keys(entries)) {
			d.facts = append(d.facts, d.over(name+"."+entry, entries[entry], false))
		}
		return nil
	}
	d.facts = append(d.facts, d.over(name, v, add))
	return nil
}

// change sets values in the entries of a list that have those of c.Of. A change
// that meets no entry is a mistake that would leave a hold in force unseen.
func (d *deciding) change(c playbooks.Change, scope playbooks.Scope) error {
	of, err := d.eval.Values(c.Of, scope)
	if err != nil {
		return err
	}
	set, err := d.eval.Values(c.Set, scope)
	if err != nil {
		return err
	}
	subject, _ := d.org.Subject(d.kind, d.id)
	list, _ := subject.Values[c.Name.V].([]any)
	out, met := make([]any, 0, len(list)), false
	for _, e := range list {
		entry, ok := e.(map[string]any)
		if ok && matches(entry, of) {
			met, entry = true, maps.Clone(entry)
			maps.Copy(entry, set)
			e = entry
		}
		out = append(out, e)
	}
	if !met {
		return fmt.Errorf("change: no entry of %s of %s %s has %v", c.Name, d.kind, d.id, of)
	}
	return d.put(c.Name.V, out, false, false)
}

// matches tells whether an entry has all values of another, as the register
// writes them.
func matches(entry, of map[string]any) bool {
	for name, v := range of {
		if string(mustJSON(entry[name])) != string(mustJSON(v)) {
			return false
		}
	}
	return true
}

// thingsKnown refuses ids of people, systems and the like that nobody could find
// later.
func (s *session) thingsKnown(f org.Field, v any) error {
	kind := f.Of
	if f.Type == org.FieldPerson || f.Type == org.FieldPersons {
		kind = org.KindPerson
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, e := range list {
		if group, ok := e.(map[string]any); ok && len(f.Has) > 0 {
			for _, inner := range f.Has {
				if value, there := group[inner.Name]; there {
					if err := s.thingsKnown(inner, value); err != nil {
						return err
					}
				}
			}
			continue
		}
		id, isText := e.(string)
		if kind == "" || !isText || id == s.state.Run.SubjectID && kind == s.def.Playbook.About() {
			continue
		}
		if _, known := s.org.Subject(kind, id); !known {
			return fmt.Errorf("%s: the organisation has no %s %q", f.Name, kind, id)
		}
	}
	return nil
}

// over is a fact with the value that it takes the place of.
func (d *deciding) over(field string, v any, add bool) org.Fact {
	f := org.Fact{Kind: d.kind, Subject: d.id, Field: field, Value: mustJSON(v), Add: add}
	for _, old := range d.org.Register.Of(d.kind, d.id) {
		if old.Field == field {
			f.Before = old.Value
		}
	}
	return f
}

// validUntil writes until when what was decided holds: the length of time that the
// rule has for the tier, which the same step may have written.
func (d *deciding) validUntil(r *playbooks.Register) error {
	after := d.org
	after.Register = after.Register.With(d.facts...)
	subject, _ := after.Subject(d.kind, d.id)
	scope := d.scope()
	scope.Subject = playbooks.SubjectOf(after, subject)
	text, err := d.eval.RuleSpan(r.Valid.V, scope)
	if err != nil {
		return fmt.Errorf("valid: %w", err)
	}
	span, err := org.ParseSpan(text)
	if err != nil {
		return fmt.Errorf("valid: %w", err)
	}
	at, err := d.def.Calendar.End(d.now, span, d.org.Profile.Zone)
	if err != nil {
		return fmt.Errorf("valid: %w", err)
	}
	d.facts = append(d.facts, d.over(org.FieldValidUntil+"."+d.def.Playbook.Name.V, at.UTC().Format(time.RFC3339), false))
	return nil
}
