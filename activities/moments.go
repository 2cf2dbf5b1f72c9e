package activities

import (
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// remind is the step's reminders, or the defaults.
func remind(step *playbooks.Step) []string {
	if len(step.Remind) == 0 {
		return org.DefaultRemind()
	}
	var out []string
	for _, r := range step.Remind {
		out = append(out, r.At.V)
	}
	return out
}

// ladder is the step's escalation, or the default without the roles this
// organisation lacks.
func (s *session) ladder(step *playbooks.Step) []org.Rung {
	if len(step.Escalate) > 0 {
		var out []org.Rung
		for _, l := range step.Escalate {
			out = append(out, org.Rung{After: l.After.V, To: l.To.V})
		}
		return out
	}
	return slices.DeleteFunc(org.DefaultEscalate(), func(r org.Rung) bool {
		_, known := s.org.Role(r.To)
		return r.To != org.ToDeputy && !known
	})
}

// moments lists what will happen to an open step by itself, in order.
func (s *session) moments(step *playbooks.Step, o port.OpenStep, zone string) ([]port.Moment, error) {
	var out []port.Moment
	due := o.Due
	list, err := s.def.Calendar.Moments(remind(step), o.OpenedAt, due, zone)
	if err != nil {
		return nil, fmt.Errorf("step %s: remind: %w", step.ID, err)
	}
	for _, m := range list {
		if m.At.After(s.now) {
			out = append(out, port.Moment{At: m.At, Kind: port.MomentRemind})
		}
	}
	if !o.Missed {
		out = append(out, port.Moment{At: due, Kind: port.MomentMissed})
	}
	at, ok, err := s.nextEvery(step, due, zone)
	if err != nil {
		return nil, err
	}
	if ok {
		out = append(out, port.Moment{At: at, Kind: port.MomentEvery})
	}
	for _, r := range s.ladder(step) {
		if slices.Contains(o.Escalated, r.To) {
			continue // a newer version of an ask: they know
		}
		at, err := s.def.Calendar.After(due, r.After, zone)
		if err != nil {
			return nil, fmt.Errorf("step %s: escalate: %w", step.ID, err)
		}
		out = append(out, port.Moment{At: at, Kind: port.MomentEscalate, To: r.To})
	}
	sortMoments(out)
	return out, nil
}

// nextEvery is the first repetition after an instant that is still to come:
// after a pause, those missed are not sent late.
func (s *session) nextEvery(step *playbooks.Step, after time.Time, zone string) (time.Time, bool, error) {
	for {
		at, ok, err := s.def.Calendar.NextEvery(remind(step), after, zone)
		if err != nil {
			return at, false, fmt.Errorf("step %s: remind: %w", step.ID, err)
		}
		if !ok || at.After(s.now) {
			return at, ok, nil
		}
		after = at
	}
}

func sortMoments(m []port.Moment) {
	slices.SortStableFunc(m, func(a, b port.Moment) int { return a.At.Compare(b.At) })
}
