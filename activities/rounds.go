package activities

import (
	"fmt"
	"slices"
	"strconv"
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
	return s.newRound("Changes were asked for, so this", s.askedChanges())
}

// goingBack is one way back: to which step, from which, why, and who wanted it.
type goingBack struct {
	target, step, why, by string
	// redo says that the target is done again, also a task that asks the same.
	redo bool
}

// askedChanges are the 'ask for changes' that stand.
func (s *session) askedChanges() []goingBack {
	s.state.Change = nil
	var asked []goingBack
	for _, d := range s.state.Done {
		step := s.def.Playbook.Step(d.Step)
		if step == nil || step.Approval == nil || d.Fields["outcome"] != outcomeChanges {
			continue
		}
		why, _ := d.Fields["changes"].(string)
		asked = append(asked, goingBack{target: step.Approval.Changes.V, step: d.Step, why: why, by: d.By})
	}
	return asked
}

// newRound opens every step from the targets on again, and those that led back.
// what begins the sentence that people read in messages they need not answer.
func (s *session) newRound(what string, back []goingBack) error {
	var again, targets, askers, reasons []string
	actor := ""
	for _, b := range back {
		steps, _ := from(s.def.Playbook.Steps, true, b.target)
		if len(steps) == 0 {
			return fmt.Errorf("step %s: it goes back to %q, which is no step of the playbook", b.step, b.target)
		}
		again = append(append(again, steps...), b.step)
		targets, askers, reasons = append(targets, b.target), append(askers, b.step), append(reasons, b.why)
		if actor == "" {
			actor = b.by
		}
	}
	s.state.Round++
	s.state.RoundWhy = ""
	s.record(s.runPlace(), "round.started", "", s.state.Round, port.Record{
		Actor: actor, Header: map[string]string{"round": fmt.Sprint(s.state.Round), "from": strings.Join(targets, " "), "asked_by_step": strings.Join(askers, " ")},
		Body: map[string]any{"reason": strings.Join(reasons, "\n")},
	})
	s.setAside(again)
	for i := range s.state.Previous {
		p := &s.state.Previous[i]
		if slices.ContainsFunc(back, func(b goingBack) bool { return b.redo && b.target == p.Step }) {
			p.Inputs = ""
		}
	}
	for i := 0; i < len(s.state.Open); {
		if o := s.state.Open[i]; slices.Contains(again, o.Step) {
			s.withdraw(o, what+" is asked again in round "+fmt.Sprint(s.state.Round)+".")
			s.state.Open = slices.Delete(s.state.Open, i, i+1)
			continue
		}
		i++
	}
	return nil
}

// from lists the target and all steps after it. A group or a block the target
// stands in is on the list, because its condition is evaluated anew; the other
// entries of such a group are not: they stay as they are.
func from(steps []*playbooks.Step, sequence bool, target string) (out []string, found bool) {
	for _, step := range steps {
		if found && sequence || step.ID.V == target {
			found = true
			for _, again := range step.All() {
				out = append(out, again.ID.V)
			}
			continue
		}
		if inner, inside := from(step.Inner(), !step.SideBySide(), target); inside {
			found = true
			if step.Holds() {
				out = append(out, step.ID.V)
			}
			out = append(out, inner...)
		}
	}
	return out, found
}

// setAside moves the results of steps from the present to the previous ones.
func (s *session) setAside(steps []string) {
	for i := 0; i < len(s.state.Done); {
		d := s.state.Done[i]
		if !slices.Contains(steps, d.Step) || !s.mine(d.Step, d.Item) {
			i++
			continue
		}
		s.state.Done = slices.Delete(s.state.Done, i, i+1)
		s.settleForm(d, "It is asked again, or is no longer needed.")
		if d.Kind == string(playbooks.KindBack) && d.State == port.StepSkipped {
			continue // how often it went back is kept
		}
		s.state.Previous = slices.DeleteFunc(s.state.Previous, func(p port.StepResult) bool { return p.Step == d.Step && p.Item == d.Item })
		s.state.Previous = append(s.state.Previous, d)
	}
}

// skip finishes a step that does not run, and all steps in it, because the
// condition of a step does not hold: its own or that of the group or block it
// stands in. What it left in an earlier round, or asks since then, is not needed
// any more.
func (s *session) skip(step, because *playbooks.Step) {
	id := step.ID.V
	if id != "" {
		why := "This step is no longer needed in round " + strconv.Itoa(s.state.Round) + ". Nothing is left to do here."
		s.setAside([]string{id})
		s.dropOpen(id, why)
		s.finish(step, port.StepSkipped, nil)
		header := map[string]string{"kind": string(step.Kind), "when": because.When.V}
		if step != because {
			header["in"] = because.ID.V
		}
		s.record(s.place(step), "step.skipped", "", s.state.Revision, port.Record{Header: header})
	}
	for _, inner := range step.Inner() {
		s.skip(inner, because)
	}
}

// dropOpen withdraws what a step asks, and what it left in an earlier round.
func (s *session) dropOpen(id, why string) {
	dropped := map[string]bool{}
	for i := 0; i < len(s.state.Open); {
		if o := s.state.Open[i]; o.Step == id && s.mine(id, o.Item) {
			dropped[o.Item] = true
			s.withdraw(o, why)
			s.state.Open = slices.Delete(s.state.Open, i, i+1)
			continue
		}
		i++
	}
	for _, p := range s.state.Previous {
		if p.Step == id && s.mine(id, p.Item) && p.State == port.StepDone && !dropped[p.Item] {
			s.withdrawIssue(s.issueOf(id, p.Item), why)
		}
	}
}

// mine tells whether what a step left about an entry is meant: while the session
// is at an entry, that one's alone.
func (s *session) mine(step, key string) bool {
	here := s.itemOf(step)
	return here == "" || here == key
}

// withdraw closes an open step nobody has to answer any more.
func (s *session) withdraw(o port.OpenStep, why string) {
	if o.Token == "" { // nobody was asked
		s.record(o.Place(s.state.Run.ID), "step.withdrawn", "", o.Version, port.Record{Header: map[string]string{"kind": o.Kind}, Body: map[string]any{"why": why}})
		return
	}
	s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: o.Token, State: port.AskWithdrawn, StateVersion: o.StateVersion + 1, ClosedAt: s.now})
	card := settled("No longer needed: "+o.Title, []string{why})
	s.editAll(o, o.StateVersion+1, card)
	s.editNotices(o, card, "remind", "escalate", purposeSplit)
	s.withdrawIssue(s.issueOf(o.Step, o.Item), why)
	s.record(o.Place(s.state.Run.ID), "step.withdrawn", "", o.Version, port.Record{Header: map[string]string{"kind": o.Kind}, Body: map[string]any{"why": why}})
}
