package ledger

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const effectColumns = "key, run, step, item, round, purpose, addressee, n, kind, token, of_key, body, state, claimed_until, not_before, attempts, last_error, outcome, intended_at"

// effectsBriefly leaves out the bodies of finished effects: a run reads its
// effects in every activity, and they are most of the text.
var effectsBriefly = strings.Replace(effectColumns, "body", "CASE WHEN state IN ($2, $3, $4) THEN '' ELSE body END", 1)

// emptyOutcome is that of an effect not done yet.
const emptyOutcome = "{}"

func scanEffect(rows *sql.Rows) (port.Effect, error) {
	var e port.Effect
	var body, outcome string
	var claimed, notBefore, intended int64
	err := rows.Scan(&e.Key, &e.Run, &e.Step, &e.Item, &e.Round, &e.Purpose, &e.Addressee, &e.N, &e.Kind, &e.Token, &e.Of, &body,
		&e.State, &claimed, &notBefore, &e.Attempts, &e.LastError, &outcome, &intended)
	if err != nil {
		return e, err //nolint:wrapcheck // collect wraps it
	}
	if body != "" {
		e.Body = json.RawMessage(body)
	}
	e.ClaimedUntil, e.NotBefore, e.IntendedAt = instant(claimed), instant(notBefore), instant(intended)
	if outcome == emptyOutcome {
		return e, nil
	}
	return e, fromJSON(outcome, &e.Outcome)
}

// putEffects inserts effects whose keys are new.
func putEffects(ctx context.Context, tx *sql.Tx, effects []port.Effect) error {
	for _, e := range effects {
		if e.Key == "" || e.Kind == "" {
			return fmt.Errorf("an effect needs a key and a kind (step %s, purpose %s)", e.Step, e.Purpose)
		}
		outcome, err := toJSON(e.Outcome)
		if err != nil {
			return err
		}
		state := e.State
		if state == "" {
			state = port.EffectIntent
		}
		_, err = tx.ExecContext(ctx, "INSERT INTO effects ("+effectColumns+`, issue_id)
			VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20) ON CONFLICT (key) DO NOTHING`,
			e.Key, e.Run, e.Step, e.Item, e.Round, e.Purpose, e.Addressee, e.N, e.Kind, e.Token, e.Of, string(e.Body),
			state, nanos(e.ClaimedUntil), nanos(e.NotBefore), e.Attempts, e.LastError, outcome, nanos(e.IntendedAt), e.Outcome.IssueID)
		if err != nil {
			return fmt.Errorf("write effect %s: %w", e.Key, err)
		}
	}
	return nil
}

// EffectsOf returns all effects of a run in the order they were intended, the
// finished ones without their bodies.
func (l *Ledger) EffectsOf(ctx context.Context, run string) ([]port.Effect, error) {
	effects, err := collect(ctx, l.db, scanEffect, "SELECT "+effectsBriefly+" FROM effects WHERE run = $1 ORDER BY seq", run,
		port.EffectDone, port.EffectFailed, port.EffectSuperseded)
	if err != nil {
		return nil, fmt.Errorf("effects of run %s: %w", run, err)
	}
	return effects, nil
}

// Effect returns one effect with its body; port.ErrNotFound.
func (l *Ledger) Effect(ctx context.Context, key string) (port.Effect, error) {
	e, err := effectByKey(ctx, l.db, key)
	if err != nil {
		return port.Effect{}, fmt.Errorf("effect %s: %w", key, err)
	}
	return e, nil
}

// RemadeSince counts the issues intended at t or later that are made again
// because they were deleted. It reads all issues, and is asked only when one is
// gone.
func (l *Ledger) RemadeSince(ctx context.Context, t time.Time) (int, error) {
	effects, err := remadeSince(ctx, l.db, t)
	return len(effects), err
}

func remadeSince(ctx context.Context, q querier, t time.Time) ([]port.Effect, error) {
	effects, err := collect(ctx, q, scanEffect, "SELECT "+effectColumns+" FROM effects WHERE kind = $1 AND n > 0 AND intended_at >= $2", port.EffectIssue, nanos(t))
	if err != nil {
		return nil, fmt.Errorf("count the issues made again: %w", err)
	}
	return slices.DeleteFunc(effects, func(e port.Effect) bool { return !e.Remakes() }), nil
}

