package activities

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// pastRuns is how many runs of a playbook about a subject are looked through for
// one that counts: more tries than that in a row are nobody's cadence.
const pastRuns = 200

// kindLate is the kind of the record of an occurrence that is past its due
// instant without a run whose outcome counts.
const kindLate = "occurrence.late"

// turnOf is the next turn of an entry for a subject, and the run that is open.
func (a *Activities) turnOf(ctx context.Context, o org.Organisation, e org.Entry, about org.Subject) (t org.Turn, tried time.Time, open string, err error) {
	runs, err := a.Ledger.RunsAbout(ctx, e.Playbook, about.ID, pastRuns)
	if err != nil {
		return t, tried, "", fmt.Errorf("read the runs of %s: %w", e.Playbook, err)
	}
	runs = slices.DeleteFunc(runs, func(r port.RunRow) bool { return r.Exercise != e.Exercise })
	past := pastOf(runs)
	if past.Registered, err = a.registeredAt(ctx, o, about); err != nil {
		return t, tried, "", err
	}
	if sys, ok := o.SystemOf(about); ok {
		past.TierFrom = o.Register.Since(org.KindSystem, sys.ID, "tier")
	}
	if i := slices.IndexFunc(runs, func(r port.RunRow) bool { return r.State != port.RunClosed }); i >= 0 {
		open = runs[i].ID
	}
	tier := playbooks.TierOf(playbooks.SubjectOf(o, about))
	t, err = e.Cadence.Next(tier, e.First, past, o.Profile.Calendar, o.Profile.Zone)
	return t, past.Tried, open, err
}

// pastOf is what the cadence is counted from, from runs that begin with the newest.
func pastOf(runs []port.RunRow) (past org.Past) {
	for _, r := range runs {
		switch {
		case r.State != port.RunClosed:
		case r.Definition.Playbook.Counts(r.Outcome):
			if r.ClosedAt.After(past.Completed) {
				past.Completed = r.ClosedAt
			}
		case r.ClosedAt.After(past.Tried):
			past.Tried = r.ClosedAt
		}
	}
	return past
}

// registeredAt is when a subject became known: as a run wrote it, else since the
// organisation file names it.
func (a *Activities) registeredAt(ctx context.Context, o org.Organisation, about org.Subject) (time.Time, error) {
	if text, ok := about.Values["registered_at"].(string); ok {
		if at, err := time.Parse(time.RFC3339, text); err == nil {
			return at, nil
		}
	}
	if made := o.Register.Since(about.Kind, about.ID, "id"); !made.IsZero() {
		return made, nil
	}
	at, err := a.Ledger.NamedSince(ctx, about.Kind, about.ID)
	if err != nil {
		return at, fmt.Errorf("read since when %s is known: %w", about.ID, err)
	}
	return at, nil
}

// dueByCadence starts what came due of an entry that counts from the last
// completed run.
func (a *Activities) dueByCadence(ctx context.Context, o org.Organisation, e org.Entry, q DueRequest, res *DueResult) error {
	for _, about := range a.subjects(o, e) {
		started, next, err := a.startTurn(ctx, o, e, about, q.Now)
		if err != nil {
			return err
		}
		if next.After(q.Now) {
			res.lookAt(next)
		}
		if started {
			res.Started++
		}
	}
	return nil
}

// turnsNotStarted counts the subjects whose turn has been open for longer than the
// programme sleeps, and has no run.
func (a *Activities) turnsNotStarted(ctx context.Context, o org.Organisation, e org.Entry, now time.Time) (n int, err error) {
	for _, about := range a.subjects(o, e) {
		if selected, err := playbooks.Selects(e.For, o, about, now); err != nil || !selected {
			continue // Due logs what cannot be evaluated
		}
		t, _, open, err := a.turnOf(ctx, o, e, about)
		if err != nil {
			return 0, err
		}
		if open == "" && now.Sub(t.Opens) > programmeNap {
			n++
		}
	}
	return n, nil
}

