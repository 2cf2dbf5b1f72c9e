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
	sys, _ := o.System(q.Subject)
	if _, ok := o.Person(q.By); !ok {
		return fmt.Sprintf("%q is no person of the organisation file.", q.By)
	}
	if p == nil || p.Starts == nil || len(p.Starts.By) == 0 {
		if q.By == sys.Owner || slices.Contains(o.Acting(roleEthics, false), q.By) || slices.Contains(o.Acting(roleAIMSManager, false), q.By) {
			return ""
		}
		return fmt.Sprintf("Only the owner of %s, the AI Ethics Officer or the AIMS manager may start this.", sys.Name)
	}
	var who []string
	for _, name := range p.Starts.By {
		people, called := starters(o, sys, name.V)
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
func starters(o org.Organisation, sys org.System, name string) (people []string, called string) {
	switch name {
	case playbooks.StartOwner:
		return []string{sys.Owner}, "the owner of " + sys.Name
	case playbooks.StartDevelopers:
		return sys.Developers, "the developers of " + sys.Name
	}
	called = name
	if role, ok := o.Role(name); ok && role.Title != "" {
		called = role.Title
	}
	return o.Acting(name, false), "the " + called
}