// keepRemakes refuses a batch that makes more issues again than its limit
// allows, counted with those of all other runs.
func keepRemakes(ctx context.Context, tx *sql.Tx, b port.Batch) error {
	if b.Remakes == nil {
		return nil
	}
	before, err := remadeSince(ctx, tx, b.Remakes.Since)
	if err != nil {
		return err
	}
	n := len(before)
	for _, e := range b.Effects {
		if e.Remakes() && !slices.ContainsFunc(before, func(x port.Effect) bool { return x.Key == e.Key }) {
			n++
		}
	}
	if n > b.Remakes.Most {
		return fmt.Errorf("%d issues would be made again, at most %d may: %w", n, b.Remakes.Most, port.ErrConflict)
	}
	return nil
}

func effectByKey(ctx context.Context, q querier, key string) (port.Effect, error) {
	return only(collect(ctx, q, scanEffect, "SELECT "+effectColumns+" FROM effects WHERE key = $1", key))
}

// finished tells that no attempt will follow.
func finished(state string) bool {
	return state == port.EffectDone || state == port.EffectFailed || state == port.EffectSuperseded
}

// Claim takes an effect for one attempt until t and returns it as it was
// before. A finished effect is returned as it is and not claimed. ErrConflict
// while another attempt holds it or NotBefore has not come: the effect
// returned with it says until when.
func (l *Ledger) Claim(ctx context.Context, key string, now, until time.Time) (port.Effect, error) {
	var e port.Effect
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		var err error
		if e, err = effectByKey(ctx, tx, key); err != nil || finished(e.State) {
			return err
		}
		res, err := tx.ExecContext(ctx, `UPDATE effects SET claimed_until = $1, attempts = attempts + 1
			WHERE key = $2 AND claimed_until <= $3 AND not_before <= $3 AND attempts = $4 AND state = $5`,
			nanos(until), key, nanos(now), e.Attempts, e.State)
		if err != nil {
			return fmt.Errorf("write: %w", err)
		}
		if n, err := res.RowsAffected(); err != nil || n == 0 {
			return firstOf(err, port.ErrConflict)
		}
		return nil
	})
	if err != nil {
		return e, fmt.Errorf("claim effect %s: %w", key, err)
	}
	return e, nil
}

// Hasten has the claims and pauses of a run's unfinished effects that end after
// latest end at t.
func (l *Ledger) Hasten(ctx context.Context, run string, latest, t time.Time) error {
	err := l.writer.do(ctx, func(ctx context.Context, tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, `UPDATE effects SET
			claimed_until = CASE WHEN claimed_until > $1 THEN $2 ELSE claimed_until END,
			not_before = CASE WHEN not_before > $1 THEN $2 ELSE not_before END
			WHERE run = $3 AND state NOT IN ($4, $5, $6)`,
			nanos(latest), nanos(t), run, port.EffectDone, port.EffectFailed, port.EffectSuperseded)
		return err //nolint:wrapcheck // wrapped below
	})
	if err != nil {
		return fmt.Errorf("hasten the effects of run %s: %w", run, err)
	}
	return nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// Settle stores what became of an attempt, frees the claim and appends rec.
// Done stands: a later attempt may complete its outcome, not undo it. An
// attempt that was overtaken by another claim (e.Attempts is that of Claim's
// answer) may only report done; anything else of it is ErrConflict.
func (l *Ledger) Settle(ctx context.Context, e port.Effect, rec *port.Record) error {
	err := l.guarded(ctx, pointOutcome, func(ctx context.Context, tx *sql.Tx) error {
		var state string
		var attempts int
		err := tx.QueryRowContext(ctx, "SELECT state, attempts FROM effects WHERE key = $1", e.Key).Scan(&state, &attempts)
		switch {
		case errors.Is(err, sql.ErrNoRows):
			return port.ErrNotFound
		case err != nil:
			return fmt.Errorf("read: %w", err)
		case e.State == port.EffectDone:
		case state == port.EffectDone:
			return nil
		case attempts > e.Attempts+1:
			return fmt.Errorf("attempt %d has claimed it since: %w", attempts, port.ErrConflict)
		}
		outcome, err := toJSON(e.Outcome)
		if err != nil {
			return err
		}
		err = mustChange(ctx, tx, `UPDATE effects SET state = $1, claimed_until = 0, not_before = $2, last_error = $3, outcome = $4, issue_id = $5 WHERE key = $6`,
			e.State, nanos(e.NotBefore), e.LastError, outcome, e.Outcome.IssueID, e.Key)
		if err != nil || rec == nil {
			return err
		}
		return l.append(ctx, tx, *rec)
	})
	if err != nil {
		return fmt.Errorf("settle effect %s: %w", e.Key, err)
	}
	return nil
}
