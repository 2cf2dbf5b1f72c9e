package activities

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/aimsbot/aimsbot/activities/port"
)

// How long one attempt at an effect may hold its claim. It gives up callMargin
// earlier, so that nobody acts while its call may still be on the wire
// (DESIGN 4.2).
const (
	LocalClaim   = 8 * time.Second
	RegularClaim = 20 * time.Second
	callMargin   = 5 * time.Second
)

// minPause keeps a busy retry from spinning.
const minPause = 200 * time.Millisecond

// localBudget is how long a local Perform goes on starting calls: with the
// last call it stays well below the 10 s of a workflow task.
const localBudget = 2 * time.Second

// slowBudget is how long one try of PerformSlow goes on starting calls: with the
// last one it stays below a minute, after which a dead process is noticed.
const slowBudget = 30 * time.Second

// Performed says what is left to do.
type Performed struct {
	// Pending effects wait for an answer, a pause or their turn.
	Pending int
	// NextIn is how long until one of them may be tried; 0 = now.
	NextIn time.Duration
	// Slow names why, for the log and for people who ask.
	Slow string
}

// Perform does the effects of a run that are still to be done, Slack and Jira
// side by side, each in the order intended. It is safe to repeat: each effect
// happens once. As a local activity it stops early and says what is left.
func (a *Activities) Perform(ctx context.Context, run string) (Performed, error) {
	ctx, cancel := context.WithTimeout(ctx, localBudget+LocalClaim-callMargin)
	defer cancel()
	return a.perform(ctx, run, LocalClaim, a.Now().Add(localBudget))
}

// PerformSlow is Perform as a regular activity: it has the time that a slow,
// limited or absent outside needs. While something is left it fails with the
// pause until the next try, so that all tries are one event of the history.
func (a *Activities) PerformSlow(ctx context.Context, run string) (Performed, error) {
	p, err := a.perform(ctx, run, RegularClaim, a.Now().Add(slowBudget))
	if err != nil || p.Pending == 0 {
		return p, err
	}
	return p, temporal.NewApplicationErrorWithOptions("effects are left to do", "Pending", temporal.ApplicationErrorOptions{NextRetryDelay: min(max(p.NextIn, minPause), maxPause)})
}

func (a *Activities) perform(ctx context.Context, run string, claim time.Duration, stop time.Time) (Performed, error) {
	all, err := a.effectsOf(ctx, run)
	if err != nil {
		return Performed{}, err
	}
	list := newEffectList(all)
	var wg sync.WaitGroup
	for _, target := range []string{"slack.", "jira."} {
		wg.Go(func() { a.performTarget(ctx, list, target, claim, stop) })
	}
	wg.Wait()
	// A task's message waits for its issue, which the other chain has just made.
	a.performTarget(ctx, list, "slack.", claim, stop)
	return list.performed(a.Now()), list.err
}

// effectsOf reads the effects of a run. Where the clock was set back since one
// was claimed or put off, the wait begins anew by the clock as it is now: longer
// than any attempt can take, and not until the old time has come again.
func (a *Activities) effectsOf(ctx context.Context, run string) ([]port.Effect, error) {
	all, err := a.Ledger.EffectsOf(ctx, run)
	if err != nil {
		return nil, fmt.Errorf("read the effects: %w", err)
	}
	// No claim and no pause stored by now ends later.
	latest := a.Now().Add(max(maxPause, a.longestTry()))
	beyond := func(e port.Effect) bool {
		return !finished(e) && (e.NotBefore.After(latest) || e.ClaimedUntil.After(latest))
	}
	if !slices.ContainsFunc(all, beyond) {
		return all, nil
	}
	a.Logger.Warn("the clock was set back: effects put off until later are due again soon", "run", run)
	if err := a.Ledger.Hasten(ctx, run, latest, a.Now().Add(a.longestTry())); err != nil {
		return nil, fmt.Errorf("put effects off by the new time: %w", err)
	}
	if all, err = a.Ledger.EffectsOf(ctx, run); err != nil {
		return nil, fmt.Errorf("read the effects: %w", err)
	}
	return all, nil
}

func (a *Activities) performTarget(ctx context.Context, list *effectList, target string, claim time.Duration, stop time.Time) {
	for i := range list.all {
		e := list.get(i)
		if !strings.HasPrefix(e.Kind, target) || finished(e) {
			continue
		}
		if ctx.Err() != nil || a.Now().After(stop) {
			return
		}
		if e.NotBefore.After(a.Now()) || !list.ready(e) {
			continue
		}
		after, err := a.once(ctx, e, list, claim)
		list.put(i, after, err)
	}
}

func finished(e port.Effect) bool {
	return e.State == port.EffectDone || e.State == port.EffectFailed || e.State == port.EffectSuperseded
}
