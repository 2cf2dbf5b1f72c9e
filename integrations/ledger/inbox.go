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

const inboxColumns = "id, decision_id, delivery_key, kind, token, run, action, person, answers, origin, received_at, verdict"

func scanInbox(rows *sql.Rows) (port.InboxRow, error) {
	var r port.InboxRow
	var answers, origin string
	var received int64
	var verdict sql.NullString
	err := rows.Scan(&r.ID, &r.DecisionID, &r.DeliveryKey, &r.Kind, &r.Token, &r.Run, &r.Action, &r.Person, &answers, &origin, &received, &verdict)
	if err != nil {
		return r, err //nolint:wrapcheck // collect wraps it
	}
	r.ReceivedAt = instant(received)
	if answers != "" {
		r.Values = json.RawMessage(answers)
	}
	if err := fromJSON(origin, &r.Origin); err != nil {
		return r, err
	}
	if verdict.Valid {
		r.Verdict = &port.Verdict{}
		return r, fromJSON(verdict.String, r.Verdict)
	}
	return r, nil
}

// Put commits a row and returns it with its ID; a row with the same delivery
// key is returned instead, with fresh = false. A decision id that another
// delivery has taken is ErrConflict.
func (l *Ledger) Put(ctx context.Context, row port.InboxRow) (stored port.InboxRow, fresh bool, err error) {
	if row.DeliveryKey == "" || row.DecisionID == "" {
		return port.InboxRow{}, false, errors.New("put in the inbox: a row needs a delivery key and a decision id")
	}
	row = plainRow(row)
	err = l.guarded(ctx, pointInbox, func(ctx context.Context, tx *sql.Tx) error {
		var id int64
		if err := tx.QueryRowContext(ctx, "SELECT next_inbox FROM head WHERE one = 1").Scan(&id); err != nil {
			return fmt.Errorf("read the head: %w", err)
		}
		var err error
		stored, err = only(collect(ctx, tx, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE delivery_key = $1", row.DeliveryKey)) // guard: delivery-kept-once
		if err == nil {
			fresh = false
			return nil
		}
		if !errors.Is(err, port.ErrNotFound) {
			return err
		}
		stored, fresh = row, true
		stored.ID, stored.Verdict = id, nil
		if err := insertInbox(ctx, tx, stored); err != nil {
			return err
		}
		return putApart(ctx, tx, stored)
	})
	if err != nil {
		return port.InboxRow{}, false, fmt.Errorf("put in the inbox: %w", err)
	}
	return stored, fresh, nil
}

// plainRow is a row as it will be read back: what comes from outside may hold
// what text cannot.
func plainRow(r port.InboxRow) port.InboxRow {
	for _, s := range []*string{&r.DecisionID, &r.DeliveryKey, &r.Kind, &r.Token, &r.Run, &r.Action, &r.Person} {
		*s = plainText(*s)
	}
	if r.Values != nil {
		r.Values = json.RawMessage(plainText(string(r.Values)))
	}
	return r
}

func insertInbox(ctx context.Context, tx *sql.Tx, r port.InboxRow) error {
	taken, err := exists(ctx, tx, "SELECT 1 FROM inbox WHERE decision_id = $1", r.DecisionID)
	if err != nil {
		return err
	}
	if taken {
		return fmt.Errorf("decision id %s is taken: %w", r.DecisionID, port.ErrConflict)
	}
	origin, err := toJSON(r.Origin)
	if err != nil {
		return err
	}
	_, err = tx.ExecContext(ctx, "INSERT INTO inbox ("+inboxColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, NULL)",
		r.ID, r.DecisionID, r.DeliveryKey, r.Kind, r.Token, r.Run, r.Action, r.Person, string(r.Values), origin, nanos(r.ReceivedAt))
	if err != nil {
		return fmt.Errorf("write the row: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "UPDATE head SET next_inbox = $1 WHERE one = 1", r.ID+1); err != nil {
		return fmt.Errorf("move the head: %w", err)
	}
	return nil
}

// RowsAfter returns the inbox rows of a run with ID > after in ID order,
// judged or not, at most limit.
func (l *Ledger) RowsAfter(ctx context.Context, run string, after int64, limit int) ([]port.InboxRow, error) {
	rows, err := collect(ctx, l.db, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE run = $1 AND id > $2 ORDER BY id LIMIT $3", run, after, limit)
	if err != nil {
		return nil, fmt.Errorf("inbox rows of run %s: %w", run, err)
	}
	return rows, nil
}

// Unsettled returns rows without a verdict received before t, oldest first.
// Those of closed runs are left to Late: nobody could judge them.
func (l *Ledger) Unsettled(ctx context.Context, t time.Time, limit int) ([]port.InboxRow, error) {
	return l.withoutVerdict(ctx, "NOT EXISTS", t, limit)
}

// Late returns rows of closed runs without a verdict received before t, oldest
// first.
func (l *Ledger) Late(ctx context.Context, t time.Time, limit int) ([]port.InboxRow, error) {
	return l.withoutVerdict(ctx, "EXISTS", t, limit)
}

// LastWebhook is when the last webhook of Jira came in; zero = none did.
func (l *Ledger) LastWebhook(ctx context.Context) (time.Time, error) {
	var last int64
	// Delivery keys of webhooks begin with "jira:"; ";" comes after ":".
	err := l.db.QueryRowContext(ctx, "SELECT COALESCE(MAX(received_at), 0) FROM inbox WHERE delivery_key >= 'jira:' AND delivery_key < 'jira;'").Scan(&last)
	if err != nil {
		return time.Time{}, fmt.Errorf("last webhook: %w", err)
	}
	return instant(last), nil
}

// ahead is how far beyond "not yet" something must lie to be old all the same:
// nothing comes in from the future, so the clock was set back since.
const ahead = time.Minute

func (l *Ledger) withoutVerdict(ctx context.Context, closed string, t time.Time, limit int) ([]port.InboxRow, error) {
	rows, err := collect(ctx, l.db, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE verdict IS NULL AND (received_at < $1 OR received_at > $2) AND "+closed+
		" (SELECT 1 FROM runs r WHERE r.id = inbox.run AND r.state = $3) ORDER BY id LIMIT $4", nanos(t), nanos(t.Add(ahead)), port.RunClosed, limit)
	if err != nil {
		return nil, fmt.Errorf("unsettled inbox rows: %w", err)
	}
	return rows, nil
}
