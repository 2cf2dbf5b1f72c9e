package activities

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// programmeNap is the longest the programme sleeps: an edited programme is
// noticed within it.
const programmeNap = time.Hour

// DueRequest asks what has come due since the programme looked last.
type DueRequest struct {
	Since time.Time // exclusive
	Now   time.Time // inclusive
}

// DueResult says when to look again.
type DueResult struct {
	NextAt  time.Time
	Started int
}

// Due starts the occurrences that came due: one run each, the newest of those
// missed while nobody looked; the older ones are recorded as gaps. The unique
// occurrence row makes a second programme, or a repeat, start nothing more.
func (a *Activities) Due(ctx context.Context, q DueRequest) (DueResult, error) {
	a.ticked.Store(time.Now().UnixNano())
	res := DueResult{NextAt: q.Now.Add(programmeNap)}
	o, err := a.Ledger.SnapshotAt(ctx, q.Now)
	if err != nil {
		return res, fmt.Errorf("read the organisation: %w", err)
	}
	for _, e := range a.Library.Programme().Entries {
		if e.Cron == "" {
			continue
		}
		next, err := org.Next(e, q.Now, o.Profile.Zone)
		if err != nil {
			return res, fmt.Errorf("programme: %s: %w", e.Playbook, err)
		}
		if next.Before(res.NextAt) {
			res.NextAt = next
		}
		due, err := org.DueBetween(e, q.Since, q.Now, o.Profile.Zone)
		if err != nil {
			return res, fmt.Errorf("programme: %s: %w", e.Playbook, err)
		}
		n, err := a.startDue(ctx, o, e, due, q.Now)
		if err != nil {
			return res, err
		}
		res.Started += n
	}
	return res, nil
}

// startDue starts one entry for every subject it selects.
func (a *Activities) startDue(ctx context.Context, o org.Organisation, e org.Entry, due []time.Time, now time.Time) (int, error) {
	started := 0
	for _, sys := range o.Systems {
		if len(due) == 0 {
			break
		}
		selected, err := playbooks.Selects(e.For, sys, now)
		if err != nil {
			return started, fmt.Errorf("programme: %s: for: %w", e.Playbook, err)
		}
		if !selected {
			continue
		}
		for _, at := range due[:len(due)-1] {
			if err := a.gap(ctx, occurrence(e.Playbook, sys.ID, at), "nobody looked at the time; a later occurrence was started instead"); err != nil {
				return started, err
			}
		}
		ok, err := a.startOccurrence(ctx, o, occurrence(e.Playbook, sys.ID, due[len(due)-1]))
		if err != nil {
			return started, err
		}
		if ok {
			started++
		}
	}
	return started, nil
}

func occurrence(playbook, subject string, due time.Time) port.Occurrence {
	return port.Occurrence{ID: port.Digest26(playbook, subject, stamp(due)), Playbook: playbook, Subject: subject, Due: due.UTC(), State: "started"}
}

// startOccurrence starts the run of an occurrence; one that somebody else
// took, or whose playbook has an open run, starts nothing.
func (a *Activities) startOccurrence(ctx context.Context, o org.Organisation, occ port.Occurrence) (bool, error) {
	run, open, err := a.start(ctx, o, StartRequest{Playbook: occ.Playbook, Subject: occ.Subject, By: ProgrammeActor, Door: "programme"}, &occ)
	switch {
	case errors.Is(err, port.ErrConflict):
		return false, nil
	case err != nil:
		return false, fmt.Errorf("start %s for %s: %w", occ.Playbook, occ.Subject, err)
	case open && run.Occurrence != occ.ID:
		return false, a.gap(ctx, occ, "run "+run.ID+" was still open")
	}
	return !open, nil
}

func (a *Activities) gap(ctx context.Context, occ port.Occurrence, why string) error {
	occ.State, occ.Reason, occ.Run = "gap", why, ""
	rec := port.Record{
		Key: port.RecordKey(port.Place{Run: occ.ID}, "occurrence.gap", "", 0), At: a.Now(), Kind: "occurrence.gap", Subject: occ.Subject,
		Header: map[string]string{"playbook": occ.Playbook, "due": stamp(occ.Due)}, Body: map[string]any{"why": why},
	}
	if err := a.Ledger.PutOccurrence(ctx, occ, rec); err != nil {
		return fmt.Errorf("record a gap: %w", err)
	}
	return nil
}

// programmeStale is after how long without a look the programme counts as
// stuck: two naps and a margin.
const programmeStale = 2*programmeNap + 10*time.Minute

// ProgrammeAlive fails when the programme has not looked for too long, by the
// wall clock of this process. A new process counts from the first question: the
// programme may be asleep from before, and that is as it should be.
func (a *Activities) ProgrammeAlive() error {
	last := time.Now().UnixNano()
	if !a.ticked.CompareAndSwap(0, last) {
		last = a.ticked.Load()
	}
	if age := time.Since(time.Unix(0, last)); age > programmeStale {
		return fmt.Errorf("the programme looked last %s ago", age.Round(time.Minute))
	}
	return nil
}
