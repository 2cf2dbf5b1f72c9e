package slacktest

import (
	"time"

	"golang.org/x/time/rate"
)

// bucket is the rate limit of one method or channel.
type bucket struct{ *rate.Limiter }

// rateOf turns calls per minute into a rate per second.
func rateOf(perMin int) rate.Limit { return rate.Limit(float64(perMin) / 60) }

// allow takes one token of a bucket, or returns when there will be one.
func (s *Server) allow(name string, limit rate.Limit, burst int) error {
	if !s.opt.RateLimits {
		return nil
	}
	now := s.opt.Wall()
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.limits[name]
	if b == nil {
		b = &bucket{rate.NewLimiter(limit, burst)}
		s.limits[name] = b
	}
	r := b.ReserveN(now, 1)
	wait := r.DelayFrom(now)
	if wait == 0 {
		return nil
	}
	r.CancelAt(now)
	s.violations++
	return &limitError{what: name, wait: wait}
}

// hourly counts events to the workspace in the running hour.
type hourly struct {
	hour time.Time
	n    int
}

// take counts one event; false means that the hour has had its share.
func (h *hourly) take(now time.Time) bool {
	if hour := now.Truncate(time.Hour); !hour.Equal(h.hour) {
		h.hour, h.n = hour, 0
	}
	h.n++
	return h.n <= MaxEventsPerHour
}
