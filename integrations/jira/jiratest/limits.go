package jiratest

import (
	"fmt"
	"net/http"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// The limits of Jira Cloud, https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
// The page gives a bucket per endpoint and method and advises to plan for a
// refill of 10 a second; the fake is as strict as the advice.
const (
	burstGet      = 100 // calls
	burstGetIssue = 150
	burstPost     = 100
	burstPut      = 50
	burstDelete   = 50
	burstRefill   = 10 // calls a second

	// A Data Center has one bucket per user, as large as its admin says.
	serverBurst  = 100 // calls
	serverRefill = 10  // calls a second

	issueShortWindow = 2 * time.Second
	issueShortWrites = 20
	issueLongWindow  = 30 * time.Second
	issueLongWrites  = 100
)

// The reasons Jira gives in RateLimit-Reason. ReasonNone is a gateway's 429:
// neither reason nor Retry-After.
const (
	ReasonGlobal   = "jira-quota-global-based"
	ReasonTenant   = "jira-quota-tenant-based"
	ReasonBurst    = "jira-burst-based"
	ReasonPerIssue = "jira-per-issue-on-write"
	ReasonNone     = ""
)

// Throttle makes the next calls fail with 429 of one kind, as another app of
// the tenant would cause it.
type Throttle struct {
	Reason     string        `json:"reason"`
	RetryAfter time.Duration `json:"retry_after"`
	Count      int           `json:"count"` // calls to refuse
}

type limits struct {
	mu         sync.Mutex
	server     bool // of a Data Center
	now        func() time.Time
	buckets    map[string]*rate.Limiter
	writes     map[string][]time.Time // of an issue, the last 30 s
	forced     []Throttle
	violations map[string]int
}

func (l *limits) init(now func() time.Time, server bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now, l.server = now, server
	l.buckets, l.writes, l.violations = map[string]*rate.Limiter{}, map[string][]time.Time{}, map[string]int{}
	l.forced = nil
}

// Throttle refuses the next calls.
func (s *Server) Throttle(t Throttle) {
	s.limit.mu.Lock()
	defer s.limit.mu.Unlock()
	s.limit.forced = append(s.limit.forced, t)
}

// Violations counts the calls answered with 429, by reason.
func (s *Server) Violations() map[string]int {
	s.limit.mu.Lock()
	defer s.limit.mu.Unlock()
	out := map[string]int{}
	for k, v := range s.limit.violations {
		out[k] = v
	}
	return out
}

// check counts one call and sets the limit headers; an error is the 429. issue
// is the number of the issue a write goes to, empty for none.
func (l *limits) check(h http.Header, r *http.Request, endpoint, issue string, enforce bool) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	for len(l.forced) > 0 && l.forced[0].Count <= 0 {
		l.forced = l.forced[1:]
	}
	if len(l.forced) > 0 {
		l.forced[0].Count--
		return l.refuse(h, l.forced[0].Reason, l.forced[0].RetryAfter)
	}
	if !enforce {
		return nil
	}
	now := l.now()
	if l.server {
		return l.checkServer(h, now)
	}
	size := bucketSize(r.Method, endpoint)
	name := r.Method + " " + endpoint
	b, ok := l.buckets[name]
	if !ok {
		b = rate.NewLimiter(burstRefill, size)
		l.buckets[name] = b
	}
	left := int(b.TokensAt(now)) - 1
	h.Set("X-RateLimit-Limit", strconv.Itoa(size))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(left, 0)))
	h.Set("X-RateLimit-NearLimit", strconv.FormatBool(left*5 < size))
	if !b.AllowN(now, 1) {
		return l.refuse(h, ReasonBurst, time.Second)
	}
	if issue != "" {
		return l.issueWrite(h, issue, now)
	}
	return nil
}

// checkServer counts a call as a Data Center does; retry-after is 0 while tokens
// remain.
func (l *limits) checkServer(h http.Header, now time.Time) error {
	b, ok := l.buckets[""]
	if !ok {
		b = rate.NewLimiter(serverRefill, serverBurst)
		l.buckets[""] = b
	}
	h.Set("X-RateLimit-Limit", strconv.Itoa(serverBurst))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(max(int(b.TokensAt(now))-1, 0)))
	h.Set("X-RateLimit-FillRate", strconv.Itoa(serverRefill))
	h.Set("X-RateLimit-Interval-Seconds", "1")
	h.Set("Retry-After", "0")
	if !b.AllowN(now, 1) {
		return l.refuse(h, ReasonNone, time.Second)
	}
	return nil
}

func bucketSize(method, endpoint string) int {
	switch {
	case method == http.MethodGet && endpoint == "issue/{issue}":
		return burstGetIssue
	case method == http.MethodPost:
		return burstPost
	case method == http.MethodPut:
		return burstPut
	case method == http.MethodDelete:
		return burstDelete
	}
	return burstGet
}

// issueWrite holds the writes to one issue to their two windows.
func (l *limits) issueWrite(h http.Header, id string, now time.Time) error {
	var kept []time.Time
	short := 0
	for _, t := range l.writes[id] {
		if now.Sub(t) < issueLongWindow {
			kept = append(kept, t)
		}
		if now.Sub(t) < issueShortWindow {
			short++
		}
	}
	l.writes[id] = kept
	if short >= issueShortWrites {
		return l.refuse(h, ReasonPerIssue, issueShortWindow)
	}
	if len(kept) >= issueLongWrites {
		return l.refuse(h, ReasonPerIssue, issueLongWindow-now.Sub(kept[0]))
	}
	l.writes[id] = append(kept, now)
	return nil
}

func (l *limits) refuse(h http.Header, reason string, after time.Duration) error {
	l.violations[reason]++
	switch {
	case l.server: // it gives no reasons
		h.Set("Retry-After", fmt.Sprint(int((after+time.Second-1)/time.Second)))
	case reason != ReasonNone:
		h.Set("RateLimit-Reason", reason)
		h.Set("Retry-After", fmt.Sprint(int((after+time.Second-1)/time.Second)))
		h.Set("X-RateLimit-Reset", l.now().Add(after).UTC().Format("2006-01-02T15:04Z"))
	}
	return refuse(http.StatusTooManyRequests, "Rate limit exceeded.")
}
