package ledger

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// factDefinition is the header fact that binds a run to its Definition.
const factDefinition = "definition"

const runColumns = `r.id, r.workflow_id, r.playbook, r.subject_id, r.subject, r.started_by, r.door, r.input, r.occurrence, r.started_at,
	r.state, r.outcome, r.closed_at, r.view, r.definition, r.exercise`

const runTables = " FROM runs r JOIN definitions d ON d.id = r.definition "

// scannedRun is a run whose Definition is known by its id alone.
type scannedRun struct {
	port.RunRow
	definition string
}

func scanRun(rows *sql.Rows) (scannedRun, error) {
	var r scannedRun
	var input, view string
	var started, closed, drill int64
	err := rows.Scan(&r.ID, &r.WorkflowID, &r.Playbook, &r.SubjectID, &r.Subject, &r.By, &r.Door, &input, &r.Occurrence, &started,
		&r.State, &r.Outcome, &closed, &view, &r.definition, &drill)
	if err != nil {
		return r, err //nolint:wrapcheck // collect wraps it
	}
	r.StartedAt, r.ClosedAt, r.Exercise = instant(started), instant(closed), drill != 0
	return r, firstError(
		func() error { return fromJSON(input, &r.Input) },
		func() error { return fromJSON(view, &r.View) },
	)
}

