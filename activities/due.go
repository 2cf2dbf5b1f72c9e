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
	Since time.Time // exclusive; zero = the programme does not know where it left off
	Now   time.Time // inclusive
}

// DueResult says when to look again.
type DueResult struct {
	NextAt  time.Time
	Started int
}

// Due starts the occurrences that came due: one run each, the newest of those
// missed while nobody looked; the older ones are recorded as gaps. The unique
// occurrence row makes a second programme, or a repeat, start nothing more. An
// entry that cannot be carried out holds up no other: its occurrences are
// recorded as gaps too.
func (a *Activities) Due(ctx context.Context, q DueRequest) (DueResult, error) {
	res := DueResult{NextAt: q.Now.Add(programmeNap)}
	o, err := a.Ledger.SnapshotAt(ctx, q.Now)
	if err != nil {
		return res, fmt.Errorf("read the organisation: %w", err)
	}
	for _, e := range a.Library.Programme().Entries {
		begin := a.dueByCalendar
		if e.Every != "" {
			begin = a.dueByCadence
		}
		if err := begin(ctx, o, e, q, &res); err != nil {
			return res, err
		}
	}
	a.told.Store(false) // whoever intended a message may be gone
	if err := a.matchUnlessBusy(ctx); err != nil {
		a.Logger.Error("events could not be looked at; they are looked at again", "error", err)
	}
	a.ticked.Store(time.Now().UnixNano())
	return res, nil
}

// dueByCalendar starts what came due of an entry with times of the calendar.
func (a *Activities) dueByCalendar(ctx context.Context, o org.Organisation, e org.Entry, q DueRequest, res *DueResult) error {
	next, err := org.Next(e, q.Now, o.Profile.Zone)
	if err != nil {
		a.Logger.Error("an entry of the programme has no instants", "playbook", e.Playbook, "error", err)
		return nil
	}
	res.lookAt(next)
	for _, about := range a.subjects(o, e) {
		started, err := a.startDue(ctx, o, e, about, q)
		if err != nil {
			return err
		}
		if started {
			res.Started++
		}
	}
	return nil
}

// lookAt has the programme look at an instant, if it does not look before.
func (r *DueResult) lookAt(t time.Time) {
	if t.Before(r.NextAt) {
		r.NextAt = t
	}
}

// startDue starts what came due of one entry for one subject.
func (a *Activities) startDue(ctx context.Context, o org.Organisation, e org.Entry, about org.Subject, q DueRequest) (bool, error) {
	since, err := a.since(ctx, e, about, q)
	if err != nil {
		return false, err
	}
	due, err := org.DueBetween(e, since, q.Now, o.Profile.Zone)
	if err != nil {
		return false, fmt.Errorf("programme: %s: %w", e.Playbook, err)
	}
	if len(due) == 0 {
		return false, nil
	}
	selected, bad := playbooks.Selects(e.For, o, about, q.Now)
	if bad == nil && !selected {
		return false, nil
	}
	why := "nobody looked at the time; a later occurrence was started instead"
	missed := due[:len(due)-1]
	if bad != nil {
		missed, why = due, "whether it is due for this system could not be told: "+bad.Error()
		a.Logger.Error("an entry of the programme cannot be evaluated", "playbook", e.Playbook, "subject", about.ID, "error", bad)
	}
	for _, at := range missed {
		if err := a.gap(ctx, occurrence(e.Playbook, about.ID, at, e.Exercise), why); err != nil {
			return false, err
		}
	}
	if bad != nil {
		return false, nil
	}
	return a.startOccurrence(ctx, o, occurrence(e.Playbook, about.ID, due[len(due)-1], e.Exercise))
}

// since is after which instant occurrences are looked for. A programme that
// lost its place goes on after the last occurrence there was.
func (a *Activities) since(ctx context.Context, e org.Entry, about org.Subject, q DueRequest) (time.Time, error) {
	if !q.Since.IsZero() {
		return q.Since, nil
	}
	last, err := a.Ledger.LastOccurrence(ctx, e.Playbook, about.ID, e.Exercise)
	if errors.Is(err, port.ErrNotFound) {
		return q.Now, nil
	}
	if err != nil {
		return q.Now, fmt.Errorf("read the last occurrence: %w", err)
	}
	return last.Due, nil
}

// occurrence is one due instant. That of an exercise is another one than that of
// what is real at the same instant.
func occurrence(playbook, subject string, due time.Time, exercise bool) port.Occurrence {
	fields := []string{playbook, subject, stamp(due)}
	if exercise {
		fields = append(fields, factExercise)
	}
	return port.Occurrence{ID: port.Digest26(fields...), Playbook: playbook, Subject: subject, Due: due.UTC(), State: port.OccurrenceStarted, Exercise: exercise}
}

