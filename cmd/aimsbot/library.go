package main

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// started is when this process began: expressions of the programme are checked
// with it.
var started = time.Now()

// shelf is the config in force: the playbooks and the programme.
type shelf struct{ now atomic.Pointer[shelved] }

// shelved is a config with the definitions made of it.
type shelved struct {
	c    *config
	made sync.Map // playbook name -> playbooks.Definition
}

var _ activities.Library = (*shelf)(nil)

func newShelf(c *config) *shelf {
	s := &shelf{}
	s.put(c)
	return s
}

// put brings a config in force, for what is asked from now on.
func (s *shelf) put(c *config) { s.now.Store(&shelved{c: c}) }

func (s *shelf) config() *config { return s.now.Load().c }

// Definition pins a playbook as it is now.
func (s *shelf) Definition(name string) (playbooks.Definition, error) {
	return s.now.Load().definition(name)
}

// definition is made once: digests and sizes are taken over all of its text.
func (s *shelved) definition(name string) (playbooks.Definition, error) {
	if d, ok := s.made.Load(name); ok {
		return d.(playbooks.Definition), nil
	}
	if l, ok := s.c.named(name); ok {
		if !l.runs() {
			return playbooks.Definition{}, &activities.Refusal{Unknown: true, Reason: fmt.Sprintf("%s Playbooks: %s.", l.why(), strings.Join(s.c.names(), ", "))}
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

// Names lists the playbooks that have runs.
func (s *shelf) Names() []string { return s.config().names() }

// Programme returns the programme.
func (s *shelf) Programme() org.Programme { return s.config().programme }
