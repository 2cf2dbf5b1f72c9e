package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// pgWriter numbers the transactions of this process. Only the writer's one
// goroutine uses it.
type pgWriter struct {
	id string // random, new with every start
	n  int64
}

// strayDays is after how many days the row of a process that was killed is
// removed. Rows matter for seconds.
const strayDays = 30

// begin locks the head row until the transaction ends. Read committed is what
// makes the lock enough: every statement after it sees what the holder before
// has committed; a stricter level would see the state from before the wait.
func (p postgres) begin(ctx context.Context, db *sql.DB) (*sql.Tx, error) {
	tx, err := db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelReadCommitted})
	if err != nil {
		return nil, fmt.Errorf("begin: %w", err)
	}
	if _, err := tx.ExecContext(ctx, "SELECT 1 FROM head WHERE one = 1 FOR UPDATE"); err != nil {
		return nil, errors.Join(fmt.Errorf("lock the head: %w", err), rolledBack(tx))
	}
	return tx, nil
}

// rolledBack ends a transaction that wrote nothing.
func rolledBack(tx *sql.Tx) error {
	if err := tx.Rollback(); err != nil && !errors.Is(err, sql.ErrTxDone) {
		return fmt.Errorf("roll back: %w", err)
	}
	return nil
}

// lostError says that a transaction was not carried out.
type lostError struct{ err error }

func (e *lostError) Error() string { return "nothing was written: " + e.err.Error() }
func (e *lostError) Unwrap() error { return e.err }

// unknownError says that nobody could tell whether a transaction was carried
// out. Doing the same again is safe: everything is written by key, once.
type unknownError struct{ commit, read error }

func (e *unknownError) Error() string {
	return fmt.Sprintf("it is not known whether it was written (%v), because reading it back failed: %v", e.commit, e.read)
}

// commit numbers the transaction in its own row and commits. A commit without
// an answer is read back: it was carried out if and only if the row is there.
func (p postgres) commit(ctx context.Context, db *sql.DB, tx *sql.Tx) error {
	p.writer.n++
	_, err := tx.ExecContext(ctx, "INSERT INTO writers (id, n) VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET n = excluded.n, seen = now()", p.writer.id, p.writer.n)
	if err != nil {
		return fmt.Errorf("number the transaction: %w", err)
	}
	missing := tx.Commit()
	if missing == nil {
		return nil
	}
	done, err := p.readBack(db)
	switch {
	case err != nil:
		return &unknownError{commit: missing, read: err}
	case done:
		p.log.Warn("the answer to a commit was lost; it was read back and stands", "error", missing)
		return nil
	}
	return &lostError{err: fmt.Errorf("commit: %w", missing)}
}

// readBack tells whether the newest transaction was carried out. It asks under
// the head lock: a session that still ends the commit holds that until it has.
func (p postgres) readBack(db *sql.DB) (done bool, err error) {
	end := time.Now().Add(writePatience)
	for pause := againPause; ; pause = min(2*pause, againPauseMax) {
		done, err = p.readBackOnce(db)
		if err == nil || !lostTransaction(err) || time.Now().Add(pause).After(end) {
			return done, err
		}
		time.Sleep(pause)
	}
}

func (p postgres) readBackOnce(db *sql.DB) (bool, error) {
	ctx, cancel := context.WithTimeout(context.Background(), writeAttempt)
	defer cancel()
	tx, err := p.begin(ctx, db)
	if err != nil {
		return false, err
	}
	done, err := exists(ctx, tx, "SELECT 1 FROM writers WHERE id = $1 AND n = $2", p.writer.id, p.writer.n)
	return done, errors.Join(err, rolledBack(tx))
}

// stopping removes the row of this process, and those of killed ones.
func (p postgres) stopping(ctx context.Context, db *sql.DB) error {
	ctx, cancel := context.WithTimeout(ctx, writeStatement)
	defer cancel()
	_, err := db.ExecContext(ctx, "DELETE FROM writers WHERE id = $1 OR seen < now() - make_interval(days => $2)", p.writer.id, strayDays)
	if err != nil {
		p.log.WarnContext(ctx, "could not remove this process from the table of writers; a later stop will", "error", err)
	}
	return nil
}
