package intake

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// watchOverlap is how far a poll reaches behind the last good one: a change
	// may come into Jira's index minutes late.
	watchOverlap = 15 * time.Minute
	// sweepEvery is how often all issues of open runs are looked at, however
	// long ago they were changed.
	sweepEvery = 24 * time.Hour
	// eventPolled and eventMissing are the events of hints nobody sent.
	eventPolled  = "polled"
	eventMissing = "missing"
)

// Touched is an issue and when it was changed last, by Jira's clock.
type Touched struct {
	IssueID string
	At      time.Time
}

// Site is what the watch asks Jira.
type Site interface {
	// Changed lists the issues of the project changed within the last d.
	Changed(ctx context.Context, d time.Duration) ([]Touched, error)
	// Look tells of these issues when they were changed last. Those that are
	// gone or out of sight are left out.
	Look(ctx context.Context, issueIDs []string) ([]Touched, error)
	// ChangedBy finds the newest change that another account than ours made:
	// who and when. A zero time means nobody. port.ErrNotFound: it is gone.
	ChangedBy(ctx context.Context, issueID string) (author string, at time.Time, err error)
}

// Watch looks for what no webhook told of: one was lost, none can reach us, or
// we were away for longer than Jira tries. What it finds becomes the same hint
// as a webhook's.
type Watch struct {
	Gate *Gate
	Site Site

	mu    sync.Mutex
	good  time.Time            // of the last poll that worked
	swept time.Time            // of the last sweep that worked
	known map[string]time.Time // by issue, the last change that needs no hint any more
}

// Poll looks at what has changed since the last poll, and once a day and at the
// start at all issues of open runs. What could not be asked now is asked by the
// next poll.
func (w *Watch) Poll(ctx context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	now := w.Gate.now()
	if w.known == nil {
		w.known = map[string]time.Time{}
	}
	// A sweep of the future: the clock was set back since.
	if since := now.Sub(w.swept); w.swept.IsZero() || since >= sweepEvery || since < 0 {
		if err := w.sweep(ctx); err != nil {
			return err
		}
		w.swept, w.good = now, now
		return nil
	}
	touched, err := w.Site.Changed(ctx, max(now.Sub(w.good), 0)+watchOverlap)
	if err != nil {
		return fmt.Errorf("ask Jira what has changed: %w", err)
	}
	if err := w.look(ctx, touched); err != nil {
		return err
	}
	w.good = now
	return nil
}

// sweep looks at all issues of open runs.
func (w *Watch) sweep(ctx context.Context) error {
	ids, err := w.Gate.Ledger.IssuesInUse(ctx)
	if err != nil {
		return fmt.Errorf("list the issues of open runs: %w", err)
	}
	if len(ids) == 0 {
		return nil
	}
	touched, err := w.Site.Look(ctx, ids)
	if err != nil {
		return fmt.Errorf("look at the issues of open runs: %w", err)
	}
	there := make(map[string]bool, len(touched))
	for _, t := range touched {
		there[t.IssueID] = true
	}
	for _, id := range ids {
		if there[id] {
			continue
		}
		if err := w.missing(ctx, id); err != nil {
			return err
		}
	}
	clear(w.known)
	return w.look(ctx, touched)
}

// look makes hints of the changes nobody told of.
func (w *Watch) look(ctx context.Context, touched []Touched) error {
	seen := make(map[string]time.Time, len(touched))
	for _, t := range touched {
		if w.known[t.IssueID].Equal(t.At) {
			seen[t.IssueID] = t.At
			continue
		}
		untold, err := w.Gate.untold(ctx, t.IssueID, t.At)
		if err != nil {
			return err
		}
		if !untold {
			continue
		}
		author, at, err := w.Site.ChangedBy(ctx, t.IssueID)
		switch {
		case errors.Is(err, port.ErrNotFound):
			err = w.missing(ctx, t.IssueID)
		case err != nil:
			err = fmt.Errorf("ask Jira who changed issue %s: %w", t.IssueID, err)
		case at.IsZero():
			seen[t.IssueID] = t.At
			continue
		default:
			if untold, err = w.Gate.untold(ctx, t.IssueID, at); err == nil && untold {
				err = w.Gate.Jira(ctx, Hint{IssueID: t.IssueID, Author: author, Event: eventPolled, DeliveryKey: fmt.Sprintf("poll:%s:%d", t.IssueID, at.UnixMilli())})
			}
			if err == nil {
				seen[t.IssueID] = t.At
			}
		}
		if err != nil {
			return err
		}
	}
	w.known = seen
	return nil
}

// missing has the run look for an issue that Jira does not show, once a day.
func (w *Watch) missing(ctx context.Context, issueID string) error {
	return w.Gate.Jira(ctx, Hint{IssueID: issueID, Event: eventMissing, DeliveryKey: "missing:" + issueID + ":" + w.Gate.now().Format(time.DateOnly)})
}

// untold tells whether an issue is ours and no hint has come since it was
// changed. With a clock of ours that is behind, hints come twice, which is
// harmless; the run looks at an issue later than a hint about it comes.
func (g *Gate) untold(ctx context.Context, issueID string, changed time.Time) (bool, error) {
	ask, err := g.Ledger.AskOfIssue(ctx, issueID)
	if errors.Is(err, port.ErrNotFound) {
		return false, nil // or not known yet: then its maker leaves a hint
	}
	if err != nil {
		return false, fmt.Errorf("find the ask of an issue: %w", err)
	}
	told, err := g.Ledger.HintedSince(ctx, ask.Run, ask.Token, changed)
	if err != nil {
		return false, fmt.Errorf("look for a hint: %w", err)
	}
	return !told, nil
}
