package main

import (
	"flag"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/web"
)

var (
	faultSeeds = flag.Int("faults", 0, "how many runs to play with faults, each with a seed of its own")
	faultFirst = flag.Uint64("faults-first", 1, "the first of the seeds")
)

const (
	// faultPatience is how long one thing may take amid faults: an attempt whose
	// answer is lost holds its claim for 20 s, and several may follow each other.
	faultPatience = 5 * time.Minute
	// faultLook is how often a person looks; many runs share the processors.
	faultLook = 150 * time.Millisecond
	// faultIndex is how long searches miss what is new, so that they do.
	faultIndex = 500 * time.Millisecond
	// limitedSeeds is the every n-th seed whose sandbox has the published rates.
	limitedSeeds = 16
)

// seedResult is what one run with faults has cost.
type seedResult struct {
	seed                  uint64
	took                  time.Duration
	calls, retries, again int
	met                   map[string]int // faults by kind
	early, others         int            // calls within a pause: of its scope, and of others
	failed                bool
}

// faultWay is one way through the playbook.
type faultWay struct {
	name string
	play func(s *stage)
}

var faultWays = []faultWay{{"large", (*stage).play}, {"changes", (*stage).playChanges}}

// TestFaults plays the large run, with a round of changes for every other seed,
// while a fifth of the calls outside fail in every way the sandbox knows. What
// each run leaves must be what an undisturbed one leaves, each acknowledged
// click must count once, and no call may come before the Retry-After of its
// scope is over.
//
// The seed decides which faults there are and their chances; which call each
// meets depends on the order of calls, which two processors may change.
func TestFaults(t *testing.T) {
	if *faultSeeds <= 0 {
		t.Skip("NOT TRIED: `make faults` plays runs with faults (-faults N)")
	}
	want := map[string]left{}
	for _, way := range faultWays {
		t.Run("undisturbed "+way.name, func(t *testing.T) { want[way.name] = faultless(t, way) })
	}
	if t.Failed() {
		return
	}
	var mu sync.Mutex
	var all []seedResult
	began := time.Now()
	t.Run("seed", func(t *testing.T) {
		for i := range *faultSeeds {
			seed := *faultFirst + uint64(i)
			way := faultWays[seed%uint64(len(faultWays))]
			t.Run(fmt.Sprintf("%d %s", seed, way.name), func(t *testing.T) {
				t.Parallel()
				r := seedResult{seed: seed, failed: true}
				start := time.Now()
				defer func() {
					r.took, r.failed = time.Since(start), t.Failed()
					mu.Lock()
					defer mu.Unlock()
					all = append(all, r)
				}()
				faulty(t, way, want[way.name], &r)
			})
		}
	})
	faultTable(t, all, time.Since(began))
}

// faultless plays a way without faults and says what it leaves.
func faultless(t *testing.T, way faultWay) left {
	s, stop := newFaultStage(t, 0, &budgetLog{})
	way.play(s)
	want := s.look()
	if want.outcome != "closed approved" || len(want.private) > 0 || s.unheard() > 0 {
		t.Errorf("the run ended %s, with %d presses not acknowledged and the private answers %v", want.outcome, s.unheard(), want.private)
	}
	s.ended(stop)
	return want
}

// faulty plays a way with the faults of a seed and holds what it left against
// what was to be left.
func faulty(t *testing.T, way faultWay, want left, r *seedResult) {
	log := &budgetLog{}
	s, stop := newFaultStage(t, r.seed, log)
	way.play(s)
	st := s.state()
	r.calls = len(st.Calls)
	r.met = s.metFaults()
	r.again = s.unheard()
	r.retries = s.retries()
	var early []string
	early, r.others = duringPauses(st.Calls, log)
	if r.early = len(early); r.early > 0 {
		t.Errorf("calls before their Retry-After:\n%s", early)
	}
	if n := st.App.Violations; n > 0 {
		t.Errorf("%d calls went over a rate limit of Slack", n)
	}
	got := s.look()
	s.same(got, want)
	s.ended(stop)
}

// ended exports and checks the evidence, stops the bot and checks its ledger.
func (s *stage) ended(stop func() error) {
	s.t.Helper()
	s.export()
	if err := stop(); err != nil {
		s.t.Errorf("the bot ended with: %v", err)
	}
	s.audit()
}

// retries is how many attempts at effects came after the first.
func (s *stage) retries() int {
	n := 0
	s.desk(func(c *web.Client) error {
		all, err := c.Effects(s.t.Context(), s.run)
		for _, e := range all {
			n += max(e.Attempts-1, 0)
		}
		return err
	})
	return n
}

// faultTable prints what the seeds did and cost.
func faultTable(t *testing.T, all []seedResult, took time.Duration) {
	t.Helper()
	slices.SortFunc(all, func(a, b seedResult) int { return int(b.took - a.took) })
	var sum seedResult
	sum.met = map[string]int{}
	met := 0
	var failed []uint64
	for _, r := range all {
		sum.calls += r.calls
		sum.retries += r.retries
		sum.again += r.again
		sum.early += r.early
		sum.others += r.others
		sum.took += r.took
		for kind, n := range r.met {
			sum.met[kind] += n
			met += n
		}
		if r.failed {
			failed = append(failed, r.seed)
		}
	}
	if len(all) == 0 {
		t.Fatal("no seed was played")
	}
	t.Logf("| seeds | failed | calls | met | attempts repeated | pressed again | early calls | calls of others in pauses | mean | longest | seeds/minute |")
	t.Logf("| %d | %d | %d | %d (%.1f %%) | %d | %d | %d | %d | %.0fs | %.0fs (seed %d) | %.1f |", len(all), len(failed), sum.calls, met, 100*float64(met)/float64(sum.calls),
		sum.retries, sum.again, sum.early, sum.others, sum.took.Seconds()/float64(len(all)), all[0].took.Seconds(), all[0].seed, float64(len(all))/took.Minutes())
	enough := len(all) >= len(faultWays)*3 // one run alone may meet none of a kind
	for _, kind := range faultKinds {
		t.Logf("| %s | %d |", kind, sum.met[kind])
		if sum.met[kind] == 0 && enough {
			t.Errorf("no call met %s", kind)
		}
	}
	if len(failed) > 0 {
		t.Logf("failed: %v; one alone: go test -run '^TestFaults$' ./cmd/aimsbot -faults 1 -faults-first SEED", failed)
	}
	if sum.others == 0 && enough {
		t.Error("no call was made while another scope was paused: pauses hold up too much")
	}
}
