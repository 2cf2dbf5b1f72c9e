package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const askColumns = "token, run, step, item, round, version, kind, state, state_version, opened_at, closed_at, body"

func scanAsk(rows *sql.Rows) (port.Ask, error) {
	var a port.Ask
	var opened, closed int64
	var body string
	err := rows.Scan(&a.Token, &a.Run, &a.Step, &a.Item, &a.Round, &a.Version, &a.Kind, &a.State, &a.StateVersion, &opened, &closed, &body)
	if err != nil {
		return a, err //nolint:wrapcheck // collect wraps it
	}
	a.OpenedAt, a.ClosedAt = instant(opened), instant(closed)
	return a, fromJSON(body, &a.Body)
}

// putAsks inserts asks. The same token at the same place and version is there
// already and stays; anything else that clashes is a conflict.
func putAsks(ctx context.Context, tx *sql.Tx, asks []port.Ask) error {
	for _, a := range asks {
		if a.Token == "" {
			return fmt.Errorf("ask of step %s has no token", a.Step)
		}
		var token string
		err := tx.QueryRowContext(ctx, "SELECT token FROM asks WHERE run = $1 AND step = $2 AND item = $3 AND round = $4 AND version = $5",
			a.Run, a.Step, a.Item, a.Round, a.Version).Scan(&token)
		switch {
		case err == nil && token == a.Token:
			continue
		case err == nil:
			return fmt.Errorf("step %s round %d is asked already as version %d: %w", a.Step, a.Round, a.Version, port.ErrConflict)
		case !errors.Is(err, sql.ErrNoRows):
			return fmt.Errorf("read asks: %w", err)
		}
		taken, err := exists(ctx, tx, "SELECT 1 FROM asks WHERE token = $1", a.Token)
		if err != nil {
			return err
		}
		if taken {
			return fmt.Errorf("the token of step %s stands for another ask: %w", a.Step, port.ErrConflict)
		}
		body, err := toJSON(a.Body)
		if err != nil {
			return err
		}
		state := a.State
		if state == "" {
			state = port.AskOpen
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO asks ("+askColumns+") VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
			a.Token, a.Run, a.Step, a.Item, a.Round, a.Version, string(a.Kind), state, a.StateVersion, nanos(a.OpenedAt), nanos(a.ClosedAt), body)
		if err != nil {
			return fmt.Errorf("write the ask of step %s: %w", a.Step, err)
		}
	}
	return nil
}

// setAskStates changes asks. A state version lower than the stored one is an
// old attempt's repeat and changes nothing.
func setAskStates(ctx context.Context, tx *sql.Tx, states []port.AskState) error {
	for _, s := range states {
		var stored int
		err := tx.QueryRowContext(ctx, "SELECT state_version FROM asks WHERE token = $1", s.Token).Scan(&stored)
		if errors.Is(err, sql.ErrNoRows) {
			return fmt.Errorf("state of an ask: %w", port.ErrNotFound)
		}
		if err != nil {
			return fmt.Errorf("read an ask's state: %w", err)
		}
		if s.StateVersion < stored {
			continue
		}
		body := sql.NullString{Valid: s.Body != nil}
		if s.Body != nil {
			if body.String, err = toJSON(s.Body); err != nil {
				return err
			}
		}
		_, err = tx.ExecContext(ctx, "UPDATE asks SET state = $1, state_version = $2, closed_at = $3, body = COALESCE($4, body) WHERE token = $5",
			s.State, s.StateVersion, nanos(s.ClosedAt), body, s.Token)
		if err != nil {
			return fmt.Errorf("write an ask's state: %w", err)
		}
		if s.State != port.AskOpen || s.Body != nil { // a form that is filled in with newer answers begins with those
			if err := dropDrafts(ctx, tx, s.Token); err != nil {
				return err
			}
		}
	}
	return nil
}

// AskByToken returns the ask of a token, or ErrNotFound.
func (l *Ledger) AskByToken(ctx context.Context, token string) (port.Ask, error) {
	a, err := only(collect(ctx, l.db, scanAsk, "SELECT "+askColumns+" FROM asks WHERE token = $1", token))
	if err != nil {
		return port.Ask{}, fmt.Errorf("ask by token: %w", err)
	}
	return a, nil
}

// AsksOf returns all asks of a run, oldest first.
func (l *Ledger) AsksOf(ctx context.Context, run string) ([]port.Ask, error) {
	asks, err := collect(ctx, l.db, scanAsk, "SELECT "+askColumns+" FROM asks WHERE run = $1 ORDER BY opened_at, round, step, item, version", run)
	if err != nil {
		return nil, fmt.Errorf("asks of run %s: %w", run, err)
	}
	return asks, nil
}

// purposeEpic is the purpose of the effect that makes a run's epic.
const purposeEpic = "epic"

