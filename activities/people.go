package activities

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// The roles the product itself knows (DESIGN 1, processes.md 0.8).
const (
	roleAIMSManager = "aims-manager"
	roleEthics      = "ai-ethics-officer"
	roleRisk        = "chief-risk-officer"
)

// parkError stops a run until the organisation file is mended.
type parkError struct{ msg string }

func (e *parkError) Error() string { return e.msg }

// asked resolves the people of a form or a task to addressees, one each.
func (s *session) asked(step *playbooks.Step, p playbooks.People) (names []string, to []port.Addressee, err error) {
	names, err = s.eval.People(p, s.scope())
	if err != nil {
		return nil, nil, fmt.Errorf("step %s: %w", step.ID, err)
	}
	to = s.addressees(s.org, names)
	if len(to) == 0 {
		return nil, nil, &parkError{fmt.Sprintf("step %s: nobody can be asked: %v is vacant and has no deputy, and so is %s", step.ID, names, roleAIMSManager)}
	}
	return names, to, nil
}

// addressees resolves names in an organisation; a vacant role without deputy
// falls to the AIMS manager.
func (s *session) addressees(o org.Organisation, names []string) []port.Addressee {
	var to []port.Addressee
	add := func(a port.Addressee) {
		if !slices.ContainsFunc(to, func(b port.Addressee) bool { return a.ID() == b.ID() }) {
			to = append(to, a)
		}
	}
	for _, n := range names {
		if c, ok := o.Committee(n); ok {
			for _, a := range s.members(c, c.Members, "it is the channel of the "+c.Title) {
				add(a)
			}
			continue
		}
		if r, ok := o.Role(n); ok {
			for _, a := range s.acting(o, r) {
				add(a)
			}
			continue
		}
		if p, ok := o.Person(n); ok {
			add(port.Addressee{Person: p.ID, Why: s.why(p.ID)})
		}
	}
	return to
}

// acting returns who stands for a role in forms and tasks.
func (s *session) acting(o org.Organisation, r org.Role) []port.Addressee {
	if _, ok := o.Person(r.Holder); ok {
		return []port.Addressee{{Person: r.Holder, Why: "you are the " + r.Title}}
	}
	for _, d := range r.Deputies {
		if _, ok := o.Person(d); ok {
			return []port.Addressee{{Person: d, Why: "the role " + r.Title + " is vacant and you are its deputy"}}
		}
	}
	if m, ok := o.Role(roleAIMSManager); ok && r.ID != roleAIMSManager {
		if _, ok := o.Person(m.Holder); ok {
			return []port.Addressee{{Person: m.Holder, Why: "the role " + r.Title + " is vacant and you are the " + m.Title}}
		}
	}
	return nil
}

// why says what makes a directly named person the one to ask.
func (s *session) why(person string) string {
	owned, developed := s.stakes(s.org)
	switch {
	case owned[person] != "":
		return "you own " + owned[person]
	case developed[person] != "":
		return "you develop " + developed[person]
	}
	return "the playbook names you"
}

// person returns the person, or one with the id as name where the file no
// longer knows it.
func (s *session) person(id string) org.Person {
	if p, ok := s.org.Person(id); ok {
		return p
	}
	return org.Person{ID: id, Name: id}
}

func (s *session) name(id string) string {
	if id == "programme" {
		return "the programme"
	}
	return s.person(id).Name
}

// zone is the person's time zone; the organisation's for channels.
func (s *session) zone(a port.Addressee) string {
	if p, ok := s.org.Person(a.Person); ok && p.Zone != "" {
		return p.Zone
	}
	return s.org.Profile.Zone
}

func (s *session) holds(person, role string) bool {
	r, ok := s.org.Role(role)
	return ok && r.Holder == person
}
