package scenario

import (
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// ends reads how the run ends that a step waits for.
func (r *reader) ends(m *source.Map) *Ends {
	m.Require("outcome")
	step, outcome := m.Text("ended"), m.Text("outcome")
	r.step(step, playbooks.KindStart)
	id, _ := playbooks.ReadStepRef(step.V)
	s := r.book.Step(id)
	if s == nil || s.Start == nil || outcome.Empty() {
		return nil
	}
	if !s.Start.Wait {
		r.ps.Add(step.Pos, "scenario", "The step `%s` starts a run and does not wait for its end. Leave this line out, or add `wait: true` to the step.", step)
		return nil
	}
	if other := r.world.Playbook(s.Start.Playbook.V); other != nil && outcome.V != "open" {
		r.outcomeOf(other, outcome)
	} else if outcome.V == "open" {
		r.ps.Add(outcome.Pos, "scenario", "A run that is `open` has not ended. Leave this line out.")
	}
	return &Ends{Step: step.V, Outcome: outcome.V}
}
