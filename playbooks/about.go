package playbooks

import "github.com/aimsbot/aimsbot/playbooks/org"

// About is the kind of subject that runs of the playbook are about.
func (p *Playbook) About() string {
	if p == nil || p.Subject.Empty() {
		return org.KindSystem
	}
	return p.Subject.V
}
