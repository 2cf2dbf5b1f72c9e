package activities_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// lateLedger takes so long to store a claim.
type lateLedger struct {
	port.Ledger
	w     *world
	takes time.Duration
}

func (l *lateLedger) Claim(ctx context.Context, key string, now, until time.Time) (port.Effect, error) {
	e, err := l.Ledger.Claim(ctx, key, now, until)
	l.w.pass(l.takes)
	return e, err
}

// TestClaimStoredLate: an attempt whose claim was stored when its time was up
// calls nobody, and the next one needs no search: nothing can be there.
func TestClaimStoredLate(t *testing.T) {
	w := newWorld(t, signOff)
	late := &lateLedger{Ledger: w.ledger, w: w, takes: activities.RegularClaim}
	w.acts.Ledger = late
	w.advance()
	if _, err := w.acts.PerformSlow(t.Context(), w.run.ID); err == nil {
		t.Error("nothing is left to do")
	}
	w.out.mu.Lock()
	calls := slices.Clone(w.out.calls)
	w.out.mu.Unlock()
	if slices.Contains(calls, "post") || slices.Contains(calls, "issue") {
		t.Errorf("called outside after the claim's time: %v", calls)
	}
	late.takes = 0
	w.settle()
	if n := w.out.count("find"); n != 0 || w.out.count("post") == 0 {
		t.Errorf("%d searches and %d posts", n, w.out.count("post"))
	}
}

// TestClaimStoredLateAfterLostAnswer: the late attempt must not make sure what
// the lost one left open.
func TestClaimStoredLateAfterLostAnswer(t *testing.T) {
	w := newWorld(t, signOff)
	late := &lateLedger{Ledger: w.ledger, w: w}
	w.acts.Ledger = late
	w.out.fail("post", fault{err: errLost, works: true})
	w.advance()
	effects, err := w.ledger.EffectsOf(t.Context(), w.run.ID)
	if err != nil || !slices.ContainsFunc(effects, func(e port.Effect) bool { return e.State == port.EffectUnknown }) {
		t.Fatalf("nothing is unknown: %v %+v", err, effects)
	}
	late.takes = activities.RegularClaim
	w.pass(time.Minute)
	_, _ = w.acts.PerformSlow(t.Context(), w.run.ID) // says that something is left
	late.takes = 0
	w.settle()
	seen := map[string]bool{}
	for _, m := range w.out.messages {
		if seen[m.key] {
			t.Errorf("message %s is there twice", m.key)
		}
		seen[m.key] = true
	}
}
