package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Mark is the place where the ledger ends now.
func (l *Ledger) Mark(ctx context.Context) (port.Mark, error) {
	var m port.Mark
	err := l.db.QueryRowContext(ctx, "SELECT size, next_inbox FROM head WHERE one = 1").Scan(&m.Size, &m.NextInbox)
	if err != nil {
		return port.Mark{}, fmt.Errorf("read the head: %w", err)
	}
	return m, nil
}

// unsettledRows are what inbox_unsettled indexes.
const unsettledRows = "SELECT count(*), COALESCE(min(received_at), 0) FROM inbox WHERE verdict IS NULL"

// openRuns are what runs_one_open indexes: the states must be written as there.
const openRuns = " FROM runs WHERE state IN ('starting', 'open')"

// Figures counts as of now, and what is new since a mark. What each statement
// reads grows with what is open or new, never with the ledger.
func (l *Ledger) Figures(ctx context.Context, since port.Mark, now time.Time) (port.Figures, error) {
	var f port.Figures
	var err error
	if f.Mark, err = l.Mark(ctx); err != nil {
		return f, err
	}
	if f.Records, err = l.kinds(ctx, "SELECT kind, count(*) FROM records WHERE idx >= $1 AND idx < $2 GROUP BY kind", since.Size, f.Size); err != nil {
		return f, fmt.Errorf("count records: %w", err)
	}
	if f.Rows, err = l.kinds(ctx, "SELECT kind, count(*) FROM inbox WHERE id >= $1 AND id < $2 GROUP BY kind", since.NextInbox, f.NextInbox); err != nil {
		return f, fmt.Errorf("count inbox rows: %w", err)
	}
	var at int64
	err = l.db.QueryRowContext(ctx, "SELECT size, at FROM checkpoints ORDER BY size DESC LIMIT 1").Scan(&f.Signed, &at)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return f, fmt.Errorf("read the newest checkpoint: %w", err)
	}
	f.SignedAt = instant(at)
	if err := l.db.QueryRowContext(ctx, unsettledRows).Scan(&f.Unsettled, &at); err != nil {
		return f, fmt.Errorf("count unsettled rows: %w", err)
	}
	f.Oldest = instant(at)
	return f, l.countOpen(ctx, &f, now)
}

func (l *Ledger) kinds(ctx context.Context, query string, from, to int64) (map[string]int64, error) {
	out := map[string]int64{}
	_, err := collect(ctx, l.db, func(rows *sql.Rows) (struct{}, error) {
		var kind string
		var n int64
		err := rows.Scan(&kind, &n)
		out[kind] = n
		return struct{}{}, err //nolint:wrapcheck // collect wraps it
	}, query, from, to)
	return out, err
}

// countOpen looks at whom each open run waits for; of the view only that part is
// read.
func (l *Ledger) countOpen(ctx context.Context, f *port.Figures, now time.Time) error {
	type openRun struct{ state, waiting string }
	runs, err := collect(ctx, l.db, func(rows *sql.Rows) (openRun, error) {
		var r openRun
		err := rows.Scan(&r.state, &r.waiting)
		return r, err //nolint:wrapcheck // collect wraps it
	}, "SELECT state, COALESCE("+l.dialect.member("view", "waiting")+", '[]')"+openRuns)
	if err != nil {
		return fmt.Errorf("count open runs: %w", err)
	}
	for _, r := range runs {
		if r.state == port.RunStarting {
			f.Starting++
		} else {
			f.Open++
		}
		var waiting []port.Waiting
		if err := json.Unmarshal([]byte(r.waiting), &waiting); err != nil {
			return fmt.Errorf("read whom a run waits for: %w", err)
		}
		for _, w := range waiting {
			if w.Step == "" { // the run itself: only the operator can help
				f.Parked++
				continue
			}
			f.Waiting++
			if !w.Due.IsZero() && w.Due.Before(now) {
				f.Overdue++
			}
		}
	}
	return nil
}
