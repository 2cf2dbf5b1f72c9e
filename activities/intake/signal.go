package intake

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// maxSignals is how many signals may be under way at once. Beyond it the
	// sweeper does them: a row that is kept is never lost.
	maxSignals = 64
	// signalTimeout bounds one signal; a stopped Temporal must not pile them up.
	signalTimeout = 5 * time.Second

	// sweepAge is how old an unjudged row is before the sweeper signals again.
	sweepAge = 5 * time.Second
	// sweepLimit is how many unjudged rows one sweep looks at.
	sweepLimit = 500
	// sweepFirst and sweepMost are the pauses between two signals for one row:
	// the pause doubles, so that a run that cannot judge gets no flood of events.
	sweepFirst = 5 * time.Second
	sweepMost  = 10 * time.Minute
	// sweepFailures in a row mean that the engine is away: the rest waits.
	sweepFailures = 3
)

// signal tells the run of a row in the background. Failure never matters: the
// row is kept and the sweeper repeats it.
func (g *Gate) signal(ctx context.Context, row port.InboxRow) {
	if g.inFlight.Add(1) > maxSignals {
		g.inFlight.Add(-1)
		return
	}
	ctx = context.WithoutCancel(ctx)
	g.signals.Go(func() {
		defer g.inFlight.Add(-1)
		_ = g.signalNow(ctx, row)
	})
}

func (g *Gate) signalNow(ctx context.Context, row port.InboxRow) error {
	ctx, cancel := context.WithTimeout(ctx, signalTimeout)
	defer cancel()
	id, err := g.Ledger.WorkflowOf(ctx, row.Run)
	if err != nil {
		return fmt.Errorf("find run %s: %w", row.Run, err)
	}
	if err := g.Engine.Signal(ctx, id, row.DecisionID); err != nil {
		return fmt.Errorf("signal run %s: %w", row.Run, err)
	}
	return nil
}

// nextSweep is when a row is signalled again, and after how long.
type nextSweep struct {
	at    time.Time
	pause time.Duration
}

// Sweep signals the runs of rows that nobody has judged for some seconds. It is
// called every few seconds; a row is signalled with growing pauses.
func (g *Gate) Sweep(ctx context.Context) error {
	g.sweeping.Lock()
	defer g.sweeping.Unlock()
	now := g.now()
	rows, err := g.Ledger.Unsettled(ctx, now.Add(-sweepAge), sweepLimit)
	if err != nil {
		return fmt.Errorf("read rows nobody judged: %w", err)
	}
	next := make(map[int64]nextSweep, len(rows))
	var errs []error
	for _, row := range rows {
		s := g.swept[row.ID]
		// A wait longer than the pause: the clock was set back meanwhile.
		if wait := s.at.Sub(now); wait > 0 && wait <= s.pause || len(errs) >= sweepFailures {
			next[row.ID] = s
			continue
		}
		if err := g.signalNow(ctx, row); err != nil {
			errs = append(errs, err)
			next[row.ID] = s
			continue
		}
		pause := min(max(2*s.pause, sweepFirst), sweepMost)
		next[row.ID] = nextSweep{at: now.Add(pause), pause: pause}
	}
	g.swept = next
	return errors.Join(errs...)
}
