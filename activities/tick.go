package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// Tick does what has come due for the open steps: it reminds, marks missed
// deadlines and escalates. Nothing is ever decided by time.
func (a *Activities) Tick(ctx context.Context, r Request) (port.Delta, error) {
	s, err := a.open(ctx, r)
	if err != nil {
		return port.Delta{}, err
	}
	for i := range s.state.Open {
		if err := s.tick(&s.state.Open[i]); err != nil {
			return port.Delta{}, err
		}
	}
	return s.commit(r.State)
}

func (s *session) tick(o *port.OpenStep) error {
	for len(o.Moments) > 0 && !o.Moments[0].At.After(s.now) {
		m := o.Moments[0]
		o.Moments = slices.Delete(o.Moments, 0, 1)
		switch m.Kind {
		case port.MomentMissed:
			o.Missed = true
			o.StateVersion++
			s.record(o.Place(s.state.Run.ID), "step.missed", "", o.Version, port.Record{At: m.At, Header: map[string]string{"due": stamp(o.Due)}})
			s.editOpen(*o)
		case port.MomentEscalate:
			s.escalate(o, m)
		default:
			s.remind(o)
			if err := s.again(o, m); err != nil {
				return err
			}
		}
	}
	return nil
}

// again schedules the next repetition of an "every" reminder.
func (s *session) again(o *port.OpenStep, m port.Moment) error {
	step := s.def.Playbook.Step(o.Step)
	if m.Kind != port.MomentEvery || step == nil {
		return nil
	}
	at, ok, err := s.def.Calendar.NextEvery(remind(step), m.At, s.org.Profile.Zone)
	if err != nil || !ok {
		return err
	}
	// After a long pause one reminder is enough: the missed ones are not sent late.
	for !at.After(s.now) {
		if at, _, err = s.def.Calendar.NextEvery(remind(step), at, s.org.Profile.Zone); err != nil {
			return err
		}
	}
	o.Moments = append(o.Moments, port.Moment{At: at, Kind: port.MomentEvery})
	sortMoments(o.Moments)
	return nil
}

// remind tells everybody the step still waits for, in the thread of the ask.
func (s *session) remind(o *port.OpenStep) {
	o.Reminders++
	place := o.Place(s.state.Run.ID)
	for _, to := range o.Addressees {
		if !s.waitsFor(*o, to) {
			continue
		}
		s.intend(port.Effect{
			Place: place, Purpose: "remind", Addressee: to.ID(), N: o.Reminders,
			Kind: port.EffectPost, Token: o.Token, Of: s.askKey(*o, to),
		}, s.reminderCard(*o, to))
	}
	s.record(place, "reminder.sent", "", o.Reminders, port.Record{Body: map[string]any{"to": s.askedNames(o.Addressees)}})
}

// waitsFor tells whether the addressee still has to say something.
func (s *session) waitsFor(o port.OpenStep, to port.Addressee) bool {
	if o.Kind != "approval" {
		return true
	}
	st := approval.Compute(o.Lines, o.Decisions)
	if to.Person != "" {
		return slices.Contains(st.Waiting, to.Person)
	}
	return len(st.Waiting) > 0
}

// escalate tells the next person by name. Deputies also get the ask itself,
// because from now on they may act.
func (s *session) escalate(o *port.OpenStep, m port.Moment) {
	o.Escalated = append(o.Escalated, m.To)
	n := len(o.Escalated)
	place := o.Place(s.state.Run.ID)
	var told []port.Addressee
	if m.To == org.ToDeputy {
		told = s.deputies(o)
	} else if r, ok := s.org.Role(m.To); ok {
		told = s.acting(s.org, r)
		for _, to := range told {
			s.intend(port.Effect{Place: place, Purpose: "escalate", Addressee: to.ID(), N: n, Kind: port.EffectPost, Token: o.Token}, s.escalationCard(*o, to))
		}
	}
	s.record(place, "step.escalated", "", n, port.Record{
		Header: map[string]string{"to": m.To, "told": fmt.Sprint(len(told))},
		Body:   map[string]any{"told": s.askedNames(told)},
	})
}

// deputies adds the deputies of the asked roles to the ask.
func (s *session) deputies(o *port.OpenStep) []port.Addressee {
	var added []port.Addressee
	names := o.Names
	for _, n := range o.Needs {
		names = append(names, n.Name)
	}
	if o.Kind == "approval" {
		o.Lines = s.lines(s.org, o)
	}
	for _, n := range names {
		r, ok := s.org.Role(n)
		if !ok {
			continue
		}
		for _, d := range s.org.Acting(r.ID, true) {
			to := port.Addressee{Person: d, Why: "the " + r.Title + " has not answered in time and you are the deputy"}
			if d == r.Holder || slices.Contains(o.Persons(), d) || !s.mayAct(*o, d) {
				continue
			}
			o.Addressees = append(o.Addressees, to)
			s.putMessage(*o, to, s.issueKey(*o))
			added = append(added, to)
		}
	}
	return added
}

// mayAct tells whether a person has an eligible seat on an approval; anybody
// asked may answer a form or a task.
func (s *session) mayAct(o port.OpenStep, person string) bool {
	if o.Kind != "approval" {
		return true
	}
	_, refused := approval.CanDecide(o.Lines, o.Decisions, person, port.Approve)
	return refused == ""
}
