package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

const (
	// chainMost is how many runs may begin one after the other by what the one
	// before did (processes.md 21).
	chainMost = 5
	// repeatPause is how long a run does not begin again for the same reason
	// (processes.md 21), in working days.
	repeatPause = 10
)

// noStart is why a step starts nothing although it should: it looks like a circle.
type noStart struct{ why string }

func (n *noStart) Error() string { return n.why }

// tooLong says that so many runs have begun one after the other, the last of them
// run, that it looks like a circle; "" = they have not.
func (a *Activities) tooLong(ctx context.Context, run string) (why string, err error) {
	for range chainMost {
		if run == "" {
			return "", nil
		}
		if run, err = a.begunBy(ctx, run); err != nil {
			return "", err
		}
	}
	if run == "" {
		return "", nil
	}
	return fmt.Sprintf("%d runs have begun one after the other by what the one before did. See whether they go round in a circle", chainMost), nil
}

// begunBy is the run whose step or whose work began another one; "" = none.
func (a *Activities) begunBy(ctx context.Context, run string) (string, error) {
	row, err := a.Ledger.Run(ctx, run)
	switch {
	case errors.Is(err, port.ErrNotFound):
		return "", nil
	case err != nil:
		return "", fmt.Errorf("read what began run %s: %w", run, err)
	case row.Parent != "":
		return row.Parent, nil
	}
	began, err := a.Ledger.EventOf(ctx, run)
	if errors.Is(err, port.ErrNotFound) {
		return "", nil
	}
	return began.Run, err
}

// tooSoon says that a run began for the same reason just now; "" = it did not.
func tooSoon(last port.RunRow, at time.Time, c org.Calendar, zone string) (why string, err error) {
	until, err := c.End(last.StartedAt, org.Span{N: repeatPause, Unit: org.UnitWorkingDays}, zone)
	if err != nil || !at.Before(until) {
		return "", err
	}
	return fmt.Sprintf("run %s began for the same reason less than %d working days ago", last.ID, repeatPause), nil
}

// noStartLoop refuses a run that follows from runs that follow from runs, and one
// that the same step of another run started just now. The error is a *noStart or
// a *ledgerError.
func (s *session) noStartLoop(step *playbooks.Step, q StartRequest, def playbooks.Definition) error {
	why, err := s.a.tooLong(s.ctx, s.state.Run.ID)
	if err == nil && why == "" {
		why, err = s.startedJustNow(step, q, def)
	}
	switch {
	case err != nil:
		return &ledgerError{fmt.Errorf("step %s: look for a circle: %w", step.ID, err)}
	case why != "":
		return &noStart{why}
	}
	return nil
}

// startedJustNow is tooSoon for the same step of an earlier run. What is still
// open is joined instead.
func (s *session) startedJustNow(step *playbooks.Step, q StartRequest, def playbooks.Definition) (why string, err error) {
	runs, err := s.a.Ledger.RunsAbout(s.ctx, q.Playbook, q.Subject, 1)
	if err != nil || len(runs) == 0 {
		return "", err
	}
	last := runs[0]
	if last.State != port.RunClosed || last.Parent == "" || last.Exercise != q.Exercise {
		return "", nil
	}
	parent, err := s.a.Ledger.Run(s.ctx, last.Parent)
	if err != nil || parent.Playbook != s.state.Run.Playbook {
		return "", err
	}
	same, err := s.childIn(last.Parent, func(r startRecord) bool {
		return r.Kind == kindStarted && r.Step == step.ID.V && r.Facts["child"] == last.ID
	})
	if err != nil || same == "" {
		return "", err
	}
	return tooSoon(last, s.now, def.Calendar, s.org.Profile.Zone)
}

// startRecord is what a record says about the run of a step.
type startRecord struct {
	Kind  string            `json:"kind"`
	Step  string            `json:"step"`
	Facts map[string]string `json:"facts"`
}

// childIn is the run that a record of a run names; "" = no record is meant. The
// error is a *ledgerError.
func (s *session) childIn(run string, meant func(startRecord) bool) (string, error) {
	records, err := s.a.Ledger.RecordsOf(s.ctx, run)
	if err != nil {
		return "", &ledgerError{fmt.Errorf("read the records of run %s: %w", run, err)}
	}
	for _, r := range records {
		var h startRecord
		if err := json.Unmarshal(r.Header, &h); err != nil {
			return "", &ledgerError{fmt.Errorf("read a record of run %s: %w", run, err)}
		}
		if meant(h) {
			return h.Facts["child"], nil
		}
	}
	return "", nil
}
