package ledger

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
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
	dialect
	db    *sql.DB
	watch port.Watch
	queue chan *write
	quit  chan struct{}
	ended chan struct{}
}

func startWriter(d dialect, db *sql.DB, watch port.Watch) *writer {
	w := &writer{dialect: d, db: db, watch: watch, queue: make(chan *write), quit: make(chan struct{}), ended: make(chan struct{})}
	go w.loop()
	return w
}

// stop lets the running transaction end and closes the connection.
func (w *writer) stop(ctx context.Context) error {
	close(w.quit)
	<-w.ended
	return errors.Join(w.stopping(ctx, w.db), w.db.Close())
}

// do runs c in a transaction and returns when it is durable. c may run more than
// once, if the database loses the transaction. A context that
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
			w.settle(w.gather(o))
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

// settle runs a group and answers each of its writers. A group whose
// transaction was lost is run anew while the dialect has patience.
func (w *writer) settle(group []*write) {
	began := time.Now()
	end := began.Add(w.patience())
	var results []error
	var err error
	for pause := againPause; ; pause = min(2*pause, againPauseMax) {
		results, err = w.attempt(group)
		if err == nil || !w.again(err) || time.Now().Add(pause).After(end) || !w.sleep(pause) {
			break
		}
		w.watch.StoreFailed(port.StoreAgain)
	}
	if err == nil {
		w.watch.Wrote(time.Since(began))
	}
	for i, o := range group {
		if err != nil && !errors.Is(results[i], errGaveUp) {
			// Nothing stands, so what a change was refused for may not be true.
			results[i] = err
		}
		if broken(results[i]) {
			w.watch.StoreFailed(port.StoreWrite)
		}
		o.done <- results[i]
	}
}

// broken tells an error of the database from a refusal.
func broken(err error) bool {
	var open *port.OpenRunError
	return err != nil && !errors.Is(err, errGaveUp) && !errors.Is(err, port.ErrConflict) && !errors.Is(err, port.ErrNotFound) && !errors.As(err, &open)
}

// sleep pauses between two attempts; false when the ledger is being closed.
func (w *writer) sleep(pause time.Duration) bool {
	select {
	case <-time.After(pause):
		return true
	case <-w.quit:
		return false
	}
}

// errGaveUp says that a writer's context ended before its change began.
var errGaveUp = errors.New("wait to write")

// attempt runs a group in one transaction. The results are what each change
// said itself; the error is that of the transaction and counts for all.
func (w *writer) attempt(group []*write) ([]error, error) {
	ctx := context.Background()
	if limit := w.attemptLimit(); limit > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, limit)
		defer cancel()
	}
	results := make([]error, len(group))
	tx, err := w.begin(ctx, w.db)
	if err != nil {
		return results, err
	}
	defer func() { _ = tx.Rollback() }() // after a commit this does nothing
	written := 0
	for i, o := range group {
		if err := o.ctx.Err(); err != nil {
			results[i] = fmt.Errorf("%w: %w", errGaveUp, err)
			continue
		}
		if len(group) == 1 {
			results[i] = o.change(ctx, tx) // a refusal takes back the whole transaction
		} else if results[i], err = savepoint(ctx, tx, o.change); err != nil {
			return results, err
		}
		if w.again(results[i]) {
			return results, results[i]
		}
		if results[i] == nil {
			written++
		}
	}
	if written == 0 {
		return results, nil
	}
	return results, w.commit(ctx, w.db, tx)
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