// startTurn starts the run of a turn once it is time, records one that passed its
// due instant, and says when to look next.
func (a *Activities) startTurn(ctx context.Context, o org.Organisation, e org.Entry, about org.Subject, now time.Time) (started bool, next time.Time, err error) {
	selected, err := playbooks.Selects(e.For, o, about, now)
	if err != nil {
		a.Logger.Error("an entry of the programme cannot be evaluated", "playbook", e.Playbook, "subject", about.ID, "error", err)
		return false, next, nil
	}
	if !selected {
		return false, next, nil
	}
	t, tried, open, err := a.turnOf(ctx, o, e, about)
	if err != nil {
		return false, next, err
	}
	if now.After(t.Due) {
		if err := a.late(ctx, o, e, about, t, open); err != nil {
			return false, next, err
		}
	}
	switch {
	case open != "":
		return false, t.Due, nil
	case t.Opens.After(now):
		return false, t.Opens, nil
	}
	occ := turn(e, about.ID, t, tried)
	started, err = a.startOccurrence(ctx, o, occ)
	return started, t.Due, err
}

// turn is the occurrence of a turn. One that was tried before is another: the due
// instant is the same, and it is not the same run.
func turn(e org.Entry, subject string, t org.Turn, tried time.Time) port.Occurrence {
	occ := occurrence(e.Playbook, subject, t.Due, e.Exercise)
	if !tried.IsZero() {
		occ.ID = port.Digest26(occ.ID, stamp(tried))
	}
	return occ
}

// lateDays are how many days after a due instant it is told again that nothing
// has been done; from the second on it is a finding (processes.md 0.4).
var lateDays = []int{0, 30, 90}

// late records, once, that a due instant has passed without what counts.
func (a *Activities) late(ctx context.Context, o org.Organisation, e org.Entry, about org.Subject, t org.Turn, open string) error {
	occ := occurrence(e.Playbook, about.ID, t.Due, e.Exercise)
	occ.ID = port.Digest26(occ.ID, "late")
	occ.State, occ.Run, occ.Reason = port.OccurrenceLate, open, "no run has been completed"
	if open != "" {
		occ.Reason = "run " + open + " was still open"
	}
	rec := port.Record{
		Key: port.RecordKey(port.Place{Run: occ.ID}, kindLate, "", 0), At: a.Now(), Kind: kindLate, Subject: about.ID,
		Header: map[string]string{"playbook": e.Playbook, "due": stamp(t.Due)}, Body: map[string]any{"why": occ.Reason},
	}
	markRecord(&rec, occ.Exercise)
	if occ.Exercise {
		return a.putLate(ctx, occ, rec)
	}
	if err := a.raiseLate(ctx, o, about, occ); err != nil {
		return err
	}
	return a.putLate(ctx, occ, rec)
}

// raiseLate tells that something is late, once for each of lateDays.
func (a *Activities) raiseLate(ctx context.Context, o org.Organisation, about org.Subject, occ port.Occurrence) error {
	now := a.Now().UTC()
	for _, days := range lateDays {
		if !now.After(occ.Due.AddDate(0, 0, days)) {
			break
		}
		e := port.Event{
			Key: "late:" + occ.ID, Name: playbooks.EventOccurrenceLate, Kind: about.Kind, Subject: about.ID, At: now, Door: port.EventDoorProgramme,
			Values: map[string]any{"playbook": occ.Playbook, "about": about.Name, "due": stamp(occ.Due), "days": days, "tier": playbooks.TierOf(playbooks.SubjectOf(o, about))},
		}
		if days > 0 {
			e.Key += ":" + strconv.Itoa(days)
		}
		if sys, ok := o.SystemOf(about); ok {
			e.Values[org.KindSystem] = sys.ID
		}
		if _, _, err := a.Ledger.PutEvent(ctx, e); err != nil {
			return fmt.Errorf("raise what is late: %w", err)
		}
	}
	return nil
}

func (a *Activities) putLate(ctx context.Context, occ port.Occurrence, rec port.Record) error {
	if err := a.Ledger.PutOccurrence(ctx, occ, rec); err != nil {
		return fmt.Errorf("record what is late: %w", err)
	}
	return nil
}
