package main

import (
	"fmt"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// started is when this process began: expressions of the programme are checked
// with it.
var started = time.Now()

// shelf is the playbooks and the programme in force.
type shelf struct{ c *config }

var _ activities.Library = shelf{}

// Definition pins a playbook as it is now.
func (s shelf) Definition(name string) (playbooks.Definition, error) {
	for _, l := range s.c.playbooks {
		if l.playbook.Name.V == name {
			return playbooks.NewDefinition(l.playbook, l.source, nil, s.c.organisation.Profile.Calendar)
		}
	}
	return playbooks.Definition{}, &activities.Refusal{Unknown: true, Reason: fmt.Sprintf("There is no playbook %q. Playbooks: %s.", name, strings.Join(s.c.names(), ", "))}
}

// Programme returns the programme.
func (s shelf) Programme() org.Programme { return s.c.programme }
