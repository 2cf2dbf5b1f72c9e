package playbooks

import (
	"reflect"
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Change is an event that follows from another version of the organisation file.
type Change struct {
	Event   string
	Kind    string // of the subject
	Subject string
	Values  map[string]any
}

// Changes are the events that follow when after comes in force in the place of
// before. The first version of an installation is where it begins: nothing in it
// has changed.
func Changes(before, after org.Organisation) []Change {
	if before.Digest == "" {
		return nil
	}
	before.Register, after.Register = nil, nil // what runs decided is raised when they do
	var out []Change
	for _, s := range after.Systems {
		old, known := before.System(s.ID)
		if !known {
			out = append(out, Change{Event: EventSystemRegistered, Kind: org.KindSystem, Subject: s.ID})
			continue
		}
		if fields := changedFields(SubjectOf(before, old), SubjectOf(after, s)); len(fields) > 0 {
			out = append(out, Change{Event: EventSystemChanged, Kind: org.KindSystem, Subject: s.ID, Values: map[string]any{"changed": listAny(fields)}})
		}
		for _, m := range slices.Concat(newIn(old.Models, s.Models), newIn(s.Models, old.Models)) {
			out = append(out, Change{Event: EventModelChanged, Kind: org.KindSystem, Subject: s.ID, Values: map[string]any{"model": m, "changed": listAny([]string{"models"})}})
		}
	}
	for _, p := range before.People {
		if _, there := after.Person(p.ID); !there {
			out = append(out, Change{Event: EventPersonLeft, Kind: "person", Subject: p.ID})
		}
	}
	return append(out, roleChanges(before, after)...)
}

// roleChanges are the events of roles whose holder changed.
func roleChanges(before, after org.Organisation) (out []Change) {
	for _, r := range after.Roles {
		old, known := before.Role(r.ID)
		switch {
		case known && old.Holder == r.Holder:
		case r.Holder == "":
			out = append(out, Change{Event: EventRoleVacant, Kind: "role", Subject: r.ID, Values: map[string]any{"title": r.Title}})
		default:
			out = append(out, Change{Event: EventRoleAppointed, Kind: "role", Subject: r.ID, Values: map[string]any{"title": r.Title, "person": r.Holder}})
		}
	}
	return out
}

// changedFields are the names of the fields that the file says otherwise, in the
// order people know.
func changedFields(before, after map[string]any) (out []string) {
	for _, f := range org.Fields(org.KindSystem) {
		if !f.Register && !reflect.DeepEqual(before[f.Name], after[f.Name]) {
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
