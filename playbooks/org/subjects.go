package org

import (
	"encoding/json"
	"slices"
)

// Subject is what a run may be about, whatever its kind.
type Subject struct {
	Kind string
	ID   string
	Name string // as people call it
	// Provisional says that a run made it and no file names it yet.
	Provisional bool
	// Values are what the file says and what runs decided, by field; a field that
	// names another subject holds its id.
	Values map[string]any
}

// text is a field that holds a text, such as an id.
func (s Subject) text(field string) string {
	text, _ := s.Values[field].(string)
	return text
}

// People are the ids in a field that names one person or several.
func (s Subject) People(field string) []string {
	switch v := s.Values[field].(type) {
	case string:
		if v != "" {
			return []string{v}
		}
	case []any:
		var out []string
		for _, e := range v {
			if id, ok := e.(string); ok {
				out = append(out, id)
			}
		}
		return out
	}
	return nil
}

// Subject finds a subject by kind and id: in the organisation file, or in the
// register where a run made it. One that is in neither has its first values, so
// that a run which began with an id only can speak of it.
func (o Organisation) Subject(kind, id string) (s Subject, known bool) {
	s = Subject{Kind: kind, ID: id, Name: id, Values: map[string]any{}}
	k, _ := KindOf(kind)
	for _, f := range k.Fields {
		if f.Start != nil {
			s.Values[f.Name] = f.Start
		}
	}
	entry, named := o.entry(kind, id)
	written := len(o.Register.Of(kind, id)) > 0
	o.Register.Put(s.Values, kind, id)
	for _, f := range k.Fields {
		if named && !f.Register { // what a file says is the file's alone
			delete(s.Values, f.Name)
			if v, ok := entry[f.Name]; ok {
				s.Values[f.Name] = v
			}
		}
		if of, ok := FieldOf(kind, f.Rank); ok {
			s.Values[f.Name] = int64(slices.Index(of.Options, s.text(f.Rank)) + 1)
		}
	}
	s.Values["id"] = id
	for _, name := range []string{"title", "name"} {
		if text := s.text(name); text != "" {
			s.Name = text
		}
	}
	s.Provisional = written && !named && k.Section != ""
	return s, named || written
}

// Subjects are all subjects of a kind: those of the file in its order, then
// those that only runs know.
func (o Organisation) Subjects(kind string) []Subject {
	all := o.named(kind)
	for _, id := range o.Register.Subjects(kind) {
		if !slices.Contains(all, id) {
			all = append(all, id)
		}
	}
	out := make([]Subject, 0, len(all))
	for _, id := range all {
		s, _ := o.Subject(kind, id)
		out = append(out, s)
	}
	return out
}

// SystemOf is the system that a subject is, or belongs to.
func (o Organisation) SystemOf(s Subject) (Subject, bool) {
	if s.Kind == KindSystem {
		return s, true
	}
	if f, ok := FieldOf(s.Kind, KindSystem); ok && f.Type == FieldSubject {
		if id := s.text(KindSystem); id != "" {
			return o.Subject(KindSystem, id)
		}
	}
	return Subject{}, false
}

// Stake is why a person never decides about a subject.
type Stake struct {
	Person string
	Owner  bool   // else a developer
	Of     string // what they own or develop, as people call it
}

// Stakes are the people who never decide about a subject: the owner and the
// developers of itself and of the system it belongs to.
func (o Organisation) Stakes(s Subject) []Stake {
	of := []Subject{s}
	if sys, ok := o.SystemOf(s); ok && sys.Kind != s.Kind {
		of = append(of, sys)
	}
	var out []Stake
	for _, x := range of {
		for _, p := range x.People("owner") {
			out = append(out, Stake{Person: p, Owner: true, Of: x.Name})
		}
		for _, p := range x.People("developers") {
			out = append(out, Stake{Person: p, Of: x.Name})
		}
	}
	return out
}

// named are the ids of a kind in the file, in its order.
func (o Organisation) named(kind string) []string {
	switch kind {
	case KindSystem:
		return ids(o.Systems, func(s System) string { return s.ID })
	case KindModel:
		return ids(o.Models, func(m Model) string { return m.ID })
	case KindSupplier:
		return ids(o.Suppliers, func(s Supplier) string { return s.ID })
	case KindPerson:
		return ids(o.People, func(p Person) string { return p.ID })
	case KindRole:
		return ids(o.Roles, func(r Role) string { return r.ID })
	case KindOrganisation:
		return []string{OrganisationID}
	}
	return nil
}

// entry is what the file says of a subject, by the names of the file.
func (o Organisation) entry(kind, id string) (map[string]any, bool) {
	switch kind {
	case KindSystem:
		return plain(o.System(id))
	case KindModel:
		return plain(o.Model(id))
	case KindSupplier:
		return plain(o.Supplier(id))
	case KindPerson:
		return plain(o.Person(id))
	case KindRole:
		return plain(o.Role(id))
	case KindOrganisation:
		return plain(o.Profile, id == OrganisationID)
	}
	return nil, false
}

func plain[T any](entry T, found bool) (map[string]any, bool) {
	var m map[string]any
	if b, err := json.Marshal(entry); err != nil || json.Unmarshal(b, &m) != nil {
		return nil, false // the types of the file can always be written
	}
	return m, found
}
