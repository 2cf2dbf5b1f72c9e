package activities

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// way is the steps a run is in: those of its playbook or, after a rejection,
// those that it leads to.
type way struct {
	list     []*playbooks.Step
	rejected bool
}

// afterRejection does what the approval says that was rejected last, if one was,
// and answers the steps that go on: nothing else of the run runs by accident.
func (s *session) afterRejection() (way, error) {
	for {
		d := s.rejected()
		if d == nil {
			return way{list: s.def.Playbook.Steps}, nil
		}
		step := s.def.Playbook.Step(d.Step)
		if step == nil || step.Approval == nil || step.Approval.OnReject == nil {
			return way{}, s.end(port.OutcomeRejected, "")
		}
		then := step.Approval.OnReject
		if then.Back.Empty() {
			s.leave(step)
			return way{list: then.Steps, rejected: true}, nil
		}
		why, by, title := s.rejectionReason(d), d.By, s.stepTitle(d.Step)
		back := append(s.askedChanges(), goingBack{target: then.Back.V, step: d.Step, why: why, by: by, redo: true})
		if err := s.newRound("This", back); err != nil {
			return way{}, err
		}
		s.state.RoundWhy = fmt.Sprintf("Round %d: %s was rejected. %s wrote: %s", s.state.Round, title, s.name(by), why)
	}
}

// rejected is the approval that stands and was rejected last, or nil.
func (s *session) rejected() *port.StepResult {
	for i := len(s.state.Done) - 1; i >= 0; i-- {
		d := &s.state.Done[i]
		if d.Kind == string(playbooks.KindApproval) && d.Fields["outcome"] == port.OutcomeRejected {
			return d
		}
	}
	return nil
}

// rejectionReason is what whoever rejected last wrote.
func (s *session) rejectionReason(d *port.StepResult) string {
	list, _ := d.Fields["decisions"].([]any)
	for _, v := range slices.Backward(list) {
		m, _ := v.(map[string]any)
		if reason, _ := m["reason"].(string); m["choice"] == port.Reject && reason != "" {
			return reason
		}
	}
	return ""
}

// leave withdraws what is open outside of what a rejection leads to.
func (s *session) leave(step *playbooks.Step) {
	inside := func(id string) bool {
		return slices.ContainsFunc(step.All(), func(i *playbooks.Step) bool { return i.ID.V == id })
	}
	for i := 0; i < len(s.state.Open); {
		o := s.state.Open[i]
		if inside(o.Step) {
			i++
			continue
		}
		s.withdraw(o, s.stepTitle(step.ID.V)+" was rejected, so this is not needed any more.")
		s.state.Open = slices.Delete(s.state.Open, i, i+1)
		s.state.Done = append(s.state.Done, port.StepResult{Step: o.Step, Item: o.Item, Kind: o.Kind, Round: o.Round, State: port.StepWithdrawn, At: s.now})
	}
	s.leaveChanges(inside)
}

// leaveChanges forgets what was asked to be changed outside of the steps: a
// rejection weighs more.
func (s *session) leaveChanges(inside func(id string) bool) {
	asked := false
	for i := range s.state.Done {
		d := &s.state.Done[i]
		if d.Fields["outcome"] != outcomeChanges {
			continue
		}
		if inside(d.Step) {
			asked = true
			continue
		}
		d.State = port.StepWithdrawn
		d.Fields = map[string]any{"outcome": "void", "changes": d.Fields["changes"]}
	}
	if !asked {
		s.state.Change = nil
	}
}