// startOccurrence starts the run of an occurrence; one that somebody else
// took, or whose playbook has an open run, starts nothing.
func (a *Activities) startOccurrence(ctx context.Context, o org.Organisation, occ port.Occurrence) (bool, error) {
	run, open, err := a.start(ctx, o, StartRequest{Playbook: occ.Playbook, Subject: occ.Subject, By: ProgrammeActor, Door: "programme", Exercise: occ.Exercise}, &occ)
	var refused *Refusal
	switch {
	case errors.Is(err, port.ErrConflict):
		return false, nil
	case errors.As(err, &refused):
		return false, a.gap(ctx, occ, "it could not be started: "+refused.Reason)
	case err != nil:
		return false, fmt.Errorf("start %s for %s: %w", occ.Playbook, occ.Subject, err)
	case open && run.Occurrence != occ.ID:
		return false, a.gap(ctx, occ, "run "+run.ID+" was still open")
	}
	return !open, nil
}

// StartDue starts a run as the programme does for an occurrence that is due now.
// It tells whether it was started: what cannot be is a gap on record.
func (a *Activities) StartDue(ctx context.Context, playbook, subject string) (bool, error) {
	due := a.Now().UTC()
	o, err := a.Ledger.SnapshotAt(ctx, due)
	if err != nil {
		return false, fmt.Errorf("read the organisation: %w", err)
	}
	return a.startOccurrence(ctx, o, occurrence(playbook, subject, due, false))
}

func (a *Activities) gap(ctx context.Context, occ port.Occurrence, why string) error {
	occ.State, occ.Reason, occ.Run = port.OccurrenceGap, why, ""
	rec := port.Record{
		Key: port.RecordKey(port.Place{Run: occ.ID}, "occurrence.gap", "", 0), At: a.Now(), Kind: "occurrence.gap", Subject: occ.Subject,
		Header: map[string]string{"playbook": occ.Playbook, "due": stamp(occ.Due)}, Body: map[string]any{"why": why},
	}
	markRecord(&rec, occ.Exercise)
	if err := a.Ledger.PutOccurrence(ctx, occ, rec); err != nil {
		return fmt.Errorf("record a gap: %w", err)
	}
	return nil
}

// programmeStale is after how long without a look the programme counts as
// stuck: two naps and a margin.
const programmeStale = 2*programmeNap + 10*time.Minute

// ProgrammeAlive fails when the programme has not looked for too long.
func (a *Activities) ProgrammeAlive(ctx context.Context, elsewhere func(context.Context) (time.Time, error)) error {
	if age := a.ProgrammeAge(ctx, elsewhere); age > programmeStale {
		return fmt.Errorf("the programme looked last %s ago", age.Round(time.Minute))
	}
	return nil
}

// ProgrammeAge is how long ago the programme looked, by the wall clock of this
// process. A new process counts from the first question: the programme may be
// asleep from before, and that is as it should be. Where the look fell to
// another process, elsewhere tells when.
func (a *Activities) ProgrammeAge(ctx context.Context, elsewhere func(context.Context) (time.Time, error)) time.Duration {
	last := time.Now().UnixNano()
	if !a.ticked.CompareAndSwap(0, last) {
		last = a.ticked.Load()
	}
	age := time.Since(time.Unix(0, last))
	if age <= programmeStale {
		return age
	}
	if at, err := elsewhere(ctx); err == nil && time.Since(at) <= programmeStale {
		a.ticked.CompareAndSwap(last, at.UnixNano())
		return time.Since(at)
	}
	return age
}

// NotStarted counts the occurrences that have come due and are neither started
// nor recorded as gaps, since the last time that there were none. A new process
// counts from the first question.
func (a *Activities) NotStarted(ctx context.Context) (n int, err error) {
	now := a.Now()
	seen := a.accounted.Load()
	if seen == 0 {
		a.accounted.CompareAndSwap(0, now.UnixNano())
		return 0, nil
	}
	o, err := a.Ledger.SnapshotAt(ctx, now)
	if err != nil {
		return 0, fmt.Errorf("read the organisation: %w", err)
	}
	for _, e := range a.Library.Programme().Entries {
		if e.Every != "" {
			missing, err := a.turnsNotStarted(ctx, o, e, now)
			if err != nil {
				return 0, err
			}
			n += missing
			continue
		}
		due, err := org.DueBetween(e, time.Unix(0, seen).UTC(), now, o.Profile.Zone)
		if err != nil || len(due) == 0 {
			continue // Due logs an entry without instants
		}
		for _, about := range a.subjects(o, e) {
			missing, err := a.missing(ctx, e, o, about, due, now)
			if err != nil {
				return 0, err
			}
			n += missing
		}
	}
	if n == 0 {
		a.accounted.CompareAndSwap(seen, max(seen, now.UnixNano()))
	}
	return n, nil
}

// missing counts the instants of one entry for one subject after its newest
// occurrence.
func (a *Activities) missing(ctx context.Context, e org.Entry, o org.Organisation, about org.Subject, due []time.Time, now time.Time) (int, error) {
	if selected, err := playbooks.Selects(e.For, o, about, now); err != nil || !selected {
		return 0, nil // Due records a gap for what cannot be evaluated
	}
	last, err := a.Ledger.LastOccurrence(ctx, e.Playbook, about.ID, e.Exercise)
	if err != nil && !errors.Is(err, port.ErrNotFound) {
		return 0, fmt.Errorf("read the last occurrence: %w", err)
	}
	n := 0
	for _, at := range due {
		if at.After(last.Due) {
			n++
		}
	}
	return n, nil
}
