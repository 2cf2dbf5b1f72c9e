// Package redis shares call budgets and pauses between the replicas of an
// installation. Nothing else is kept there: Redis may be emptied, slow or gone
// at any moment, and no result changes. What is cached elsewhere is either
// unchangeable (definitions, organisation versions) or must be read fresh
// (accounts), so that replicas have nothing else to share.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/go-redis/redis_rate/v10"
	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// askTimeout is how long one question may take. A budget saves a call from
	// being refused; it must not hold one up.
	askTimeout = 100 * time.Millisecond
	// restTime is how long a Redis that did not answer is left alone.
	restTime = 5 * time.Second
	// pool is how many connections one replica keeps at most.
	pool = 8
)

// ErrResting says that Redis did not answer a moment ago and is not asked now.
var ErrResting = errors.New("redis did not answer a moment ago")

// extend sets a pause, or makes a shorter one longer.
var extend = redis.NewScript(`
if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[1]) then
	redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])
end
return 0`)

// Budget allows Burst calls at once and PerMinute more in every minute, evenly.
// The zero Budget has no limit; only a pause holds it.
type Budget struct {
	PerMinute, Burst int
}

// Limits are the budgets and pauses that replicas share.
type Limits struct {
	client *redis.Client
	rates  *redis_rate.Limiter
	prefix string
	log    *slog.Logger

	mu    sync.Mutex
	until time.Time // not asked before; zero while it answers
}

// Options of Limits.
type Options struct {
	URL URL
	// Installation keeps apart what several installations have in one Redis.
	Installation string
	Logger       *slog.Logger
}

// quiet keeps the library from writing to standard error by itself: what
// matters is in its errors.
var quiet = sync.OnceFunc(logging.Disable)

// Open makes ready to ask. Redis need not be there yet.
func Open(o Options) (*Limits, error) {
	opts, err := o.URL.options()
	if err != nil {
		return nil, fmt.Errorf("redis: its address %w", err)
	}
	quiet()
	opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout, opts.PoolTimeout = askTimeout, askTimeout, askTimeout, askTimeout
	opts.ContextTimeoutEnabled, opts.MaxRetries, opts.DialerRetries = true, -1, 1
	opts.PoolSize, opts.DisableIdentity = pool, true
	opts.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
	client := redis.NewClient(opts)
	return &Limits{client: client, rates: redis_rate.NewLimiter(client), prefix: "aims:" + o.Installation + ":", log: o.Logger}, nil
}

// Close ends the connections.
func (l *Limits) Close() error {
	if err := l.client.Close(); err != nil {
		return fmt.Errorf("close redis: %w", err)
	}
	return nil
}

// Ping tells whether Redis answers.
func (l *Limits) Ping(ctx context.Context) error {
	if err := l.client.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ask redis: %w", err)
	}
	return nil
}

// Take takes one call from a budget. It returns 0 when the call may be made
// now, else how long to wait before asking again. An error means that Redis
// could not be asked.
func (l *Limits) Take(ctx context.Context, key string, b Budget) (wait time.Duration, err error) {
	err = l.ask(ctx, func(ctx context.Context) error {
		if wait, err = l.client.PTTL(ctx, l.pauseKey(key)).Result(); err != nil || wait > 0 {
			return err //nolint:wrapcheck // ask wraps it
		}
		wait = 0 // negative: there is no pause
		if b.Burst <= 0 {
			return nil
		}
		r, err := l.rates.Allow(ctx, l.rateKey(key), redis_rate.Limit{Rate: b.PerMinute, Burst: b.Burst, Period: time.Minute})
		if err == nil && r.Allowed == 0 {
			wait = r.RetryAfter
		}
		return err //nolint:wrapcheck // ask wraps it
	})
	return wait, err
}

// Pause lets no call of a budget through for a while. A pause is only ever made
// longer.
func (l *Limits) Pause(ctx context.Context, key string, d time.Duration) error {
	return l.ask(ctx, func(ctx context.Context) error {
		return extend.Run(ctx, l.client, []string{l.pauseKey(key)}, d.Milliseconds()).Err() //nolint:wrapcheck // ask wraps it
	})
}

// Keys name channels and issues; what others may read in Redis does not.
func (l *Limits) pauseKey(key string) string { return l.prefix + "pause:" + port.Digest26(key) }
func (l *Limits) rateKey(key string) string  { return l.prefix + port.Digest26(key) }

// ask asks once, shortly, and not while Redis rests.
func (l *Limits) ask(ctx context.Context, do func(ctx context.Context) error) error {
	if l.resting() {
		return ErrResting
	}
	short, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	err := do(short)
	if ctx.Err() != nil {
		return ctx.Err() // the caller gave up, which says nothing about Redis
	}
	l.note(err)
	if err != nil {
		return fmt.Errorf("ask redis: %w", err)
	}
	return nil
}

func (l *Limits) resting() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return time.Now().Before(l.until)
}

// note remembers whether Redis answered, and logs when that changes.
func (l *Limits) note(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	was := l.until
	if err == nil {
		if l.until = (time.Time{}); !was.IsZero() {
			l.log.Info("Redis answers again: call budgets are shared between replicas")
		}
		return
	}
	l.until = time.Now().Add(restTime)
	if was.IsZero() {
		l.log.Warn("Redis does not answer; each replica keeps call budgets of its own until it does", "error", err)
	}
}