// runsWhere reads runs with their Definitions.
func (l *Ledger) runsWhere(ctx context.Context, q querier, where string, args ...any) ([]port.RunRow, error) {
	scanned, err := collect(ctx, q, scanRun, "SELECT "+runColumns+" FROM runs r "+where, args...)
	if err != nil {
		return nil, err
	}
	out := make([]port.RunRow, len(scanned))
	for i, s := range scanned {
		out[i] = s.RunRow
		if out[i].Definition, err = l.definition(ctx, q, s.definition); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// definition returns a kept Definition, read once per process. Callers share
// it and must not change it.
func (l *Ledger) definition(ctx context.Context, q querier, id string) (playbooks.Definition, error) {
	if d, ok := l.definitions.Load(id); ok {
		return d.(playbooks.Definition), nil //nolint:forcetypeassert // only this method stores
	}
	var body string
	var d playbooks.Definition
	if err := q.QueryRowContext(ctx, "SELECT body FROM definitions WHERE id = $1", id).Scan(&body); err != nil {
		return d, fmt.Errorf("read definition %s: %w", id, err)
	}
	if err := fromJSON(body, &d); err != nil {
		return d, fmt.Errorf("definition %s: %w", id, err)
	}
	l.definitions.Store(id, d)
	return d, nil
}

// CreateRun commits a run in state starting with its record, and its
// occurrence where there is one. The record's header gets the Definition's
// digest as the fact "definition". The same run again is success.
// *OpenRunError when one is open; ErrConflict when the occurrence is taken.
func (l *Ledger) CreateRun(ctx context.Context, r port.StartedRun, o *port.Occurrence, rec port.Record) error {
	rec.Header = maps.Clone(rec.Header)
	if rec.Header == nil {
		rec.Header = map[string]string{}
	}
	rec.Header[factDefinition] = r.Definition.Digest
	err := l.guarded(ctx, pointRecords, func(ctx context.Context, tx *sql.Tx) error {
		known, err := exists(ctx, tx, "SELECT 1 FROM runs WHERE id = $1", r.ID)
		if err != nil || known {
			return err
		}
		if o != nil {
			if err := takeOccurrence(ctx, tx, *o); err != nil {
				return err
			}
		}
		if err := refuseSecond(ctx, tx, r); err != nil {
			return err
		}
		if err := insertRun(ctx, tx, r); err != nil {
			return err
		}
		return l.append(ctx, tx, rec)
	})
	if err != nil {
		return fmt.Errorf("create run %s: %w", r.ID, err)
	}
	return nil
}

// notClosed is the condition of the index of open runs, word for word and
// without arguments: only then does a database use the index.
const notClosed = "state IN ('" + port.RunStarting + "', '" + port.RunOpen + "')"

// refuseSecond names the run that is open for the playbook and subject. What is
// real is held up by no exercise.
func refuseSecond(ctx context.Context, tx *sql.Tx, r port.StartedRun) error {
	var open string
	err := tx.QueryRowContext(ctx, "SELECT id FROM runs WHERE playbook = $1 AND subject_id = $2 AND exercise = $3 AND "+notClosed, r.Playbook, r.SubjectID, flag(r.Exercise)).Scan(&open)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look for an open run: %w", err)
	}
	return &port.OpenRunError{Run: open}
}

// insertRun writes the row; its Definition is kept once for all runs of it.
func insertRun(ctx context.Context, tx *sql.Tx, r port.StartedRun) error {
	definition, err := canonical(r.Definition)
	if err != nil {
		return err
	}
	id := digestOf(definition)
	_, err = tx.ExecContext(ctx, "INSERT INTO definitions (id, body) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING", id, string(definition))
	if err != nil {
		return fmt.Errorf("write the definition: %w", err)
	}
	input, err := toJSON(r.Input)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO runs (id, workflow_id, playbook, subject_id, subject, started_by, door, input, occurrence, definition, started_at, state, view, exercise)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, '{}', $13)`,
		r.ID, r.WorkflowID, r.Playbook, r.SubjectID, r.Subject, r.By, r.Door, input, r.Occurrence, id, nanos(r.StartedAt), port.RunStarting, flag(r.Exercise))
	if err != nil {
		return fmt.Errorf("write the run: %w", err)
	}
	return nil
}

// MarkStarted moves a run from starting to open; a run further on stays.
func (l *Ledger) MarkStarted(ctx context.Context, id string) error {
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		return mustChange(ctx, tx, "UPDATE runs SET state = CASE WHEN state = $1 THEN $2 ELSE state END WHERE id = $3", port.RunStarting, port.RunOpen, id)
	})
	if err != nil {
		return fmt.Errorf("mark run %s as started: %w", id, err)
	}
	return nil
}

// Run returns one run row, or ErrNotFound.
func (l *Ledger) Run(ctx context.Context, id string) (port.RunRow, error) {
	return l.runOf(ctx, l.db, id)
}

// WorkflowOf returns the workflow id of a run.
func (l *Ledger) WorkflowOf(ctx context.Context, run string) (string, error) {
	var id string
	err := l.db.QueryRowContext(ctx, "SELECT workflow_id FROM runs WHERE id = $1", run).Scan(&id)
	if errors.Is(err, sql.ErrNoRows) {
		err = port.ErrNotFound
	}
	if err != nil {
		return "", fmt.Errorf("workflow of run %s: %w", run, err)
	}
	return id, nil
}

func (l *Ledger) runOf(ctx context.Context, q querier, id string) (port.RunRow, error) {
	r, err := only(l.runsWhere(ctx, q, "WHERE r.id = $1", id))
	if err != nil {
		return port.RunRow{}, fmt.Errorf("run %s: %w", id, err)
	}
	return r, nil
}

// Starting returns runs still in state starting that were made before t,
// oldest first.
func (l *Ledger) Starting(ctx context.Context, t time.Time) ([]port.StartedRun, error) {
	rows, err := l.runsWhere(ctx, l.db, "WHERE "+notClosed+" AND state = $1 AND (r.started_at < $2 OR r.started_at > $3)",
		port.RunStarting, nanos(t), nanos(t.Add(ahead)))
	if err != nil {
		return nil, fmt.Errorf("starting runs: %w", err)
	}
	out := make([]port.StartedRun, 0, len(rows))
	for _, r := range rows {
		out = append(out, r.StartedRun)
	}
	// Sorted here, so that the database has no reason to take another index.
	slices.SortFunc(out, func(a, b port.StartedRun) int {
		return cmp.Or(a.StartedAt.Compare(b.StartedAt), cmp.Compare(a.ID, b.ID))
	})
	return out, nil
}

// Runs lists runs, newest first; state empty = all.
func (l *Ledger) Runs(ctx context.Context, state string, limit int) ([]port.RunRow, error) {
	rows, err := l.runsWhere(ctx, l.db, "WHERE $1 = '' OR r.state = $1 ORDER BY r.started_at DESC, r.id DESC LIMIT $2", state, limit)
	if err != nil {
		return nil, fmt.Errorf("list runs: %w", err)
	}
	return rows, nil
}

// definitionOf returns a run's Definition as it is kept: RFC 8785 JSON.
func definitionOf(ctx context.Context, q querier, run string) (json.RawMessage, playbooks.Definition, error) {
	var body string
	var d playbooks.Definition
	err := q.QueryRowContext(ctx, "SELECT d.body"+runTables+"WHERE r.id = $1", run).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, d, fmt.Errorf("run %s: %w", run, port.ErrNotFound)
	}
	if err != nil {
		return nil, d, fmt.Errorf("definition of run %s: %w", run, err)
	}
	return json.RawMessage(body), d, fromJSON(body, &d)
}
