package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// waitMost is how many runs that wait for one another are looked through.
const waitMost = 50

// waitFor has a step wait for the run it started or joined, unless that waits for
// this one: neither would ever go on.
func (s *session) waitFor(step *playbooks.Step, child string) (bool, error) {
	circle, err := s.waitsForUs(child)
	if err != nil {
		return false, err
	}
	if circle {
		s.tellManager(step, "not_waited", "A run does not wait for another", fmt.Sprintf(
			"%s is to wait for run %s of %s, which waits for this run. It goes on without waiting, because neither would ever end.", s.stepTitle(step.ID.V), child, step.Start.Playbook))
		s.record(s.place(step), "start.not_waited", "", 0, port.Record{Header: map[string]string{"child": child, "why": "they would wait for each other"}})
		s.finish(step, port.StepDone, map[string]any{"at": stamp(s.now), "run": child})
		return true, nil
	}
	o, err := s.newOpening(step, playbooks.Str{})
	if err != nil {
		return false, err
	}
	o.open.Child = child
	s.state.Open = append(s.state.Open, o.open)
	s.record(s.place(step), "step.opened", "", 1, port.Record{Header: map[string]string{"kind": o.open.Kind, "child": child}})
	return s.awaitRun(step)
}

// awaitRun looks whether the run has ended that an open step waits for. The row in
// the ledger says so, and nothing else: what the run is told of it only has it
// look.
func (s *session) awaitRun(step *playbooks.Step) (bool, error) {
	o := *s.state.FindOpen(step.ID.V, s.itemOf(step.ID.V))
	row, err := s.a.Ledger.Run(s.ctx, o.Child)
	if err != nil {
		return false, &ledgerError{fmt.Errorf("step %s: read run %s: %w", step.ID, o.Child, err)}
	}
	if row.State != port.RunClosed {
		return false, nil
	}
	s.state.Open = slices.DeleteFunc(s.state.Open, func(x port.OpenStep) bool { return x.Step == o.Step && x.Item == o.Item })
	s.finish(step, port.StepDone, map[string]any{"at": stamp(s.now), "run": o.Child, "outcome": row.Outcome})
	s.record(o.Place(s.state.Run.ID), "step.closed", "", 1, port.Record{Header: map[string]string{"kind": o.Kind, "child": o.Child, "outcome": row.Outcome}})
	return true, nil
}

// waitsForUs tells whether a run waits for this one, itself or by others. The
// error is a *ledgerError.
func (s *session) waitsForUs(run string) (bool, error) {
	look := []string{run}
	for i := 0; i < len(look) && i < waitMost; i++ {
		if look[i] == s.state.Run.ID {
			return true, nil
		}
		row, err := s.a.Ledger.Run(s.ctx, look[i])
		if err != nil {
			return false, &ledgerError{fmt.Errorf("read what run %s waits for: %w", look[i], err)}
		}
		for _, w := range row.View.Waiting {
			if w.Run != "" && !slices.Contains(look, w.Run) {
				look = append(look, w.Run)
			}
		}
	}
	return false, nil
}

// tellOfEnds comes after the commit of an advance. A run that has ended tells
// those that wait for it; one that began to wait looks whether what it waits for
// ended while it was joined. Of the two commits one is the later, and sees the
// other: so nobody waits for ever. A crash in between has the advance repeated,
// and nobody is told twice.
func (s *session) tellOfEnds() error {
	if s.state.Outcome != "" {
		return s.a.TellWaiting(s.ctx, s.state.Run.ID)
	}
	for _, o := range s.state.Open {
		if o.Child == "" {
			continue
		}
		row, err := s.a.Ledger.Run(s.ctx, o.Child)
		if err != nil {
			return fmt.Errorf("read run %s: %w", o.Child, err)
		}
		if row.State != port.RunClosed {
			continue
		}
		if err := s.a.hintEnd(s.ctx, o.Child, s.state.Run.ID, s.state.Run.WorkflowID); err != nil {
			return err
		}
	}
	return nil
}

// TellWaiting tells the runs that may wait for a run that it has ended: the one
// whose step started it, and those whose steps joined it.
func (a *Activities) TellWaiting(ctx context.Context, run string) error {
	ended, err := a.Ledger.Run(ctx, run)
	if err != nil {
		return fmt.Errorf("read run %s: %w", run, err)
	}
	records, err := a.Ledger.RecordsOf(ctx, run)
	if err != nil {
		return fmt.Errorf("read the records of run %s: %w", run, err)
	}
	var parents []string
	if ended.Parent != "" {
		parents = append(parents, ended.Parent)
	}
	for _, r := range records {
		var h startRecord
		if err := json.Unmarshal(r.Header, &h); err != nil {
			return fmt.Errorf("read a record of run %s: %w", run, err)
		}
		if p := h.Facts["parent"]; h.Kind == "run.joined" && !slices.Contains(parents, p) {
			parents = append(parents, p)
		}
	}
	for _, id := range parents {
		p, err := a.Ledger.Run(ctx, id)
		switch {
		case errors.Is(err, port.ErrNotFound):
			continue
		case err != nil:
			return fmt.Errorf("read run %s: %w", id, err)
		case p.State == port.RunClosed || !waitsFor(p.Definition, ended.Playbook):
			continue
		}
		if err := a.hintEnd(ctx, run, p.ID, p.WorkflowID); err != nil {
			return err
		}
	}
	return nil
}

// waitsFor tells whether a step of a playbook waits for runs of another one.
func waitsFor(def playbooks.Definition, other string) bool {
	return def.Playbook != nil && slices.ContainsFunc(def.Playbook.All(), func(s *playbooks.Step) bool {
		return s.Start != nil && s.Start.Wait && s.Start.Playbook.V == other
	})
}

// hintEnd leaves in the inbox of a run that another one has ended. A signal that
// gets lost is repeated by the sweep.
func (a *Activities) hintEnd(ctx context.Context, ended, run, workflow string) error {
	row, fresh, err := a.Ledger.Put(ctx, port.InboxRow{
		Kind: port.InboxHint, Action: port.ActionRunEnded, DeliveryKey: "ended:" + run + ":" + ended, DecisionID: ulid.Make().String(),
		Run: run, Origin: port.Origin{Door: doorStep}, ReceivedAt: a.Now(),
	})
	if err != nil {
		return fmt.Errorf("tell run %s that run %s has ended: %w", run, ended, err)
	}
	if !fresh {
		return nil
	}
	if err := a.Engine.Signal(ctx, workflow, row.DecisionID); err != nil {
		a.Logger.Warn("a run could not be signalled; the sweep tells it again", "run", run, "error", err)
	}
	return nil
}

// startWords says what a start waits for.
func (s *session) startWords(o port.OpenStep) string {
	other := "another playbook"
	if step := s.def.Playbook.Step(o.Step); step != nil && step.Start != nil {
		other = step.Start.Playbook.V
	}
	return fmt.Sprintf("the end of run %s of %s (%s)", o.Child, other, o.Title)
}
