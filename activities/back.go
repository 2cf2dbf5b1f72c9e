package activities

import (
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// backOver marks the result of a step that has gone back as often as it may: the
// steps it names for that case are under way.
const backOver = "over"

// back goes back to an earlier step or, when it has done so often enough, does
// what is written for that case. Its condition holds.
func (s *session) back(step *playbooks.Step) (bool, error) {
	count := s.wentBack(step)
	if most := step.Back.AtMost; most > 0 && count >= most {
		s.finish(step, port.StepDone, map[string]any{"count": count, backOver: true})
		s.record(s.place(step), "step.back_over", "", 0, port.Record{Header: map[string]string{"count": fmt.Sprint(count)}})
		return s.walkInner(step)
	}
	say, err := s.eval.Text(step.Back.Say.V, s.scope())
	if err != nil {
		return false, fmt.Errorf("step %s: say: %w", step.ID, err)
	}
	s.finish(step, port.StepDone, map[string]any{"count": count + 1})
	if err := s.newRound("This", []goingBack{{target: step.Back.To.V, step: step.ID.V, why: say, redo: true}}); err != nil {
		return false, err
	}
	s.state.RoundWhy = fmt.Sprintf("Round %d: this is asked again. %s", s.state.Round, say)
	s.returned = true
	return false, nil
}

// goOn passes a step by whose condition to go back does not hold. How often it
// went back before is still known.
func (s *session) goOn(step *playbooks.Step) {
	s.finish(step, port.StepDone, map[string]any{"count": s.wentBack(step)})
	s.record(s.place(step), "step.skipped", "", 0, port.Record{Header: map[string]string{"kind": string(step.Kind), "when": step.When.V}})
	for _, then := range step.Inner() {
		s.skip(then, step)
	}
}

// wentBack is how often the step has gone back in this run.
func (s *session) wentBack(step *playbooks.Step) int {
	d := s.state.FindPrevious(step.ID.V, "")
	if d == nil {
		return 0
	}
	switch n := d.Fields["count"].(type) {
	case float64: // from JSON
		return int(n)
	case int:
		return n
	}
	return 0
}
