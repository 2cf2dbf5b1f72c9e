package activities

import (
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// stoodDown marks the result of a task that was skipped because it was needless.
const stoodDown = "stood_down"

// standAside looks again whether tasks are needed that may turn out not to be: what
// is open is withdrawn while it is needless, and asked when that falls away.
func (s *session) standAside() error {
	for _, step := range s.def.Playbook.All() {
		if !step.MayStandDown() {
			continue
		}
		id := step.ID.V
		d, open := s.state.FindDone(id, ""), s.state.FindOpen(id, "")
		if open == nil && (d == nil || d.Fields[stoodDown] != true) {
			continue
		}
		down, err := s.down(step)
		switch {
		case err != nil:
			return err
		case down && open != nil:
			s.stepAside(step)
		case !down && d != nil:
			s.unskip(step)
		}
	}
	return nil
}

// needless passes a task by that nobody needs to do as things stand.
func (s *session) needless(step *playbooks.Step) (bool, error) {
	if !step.MayStandDown() {
		return false, nil
	}
	down, err := s.down(step)
	if down {
		s.stepAside(step)
	}
	return down, err
}

func (s *session) down(step *playbooks.Step) (bool, error) {
	v, _, err := s.eval.ValueSoFar(step.Task.StandDown.V, s.scope())
	if err != nil {
		return false, fmt.Errorf("step %s: stand_down: %w", step.ID, err)
	}
	return v == true, nil
}

func (s *session) stepAside(step *playbooks.Step) {
	id := step.ID.V
	s.setAside([]string{id})
	s.dropOpen(id, "This is not needed any more, as decided in the run. Nothing is left to do here.")
	s.finish(step, port.StepSkipped, map[string]any{stoodDown: true})
	s.record(s.place(step), "step.stood_down", "", s.state.Revision, port.Record{Header: map[string]string{"kind": string(step.Kind), "because": step.Task.StandDown.V}})
}
