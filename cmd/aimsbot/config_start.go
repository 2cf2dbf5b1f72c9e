package main

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// checkStarted checks what the steps of playbooks start, which only shows when all
// are known. A shipped playbook that nothing uses has no runs where it lacks one.
func (c *config) checkStarted() source.Problems {
	var ps source.Problems
	var run []*playbooks.Playbook
	for again := true; again; {
		again, ps, run = false, nil, nil
		all := playbooks.Startable{Find: c.startable, Names: c.names(), Zone: c.organisation.Profile.Zone, Now: started}
		for i, l := range c.playbooks {
			if !l.runs() {
				continue
			}
			found := playbooks.CheckStarted(l.playbook, all)
			if len(found) > 0 && strings.HasPrefix(l.file, shippedFolder) && !c.scheduled(l.playbook.Name.V) {
				c.playbooks[i].lacks, again = found, true // who starts this one lacks it too
			}
			ps, run = append(ps, found...), append(run, l.playbook)
		}
	}
	return append(ps, playbooks.CheckCircles(run)...)
}

// startable is a playbook by name, and why it has no runs.
func (c *config) startable(name string) (*playbooks.Playbook, string) {
	l, ok := c.named(name)
	if !ok || l.runs() {
		return l.playbook, ""
	}
	return l.playbook, l.why()
}
