package activities

import (
	"context"
	"errors"
	"fmt"
	"math"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// TellRuns tells every open run that this organisation is in force, so that what
// is open moves on to whoever has taken over. A run is told once of a version,
// also when this is repeated after a crash.
func (a *Activities) TellRuns(ctx context.Context, o org.Organisation) error {
	runs, err := a.Ledger.Runs(ctx, port.RunOpen, math.MaxInt32)
	if err != nil {
		return fmt.Errorf("list the open runs: %w", err)
	}
	for _, r := range runs {
		began, err := a.Ledger.SnapshotAt(ctx, r.StartedAt)
		if err != nil {
			return fmt.Errorf("read the organisation of run %s: %w", r.ID, err)
		}
		if began.Digest == o.Digest {
			continue // unless it changed there and back, and then it was told of both
		}
		row := port.InboxRow{
			Kind: port.InboxHint, Action: port.ActionOrganisation, DeliveryKey: "organisation:" + r.ID + ":" + o.Digest,
			DecisionID: ulid.Make().String(), Run: r.ID, Origin: port.Origin{Door: "config"}, ReceivedAt: a.Now(),
		}
		row, fresh, err := a.Ledger.Put(ctx, row)
		if err != nil {
			return fmt.Errorf("tell run %s of the organisation: %w", r.ID, err)
		}
		if !fresh {
			continue
		}
		if err := a.Engine.Signal(ctx, r.WorkflowID, row.DecisionID); err != nil {
			a.Logger.Warn("a run could not be signalled; the sweep tells it again", "run", r.ID, "error", err)
		}
	}
	return nil
}

// moveOn asks whoever has taken over what is open: the new holder of a role, the
// new owner of the system. What nobody is left for goes to the AIMS manager.
func (s *session) moveOn() error {
	for i := range s.state.Open {
		o := &s.state.Open[i]
		step := s.def.Playbook.Step(o.Step)
		if step == nil || !step.WaitsForPeople() {
			continue
		}
		var people playbooks.People
		switch {
		case step.Form != nil:
			people = step.Form.Ask
		case step.Task != nil:
			people = step.Task.Assign
		}
		back := s.within(o.Step, o.Item)
		if step.Approval == nil {
			names, _, err := s.asked(step, people)
			var nobody *parkError
			if errors.As(err, &nobody) {
				names, err = []string{roleAIMSManager}, nil
			}
			if err != nil {
				back()
				return err
			}
			o.Names = names
		}
		s.refresh(o)
		back()
	}
	return nil
}
