package activities

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// Advance brings a run as far as it can go without people: it evaluates
// conditions and sets, opens steps, asks again where evidence changed, and
// ends the run. Everything it decides is in the delta, so history alone
// explains the run. It may run several times for one instant: all it writes is
// insert-or-return.
func (a *Activities) Advance(ctx context.Context, r Request) (port.Delta, error) {
	s, err := a.open(ctx, r)
	if err != nil {
		return port.Delta{}, err
	}
	s.state.Parked, s.state.Look = "", false
	if err := s.advance(); err != nil {
		var unread *ledgerError
		if errors.As(err, &unread) {
			return port.Delta{}, err // tried again: it is not the run's fault
		}
		if s, err = a.park(ctx, r, err); err != nil {
			return port.Delta{}, err
		}
	}
	d, err := s.commit(r.State)
	if err == nil {
		err = s.tellOfEnds()
	}
	return d, err
}

// ledgerError is a ledger that could not be read. Whatever else stops an
// advance lies in the definition or the organisation, and parks the run.
type ledgerError struct{ err error }

func (e *ledgerError) Error() string { return e.err.Error() }
func (e *ledgerError) Unwrap() error { return e.err }

// park drops what a failed advance began and keeps the reason: the run waits
// for a mended organisation file and is tried again.
func (a *Activities) park(ctx context.Context, r Request, bad error) (*session, error) {
	s, err := a.open(ctx, r)
	if err != nil {
		return nil, err
	}
	s.state.Parked, s.state.Look = bad.Error(), false
	s.record(s.runPlace(), "run.parked", port.Digest26(bad.Error()), 0, port.Record{Body: map[string]any{"reason": bad.Error()}})
	a.Logger.Error("a run cannot go on", "run", s.state.Run.ID, "reason", bad.Error())
	return s, nil
}

func (s *session) advance() error {
	if err := s.restrict(); err != nil {
		return err
	}
	if err := s.begin(); err != nil {
		return err
	}
	if c := s.state.Cancel; c != nil {
		return s.end("cancelled", c.Reason)
	}
	for range roundsAtOnce {
		s.returned = false
		steps, err := s.afterRejection()
		if err != nil || s.state.Outcome != "" {
			return err
		}
		if err := s.changeRound(); err != nil {
			return err
		}
		if err := s.reconsider(); err != nil {
			return err
		}
		if err := s.askJoined(steps.rejected); err != nil {
			return err
		}
		if err := s.reviewEvidence(); err != nil {
			return err
		}
		s.held = false
		s.liftHolds()
		s.begunHeld()
		if _, err := s.settleClocks(); err != nil {
			return err
		}
		if err := s.standAside(); err != nil {
			return err
		}
		finished, err := s.walk(steps.list, true)
		if err != nil || s.state.Outcome != "" {
			return err
		}
		settled, err := s.settleClocks()
		switch {
		case err != nil:
			return err
		case s.returned, settled, s.liftHolds():
			continue
		case finished && steps.rejected:
			return s.end(port.OutcomeRejected, "")
		case finished:
			return s.end(s.outcome(), "")
		}
		return s.followClocks()
	}
	return &parkError{fmt.Sprintf("the run went back %d times without anybody being asked; a step it goes back to must ask somebody each time", roundsAtOnce)}
}

// roundsAtOnce is how often a run may go back before anybody is asked. Lint
// finds who is asked, but not whether the condition of that step ever holds.
const roundsAtOnce = 20

// walk visits steps: in sequence it stops at the first that is not finished,
// side by side it visits all. It tells whether all are finished; not when the
// run has ended or gone back meanwhile.
func (s *session) walk(steps []*playbooks.Step, sequence bool) (bool, error) {
	all := true
	for _, step := range steps {
		finished, err := s.visit(step)
		if err != nil {
			return false, err
		}
		if s.state.Outcome != "" || s.returned {
			return false, nil
		}
		if finished {
			continue
		}
		if sequence {
			return false, nil
		}
		all = false
	}
	return all, nil
}

// visit brings one step as far as it goes and tells whether it is finished.
func (s *session) visit(step *playbooks.Step) (bool, error) {
	id := step.ID.V
	if d := s.state.FindDone(id, s.itemOf(id)); d != nil {
		if d.State == port.StepEntered || d.Fields[backOver] == true {
			return s.walkInner(step)
		}
		return true, nil
	}
	if s.state.FindOpen(id, s.itemOf(id)) != nil && !looksAgain(step) {
		return !step.WaitedFor(), nil
	}
	if !step.When.Empty() && s.state.FindOpen(id, s.itemOf(id)) == nil {
		holds, err := s.eval.Holds(step.When, s.scope())
		if err != nil {
			return false, fmt.Errorf("step %s: when: %w", id, err)
		}
		if !holds {
			if step.Back != nil {
				s.goOn(step)
			} else {
				s.skip(step, step)
			}
			return true, nil
		}
	}
	if down, err := s.needless(step); down || err != nil {
		return down, err
	}
	if s.heldUp(step) {
		return !step.WaitedFor(), nil
	}
	switch step.Kind {
	case playbooks.KindGroup, playbooks.KindSteps:
		if id != "" { // without one there is no condition, so nothing to keep
			s.finish(step, port.StepEntered, nil)
		}
		return s.walkInner(step)
	case playbooks.KindEach:
		if empty, err := s.beginEach(step); empty || err != nil {
			return empty, err
		}
		return s.walkItems(step)
	case playbooks.KindSet:
		return true, s.evaluateSet(step)
	case playbooks.KindBack:
		return s.back(step)
	case playbooks.KindWait:
		return s.wait(step)
	case playbooks.KindClock:
		return true, s.clock(step)
	case playbooks.KindEnd:
		return false, s.endBy(step)
	case playbooks.KindNotify:
		return true, s.notify(step)
	case playbooks.KindRegister:
		return true, s.writeRegister(step)
	case playbooks.KindStart:
		return s.start(step)
	case playbooks.KindCollect:
		return s.collect(step)
	case playbooks.KindForm:
		return s.openForm(step)
	case playbooks.KindTask:
		kept, err := s.openTask(step)
		return kept || !step.WaitedFor(), err
	case playbooks.KindApproval:
		return false, s.openApproval(step)
	}
	return false, fmt.Errorf("step %s: this version does not know the kind %q", id, step.Kind)
}

