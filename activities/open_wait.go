package activities

import (
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// wait opens a wait, or looks whether one that is open is over. What it waits
// for is worked out anew each time: a date that was changed counts.
func (s *session) wait(step *playbooks.Step) (bool, error) {
	until, over, err := s.until(step)
	if err != nil {
		return false, fmt.Errorf("step %s: until: %w", step.ID, err)
	}
	o := s.state.FindOpen(step.ID.V, s.itemOf(step.ID.V))
	if over {
		s.endWait(step, o)
		return true, nil
	}
	next := until
	if until.IsZero() {
		if next, err = s.def.Calendar.NextMorning(s.now, s.org.Profile.Zone); err != nil {
			return false, fmt.Errorf("step %s: %w", step.ID, err)
		}
	}
	if o == nil {
		if o, err = s.openWait(step); err != nil {
			return false, err
		}
		s.record(s.place(step), "step.opened", "", 1, port.Record{Header: map[string]string{"kind": o.Kind, "until": untilWord(until, step)}})
	} else if !o.Until.Equal(until) {
		o.StateVersion++
		s.record(o.Place(s.state.Run.ID), "wait.changed", "", o.StateVersion, port.Record{Header: map[string]string{"until": untilWord(until, step)}})
	}
	o.Until, o.Moments = until, []port.Moment{{At: next, Kind: port.MomentLook}}
	return false, nil
}

func (s *session) openWait(step *playbooks.Step) (*port.OpenStep, error) {
	op, err := s.newOpening(step, playbooks.Str{})
	if err != nil {
		return nil, err
	}
	s.state.Open = append(s.state.Open, op.open)
	return &s.state.Open[len(s.state.Open)-1], nil
}

func (s *session) endWait(step *playbooks.Step, o *port.OpenStep) {
	header := map[string]string{"kind": string(step.Kind), "until": step.Wait.Until.V}
	place := s.place(step)
	if o != nil {
		place = o.Place(s.state.Run.ID)
		s.state.Open = slices.DeleteFunc(s.state.Open, func(x port.OpenStep) bool { return x.Step == step.ID.V && x.Item == o.Item })
	}
	s.finish(step, port.StepDone, map[string]any{"at": stamp(s.now)})
	s.record(place, "step.closed", "", 1, port.Record{Header: header})
}

// until is the instant a wait goes on at, zero for a condition; over tells
// whether it has come, or the condition holds.
func (s *session) until(step *playbooks.Step) (at time.Time, over bool, err error) {
	v, known, err := s.eval.ValueSoFar(step.Wait.Until.V, s.scope())
	if err != nil || !known {
		return at, false, err
	}
	if holds, ok := v.(bool); ok {
		return at, holds, nil
	}
	text, _ := v.(string)
	if at, err = time.Parse(time.RFC3339, text); err != nil {
		if at, err = s.def.Calendar.StartOfDay(text, s.org.Profile.Zone); err != nil {
			return at, false, fmt.Errorf("`%s` gives no date: %w", step.Wait.Until, err)
		}
	}
	return at.UTC(), !at.After(s.now), nil
}

// look asks for an advance when a wait has to be looked at again.
func (s *session) look(o *port.OpenStep) {
	if len(o.Moments) > 0 && !o.Moments[0].At.After(s.now) {
		o.Moments, s.state.Look = nil, true
	}
}

func untilWord(at time.Time, step *playbooks.Step) string {
	if at.IsZero() {
		return step.Wait.Until.V
	}
	return stamp(at)
}

// waitWords says what a wait waits for.
func (s *session) waitWords(o port.OpenStep) string {
	if !o.Until.IsZero() {
		return fmt.Sprintf("a date: %s (%s). The run then goes on by itself", moment(o.Until, s.org.Profile.Zone), o.Title)
	}
	until := ""
	if step := s.def.Playbook.Step(o.Step); step != nil && step.Wait != nil {
		until = step.Wait.Until.V
	}
	return fmt.Sprintf("something to become true: %s (%s). The bot looks whenever something changes in this run, and every morning", until, o.Title)
}
