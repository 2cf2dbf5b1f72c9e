package activities

import (
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// measure works out anew when a clock is due. It becomes shorter by itself when it
// turns out to have begun earlier, or its rule was made shorter. It becomes longer
// only by what people decide who may: by nothing else, whatever was answered.
func (s *session) measure(c *port.RunClock, k *playbooks.Clock) error {
	rule, err := s.eval.ClockRule(k.Rule.V, s.scope())
	if err != nil {
		return err
	}
	from, moved, err := s.beginning(c, k, rule)
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
	due, extended, err := s.extension(c, k, due)
	if err != nil {
		return err
	}
	switch was := c.Due; {
	case due.Before(c.Due):
		c.From, c.Due, c.Span = from, due, span
		c.Version++
		s.clockRecord(c, "clock.shortened", s.now, map[string]string{"was": stamp(was), "from": stamp(c.From), "span": span})
		s.tellClock(c, "shortened", s.clockOwners(c))
	case due.After(c.Due) && (moved != nil || extended != nil):
		s.lengthen(c, from, due, span, moved, extended)
	case due.After(c.Due):
		s.refuseLonger(c, due)
	}
	return nil
}

// beginning is what the clock is counted from now. A later moment than before
// counts only with the person who may say so; moved is then who and why.
func (s *session) beginning(c *port.RunClock, k *playbooks.Clock, rule playbooks.ClockRule) (from time.Time, moved *longer, err error) {
	if !s.fromKnown(k) {
		return c.From, nil, nil
	}
	from, err = s.clockFrom(k)
	if err != nil || !from.After(c.From) {
		return from, nil, err
	}
	if moved, err = s.movedBy(c, k); err != nil || moved != nil {
		return from, moved, err
	}
	due, err := s.def.Calendar.ClockDue(from, rule.Span, s.org.Profile.Zone)
	if err != nil {
		return from, nil, err
	}
	if due.After(c.Due) {
		s.refuseLonger(c, due)
	}
	return c.From, nil, nil
}

// refuseLonger records, once for each, that a later instant does not count.
func (s *session) refuseLonger(c *port.RunClock, due time.Time) {
	if due.Equal(c.Refused) {
		return
	}
	c.Refused = due
	c.Version++
	s.clockRecord(c, "clock.not_lengthened", s.now, map[string]string{"would_be": stamp(due)})
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
