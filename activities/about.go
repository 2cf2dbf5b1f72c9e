package activities

import (
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// subjectIn is what the run is about, in an organisation. A run about an incident
// begins with an id only; of anything else that is no longer there, false.
func (s *session) subjectIn(o org.Organisation) (org.Subject, bool) {
	kind := s.def.Playbook.About()
	subject, known := o.Subject(kind, s.state.Run.SubjectID)
	return subject, known || org.RegisterOnly(kind)
}

// subject is what expressions see of the run's subject in an organisation.
func (s *session) subject(o org.Organisation) map[string]any {
	if subject, known := s.subjectIn(o); known {
		return playbooks.SubjectOf(o, subject)
	}
	return map[string]any{}
}

// subjectName is the subject as people say it.
func (s *session) subjectName() string {
	subject, _ := s.subjectIn(s.org)
	return subject.Name
}

// subjectField shows the subject on a card.
func (s *session) subjectField() port.Field {
	return port.Field{Label: capital(s.def.Playbook.About()), Value: s.subjectName()}
}

// stakes are the people who never decide about the run's subject, with what they
// own and what they develop.
func (s *session) stakes(o org.Organisation) (owned, developed map[string]string) {
	owned, developed = map[string]string{}, map[string]string{}
	subject, _ := s.subjectIn(o)
	for _, stake := range o.Stakes(subject) {
		to := developed
		if stake.Owner {
			to = owned
		}
		if to[stake.Person] == "" {
			to[stake.Person] = stake.Of
		}
	}
	return owned, developed
}

func capital(word string) string { return strings.ToUpper(word[:1]) + word[1:] }

// subjects are those that an entry of the programme may select.
func (a *Activities) subjects(o org.Organisation, e org.Entry) []org.Subject {
	def, err := a.Library.Definition(e.Playbook)
	if err != nil {
		def.Playbook = nil // starting it says so
	}
	return o.Subjects(def.Playbook.About())
}
