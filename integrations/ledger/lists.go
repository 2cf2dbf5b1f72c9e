package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// RunsOf lists the runs of a query, the newest first.
func (l *Ledger) RunsOf(ctx context.Context, q port.RunQuery) ([]port.RunRow, error) {
	rows, err := l.runsWhere(ctx, l.db, `WHERE r.id <> $1 AND r.exercise = 0 AND ($2 = '' OR r.playbook = $2) AND ($3 = '' OR r.subject_id = $3)
		AND r.started_at <= $4 AND (r.closed_at = 0 OR r.closed_at >= $5) ORDER BY r.started_at DESC, r.id DESC LIMIT $6`,
		q.Without, q.Playbook, q.Subject, nanos(q.At), nanos(q.Since), q.Limit)
	if err != nil {
		return nil, fmt.Errorf("collect runs: %w", err)
	}
	return rows, nil
}

// MissedBetween lists gaps and what is late, by due instant, the newest first.
func (l *Ledger) MissedBetween(ctx context.Context, from, to time.Time, limit int) ([]port.Occurrence, error) {
	out, err := collect(ctx, l.db, scanOccurrence, "SELECT "+occurrenceColumns+` FROM occurrences
		WHERE state <> $1 AND exercise = 0 AND due >= $2 AND due <= $3 ORDER BY due DESC, id LIMIT $4`, port.OccurrenceStarted, nanos(from), nanos(to), limit)
	if err != nil {
		return nil, fmt.Errorf("collect gaps: %w", err)
	}
	return out, nil
}

// FactsBetween lists what was written into the register, the newest first.
func (l *Ledger) FactsBetween(ctx context.Context, from, to time.Time, limit int) ([]org.Fact, error) {
	facts, err := collect(ctx, l.db, scanFact, "SELECT "+factColumns+` FROM register
		WHERE from_at >= $1 AND from_at <= $2 ORDER BY from_at DESC, seq DESC LIMIT $3`, nanos(from), nanos(to), limit)
	if err != nil {
		return nil, fmt.Errorf("collect what changed in the register: %w", err)
	}
	return facts, nil
}

// VersionsBetween lists versions of the organisation, the newest first.
func (l *Ledger) VersionsBetween(ctx context.Context, from, to time.Time, limit int) ([]port.OrganisationVersion, error) {
	scan := func(rows *sql.Rows) (v port.OrganisationVersion, err error) {
		var at int64
		err = rows.Scan(&v.Version, &at)
		v.From = instant(at)
		return v, err //nolint:wrapcheck // collect wraps it
	}
	out, err := collect(ctx, l.db, scan, `SELECT version, effective_from FROM organisations
		WHERE effective_from >= $1 AND effective_from <= $2 ORDER BY version DESC LIMIT $3`, nanos(from), nanos(to), limit)
	if err != nil {
		return nil, fmt.Errorf("collect organisation versions: %w", err)
	}
	return out, nil
}
