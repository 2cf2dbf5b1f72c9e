package activities

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// The kinds of subjects that events know beside systems.
const (
	kindModel        = "model"
	kindRole         = "role"
	kindPerson       = "person"
	kindOrganisation = "organisation"
)

// subjectFor is what a run about a kind of subject is about when an event begins
// it; "" = nothing that is known. An event about a model begins a run about its
// system, and one that names a system in its values one about that.
func subjectFor(o org.Organisation, kind string, e port.Event) string {
	id := e.Subject
	if e.Kind != kind {
		id, _ = e.Values[kind].(string)
	}
	if sys, ok := systemOfModel(o, e.Subject); id == "" && kind == org.KindSystem && e.Kind == kindModel && ok {
		id = sys.ID
	}
	if !subjectKnown(o, kind, id) {
		return ""
	}
	return id
}

// subjectKnown tells whether there is a subject of a kind.
func subjectKnown(o org.Organisation, kind, id string) (known bool) {
	switch kind {
	case org.KindSystem:
		_, known = o.System(id)
	case kindModel:
		_, known = systemOfModel(o, id)
	case kindRole:
		_, known = o.Role(id)
	case kindPerson:
		_, known = o.Person(id)
	case kindOrganisation:
		known = id == kindOrganisation
	default:
		known = len(o.Register.Of(kind, id)) > 0
	}
	return known
}

// subjectFacts is what expressions read of a subject.
func subjectFacts(o org.Organisation, kind, id string) map[string]any {
	if sys, ok := o.System(id); ok && kind == org.KindSystem {
		return playbooks.SubjectOf(o, sys)
	}
	return map[string]any{}
}

// systemNamed is the system that somebody outside calls so: by its id or its name.
func systemNamed(o org.Organisation, name string) (org.System, bool) {
	i := slices.IndexFunc(o.Systems, func(s org.System) bool {
		return name != "" && (strings.EqualFold(s.ID, name) || strings.EqualFold(s.Name, name))
	})
	if i < 0 {
		return org.System{}, false
	}
	return o.Systems[i], true
}

// systemOfModel is the system that uses a model, if exactly one does.
func systemOfModel(o org.Organisation, model string) (found org.System, ok bool) {
	for _, s := range o.Systems {
		if model == "" || !slices.ContainsFunc(s.Models, func(m string) bool { return strings.EqualFold(m, model) }) {
			continue
		}
		if ok {
			return org.System{}, false
		}
		found, ok = s, true
	}
	return found, ok
}
