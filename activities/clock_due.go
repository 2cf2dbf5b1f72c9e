package activities

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// clockPart is when a share of a clock's time has gone. Zero = no such clock runs.
func (s *session) clockPart(id string, percent int) time.Time {
	if c := s.firstClock(id); c != nil {
		return share(c, percent)
	}
	return time.Time{}
}

// firstClock is the clock named, or the one that runs and is due first of those in
// the group named, or of all. Where none runs any more it is one that was missed: what
// is late still has a day. nil = there is none.
func (s *session) firstClock(id string) *port.RunClock {
	var in []*playbooks.Step
	if step := s.def.Playbook.Step(id); step != nil {
		in = step.All()
	}
	named := func(c *port.RunClock) bool {
		return id == playbooks.AnyClock || slices.ContainsFunc(in, func(x *playbooks.Step) bool { return x.ID.V == c.ID })
	}
	var found, missed *port.RunClock
	for i := range s.state.Clocks {
		c := &s.state.Clocks[i]
		switch {
		case runs(c) && named(c) && (found == nil || c.Due.Before(found.Due)):
			found = c
		case c.State == playbooks.ClockMissed && named(c) && (missed == nil || c.Due.Before(missed.Due)):
			missed = c
		}
	}
	if found == nil {
		return missed
	}
	return found
}

// followClocks moves the deadlines of open steps that are a share of a clock's
// time, where the clock has moved. They become later only with a clock that
// people made longer: not when the shortest of several is settled.
func (s *session) followClocks() error {
	var errs []error
	for i := range s.state.Open {
		o := &s.state.Open[i]
		step := s.def.Playbook.Step(o.Step)
		if step == nil || step.Due == nil || step.Due.Clock.Empty() {
			continue
		}
		if err := s.follow(o, step); err != nil {
			errs = append(errs, fmt.Errorf("step %s: due: %w", o.Step, err))
		}
	}
	return errors.Join(errs...)
}

func (s *session) follow(o *port.OpenStep, step *playbooks.Step) error {
	part, err := org.ParseReminder(step.Due.Part.V)
	c := s.firstClock(step.Due.Clock.V)
	if err != nil || c == nil {
		return err
	}
	due, was := share(c, part.Percent), o.Due
	if due.Equal(was) || !was.IsZero() && due.After(was) && len(c.By) == 0 {
		return nil
	}
	zone := s.org.Profile.Zone
	if len(o.Addressees) == 1 {
		zone = s.zone(o.Addressees[0])
	}
	o.Due = due
	moments, err := s.moments(step, *o, zone)
	if err != nil {
		o.Due = was
		return err
	}
	o.Moments = moments
	o.StateVersion++
	if i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == o.Token }); i >= 0 {
		a := &s.asks[i]
		a.Body.Due, a.StateVersion = due, o.StateVersion
		body := a.Body
		s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: a.Token, State: port.AskOpen, StateVersion: o.StateVersion, Body: &body})
	}
	if issue := s.issueOf(o.Step, o.Item); issue != nil {
		s.intend(port.Effect{Place: issue.Place, Purpose: "due", N: o.StateVersion, Kind: port.EffectUpdate, Of: issue.Key, Token: o.Token}, port.IssueUpdate{Due: dayIn(due, s.org.Profile.Zone)})
	}
	s.editOpen(*o)
	s.record(o.Place(s.state.Run.ID), "step.due_moved", "", o.StateVersion, port.Record{
		Header: map[string]string{"was": stamp(was), "due": stamp(due), "clock": c.ID, "version": strconv.Itoa(o.Version)},
	})
	return nil
}
