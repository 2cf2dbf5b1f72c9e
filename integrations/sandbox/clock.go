package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// schema holds what is the sandbox's own.
const schema = `CREATE TABLE IF NOT EXISTS sandbox_meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT;`

// clock is wall time plus one offset, which is kept in the database.
type clock struct {
	db     *sql.DB
	one    sync.Mutex   // one advance at a time
	offset atomic.Int64 // nanoseconds
}

func (c *clock) open(ctx context.Context, db *sql.DB) error {
	c.db = db
	if _, err := db.ExecContext(ctx, schema); err != nil {
		return fmt.Errorf("sandbox: tables: %w", err)
	}
	var offset int64
	err := db.QueryRowContext(ctx, `SELECT value FROM sandbox_meta WHERE name = 'offset'`).Scan(&offset)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return fmt.Errorf("sandbox: clock: %w", err)
	}
	c.offset.Store(offset)
	return nil
}

// move commits a larger offset, then shows it.
func (c *clock) move(ctx context.Context, d time.Duration) error {
	next := c.offset.Load() + int64(d)
	_, err := c.db.ExecContext(ctx, `INSERT OR REPLACE INTO sandbox_meta VALUES ('offset', ?)`, next)
	if err != nil {
		return fmt.Errorf("sandbox: clock: %w", err)
	}
	c.offset.Store(next)
	return nil
}

// Now is the time in the sandbox: wall time plus the offset. It is in UTC.
func (s *Sandbox) Now() time.Time { return time.Now().Add(s.Offset()).UTC() }

// Offset is how far the sandbox is ahead of wall time.
func (s *Sandbox) Offset() time.Duration { return time.Duration(s.clock.offset.Load()) }

// MoveTo sets the clock forward to t; a t that has passed changes nothing. An
// Advance that plays timers in order moves the clock along with them.
func (s *Sandbox) MoveTo(ctx context.Context, t time.Time) error {
	if d := t.Sub(s.Now()); d > 0 {
		return s.clock.move(ctx, d)
	}
	return nil
}

// errNoAdvance says that nobody here can skip the time of runs.
var errNoAdvance = errors.New("time cannot be skipped here: this sandbox is not connected to the runs, whose timers would be left behind; start it with the demo")

// advance brings every open run to the sandbox's present plus d, then moves
// the clock. A failed advance leaves the clock where it was.
func (s *Sandbox) advance(ctx context.Context, d time.Duration) error {
	if s.opt.Advance == nil {
		return errNoAdvance
	}
	s.clock.one.Lock()
	defer s.clock.one.Unlock()
	target := s.Now().Add(d)
	if err := s.opt.Advance(ctx, d); err != nil {
		return fmt.Errorf("skip time for the open runs: %w", err)
	}
	// The runs are there: the clock follows, whoever has stopped waiting.
	if err := s.MoveTo(context.WithoutCancel(ctx), target); err != nil {
		return err
	}
	s.past.touch()
	return nil
}
