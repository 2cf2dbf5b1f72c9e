package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
)

// putApart keeps the protected answers of a row in its transaction: there is
// never a reference without its answer, nor the other way round.
func putApart(ctx context.Context, tx *sql.Tx, r port.InboxRow) error {
	for _, a := range r.Apart {
		_, err := tx.ExecContext(ctx, "INSERT INTO apart (ref, run, step, question, decision_id, row_id, salt, value) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
			a.Ref, a.Run, a.Step, a.Question, r.DecisionID, r.ID, a.Salt, string(a.Value))
		if err != nil {
			return fmt.Errorf("keep an answer apart: %w", err)
		}
	}
	return nil
}

// dropApart removes what came with a row that does not count.
func dropApart(ctx context.Context, tx *sql.Tx, v port.Verdict) error {
	if v.Verdict == port.VerdictAccepted || v.Kind != port.InboxSubmit {
		return nil
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM apart WHERE decision_id = $1", v.DecisionID); err != nil {
		return fmt.Errorf("remove protected answers: %w", err)
	}
	return nil
}

// eraseApart removes the protected answers of a step.
func eraseApart(ctx context.Context, tx *sql.Tx, run, step string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM apart WHERE run = $1 AND step = $2", run, step); err != nil {
		return fmt.Errorf("erase protected answers: %w", err)
	}
	return nil
}

// ApartOf returns the protected answers of a run in the order they were
// received.
func (l *Ledger) ApartOf(ctx context.Context, run string) ([]port.Apart, error) {
	scan := func(rows *sql.Rows) (a port.Apart, err error) {
		var value string
		err = rows.Scan(&a.Ref, &a.Run, &a.Step, &a.Question, &a.DecisionID, &a.Salt, &value, &a.Settled)
		a.Value = json.RawMessage(value)
		return a, err //nolint:wrapcheck // collect wraps it
	}
	kept, err := collect(ctx, l.db, scan, "SELECT a.ref, a.run, a.step, a.question, a.decision_id, a.salt, a.value, i.verdict IS NOT NULL "+
		"FROM apart a JOIN inbox i ON i.id = a.row_id WHERE a.run = $1 ORDER BY a.row_id, a.question", run)
	if err != nil {
		return nil, fmt.Errorf("protected answers of run %s: %w", run, err)
	}
	return kept, nil
}
