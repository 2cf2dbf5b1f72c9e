package activities

import (
	"context"
	"fmt"
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
	p, err := a.perform(ctx, run, RegularClaim, time.Time{})
	if err != nil || p.Pending == 0 {
		return p, err
	}
	return p, temporal.NewApplicationErrorWithOptions("effects are left to do", "Pending", temporal.ApplicationErrorOptions{NextRetryDelay: max(p.NextIn, minPause)})
}

func (a *Activities) perform(ctx context.Context, run string, claim time.Duration, stop time.Time) (Performed, error) {
	all, err := a.Ledger.EffectsOf(ctx, run)
	if err != nil {
		return Performed{}, fmt.Errorf("read the effects: %w", err)
	}
	list := &effectList{all: all, newest: newestEdits(all)}
	var wg sync.WaitGroup
	for _, target := range []string{"slack.", "jira."} {
		wg.Go(func() { a.performTarget(ctx, list, target, claim, stop) })
	}
	wg.Wait()
	// A task's message waits for its issue, which the other chain has just made.
	a.performTarget(ctx, list, "slack.", claim, stop)
	return list.performed(a.Now()), list.err
}

func (a *Activities) performTarget(ctx context.Context, list *effectList, target string, claim time.Duration, stop time.Time) {
	for i := range list.all {
		e := list.get(i)
		if !strings.HasPrefix(e.Kind, target) || finished(e) {
			continue
		}
		if ctx.Err() != nil || (!stop.IsZero() && a.Now().After(stop)) {
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

// effectList is the effects of a run shared by the two chains.
type effectList struct {
	mu     sync.Mutex
	all    []port.Effect
	newest map[string]int // key of a message -> version of its newest edit
	err    error
}

func newestEdits(all []port.Effect) map[string]int {
	newest := map[string]int{}
	for _, e := range all {
		if e.Kind == port.EffectEdit && e.N > newest[e.Of] {
			newest[e.Of] = e.N
		}
	}
	return newest
}

func (l *effectList) get(i int) port.Effect {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.all[i]
}

func (l *effectList) put(i int, e port.Effect, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all[i] = e
	if err != nil && l.err == nil {
		l.err = err
	}
}

// of returns the effect another one builds on.
func (l *effectList) of(e port.Effect) (port.Effect, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, o := range l.all {
		if o.Key == e.Of {
			return o, true
		}
	}
	return port.Effect{}, false
}

// ready tells whether what the effect builds on is there.
func (l *effectList) ready(e port.Effect) bool {
	if e.Of == "" {
		return true
	}
	o, ok := l.of(e)
	return !ok || finished(o)
}

func (l *effectList) overtaken(e port.Effect) bool {
	return e.Kind == port.EffectEdit && l.newest[e.Of] > e.N
}

func (l *effectList) performed(now time.Time) Performed {
	var p Performed
	first := true
	for _, e := range l.all {
		if finished(e) {
			continue
		}
		p.Pending++
		// What builds on another effect has its turn after that one.
		if wait := max(0, e.NotBefore.Sub(now)); l.ready(e) && (first || wait < p.NextIn) {
			p.NextIn, first = wait, false
		}
		if e.LastError != "" {
			p.Slow = e.LastError
		}
	}
	return p
}
