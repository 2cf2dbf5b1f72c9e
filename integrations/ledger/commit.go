package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The failpoints, each with ".before" and ".after".
const (
	pointInbox   = "inbox"
	pointRecords = "records"
	pointOutcome = "outcome"
)

// guarded runs a change between two failpoints.
func (l *Ledger) guarded(ctx context.Context, point string, c change) error {
	l.opts.Failpoint(point + ".before")
	if err := l.writer.do(ctx, c); err != nil {
		return err
	}
	l.opts.Failpoint(point + ".after")
	return nil
}

// Commit writes a batch in one transaction. What is there already stays as it
// was written first. ErrConflict, and nothing written, when an ask's place and
// version hold another token, when a row has been judged differently since the
// batch was made, or when too many issues are made again: reading again and
// repeating will succeed.
func (l *Ledger) Commit(ctx context.Context, b port.Batch) error {
	err := l.guarded(ctx, pointRecords, func(ctx context.Context, tx *sql.Tx) error {
		return firstError(
			func() error { return putVerdicts(ctx, tx, b.Verdicts) },
			func() error { return putDocuments(ctx, tx, b.Documents) },
			func() error { return putAsks(ctx, tx, b.Asks) },
			func() error { return setAskStates(ctx, tx, b.AskStates) },
			func() error { return keepRemakes(ctx, tx, b) },
			func() error { return putEffects(ctx, tx, b.Effects) },
			func() error { return putFacts(ctx, tx, b.Facts) },
			func() error { return l.putEvents(ctx, tx, b.Events) },
			func() error { return putEventRuns(ctx, tx, b.EventRuns) },
			func() error { return settleEvents(ctx, tx, b.Settled, l.opts.Now()) },
			func() error { return releaseEvents(ctx, tx, b.Released) },
			func() error { return l.append(ctx, tx, b.Records...) },
			func() error { return updateRun(ctx, tx, b) },
		)
	})
	if err != nil {
		return fmt.Errorf("commit a batch: %w", err)
	}
	return nil
}

// firstError runs steps until one fails.
func firstError(steps ...func() error) error {
	for _, s := range steps {
		if err := s(); err != nil {
			return err
		}
	}
	return nil
}

// putDocuments keeps evidence documents under their digests, which it checks:
// a decision is about these bytes.
func putDocuments(ctx context.Context, tx *sql.Tx, docs map[string]json.RawMessage) error {
	for digest, doc := range docs {
		body, err := canonicalJSON(doc)
		if err != nil {
			return fmt.Errorf("document %s: %w", digest, err)
		}
		if got := digestOf(body); got != digest {
			return fmt.Errorf("document %s: its RFC 8785 form has the digest %s", digest, got)
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO documents (digest, body) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING", digest, string(body))
		if err != nil {
			return fmt.Errorf("write document %s: %w", digest, err)
		}
	}
	return nil
}

// Document returns an evidence document by its digest.
func (l *Ledger) Document(ctx context.Context, digest string) (json.RawMessage, error) {
	return documentOf(ctx, l.db, digest)
}

func documentOf(ctx context.Context, q querier, digest string) (json.RawMessage, error) {
	var body string
	err := q.QueryRowContext(ctx, "SELECT body FROM documents WHERE digest = $1", digest).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("document %s: %w", digest, port.ErrNotFound)
	}
	if err != nil {
		return nil, fmt.Errorf("read document %s: %w", digest, err)
	}
	return json.RawMessage(body), nil
}

// putVerdicts settles inbox rows. The first verdict stands; a batch whose
// verdict says something else is refused whole, because its records would say
// it too.
func putVerdicts(ctx context.Context, tx *sql.Tx, verdicts []port.Verdict) error {
	for _, v := range verdicts {
		var decision string
		var stood sql.NullString
		err := tx.QueryRowContext(ctx, "SELECT decision_id, verdict FROM inbox WHERE id = $1", v.Row).Scan(&decision, &stood)
		if errors.Is(err, sql.ErrNoRows) || err == nil && decision != v.DecisionID {
			return fmt.Errorf("verdict on inbox row %d, decision %s: %w", v.Row, v.DecisionID, port.ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("read inbox row %d: %w", v.Row, err)
		}
		if stood.Valid {
			var first port.Verdict
			if err := fromJSON(stood.String, &first); err != nil {
				return fmt.Errorf("verdict of inbox row %d: %w", v.Row, err)
			}
			if first.Verdict != v.Verdict {
				return fmt.Errorf("inbox row %d is judged %s already, not %s: %w", v.Row, first.Verdict, v.Verdict, port.ErrConflict)
			}
			continue
		}
		text, err := toJSON(v)
		if err != nil {
			return err
		}
		if _, err := tx.ExecContext(ctx, "UPDATE inbox SET verdict = $1 WHERE id = $2", text, v.Row); err != nil {
			return fmt.Errorf("write the verdict on inbox row %d: %w", v.Row, err)
		}
		if err := dropApart(ctx, tx, v); err != nil {
			return err
		}
	}
	return nil
}

// updateRun changes the view and ends the run. The first end stands.
func updateRun(ctx context.Context, tx *sql.Tx, b port.Batch) error {
	if b.View != nil {
		view, err := toJSON(b.View)
		if err != nil {
			return err
		}
		if err := mustChange(ctx, tx, "UPDATE runs SET view = $1 WHERE id = $2", view, b.Run); err != nil {
			return fmt.Errorf("view of run %s: %w", b.Run, err)
		}
	}
	if b.Close != nil {
		err := mustChange(ctx, tx, `UPDATE runs SET state = $1,
			outcome = CASE WHEN state = $1 THEN outcome ELSE $2 END,
			closed_at = CASE WHEN state = $1 THEN closed_at ELSE $3 END WHERE id = $4`,
			port.RunClosed, b.Close.Outcome, nanos(b.Close.At), b.Run)
		if err != nil {
			return fmt.Errorf("close run %s: %w", b.Run, err)
		}
	}
	return nil
}

// mustChange executes a statement that has to meet a row; ErrNotFound else.
func mustChange(ctx context.Context, tx *sql.Tx, query string, args ...any) error {
	res, err := tx.ExecContext(ctx, query, args...)
	if err != nil {
		return fmt.Errorf("write: %w", err)
	}
	n, err := res.RowsAffected()
	if err != nil {
		return fmt.Errorf("count written rows: %w", err)
	}
	if n == 0 {
		return port.ErrNotFound
	}
	return nil
}

// collect reads all rows of a query.
func collect[T any](ctx context.Context, q querier, scan func(rows *sql.Rows) (T, error), query string, args ...any) ([]T, error) {
	rows, err := q.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var out []T
	for rows.Next() {
		v, err := scan(rows)
		if err != nil {
			return nil, fmt.Errorf("scan: %w", err)
		}
		out = append(out, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("query: %w", err)
	}
	return slices.Clip(out), nil
}

// only returns the one row of a query, or ErrNotFound.
func only[T any](rows []T, err error) (T, error) {
	var zero T
	if err != nil {
		return zero, err
	}
	if len(rows) == 0 {
		return zero, port.ErrNotFound
	}
	return rows[0], nil
}
