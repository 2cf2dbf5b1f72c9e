package sandbox

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"
)

// The kinds of faults.
const (
	dropRequest  = "drop_request"  // cut before the fake sees the call
	dropResponse = "drop_response" // committed, then cut
	hangBefore   = "hang_before"   // held before the fake sees the call
	hangAfter    = "hang_after"    // committed, then held
	http500      = "http_500"
	http429      = "http_429"
	delayed      = "delay"
)

var kinds = []string{dropRequest, dropResponse, hangBefore, hangAfter, http500, http429, delayed}

// The limits of Jira, as its 429 name them: of an endpoint, of writes to one
// issue, and of the site.
// https://developer.atlassian.com/cloud/jira/platform/rate-limiting/
var reasons = []string{"jira-burst-based", "jira-per-issue-on-write", "jira-quota-tenant-based"}

var targets = []string{"slack", "jira", "any"}

const (
	defaultHang  = time.Minute // a call is held no longer, unless said
	maxHang      = time.Hour
	defaultDelay = time.Second
	// defaultRetryAfter is what a 429 asks for, in seconds.
	defaultRetryAfter = 1
)

// Rule makes calls misbehave. Without Nth and Rate it meets every call.
type Rule struct {
	ID     int    `json:"id"`
	Target string `json:"target"` // slack | jira | any
	Kind   string `json:"kind"`
	// Rate is the chance of each call, drawn from a sequence that Seed alone
	// decides; 0 = every call.
	Rate float64 `json:"rate,omitempty"`
	Seed uint64  `json:"seed,omitempty"`
	// Count is how many calls it meets at most; 0 = no end.
	Count int `json:"count,omitempty"`
	// Nth meets exactly the nth call that fits, counted from 1 from now on.
	Nth int `json:"nth,omitempty"`
	// Call narrows it to calls of this method (chat.postMessage), or to paths
	// that end so (/issue), and Changes to calls that change something.
	Call    string `json:"call,omitempty"`
	Changes bool   `json:"changes,omitempty"`
	// Committed lets the fake act before a http_500.
	Committed bool `json:"committed,omitempty"`
	// Length is how long a delay or a hang lasts, such as "30s".
	Length string `json:"length,omitempty"`
	// RetryAfter is what a http_429 asks for, in seconds.
	RetryAfter int `json:"retry_after,omitempty"`
	// Reason is which limit of Jira a http_429 speaks of; empty = the endpoint's.
	Reason string `json:"reason,omitempty"`
	// Seen counts the calls that fitted, Met those it met.
	Seen int `json:"seen"`
	Met  int `json:"met"`

	draw   *rand.Rand
	length time.Duration
}

// prepare checks a rule and fills what was left out.
func (r *Rule) prepare() error {
	if r.Target == "" {
		r.Target = "any"
	}
	if !slices.Contains(targets, r.Target) {
		return wrong("target is %s: choose %s", short(r.Target), strings.Join(targets, ", "))
	}
	if !slices.Contains(kinds, r.Kind) {
		return wrong("kind is %s: choose %s", short(r.Kind), strings.Join(kinds, ", "))
	}
	if r.Rate < 0 || r.Rate > 1 {
		return wrong("rate is %v: a number from 0 to 1", r.Rate)
	}
	if r.Nth < 0 || r.Count < 0 || r.RetryAfter < 0 {
		return wrong("nth, count and retry_after are 0 or more")
	}
	if r.Nth > 0 && r.Rate > 0 {
		return wrong("nth and rate: give one of them")
	}
	if r.Reason == "" {
		r.Reason = reasons[0]
	}
	if !slices.Contains(reasons, r.Reason) {
		return wrong("reason is %s: choose %s", short(r.Reason), strings.Join(reasons, ", "))
	}
	if r.RetryAfter == 0 {
		r.RetryAfter = defaultRetryAfter
	}
	r.length = defaultDelay
	if r.Kind != delayed {
		r.length = defaultHang
	}
	if r.Length != "" {
		d, err := time.ParseDuration(r.Length)
		if err != nil || d <= 0 || d > maxHang {
			return wrong("length is %s: a duration up to %s, such as 30s", short(r.Length), maxHang)
		}
		r.length = d
	}
	r.ID, r.Seen, r.Met = 0, 0, 0
	r.draw = rand.New(rand.NewPCG(r.Seed, 0)) //nolint:gosec // repeatable on purpose
	return nil
}

