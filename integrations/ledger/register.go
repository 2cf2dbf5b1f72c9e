package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

const factColumns = "kind, subject, field, value, before, from_at, run, step, item, round, record"

// putFacts writes what a run decided, in the transaction of the record that says
// so. The first facts of a record stand. A clock set back changes nothing past:
// a fact never comes before the one it takes the place of.
func putFacts(ctx context.Context, tx *sql.Tx, facts []org.Fact) error {
	stood := map[string]bool{}
	for _, f := range facts {
		known, looked := stood[f.Record]
		if !looked {
			var err error
			if known, err = exists(ctx, tx, "SELECT 1 FROM register WHERE record = $1", f.Record); err != nil {
				return fmt.Errorf("look for facts: %w", err)
			}
			stood[f.Record] = known
		}
		if known {
			continue
		}
		if err := putFact(ctx, tx, f); err != nil {
			return fmt.Errorf("write %s of %s %s: %w", f.Field, f.Kind, f.Subject, err)
		}
	}
	return nil
}

func putFact(ctx context.Context, tx *sql.Tx, f org.Fact) error {
	last, err := collect(ctx, tx, scanFact, "SELECT "+factColumns+` FROM register
		WHERE kind = $1 AND subject = $2 AND field = $3 ORDER BY from_at DESC, seq DESC LIMIT 1`, f.Kind, f.Subject, f.Field)
	if err != nil {
		return err
	}
	if len(last) > 0 {
		f.Before = last[0].Value
		if f.From.Before(last[0].From) {
			f.From = last[0].From
		}
	}
	if f.Add {
		if f.Value, err = joined(f.Before, f.Value); err != nil {
			return err
		}
	}
	value, err := canonicalJSON(f.Value)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO register ("+factColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
		f.Kind, f.Subject, f.Field, string(value), string(f.Before), nanos(f.From), f.Run, f.Step, f.Item, f.Round, f.Record)
	return err //nolint:wrapcheck // putFacts wraps it
}

// joined puts the entries of one list behind those of another.
func joined(before, more json.RawMessage) (json.RawMessage, error) {
	var list, added []json.RawMessage
	if len(before) > 0 {
		if err := fromJSON(string(before), &list); err != nil {
			return nil, err
		}
	}
	if err := fromJSON(string(more), &added); err != nil {
		return nil, err
	}
	out, err := toJSON(append(list, added...))
	return json.RawMessage(out), err
}

func scanFact(rows *sql.Rows) (org.Fact, error) {
	var f org.Fact
	var value, before string
	var from int64
	err := rows.Scan(&f.Kind, &f.Subject, &f.Field, &value, &before, &from, &f.Run, &f.Step, &f.Item, &f.Round, &f.Record)
	f.Value, f.From = json.RawMessage(value), instant(from)
	if before != "" {
		f.Before = json.RawMessage(before)
	}
	return f, err //nolint:wrapcheck // collect wraps it
}

// registerAt returns the register as it was at t. Before anything was written
// it is nil.
func registerAt(ctx context.Context, q querier, t time.Time) (org.Register, error) {
	facts, err := collect(ctx, q, scanFact, "SELECT "+factColumns+` FROM register r WHERE from_at <= $1 AND NOT EXISTS (
		SELECT 1 FROM register n WHERE n.kind = r.kind AND n.subject = r.subject AND n.field = r.field AND n.from_at <= $1
		AND (n.from_at > r.from_at OR n.from_at = r.from_at AND n.seq > r.seq)) ORDER BY kind, subject, field`, nanos(t))
	if err != nil {
		return nil, fmt.Errorf("read the register: %w", err)
	}
	return facts, nil
}

// FactsOf returns what a run wrote into the register, in that order.
func (l *Ledger) FactsOf(ctx context.Context, run string) ([]org.Fact, error) {
	facts, err := collect(ctx, l.db, scanFact, "SELECT "+factColumns+" FROM register WHERE run = $1 ORDER BY seq", run)
	if err != nil {
		return nil, fmt.Errorf("read what run %s wrote into the register: %w", run, err)
	}
	return facts, nil
}
