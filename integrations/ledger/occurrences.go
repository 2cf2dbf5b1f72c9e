package ledger

import (
	"context"
	"database/sql"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
)

// takeOccurrence inserts an occurrence; ErrConflict when it is there already.
func takeOccurrence(ctx context.Context, tx *sql.Tx, o port.Occurrence) error {
	if o.Event != nil {
		return takeEvents(ctx, tx, o) // no day of the programme: its last occurrence stays what it was
	}
	res, err := tx.ExecContext(ctx, `INSERT INTO occurrences (id, playbook, subject, due, state, reason, run, exercise)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING`, o.ID, o.Playbook, o.Subject, nanos(o.Due), o.State, o.Reason, o.Run, flag(o.Exercise))
	if err != nil {
		return fmt.Errorf("write occurrence %s: %w", o.ID, err)
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return fmt.Errorf("occurrence %s is taken: %w", o.ID, firstOf(err, port.ErrConflict))
	}
	return nil
}

// PutOccurrence stores a gap with its record; a row that is there stays, and
// the record is then not written.
func (l *Ledger) PutOccurrence(ctx context.Context, o port.Occurrence, rec port.Record) error {
	err := l.guarded(ctx, pointRecords, func(ctx context.Context, tx *sql.Tx) error {
		known, err := exists(ctx, tx, "SELECT 1 FROM occurrences WHERE id = $1", o.ID)
		if err != nil || known {
			return err
		}
		if err := takeOccurrence(ctx, tx, o); err != nil {
			return err
		}
		return l.append(ctx, tx, rec)
	})
	if err != nil {
		return fmt.Errorf("put occurrence %s: %w", o.ID, err)
	}
	return nil
}

// LastOccurrence returns the newest occurrence of a playbook and subject, of its
// exercises or of all else, or ErrNotFound.
func (l *Ledger) LastOccurrence(ctx context.Context, playbook, subject string, exercise bool) (port.Occurrence, error) {
	o, err := only(collect(ctx, l.db, scanOccurrence, "SELECT "+occurrenceColumns+` FROM occurrences
		WHERE playbook = $1 AND subject = $2 AND exercise = $3 ORDER BY due DESC LIMIT 1`, playbook, subject, flag(exercise)))
	if err != nil {
		return port.Occurrence{}, fmt.Errorf("last occurrence of %s for %s: %w", playbook, subject, err)
	}
	return o, nil
}

// flag is a truth as both databases keep it.
func flag(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

const occurrenceColumns = "id, playbook, subject, due, state, reason, run, exercise"

func scanOccurrence(rows *sql.Rows) (port.Occurrence, error) {
	var o port.Occurrence
	var due, drill int64
	err := rows.Scan(&o.ID, &o.Playbook, &o.Subject, &due, &o.State, &o.Reason, &o.Run, &drill)
	o.Due, o.Exercise = instant(due), drill != 0
	return o, err //nolint:wrapcheck // collect wraps it
}