// meets tells whether the rule meets this call, and counts it.
func (r *Rule) meets(c Call) bool {
	if r.Target != "any" && r.Target != c.Target || r.Changes && !c.changes() {
		return false
	}
	if r.Call != "" && r.Call != c.Method && !strings.HasSuffix(c.Path, r.Call) {
		return false
	}
	r.Seen++
	hit := true
	switch {
	case r.Nth > 0:
		hit = r.Seen == r.Nth
	case r.Rate > 0:
		hit = r.draw.Float64() < r.Rate
	}
	if !hit || r.Count > 0 && r.Met >= r.Count {
		return false
	}
	r.Met++
	return true
}

// Held is a call that hangs right now.
type Held struct {
	Call
	Kind string `json:"kind"`
	// Ms is for how long it has been held, in milliseconds.
	Ms int64 `json:"ms"`

	rule  int
	since time.Time
	free  chan struct{}
}

// faults keeps the rules and what they hold.
type faults struct {
	mu    sync.Mutex
	last  int
	rules []*Rule
	held  []*Held
}

func (f *faults) add(r Rule) (Rule, error) {
	if err := r.prepare(); err != nil {
		return r, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.last++
	r.ID = f.last
	f.rules = append(f.rules, &r)
	return r, nil
}

// pick returns the first rule that meets a call. All rules count the call.
func (f *faults) pick(c Call) (found Rule, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.rules {
		if !ok && r.meets(c) {
			found, ok = *r, true
		} else if ok {
			r.count(c)
		}
	}
	return found, ok
}

// count lets a rule see a call that an earlier rule has met, so that its own
// counting does not depend on others.
func (r *Rule) count(c Call) {
	if met := r.Met; r.meets(c) {
		r.Met = met
	}
}

// hold keeps a call until it is let go, its time is up, or gone or stop is
// closed. It tells whether the caller still waits.
func (f *faults) hold(c Call, r Rule, gone, stop <-chan struct{}) bool {
	h := &Held{Call: c, Kind: r.Kind, rule: r.ID, since: time.Now(), free: make(chan struct{})}
	f.mu.Lock()
	f.held = append(f.held, h)
	f.mu.Unlock()
	defer func() {
		f.mu.Lock()
		f.held = slices.DeleteFunc(f.held, func(o *Held) bool { return o == h })
		f.mu.Unlock()
	}()
	limit := time.NewTimer(r.length)
	defer limit.Stop()
	select {
	case <-gone:
		return false
	case <-stop:
		return false
	case <-h.free:
	case <-limit.C:
	}
	select {
	case <-gone:
		return false
	default:
		return true
	}
}

// status lists the rules and what hangs, in order.
func (f *faults) status() (rules []Rule, held []Held) {
	f.mu.Lock()
	defer f.mu.Unlock()
	rules, held = []Rule{}, []Held{}
	for _, r := range f.rules {
		rules = append(rules, *r)
	}
	for _, h := range f.held {
		now := *h
		now.Ms = time.Since(h.since).Milliseconds()
		held = append(held, now)
	}
	return rules, held
}

// remove takes rules away, id 0 meaning all, and lets go what they hold.
func (f *faults) remove(id int) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	before := len(f.rules)
	f.rules = slices.DeleteFunc(f.rules, func(r *Rule) bool { return id == 0 || r.ID == id })
	if id != 0 && before == len(f.rules) {
		return missing("there is no fault %d", id)
	}
	f.release(func(h *Held) bool { return id == 0 || h.rule == id })
	return nil
}

// release lets calls go; the caller holds the lock.
func (f *faults) release(which func(*Held) bool) {
	for _, h := range f.held {
		if which(h) {
			select {
			case <-h.free:
			default:
				close(h.free)
			}
		}
	}
}

func (f *faults) clear() {
	if err := f.remove(0); err != nil {
		panic(fmt.Sprintf("remove all faults: %v", err)) // cannot happen: only an id can be unknown
	}
}
