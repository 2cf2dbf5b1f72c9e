package jira

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Limit is a token bucket: Burst calls at once, refilled with PerSecond. The
// zero Limit has no bucket; only a pause holds it.
type Limit struct {
	PerSecond float64
	Burst     int
}

// Limiter counts calls by key, in this process or shared with others.
type Limiter interface {
	// Allow takes one call, or says how long to wait before trying again.
	Allow(ctx context.Context, key string, l Limit) (wait time.Duration, err error)
	// Pause lets no call of the key through for a while.
	Pause(ctx context.Context, key string, d time.Duration) error
}

// gate is one key a call has to pass, and the scope its pause has in errors.
type gate struct {
	key, scope string
	limit      Limit
}

// gates are what a call has to pass. A Data Center counts all calls of a user
// together.
func (c *Client) gates(k call) []gate {
	var all Limit
	if dc := c.flavour.Load(); dc != nil && *dc {
		all = rateSite
	}
	limit := rateCall
	if m := k.method(); m == "PUT" || m == "DELETE" {
		limit = rateEdit
	}
	out := []gate{{"jira:tenant", scopeTenant, all}, {"jira:call:" + k.name, scopeCall, limit}}
	if k.issue != "" && k.method() != "GET" {
		out = append(out, gate{"jira:issue:" + k.issue, scopeIssue, rateIssue})
	}
	return out
}

// admit waits for the call's turn, but not long: then the caller is told when
// to come again. A limiter that cannot be asked holds nobody up.
func (c *Client) admit(ctx context.Context, k call) error {
	if c.limiter == nil {
		return nil
	}
	waited := time.Duration(0)
	for {
		wait, scope := c.closed(ctx, k)
		if wait <= 0 {
			return nil
		}
		waited += wait
		if end, ok := ctx.Deadline(); waited > maxWait || (ok && time.Until(end) <= wait) {
			return &port.OutsideError{
				Target: target, Call: k.name, Code: "paused", Definite: true, Retry: wait, Scope: scope,
				Err: errors.New("held back to stay below Jira's limits"),
			}
		}
		if err := sleep(ctx, wait); err != nil {
			return &port.OutsideError{Target: target, Call: k.name, Code: "timeout", Definite: true, Err: err}
		}
	}
}

// closed is how long the first gate holds the call that does; 0 = none does.
// After any wait the call has to pass all gates again: one passed before may have
// been closed by a 429 meanwhile.
func (c *Client) closed(ctx context.Context, k call) (wait time.Duration, scope string) {
	for _, g := range c.gates(k) {
		wait, err := c.limiter.Allow(ctx, g.key, g.limit)
		if err != nil {
			c.log.Warn("the limiter cannot be asked; calling without it", "error", err)
			continue
		}
		if wait > 0 {
			return wait, g.scope
		}
	}
	return 0, ""
}

func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

// pause holds back what a 429 speaks of, for all calls.
func (c *Client) pause(ctx context.Context, k call, o *port.OutsideError) {
	if c.limiter == nil || o.Scope == "" || o.Retry <= 0 {
		return
	}
	c.watch.Paused(target, o.Scope, o.Retry)
	for _, g := range c.gates(k) {
		if g.scope != o.Scope {
			continue
		}
		if err := c.limiter.Pause(context.WithoutCancel(ctx), g.key, o.Retry); err != nil {
			c.log.Warn("the limiter cannot be told of a pause", "error", err)
		}
	}
}

// maxBuckets bounds the limiter's memory: beyond it full buckets are dropped.
const maxBuckets = 4096

// localLimiter keeps the buckets in this process.
type localLimiter struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	rate  *rate.Limiter // nil for the zero Limit
	until time.Time     // of a pause
}

// NewLocalLimiter keeps the buckets in this process.
func NewLocalLimiter(now func() time.Time) Limiter { return newLocalLimiter(now) }

func newLocalLimiter(now func() time.Time) *localLimiter {
	return &localLimiter{now: now, buckets: map[string]*bucket{}}
}

func (l *localLimiter) Allow(_ context.Context, key string, limit Limit) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.bucket(key, limit, now)
	if wait := b.until.Sub(now); wait > 0 {
		return wait, nil
	}
	if b.rate == nil {
		return 0, nil
	}
	r := b.rate.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait > 0 {
		r.CancelAt(now)
	}
	return wait, nil
}

func (l *localLimiter) Pause(_ context.Context, key string, d time.Duration) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.bucket(key, Limit{}, now)
	if until := now.Add(d); until.After(b.until) {
		b.until = until
	}
	return nil
}

func (l *localLimiter) bucket(key string, limit Limit, now time.Time) *bucket {
	b, ok := l.buckets[key]
	if !ok {
		if len(l.buckets) >= maxBuckets {
			l.sweep(now)
		}
		b = new(bucket)
		l.buckets[key] = b
	}
	if b.rate == nil && limit.Burst > 0 {
		b.rate = rate.NewLimiter(rate.Limit(limit.PerSecond), limit.Burst)
	}
	return b
}

// sweep drops buckets that a new one would equal.
func (l *localLimiter) sweep(now time.Time) {
	for key, b := range l.buckets {
		full := b.rate == nil || b.rate.TokensAt(now) >= float64(b.rate.Burst())
		if full && !b.until.After(now) {
			delete(l.buckets, key)
		}
	}
}
