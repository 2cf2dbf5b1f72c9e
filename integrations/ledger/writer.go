package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
)

// ErrClosed says that the ledger has been closed, or was opened read-only.
var ErrClosed = errors.New("the ledger is closed for writing")

// groupMax is how many writes share one transaction at most. It bounds what
// one failed commit takes with it.
const groupMax = 64

// change is one caller's part of a transaction. ctx is not the caller's: an
// interrupted statement would roll back everybody else's part too.
type change func(ctx context.Context, tx *sql.Tx) error

// write is a change waiting for its transaction.
type write struct {
	ctx    context.Context //nolint:containedctx // asked once, whether the caller still waits
	change change
	done   chan error
}

// writer owns the one writing connection. It takes every write that waits when
// it becomes free into the next transaction; a lone write never waits for
// company.
type writer struct {
	db    *sql.DB
	queue chan *write
	quit  chan struct{}
	ended chan struct{}
}

func startWriter(db *sql.DB) *writer {
	w := &writer{db: db, queue: make(chan *write), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.loop()
	return w
}

// stop lets the running transaction end and closes the connection.
func (w *writer) stop(ctx context.Context) error {
	close(w.quit)
	<-w.ended
	err := flushLog(ctx, w.db)
	if errors.Is(err, errLogBusy) {
		err = nil // another process reads; the log stays beside the file and is whole
	}
	return errors.Join(err, w.db.Close())
}

// do runs c in a transaction and returns when it is durable. A context that
// ends before c began means that nothing was written; later it is ignored, so
// that an error never hides a commit.
func (w *writer) do(ctx context.Context, c change) error {
	if w == nil {
		return ErrClosed
	}
	o := &write{ctx: ctx, change: c, done: make(chan error, 1)}
	select {
	case w.queue <- o:
		return <-o.done
	case <-w.quit:
		return ErrClosed
	case <-ctx.Done():
		return fmt.Errorf("wait to write: %w", ctx.Err())
	}
}

func (w *writer) loop() {
	defer close(w.ended)
	for {
		select {
		case o := <-w.queue:
			w.commit(w.gather(o))
		case <-w.quit:
			return
		}
	}
}

// gather adds the writes that wait right now.
func (w *writer) gather(first *write) []*write {
	group := []*write{first}
	for len(group) < groupMax {
		select {
		case o := <-w.queue:
			group = append(group, o)
		default:
			return group
		}
	}
	return group
}

// commit runs a group in one transaction and answers each of its writers.
func (w *writer) commit(group []*write) {
	results := make([]error, len(group))
	err := w.run(context.Background(), group, results)
	for i, o := range group {
		if results[i] == nil {
			results[i] = err
		}
		o.done <- results[i]
	}
}

// run fills results with what each change said itself; the error it returns is
// that of the transaction and counts for all others.
func (w *writer) run(ctx context.Context, group []*write, results []error) error {
	tx, err := w.db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	written := 0
	for i, o := range group {
		if err := o.ctx.Err(); err != nil {
			results[i] = fmt.Errorf("wait to write: %w", err)
			continue
		}
		if len(group) == 1 {
			results[i] = o.change(ctx, tx) // a refusal takes back the whole transaction
		} else if results[i], err = savepoint(ctx, tx, o.change); err != nil {
			return err
		}
		if results[i] == nil {
			written++
		}
	}
	if written == 0 {
		return nil
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// savepoint runs one change so that its failure leaves the others' work alone.
// The second error means that the whole transaction is lost.
func savepoint(ctx context.Context, tx *sql.Tx, c change) (refused, lost error) {
	if _, err := tx.ExecContext(ctx, "SAVEPOINT part"); err != nil {
		return nil, fmt.Errorf("begin a part: %w", err)
	}
	if refused = c(ctx, tx); refused != nil {
		if _, err := tx.ExecContext(ctx, "ROLLBACK TO part"); err != nil {
			return nil, fmt.Errorf("take back a part (%w) that failed: %w", err, refused)
		}
	}
	if _, err := tx.ExecContext(ctx, "RELEASE part"); err != nil {
		return nil, fmt.Errorf("end a part: %w", err)
	}
	return refused, nil
}
