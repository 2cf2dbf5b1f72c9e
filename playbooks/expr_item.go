package playbooks

import "slices"

// itemName is what an entry of a list is called in the condition it is chosen by.
const itemName = "item"

// itemRoot makes the name known to a playbook that chooses entries and has no
// form whose entries are called so.
func itemRoot(p *Playbook, roots []field) []field {
	if slices.ContainsFunc(roots, func(r field) bool { return r.name == itemName }) {
		return nil
	}
	for _, s := range p.All() {
		if slices.ContainsFunc(s.Collect, func(c Collected) bool { return !c.Where.Empty() }) {
			return []field{{name: itemName, shape: anyShape}}
		}
	}
	return nil
}

// item is what `item` means at this place; nil for nothing.
func (s site) item() *shape {
	if s.collected == nil {
		return nil
	}
	return s.collected.entryShape()
}

// collects lists the places of a collect step.
func (c *siteList) collects(facts []Collected) {
	for i := range facts {
		f := &facts[i]
		c.add(siteValue, "playbook", f.Playbook...)
		c.add(siteValue, "outcome", f.Outcome...)
		c.add(siteSubject, "subject", f.Subject)
		c.add(siteText, "path", f.Path)
		if isExpr(f.Since.V) {
			c.add(siteValue, "since", f.Since)
		}
		if !f.Where.Empty() {
			c.sites = append(c.sites, site{place: c.place, kind: siteWhen, key: "where", str: f.Where, collected: f})
		}
		if f.Sample != nil {
			c.lit(f.Sample.Seed, nil, Str{})
			if f.Sample.Size != nil {
				c.lit(*f.Sample.Size, nil, Str{})
			}
		}
	}
}