// AskOfIssue finds the newest ask whose Jira issue has the numeric id. An
// issue serves its step from the round it was made in until a later round gets
// an issue of its own. The run's epic, and an issue without an ask, give an
// Ask with only its Place.Run set.
func (l *Ledger) AskOfIssue(ctx context.Context, issueID string) (port.Ask, error) {
	if issueID == "" {
		return port.Ask{}, fmt.Errorf("ask of an issue without id: %w", port.ErrNotFound)
	}
	var made port.Effect
	err := l.db.QueryRowContext(ctx, "SELECT run, step, item, round, purpose FROM effects WHERE issue_id = $1 AND issue_id <> '' AND kind = $2 ORDER BY seq DESC LIMIT 1",
		issueID, port.EffectIssue).Scan(&made.Run, &made.Step, &made.Item, &made.Round, &made.Purpose)
	if errors.Is(err, sql.ErrNoRows) {
		err = port.ErrNotFound
	}
	if err != nil {
		return port.Ask{}, fmt.Errorf("ask of issue %s: %w", issueID, err)
	}
	bare := port.Ask{Place: port.Place{Run: made.Run}}
	if made.Purpose == purposeEpic {
		return bare, nil
	}
	a, err := only(collect(ctx, l.db, scanAsk, "SELECT "+askColumns+` FROM asks
		WHERE run = $1 AND step = $2 AND item = $3 AND round >= $4
		AND round < COALESCE((SELECT MIN(e.round) FROM effects e WHERE e.run = $1 AND e.step = $2 AND e.item = $3
			AND e.kind = $5 AND e.purpose = $6 AND e.round > $4), round + 1)
		ORDER BY round DESC, version DESC LIMIT 1`, made.Run, made.Step, made.Item, made.Round, port.EffectIssue, made.Purpose))
	if errors.Is(err, port.ErrNotFound) {
		return bare, nil
	}
	if err != nil {
		return port.Ask{}, fmt.Errorf("ask of issue %s: %w", issueID, err)
	}
	return a, nil
}

// HintedSince tells whether a hint about the issue of an ask came at t or later.
func (l *Ledger) HintedSince(ctx context.Context, run, token string, t time.Time) (bool, error) {
	told, err := exists(ctx, l.db, "SELECT 1 FROM inbox WHERE run = $1 AND kind = $2 AND token = $3 AND received_at >= $4 LIMIT 1", run, port.InboxHint, token, nanos(t))
	if err != nil {
		return false, fmt.Errorf("hints of run %s: %w", run, err)
	}
	return told, nil
}

// IssuesInUse lists the numeric ids of the issues of runs not closed, in the
// order they were intended.
func (l *Ledger) IssuesInUse(ctx context.Context) ([]string, error) {
	ids, err := collect(ctx, l.db, scanText, "SELECT issue_id FROM effects WHERE run IN (SELECT id FROM runs WHERE "+notClosed+
		") AND kind = $1 AND issue_id <> '' ORDER BY seq", port.EffectIssue)
	if err != nil {
		return nil, fmt.Errorf("issues of open runs: %w", err)
	}
	return ids, nil
}

func scanText(rows *sql.Rows) (text string, err error) {
	return text, rows.Scan(&text) //nolint:wrapcheck // collect wraps it
}

// UnderWay tells whether key is that of an effect of this installation whose
// outcome is not stored yet.
func (l *Ledger) UnderWay(ctx context.Context, key string) (bool, error) {
	var n int
	if err := l.db.QueryRowContext(ctx, "SELECT COUNT(*) FROM effects WHERE key = $1 AND state IN ($2, $3)", key, port.EffectIntent, port.EffectUnknown).Scan(&n); err != nil {
		return false, fmt.Errorf("look for effect %s: %w", key, err)
	}
	return n > 0, nil
}

// MessageOf tells whether channel and ts are a message of the ask: one whose
// place is known, or, while the answer to a post is still missing, any in a
// conversation the post may have gone to.
func (l *Ledger) MessageOf(ctx context.Context, token, channel, ts string) (bool, error) {
	posts, err := collect(ctx, l.db, scanEffect, "SELECT "+effectColumns+" FROM effects WHERE token = $1 AND token <> '' AND kind = $2", token, port.EffectPost)
	if err != nil {
		return false, fmt.Errorf("messages of an ask: %w", err)
	}
	return slices.ContainsFunc(posts, func(e port.Effect) bool { return mayBe(e, channel, ts) }), nil
}

// mayBe compares a message with a post. Slack gives direct messages ids that
// begin with D; their id is not known before the post's answer.
func mayBe(e port.Effect, channel, ts string) bool {
	if e.State == port.EffectDone {
		return e.Outcome.Channel == channel && (e.Outcome.TS == ts || slices.Contains(e.Outcome.Doubles, ts))
	}
	if e.Attempts == 0 || channel == "" {
		return false
	}
	var card struct {
		To port.Addressee `json:"to"`
	}
	if err := json.Unmarshal(e.Body, &card); err != nil {
		return false // a post we cannot read proves nothing
	}
	if card.To.Channel != "" {
		return card.To.Channel == channel
	}
	return channel[0] == 'D'
}
