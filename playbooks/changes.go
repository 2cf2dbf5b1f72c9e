package playbooks

import (
	"reflect"
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// FileChange is an event that follows from another version of the organisation file.
type FileChange struct {
	Event   string
	Kind    string // of the subject
	Subject string
	Values  map[string]any
}

// Changes are the events that follow when after comes in force in the place of
// before. The first version of an installation is where it begins: nothing in it
// has changed.
func Changes(before, after org.Organisation) []FileChange {
	if before.Digest == "" {
		return nil
	}
	before.Register, after.Register = nil, nil // what runs decided is raised when they do
	var out []FileChange
	for _, s := range after.Subjects(org.KindSystem) {
		old, known := before.Subject(org.KindSystem, s.ID)
		if !known {
			out = append(out, FileChange{Event: EventSystemRegistered, Kind: org.KindSystem, Subject: s.ID})
			continue
		}
		if fields := changedFields(old, s); len(fields) > 0 {
			out = append(out, FileChange{Event: EventSystemChanged, Kind: org.KindSystem, Subject: s.ID, Values: map[string]any{"changed": listAny(fields)}})
		}
		had, has := old.People("models"), s.People("models")
		for _, m := range slices.Concat(newIn(had, has), newIn(has, had)) {
			out = append(out, FileChange{Event: EventModelChanged, Kind: org.KindSystem, Subject: s.ID, Values: map[string]any{"model": m, "changed": listAny([]string{"models"})}})
		}
	}
	for _, m := range after.Subjects(org.KindModel) {
		old, known := before.Subject(org.KindModel, m.ID)
		if fields := changedFields(old, m); known && len(fields) > 0 {
			out = append(out, FileChange{Event: EventModelChanged, Kind: org.KindModel, Subject: m.ID, Values: map[string]any{"model": m.ID, "changed": listAny(fields)}})
		}
	}
	for _, p := range before.People {
		if _, there := after.Person(p.ID); !there {
			out = append(out, FileChange{Event: EventPersonLeft, Kind: "person", Subject: p.ID})
		}
	}
	return append(out, roleChanges(before, after)...)
}

// roleChanges are the events of roles whose holder changed.
func roleChanges(before, after org.Organisation) (out []FileChange) {
	for _, r := range after.Roles {
		old, known := before.Role(r.ID)
		switch {
		case known && old.Holder == r.Holder:
		case r.Holder == "":
			out = append(out, FileChange{Event: EventRoleVacant, Kind: "role", Subject: r.ID, Values: map[string]any{"title": r.Title}})
		default:
			out = append(out, FileChange{Event: EventRoleAppointed, Kind: "role", Subject: r.ID, Values: map[string]any{"title": r.Title, "person": r.Holder}})
		}
	}
	return out
}

// changedFields are the names of the fields that the file says otherwise, in the
// order people know.
func changedFields(before, after org.Subject) (out []string) {
	for _, f := range org.Fields(after.Kind) {
		if !f.Register && !reflect.DeepEqual(before.Values[f.Name], after.Values[f.Name]) {
			out = append(out, f.Name)
		}
	}
	return out
}

// newIn are the entries of after that before has not.
func newIn(before, after []string) (out []string) {
	for _, s := range after {
		if !slices.Contains(before, s) {
			out = append(out, s)
		}
	}
	return out
}
