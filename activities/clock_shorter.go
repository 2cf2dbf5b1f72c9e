package activities

import (
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// shorten makes a clock shorter by itself when it turns out to have begun
// earlier, or its rule was made shorter. It never makes one longer: who believes
// that there is more time has to decide that, by standing it down.
func (s *session) shorten(c *port.RunClock, k *playbooks.Clock) error {
	from := c.From
	if s.fromKnown(k) {
		now, err := s.clockFrom(k)
		if err != nil {
			return err
		}
		from = now
	}
	rule, err := s.eval.ClockRule(k.Rule.V, s.scope())
	if err != nil {
		return err
	}
	due, err := s.def.Calendar.ClockDue(from, rule.Span, s.org.Profile.Zone)
	if err != nil {
		return err
	}
	span := rule.Span.String()
	if live, ok := s.liveRule(k.Rule.V); ok {
		if other, err := s.def.Calendar.ClockDue(from, live.Span, s.org.Profile.Zone); err == nil && other.Before(due) {
			due, span = other, live.Span.String()
		}
	}
	switch {
	case due.Before(c.Due):
		was := c.Due
		if from.Before(c.From) {
			c.From = from
		}
		c.Due, c.Span = due, span
		c.Version++
		s.clockRecord(c, "clock.shortened", s.now, map[string]string{"was": stamp(was), "from": stamp(c.From), "span": span})
		s.tellClock(c, "shortened", s.clockOwners(c))
	case due.After(c.Due) && !due.Equal(c.Refused):
		c.Refused = due
		c.Version++
		s.clockRecord(c, "clock.not_lengthened", s.now, map[string]string{"would_be": stamp(due)})
	}
	return nil
}

// fromKnown tells whether what the clock counts from can be worked out now: in a
// new round the answer may not be there again yet.
func (s *session) fromKnown(k *playbooks.Clock) bool {
	_, known, err := s.eval.ValueSoFar(k.From.V, s.scope())
	return known && err == nil
}

// liveRule is the rule as it is in the present configuration. A run keeps the
// rules it began with, except that a clock may become shorter.
func (s *session) liveRule(id string) (playbooks.ClockRule, bool) {
	def, err := s.a.Library.Definition(s.def.Playbook.Name.V)
	if err != nil {
		return playbooks.ClockRule{}, false
	}
	rules, err := playbooks.ReadRules(def.Rules)
	if err != nil {
		return playbooks.ClockRule{}, false
	}
	rule, err := rules.ClockRule(id, s.scope())
	return rule, err == nil
}

// clockPart is when a share of a clock's time has gone: of the one named, or of
// the one that runs and is due first. Zero = no such clock runs.
func (s *session) clockPart(id string, percent int) time.Time {
	var found *port.RunClock
	for i := range s.state.Clocks {
		c := &s.state.Clocks[i]
		if runs(c) && (id == c.ID || id == playbooks.AnyClock) && (found == nil || c.Due.Before(found.Due)) {
			found = c
		}
	}
	if found == nil {
		return time.Time{}
	}
	return share(found, percent)
}
