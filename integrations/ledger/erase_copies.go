package ledger

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// record is what is kept about one removal.
func (e Erasure) record(h Header, at time.Time, key string, facts map[string]string) port.Record {
	return port.Record{
		Key: key, Place: port.Place{Run: h.Run, Step: h.Step, Item: h.Item, Round: h.Round},
		At: at, Kind: kindErased, Actor: e.By, Role: e.Role, Subject: h.Subject,
		Header: facts, Body: map[string]any{"reason": e.Reason},
	}
}

// eraseCopies removes what the bot itself worked with: inbox rows, what the
// forms were filled in with before, the view that `show` prints, and the texts of
// all messages and issues of the run, because later ones quote earlier answers.
func eraseCopies(ctx context.Context, tx *sql.Tx, e Erasure) error {
	asks, err := collect(ctx, tx, scanAsk, "SELECT "+askColumns+" FROM asks WHERE run = $1 ORDER BY token", e.Run)
	if err != nil {
		return fmt.Errorf("read the run's asks: %w", err)
	}
	for _, a := range asks {
		if !slices.Contains(e.Steps, a.Step) {
			continue
		}
		if err := eraseAsk(ctx, tx, a); err != nil {
			return err
		}
	}
	for _, step := range e.Steps {
		if err := eraseApart(ctx, tx, e.Run, step); err != nil {
			return err
		}
	}
	if _, err := tx.ExecContext(ctx, "UPDATE effects SET body = '' WHERE run = $1", e.Run); err != nil {
		return fmt.Errorf("erase the texts of messages: %w", err)
	}
	return eraseView(ctx, tx, e)
}

// eraseAsk empties an ask's pre-filled answers and the rows that answered it.
func eraseAsk(ctx context.Context, tx *sql.Tx, a port.Ask) error {
	a.Body.Prefill = nil
	body, err := toJSON(a.Body)
	if err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "UPDATE asks SET body = $1 WHERE token = $2", body, a.Token); err != nil {
		return fmt.Errorf("erase an ask: %w", err)
	}
	rows, err := collect(ctx, tx, scanInbox, "SELECT "+inboxColumns+" FROM inbox WHERE run = $1 AND token = $2 ORDER BY id", a.Run, a.Token)
	if err != nil {
		return fmt.Errorf("read the answers: %w", err)
	}
	for _, r := range rows {
		if err := eraseRow(ctx, tx, r); err != nil {
			return err
		}
	}
	return nil
}

// eraseRow leaves of a row that something came, when, and what became of it.
func eraseRow(ctx context.Context, tx *sql.Tx, r port.InboxRow) error {
	origin, err := toJSON(port.Origin{Door: r.Origin.Door})
	if err != nil {
		return err
	}
	verdict := sql.NullString{Valid: r.Verdict != nil}
	if v := r.Verdict; v != nil {
		v.Person, v.Reason, v.Values, v.Fields, v.Decision = "", "", nil, nil, nil
		if verdict.String, err = toJSON(v); err != nil {
			return err
		}
	}
	_, err = tx.ExecContext(ctx, "UPDATE inbox SET person = '', answers = '', origin = $1, verdict = $2 WHERE id = $3", origin, verdict, r.ID)
	if err != nil {
		return fmt.Errorf("erase an answer: %w", err)
	}
	return nil
}

// eraseView empties the results of the steps in what `show` prints.
func eraseView(ctx context.Context, tx *sql.Tx, e Erasure) error {
	var text string
	if err := tx.QueryRowContext(ctx, "SELECT view FROM runs WHERE id = $1", e.Run).Scan(&text); err != nil {
		return fmt.Errorf("read the view: %w", err)
	}
	var view port.RunView
	if err := fromJSON(text, &view); err != nil {
		return err
	}
	for i := range view.Steps {
		if s := &view.Steps[i]; slices.Contains(e.Steps, s.Step) {
			s.Result = nil
		}
	}
	text, err := toJSON(view)
	if err != nil {
		return err
	}
	return mustChange(ctx, tx, "UPDATE runs SET view = $1 WHERE id = $2", text, e.Run)
}
