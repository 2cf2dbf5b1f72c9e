package slack

import (
	"context"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The methods called, by their names at Slack.
const (
	methodAuthTest   = "auth.test"
	methodPost       = "chat.postMessage"
	methodUpdate     = "chat.update"
	methodDelete     = "chat.delete"
	methodPrivate    = "chat.postEphemeral"
	methodOpen       = "conversations.open"
	methodHistory    = "conversations.history"
	methodReplies    = "conversations.replies"
	methodUser       = "users.info"
	methodView       = "views.open"
	methodUpdateView = "views.update"
	methodBot        = "bots.info"
	methodConnect    = "apps.connections.open"
)

// Rate is a budget: no more than PerMinute calls in any minute, at most Burst
// of them at once.
type Rate struct {
	PerMinute int
	Burst     int
}

// Steady is how many calls a minute come after the burst: what may be made at
// once is taken off, so that no minute, however it is cut, holds more than
// PerMinute calls.
func (r Rate) Steady() int { return max(r.PerMinute-r.Burst, 1) }

// Slack's tiers, in calls a minute for each method, workspace and app.
// https://docs.slack.dev/apis/web-api/rate-limits
const (
	tier3 = 50
	tier4 = 100
	// perChannel is about one posted message a second in each channel.
	perChannel = 60
	// special methods have no published figure; this is "hundreds" of auth.test.
	special = 200
)

// Limiter holds the call budgets. Losing it must never lose a result.
type Limiter interface {
	// Take takes one call from a bucket. It returns 0 when the call may be
	// made now, else how long to wait before asking again.
	Take(ctx context.Context, bucket string, r Rate) (time.Duration, error)
	// Pause closes a bucket for a while: Slack said so.
	Pause(ctx context.Context, bucket string, d time.Duration)
}

// budgetOf names the bucket of a call and its rate.
func budgetOf(method, channel string) (string, Rate) {
	switch method {
	case methodPost:
		return method + ":" + channel, Rate{PerMinute: perChannel, Burst: 1}
	case methodAuthTest:
		return method, Rate{PerMinute: special, Burst: 20}
	case methodPrivate, methodUser, methodView, methodUpdateView:
		return method, Rate{PerMinute: tier4, Burst: 20}
	}
	return method, Rate{PerMinute: tier3, Burst: 10}
}

// maxBuckets is how many buckets one process remembers; older ones are full
// again after a minute and cost nothing to forget.
const maxBuckets = 4096

// localLimiter keeps the budgets in this process.
type localLimiter struct {
	now func() time.Time

	mu      sync.Mutex
	buckets map[string]*bucket
}

type bucket struct {
	limiter *rate.Limiter
	closed  time.Time // paused until
	used    time.Time
}

// NewLocalLimiter keeps the budgets in this process.
func NewLocalLimiter(now func() time.Time) Limiter { return newLocalLimiter(now) }

func newLocalLimiter(now func() time.Time) *localLimiter {
	return &localLimiter{now: now, buckets: map[string]*bucket{}}
}

// Take takes one call from a bucket.
func (l *localLimiter) Take(_ context.Context, name string, r Rate) (time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.now()
	b := l.bucket(name, r, now)
	if wait := b.closed.Sub(now); wait > 0 {
		return wait, nil
	}
	reservation := b.limiter.ReserveN(now, 1)
	if wait := reservation.DelayFrom(now); wait > 0 {
		reservation.CancelAt(now)
		return wait, nil
	}
	return 0, nil
}

// Pause closes a bucket for a while.
func (l *localLimiter) Pause(_ context.Context, name string, d time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if b, until := l.buckets[name], l.now().Add(d); b != nil && until.After(b.closed) {
		b.closed = until
	}
}

func (l *localLimiter) bucket(name string, r Rate, now time.Time) *bucket {
	b := l.buckets[name]
	if b == nil {
		l.forget(now)
		b = &bucket{limiter: rate.NewLimiter(rate.Limit(float64(r.Steady())/60), r.Burst)}
		l.buckets[name] = b
	}
	b.used = now
	return b
}

// forget drops buckets unused for a minute once there are too many.
func (l *localLimiter) forget(now time.Time) {
	if len(l.buckets) < maxBuckets {
		return
	}
	for name, b := range l.buckets {
		if now.Sub(b.used) > time.Minute && now.After(b.closed) {
			delete(l.buckets, name)
		}
	}
}