// looksAgain tells whether an open step is looked at each time: nobody's answer
// closes it.
func looksAgain(step *playbooks.Step) bool {
	return slices.Contains([]playbooks.Kind{playbooks.KindWait, playbooks.KindCollect, playbooks.KindStart}, step.Kind)
}

// walkInner visits the steps in a group or a block that was entered.
func (s *session) walkInner(step *playbooks.Step) (bool, error) {
	if step.Each != nil {
		return s.walkItems(step)
	}
	return s.walk(step.Inner(), !step.SideBySide())
}

// finish adds a result without an actor.
func (s *session) finish(step *playbooks.Step, state string, fields map[string]any) {
	s.state.Done = append(s.state.Done, port.StepResult{
		Step: step.ID.V, Item: s.itemOf(step.ID.V), Kind: string(step.Kind), Round: s.state.Round, State: state, Fields: fields, At: s.now,
	})
}

func (s *session) evaluateSet(step *playbooks.Step) error {
	fields, err := s.eval.Set(step, s.scope())
	if err != nil {
		return fmt.Errorf("step %s: %w", step.ID, err)
	}
	s.finish(step, port.StepDone, fields)
	s.record(s.place(step), "step.set", "", s.state.Revision, port.Record{Body: map[string]any{"values": fields}})
	return nil
}

// place is where the step stands in the present round.
func (s *session) place(step *playbooks.Step) port.Place {
	return port.Place{Run: s.state.Run.ID, Step: step.ID.V, Item: s.itemOf(step.ID.V), Round: s.state.Round}
}

// outcome is the last approval's, else completed.
func (s *session) outcome() string {
	out := "completed"
	for _, d := range s.state.Done {
		if d.Kind == string(playbooks.KindApproval) && d.State == port.StepDone && d.Item == "" { // of an each, one of many
			out, _ = d.Fields["outcome"].(string)
		}
	}
	return out
}

// scope is what expressions see now.
func (s *session) scope() playbooks.Scope {
	steps := map[string]map[string]any{}
	lists := map[string][]any{}
	for _, d := range s.state.Done {
		step := s.def.Playbook.Step(d.Step)
		switch {
		case step != nil && step.Each != nil:
			if d.State == port.StepDone || d.State == port.StepEntered {
				lists[d.Step] = s.listOf(step)
			}
		case d.State == port.StepDone && d.Item == s.itemOf(d.Step):
			steps[d.Step] = d.Fields
		}
	}
	var entry map[string]any
	if s.at.each != nil {
		entry = map[string]any{s.at.each.Each.EntryName(): s.at.entry}
	}
	input, err := s.def.Playbook.ReadInput(s.state.Run.Input, s.org.Profile.Zone, s.state.Run.StartedAt)
	if err != nil { // a run of before they were checked
		input = map[string]any{}
		for k, v := range s.state.Run.Input {
			input[k] = v
		}
	}
	run := map[string]any{
		"id": s.state.Run.ID, "by": s.state.Run.By, "playbook": s.state.Run.Playbook,
		"exercise": s.state.Run.Exercise, "started_at": s.state.Run.StartedAt, "input": input, "clocks": s.clockFacts(steps),
	}
	if s.state.Run.By == ProgrammeActor { // nobody, whom nothing can be asked
		delete(run, "by")
	}
	return playbooks.Scope{
		Steps: steps, Lists: lists, Entry: entry, Run: run,
		Subject: s.subject(s.org), Before: s.subject(s.began),
		Organisation: playbooks.OrganisationOf(s.org),
		Now:          s.now,
		Holds:        s.holds,
		Chairs:       func(p, c string) bool { com, ok := s.org.Committee(c); return ok && com.Chair == p },
		Deputises:    s.org.Deputises,
		Sits:         s.org.Sits,
		Leads:        s.org.Leads,
		Person:       func(id string) map[string]any { return playbooks.PersonOf(s.org, id) },
		WorkingDays: func(t time.Time, n int) (time.Time, error) {
			return s.def.Calendar.WorkingDaysAfter(t, n, s.org.Profile.Zone)
		},
	}
}
