package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// mayStart says why not: whom `starts.by` names may start, and without it the
// owner, the AI Ethics Officer and the AIMS manager (DESIGN 3). p is nil for a
// playbook that is not there.
func mayStart(o org.Organisation, p *playbooks.Playbook, q StartRequest) string {
	kind := p.About()
	subject, _ := o.Subject(kind, q.Subject)
	owners := peopleOf(o, subject, []string{"owner"})
	if sys, ok := o.SystemOf(subject); ok && len(owners) == 0 {
		owners = sys.People("owner")
	}
	if _, ok := o.Person(q.By); !ok {
		return fmt.Sprintf("%q is no person of the organisation file.", q.By)
	}
	if p == nil || p.Starts == nil || len(p.Starts.By) == 0 {
		if slices.Contains(owners, q.By) || slices.Contains(o.Acting(roleEthics, false), q.By) || slices.Contains(o.Acting(roleAIMSManager, false), q.By) {
			return ""
		}
		if len(owners) == 0 {
			return "Only the AI Ethics Officer or the AIMS manager may start this."
		}
		return fmt.Sprintf("Only the owner of %s, the AI Ethics Officer or the AIMS manager may start this.", subject.Name)
	}
	var who []string
	for _, name := range p.Starts.By {
		people, called := starters(o, subject, name.V)
		if name.V == org.Anyone || slices.Contains(people, q.By) {
			return ""
		}
		who = append(who, called)
	}
	list := who[len(who)-1]
	if before := who[:len(who)-1]; len(before) > 0 {
		list = strings.Join(before, ", ") + " or " + list
	}
	return fmt.Sprintf("Only %s may start this.", list)
}

// starters are the people that one name of `starts.by` means, and what people
// call them.
func starters(o org.Organisation, subject org.Subject, name string) (people []string, called string) {
	if fields := playbooks.StartsOf(subject.Kind, name); fields != nil {
		of := subject.Name
		if len(fields) > 1 {
			of = "the system of " + of
		}
		return peopleOf(o, subject, fields), "the " + fields[len(fields)-1] + " of " + of
	}
	called = name
	if c, ok := o.Committee(name); ok {
		return c.Members, "a member of the " + c.Title
	}
	if role, ok := o.Role(name); ok && role.Title != "" {
		called = role.Title
	}
	return o.Acting(name, false), "the " + called
}

// peopleOf are the people in a field of a subject, or of the system it belongs to.
func peopleOf(o org.Organisation, subject org.Subject, fields []string) []string {
	if len(fields) > 1 {
		subject, _ = o.SystemOf(subject)
	}
	return subject.People(fields[len(fields)-1])
}
