package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// changeRound begins a new round after an accepted 'ask for changes': every
// step from the target on is open again, and so is the decision that asked.
// Decisions side by side may ask at the same time: the round serves them all.
// Results are kept aside: forms are pre-filled from them, unchanged tasks keep
// theirs.
func (s *session) changeRound() error {
	if s.state.Change == nil {
		return nil
	}
	s.state.Change = nil
	var again, targets, askers, reasons []string
	actor := ""
	for _, d := range s.state.Done {
		step := s.def.Playbook.Step(d.Step)
		if step == nil || step.Approval == nil || d.Fields["outcome"] != outcomeChanges {
			continue
		}
		target := step.Approval.Changes.V
		steps := s.from(target)
		if len(steps) == 0 {
			return fmt.Errorf("step %s: its changes go back to %q, which is no step of the playbook", d.Step, target)
		}
		why, _ := d.Fields["changes"].(string)
		again = append(append(again, steps...), d.Step)
		targets, askers, reasons = append(targets, target), append(askers, d.Step), append(reasons, why)
		if actor == "" {
			actor = d.By
		}
	}
	s.state.Round++
	s.record(s.runPlace(), "round.started", "", s.state.Round, port.Record{
		Actor: actor, Header: map[string]string{"round": fmt.Sprint(s.state.Round), "from": strings.Join(targets, " "), "asked_by_step": strings.Join(askers, " ")},
		Body: map[string]any{"reason": strings.Join(reasons, "\n")},
	})
	s.setAside(again)
	for i := 0; i < len(s.state.Open); {
		if o := s.state.Open[i]; slices.Contains(again, o.Step) {
			s.withdraw(o, "Changes were asked for, so this is asked again in round "+fmt.Sprint(s.state.Round)+".")
			s.state.Open = slices.Delete(s.state.Open, i, i+1)
			continue
		}
		i++
	}
	return nil
}

// from lists the target and all steps after it; a target inside a group takes
// only itself and what follows the group.
func (s *session) from(target string) []string {
	var out []string
	found := false
	for _, step := range s.def.Playbook.Steps {
		inside := slices.ContainsFunc(step.Group, func(g *playbooks.Step) bool { return g.ID.V == target })
		switch {
		case found || step.ID.V == target:
			found = true
			out = append(out, step.ID.V)
			for _, g := range step.Group {
				out = append(out, g.ID.V)
			}
		case inside:
			found = true
			out = append(out, step.ID.V, target)
		}
	}
	return out
}

// setAside moves the results of steps from the present to the previous ones.
func (s *session) setAside(steps []string) {
	for i := 0; i < len(s.state.Done); {
		d := s.state.Done[i]
		if !slices.Contains(steps, d.Step) {
			i++
			continue
		}
		s.state.Done = slices.Delete(s.state.Done, i, i+1)
		s.state.Previous = slices.DeleteFunc(s.state.Previous, func(p port.StepResult) bool { return p.Step == d.Step && p.Item == d.Item })
		s.state.Previous = append(s.state.Previous, d)
	}
}

// withdraw closes an open step nobody has to answer any more.
func (s *session) withdraw(o port.OpenStep, why string) {
	s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: o.Token, State: port.AskWithdrawn, StateVersion: o.StateVersion + 1, ClosedAt: s.now})
	s.editAll(o, o.StateVersion+1, settled("No longer needed: "+o.Title, []string{why}))
	s.withdrawIssue(s.issueOf(o.Step, o.Item), why)
	s.record(o.Place(s.state.Run.ID), "step.withdrawn", "", o.Version, port.Record{Header: map[string]string{"kind": o.Kind}, Body: map[string]any{"why": why}})
}
