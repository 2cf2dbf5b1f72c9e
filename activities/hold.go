package activities

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// placeHold places the hold of a task that was just opened. A hold that stands
// from an earlier round goes on; one that was lifted is placed anew.
func (s *session) placeHold(step *playbooks.Step, o port.OpenStep) {
	hold := step.Task.Hold
	if hold == nil || slices.ContainsFunc(s.state.Holds, func(h port.RunHold) bool { return h.Step == o.Step && h.LiftedAt.IsZero() }) {
		return
	}
	h := port.RunHold{Step: o.Step, Title: o.Title, Round: o.Round, Until: hold.Until.V, PlacedAt: o.OpenedAt}
	var open []string
	for _, id := range hold.Blocks {
		h.Blocks = append(h.Blocks, id.V)
		if s.begun(id.V) {
			open = append(open, id.V)
		}
	}
	s.state.Holds = append(s.state.Holds, h)
	s.record(s.place(step), "hold.placed", "", 0, port.Record{Header: map[string]string{
		"blocks": strings.Join(h.Blocks, " "), "until": h.Until, "open_already": strings.Join(open, " "),
	}})
}

// begun tells whether a step is open already, or entered: a hold comes too late
// for it, which its record says.
func (s *session) begun(id string) bool {
	return s.state.FindOpen(id, "") != nil || s.state.FindDone(id, "") != nil
}

// liftHolds lifts the holds whose step was done, and tells whether any was. One
// whose step is skipped is lifted too: nobody will be asked about it any more.
func (s *session) liftHolds() bool {
	lifted := false
	for i := range s.state.Holds {
		h := &s.state.Holds[i]
		d := s.state.FindDone(h.Until, "")
		if !h.LiftedAt.IsZero() || d == nil {
			continue
		}
		outcome, decided := d.Fields["outcome"].(string)
		switch {
		case d.State == port.StepSkipped:
			outcome = port.StepSkipped
		case d.State != port.StepDone:
			continue
		case d.Kind != string(playbooks.KindApproval):
			outcome = port.StepDone
		case !decided, outcome != port.OutcomeApproved && outcome != port.OutcomeApprovedWith:
			continue
		}
		h.LiftedAt, h.Waiting, lifted = s.now, nil, true
		s.record(s.holdPlace(h), "hold.lifted", "", 0, port.Record{Actor: d.By, Header: map[string]string{"by_step": h.Until, "outcome": outcome}})
	}
	return lifted
}

func (s *session) holdPlace(h *port.RunHold) port.Place {
	return port.Place{Run: s.state.Run.ID, Step: h.Step, Round: h.Round}
}

// begunHeld forgets which steps wait for a hold: the walk that follows finds
// those that still do.
func (s *session) begunHeld() {
	for i := range s.state.Holds {
		s.state.Holds[i].Waiting = nil
	}
}

// heldUp tells whether a step may not be opened yet, and notes that the run has
// come to it.
func (s *session) heldUp(step *playbooks.Step) bool {
	held := false
	for i := range s.state.Holds {
		h := &s.state.Holds[i]
		if !h.LiftedAt.IsZero() || !slices.Contains(h.Blocks, step.ID.V) || s.state.FindOpen(step.ID.V, "") != nil {
			continue
		}
		held = true
		h.Waiting = append(h.Waiting, step.ID.V)
		s.record(s.place(step), "step.held", h.Step, h.Round, port.Record{Header: map[string]string{"hold": h.Step, "until": h.Until}})
	}
	return held
}

// endHolds says of the holds in place that the run has ended before a decision.
func (s *session) endHolds() {
	for i := range s.state.Holds {
		h := &s.state.Holds[i]
		h.Waiting = nil
		if h.LiftedAt.IsZero() {
			s.record(s.holdPlace(h), "hold.ended", "", 0, port.Record{Header: map[string]string{"until": h.Until}})
		}
	}
}

// holdText tells whoever does the task what it holds up.
func (s *session) holdText(step *playbooks.Step) string {
	hold := step.Task.Hold
	if hold == nil {
		return ""
	}
	var names []string
	for _, id := range hold.Blocks {
		names = append(names, s.stepName(id.V))
	}
	return fmt.Sprintf("This is a hold. Until it is lifted by %s, these steps wait: %s.\n\n", s.stepName(hold.Until.V), strings.Join(names, ", "))
}

// viewHolds shows which steps wait for which hold.
func (s *session) viewHolds(v *port.RunView) {
	for _, h := range s.state.Holds {
		for _, id := range h.Waiting {
			step := s.def.Playbook.Step(id)
			if step == nil {
				continue
			}
			title := s.stepName(id)
			if !slices.ContainsFunc(v.Steps, func(x port.StepView) bool { return x.Step == id }) {
				v.Steps = append(v.Steps, port.StepView{Step: id, Kind: string(step.Kind), Title: title, Round: s.state.Round, State: "held"})
			}
			w := port.Waiting{Step: id, For: fmt.Sprintf("the hold %s, lifted by %s. Then it goes on with %s", h.Title, s.stepName(h.Until), title)}
			if o := s.state.FindOpen(h.Until, ""); o != nil {
				w.People = s.waiting(*o).People
			}
			v.Waiting = append(v.Waiting, w)
		}
	}
}
