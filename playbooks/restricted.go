package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// restricted reads when runs are restricted: always, or a condition.
func (r *reader) restricted(n *source.Node) Str {
	if n == nil {
		return Str{}
	}
	text := n.Str()
	switch text.V {
	case "true":
		return text
	case "false":
		r.ps.Add(n.Pos, "restricted", "Runs are not restricted unless the playbook says so. Leave `restricted` out, or write true or a condition such as steps.intake.confidential.")
		return Str{}
	}
	return n.Text(&r.ps)
}

// beforeAll is the place of what is said of a whole playbook: every step comes
// later.
func beforeAll() place { return place{step: &Step{}, path: []int{-1}} }

// where names the place of a site to people.
func (s site) where() string {
	if s.place.step.ID.Empty() && s.key == "restricted" {
		return "restricted"
	}
	return "step " + s.place.step.ID.V
}

// restricted is looked at again and again beside all that follows, as what stands
// a clock down is: it may name any step.
func (c *siteList) restricted(p *Playbook) {
	if p.Restricted.V != "true" {
		c.add(siteStandDown, "restricted", p.Restricted)
	}
}
