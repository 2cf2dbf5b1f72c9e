package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Draft returns what a person typed into a form and did not send yet; nil for
// nothing.
func (l *Ledger) Draft(ctx context.Context, token, person string) (json.RawMessage, error) {
	var body string
	err := l.db.QueryRowContext(ctx, "SELECT body FROM drafts WHERE token = $1 AND person = $2", token, person).Scan(&body)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("read a draft: %w", err)
	}
	return json.RawMessage(body), nil
}

// KeepDraft keeps what a person typed so far, in place of what was kept before.
// Of an ask that is over nothing is kept.
func (l *Ledger) KeepDraft(ctx context.Context, token, person string, body json.RawMessage, at time.Time) error {
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO drafts (token, person, at, body) SELECT token, $2, $3, $4 FROM asks WHERE token = $1 AND state = 'open' "+
			"ON CONFLICT (token, person) DO UPDATE SET at = excluded.at, body = excluded.body", token, person, nanos(at), plainText(string(body)))
		return err //nolint:wrapcheck // wrapped below
	})
	if err != nil {
		return fmt.Errorf("keep a draft: %w", err)
	}
	return nil
}

// dropDrafts removes what was typed into a form that is over.
func dropDrafts(ctx context.Context, tx *sql.Tx, token string) error {
	if _, err := tx.ExecContext(ctx, "DELETE FROM drafts WHERE token = $1", token); err != nil {
		return fmt.Errorf("remove drafts: %w", err)
	}
	return nil
}
