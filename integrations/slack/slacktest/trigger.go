package slacktest

import (
	"time"
)

// trigger is the right to open one modal for one person.
type trigger struct {
	user string
	view string // the modal it came from
	born time.Time
	used bool
}

// newTrigger makes a trigger id. Triggers are kept in memory: they are dead
// before a restart could be over.
func (s *Server) newTrigger(user, view string) string {
	id := newID("") + "." + newID("") + "." + newID("")
	now := s.opt.Wall()
	s.mu.Lock()
	defer s.mu.Unlock()
	for k, t := range s.triggers {
		if now.Sub(t.born) > time.Hour {
			delete(s.triggers, k)
		}
	}
	s.triggers[id] = &trigger{user: user, view: view, born: now}
	return id
}

// exchange uses a trigger up.
func (s *Server) exchange(id string) (trigger, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, ok := s.triggers[id]
	switch {
	case !ok:
		return trigger{}, fail("invalid_trigger_id")
	case t.used:
		return trigger{}, fail("exchanged_trigger_id")
	case s.opt.Wall().Sub(t.born) > TriggerLife:
		return trigger{}, fail("expired_trigger_id")
	}
	t.used = true
	return *t, nil
}
