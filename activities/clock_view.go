package activities

import (
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// clockFacts is what expressions read as run.clocks; what they read as the
// result of each goes into steps.
func (s *session) clockFacts(steps map[string]map[string]any) []any {
	out := []any{}
	for i := range s.state.Clocks {
		c := &s.state.Clocks[i]
		steps[c.ID] = map[string]any{"due": stamp(c.Due), "state": c.State, "settled": !runs(c)}
		out = append(out, map[string]any{"id": c.ID, "state": c.State, "due": stamp(c.Due)})
	}
	return out
}

// waitsForClock tells whether the run may not end yet, because that would
// silence a clock. A run that is cancelled has none that runs: see Judge. Those
// of an exercise hold nobody up who ends it.
func (s *session) waitsForClock() bool {
	if s.state.Run.Exercise && s.state.Cancel != nil {
		return false
	}
	for i := range s.state.Clocks {
		s.held = s.held || runs(&s.state.Clocks[i])
	}
	return s.held
}

// clockForbidsCancel is why the run may not be cancelled now, or empty.
func (s *session) clockForbidsCancel() string {
	for i := range s.state.Clocks {
		if c := &s.state.Clocks[i]; runs(c) && !s.state.Run.Exercise {
			return fmt.Sprintf("A deadline runs in this run: %s, due %s. It cannot be cancelled before that is kept or stood down.", c.Title, moment(c.Due, s.org.Profile.Zone))
		}
	}
	return ""
}

// viewClocks shows the clocks among the steps, and whom a run waits for that a
// clock alone keeps open.
func (s *session) viewClocks(v *port.RunView) {
	for i := range s.state.Clocks {
		c := &s.state.Clocks[i]
		st := port.StepView{
			Step: c.ID, Kind: string(playbooks.KindClock), Title: c.Title, Round: c.Round, State: c.State,
			OpenedAt: c.From, Due: c.Due, DoneAt: c.SettledAt, Missed: c.State == playbooks.ClockMissed,
			Result: map[string]any{"due": stamp(c.Due), "state": c.State, "settled": !runs(c)},
		}
		v.Steps = append(v.Steps, st)
		if !runs(c) {
			continue
		}
		w := port.Waiting{Step: c.ID, Due: c.Due, For: fmt.Sprintf("the deadline %s, due %s, to be kept: %s", c.Title, moment(c.Due, s.org.Profile.Zone), s.stopWords(c))}
		for _, a := range s.clockOwners(c) {
			if a.Person != "" {
				w.People = append(w.People, a.Person)
			}
		}
		v.Waiting = append(v.Waiting, w)
	}
}
