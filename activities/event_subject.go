package activities

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// subjectFor is what a run about a kind of subject is about when an event begins
// it; "" = nothing that is known. An event about a model begins a run about its
// system, and one that names a system in its values one about that. A run about a
// model is about the one that the event names, or the only one of its system.
func subjectFor(o org.Organisation, playbook, kind string, e port.Event) string {
	if kind == org.KindOrganisation {
		return org.OrganisationID
	}
	id := e.Subject
	if e.Kind != kind {
		id, _ = e.Values[kind].(string)
	}
	if about, known := o.Subject(e.Kind, e.Subject); id == "" && kind == org.KindSystem && known {
		sys, _ := o.SystemOf(about)
		id = sys.ID
	}
	if kind == org.KindModel && id == "" {
		id = onlyModel(o, e)
	}
	if org.RegisterOnly(kind) && id == "" { // a new one, and the same one for a repetition
		return subjectID(kind, port.Digest26("event", e.Key, playbook)[:newSubjectLetters])
	}
	if !subjectKnown(o, kind, id) {
		return ""
	}
	return id
}

// onlyModel is the model of the system that an event is about; "" = it has none,
// or several, and nobody can tell which.
func onlyModel(o org.Organisation, e port.Event) string {
	system := e.Subject
	if e.Kind != org.KindSystem {
		system, _ = e.Values[org.KindSystem].(string)
	}
	models := modelsOf(o, system)
	if len(models) != 1 {
		return ""
	}
	return models[0]
}

// modelsOf are the models of the organisation file that belong to a system.
func modelsOf(o org.Organisation, system string) (ids []string) {
	for _, m := range o.Models {
		if m.System == system {
			ids = append(ids, m.ID)
		}
	}
	return ids
}

// subjectKnown tells whether there is a subject of a kind.
func subjectKnown(o org.Organisation, kind, id string) bool {
	_, known := o.Subject(kind, id)
	return known && id != ""
}

// subjectFacts is what expressions read of a subject.
func subjectFacts(o org.Organisation, kind, id string) map[string]any {
	about, _ := o.Subject(kind, id)
	return playbooks.SubjectOf(o, about)
}

// listed names the subjects of a kind.
func listed(o org.Organisation, kind string) string {
	var ids []string
	for _, s := range o.Subjects(kind) {
		ids = append(ids, s.ID)
	}
	return strings.Join(ids[max(0, len(ids)-maxNamed):], ", ")
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
