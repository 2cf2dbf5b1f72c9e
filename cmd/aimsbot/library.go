package main

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// started is when this process began: expressions of the programme are checked
// with it.
var started = time.Now()

// shelf is the playbooks and the programme in force.
type shelf struct {
	c    *config
	made sync.Map // playbook name -> playbooks.Definition
}

var _ activities.Library = (*shelf)(nil)

// Definition pins a playbook as it is now. It is made once: digests and sizes
// are taken over all of its text.
func (s *shelf) Definition(name string) (playbooks.Definition, error) {
	if d, ok := s.made.Load(name); ok {
		return d.(playbooks.Definition), nil
	}
	if l, ok := s.c.named(name); ok {
		if l.playbook.Abstract {
			return playbooks.Definition{}, &activities.Refusal{Unknown: true, Reason: fmt.Sprintf("%s Playbooks: %s.", abstract(name), strings.Join(s.c.names(), ", "))}
		}
		rules, err := s.c.rules.UsedBy(l.playbook)
		if err != nil {
			return playbooks.Definition{}, fmt.Errorf("playbook %s: %w", name, err)
		}
		d, err := playbooks.NewDefinition(l.playbook, l.source, rules, s.c.organisation.Profile.Calendar)
		if err == nil {
			s.made.Store(name, d)
		}
		return d, err
	}
	return playbooks.Definition{}, &activities.Refusal{Unknown: true, Reason: fmt.Sprintf("There is no playbook %q. Playbooks: %s.", name, strings.Join(s.c.names(), ", "))}
}

// abstract is what people are told who want a run of such a playbook.
func abstract(name string) string {
	return fmt.Sprintf("`%s` is only there for other playbooks to build on (`abstract: true`), and is never run itself.", name)
}

// Programme returns the programme.
func (s *shelf) Programme() org.Programme { return s.c.programme }
