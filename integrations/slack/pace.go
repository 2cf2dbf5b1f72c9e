package slack

import (
	"context"
	"math/rand/v2"
	"time"
)

const (
	// firstPause is waited, about, before a connection that ended is opened
	// again; it doubles up to mostPause while none of them lasts. One of the two
	// connections so opens at most nine times in a minute: Slack allows 50 an
	// app (Tier 3 of apps.connections.open).
	firstPause = 500 * time.Millisecond
	mostPause  = 30 * time.Second
	// steady is how long a connection must last for the pauses to begin anew.
	steady = time.Minute
)

// pace spaces the openings of one connection, so that a storm of disconnects
// does not become a storm of ours.
type pace struct {
	first, most time.Duration
	tries       int
	pause       time.Duration // before the next opening; 0 = at once
}

// ended sets the pause after a connection that lasted for so long.
func (p *pace) ended(lasted time.Duration) {
	if lasted >= steady {
		p.tries = 0
	}
	p.again(0)
}

// again sets the pause of one more try: twice the one before, at least what
// Slack asked for, and by chance between half and all of it, so that not
// everybody comes back in the same instant.
func (p *pace) again(least time.Duration) {
	full := p.most
	if p.tries < 16 { // beyond, the doubling is above any limit
		full = min(p.most, p.first<<p.tries)
	}
	p.tries++
	p.pause = max(least, full/2+rand.N(full/2+1))
}

// wait waits for the next opening and tells whether ctx is still alive.
func (p *pace) wait(ctx context.Context) bool { return wait(ctx, p.pause) }

// wait sleeps for d and tells whether ctx is still alive.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
