package activities

import (
	"context"
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
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
		if s.state.Open[i].Kind == string(playbooks.KindWait) {
			s.look(&s.state.Open[i])
			continue
		}
		if err := s.tick(&s.state.Open[i]); err != nil {
			return port.Delta{}, err
		}
	}
	s.tickClocks()
	if err := s.followClocks(); err != nil {
		s.a.Logger.Error("a deadline by a clock cannot be worked out", "run", s.state.Run.ID, "error", err)
	}
	return s.commit(r.State)
}

// tick does what has come due for one step. What should have been said several
// times while nobody looked is said once.
func (s *session) tick(o *port.OpenStep) error {
	defer s.within(o.Step, o.Item)()
	due := 0
	for due < len(o.Moments) && !o.Moments[due].At.After(s.now) {
		due++
	}
	if due == 0 {
		return nil
	}
	fired := slices.Clone(o.Moments[:due])
	o.Moments = slices.Clone(o.Moments[due:])
	s.refresh(o)
	remind := false
	for _, m := range fired {
		switch m.Kind {
		case port.MomentMissed:
			o.Missed = true
			o.StateVersion++
			s.record(o.Place(s.state.Run.ID), "step.missed", "", o.Version, port.Record{At: m.At, Header: map[string]string{"due": stamp(o.Due)}})
			s.editOpen(*o)
		case port.MomentEscalate:
		default:
			remind = true
			if err := s.again(o, m); err != nil {
				return err
			}
		}
	}
	if remind {
		s.remind(o)
	}
	for _, m := range fired {
		if m.Kind == port.MomentEscalate {
			s.escalate(o, m)
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
	at, ok, err := s.nextEvery(step, m.At, s.org.Profile.Zone)
	if err != nil || !ok {
		return err
	}
	o.Moments = append(o.Moments, port.Moment{At: at, Kind: port.MomentEvery})
	sortMoments(o.Moments)
	return nil
}

// refresh asks those too who have come into a role or a seat since the step
// was opened.
func (s *session) refresh(o *port.OpenStep) {
	to := s.addressees(s.org, o.Names)
	if o.Kind == string(playbooks.KindApproval) {
		o.Lines = s.lines(s.org, o, s.now)
		to = s.deciders(s.org, o.Lines)
	}
	for _, a := range to {
		if slices.ContainsFunc(o.Addressees, func(b port.Addressee) bool { return a.ID() == b.ID() }) {
			continue
		}
		o.Addressees = append(o.Addressees, a)
		s.putMessage(*o, a, s.issueKey(*o))
		if issue := s.issueOf(o.Step, o.Item); issue != nil && len(to) == 1 && a.Person != "" {
			s.intend(port.Effect{Place: issue.Place, Purpose: "assign", N: len(o.Addressees), Kind: port.EffectUpdate, Of: issue.Key, Token: o.Token}, port.IssueUpdate{Assignee: s.person(a.Person).Jira})
		}
		s.record(o.Place(s.state.Run.ID), "step.handed_over", "", len(o.Addressees), port.Record{Body: map[string]any{"to": s.askedNames([]port.Addressee{a})}})
	}
}

// remind tells everybody the step still waits for, in the thread of the ask.
func (s *session) remind(o *port.OpenStep) {
	o.Reminders++
	place := o.Place(s.state.Run.ID)
	var told []port.Addressee
	for _, to := range o.Addressees {
		if !s.waitsFor(*o, to) {
			continue
		}
		told = append(told, to)
		s.intend(port.Effect{
			Place: place, Purpose: "remind", Addressee: to.ID(), N: o.Reminders,
			Kind: port.EffectPost, Token: o.Token, Of: s.askKey(*o, to),
		}, s.reminderCard(*o, to))
	}
	s.record(place, "reminder.sent", "", o.Reminders, port.Record{
		Header: map[string]string{"told": fmt.Sprint(len(told))}, Body: map[string]any{"to": s.askedNames(told)},
	})
}

// waitsFor tells whether the addressee still has to say something.
func (s *session) waitsFor(o port.OpenStep, to port.Addressee) bool {
	if o.Kind != string(playbooks.KindApproval) {
		return to.Person == "" || s.mayAnswer(s.org, o, to.Person, s.now)
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
		if o.DeputiesFrom.IsZero() {
			o.DeputiesFrom = s.now
		}
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
	names := append(slices.Clone(o.Names), needed(o.Needs)...)
	if o.Kind == string(playbooks.KindApproval) {
		o.Lines = s.lines(s.org, o, s.now)
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

// needed lists the names of lines, alternatives included.
func needed(lines []port.NeedLine) []string {
	var out []string
	for _, l := range lines {
		out = append(append(out, l.Name), needed(l.AnyOf)...)
	}
	return out
}

// mayAct tells whether a person has an eligible seat on an approval; anybody
// asked may answer a form or a task.
func (s *session) mayAct(o port.OpenStep, person string) bool {
	if o.Kind != string(playbooks.KindApproval) {
		return true
	}
	_, refused := approval.CanDecide(o.Lines, o.Decisions, person, port.Approve)
	return refused == ""
}
