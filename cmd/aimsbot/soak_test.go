package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"math"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
)

var soakFor = flag.Duration("soak", 0, "how long to play runs at half load with faults")

const (
	// soakRate is the share of calls outside that fail.
	soakRate = 0.01
	// soakSystems have runs in turn; each has one at a time.
	soakSystems = 150
	// soakMeasure is how many runs tell the full load.
	soakMeasure = 60
	// soakSample is how often the bot's memory and goroutines are read.
	soakSample = 10 * time.Second
	// soakAtOnce is how many runs are played at once at most. Where something else
	// takes the processors, half of the load measured before is more than there
	// is: runs that could only wait are not started.
	soakAtOnce = 2 * benchAtOnce
	// soakTold is how many runs that went wrong are told of.
	soakTold = 20
	// soakLoad is the share of the full load that is played.
	soakLoad = 0.5
)

// soak is one long play.
type soak struct {
	*benchSite
	t      *testing.T
	people *benchPeople
	names  chan string // of systems that are free

	mu      sync.Mutex
	runs    []string
	errs    []error
	samples []soakSampled
}

type soakSampled struct {
	at                    time.Duration
	memory                int // MiB
	goroutines, openFiles int
	runs                  int
}

// TestSoak plays the large run again and again at half load while one call in a
// hundred fails. Afterwards every run has ended as it should, nothing is lost or
// doubled, the ledger is whole, and memory and goroutines have not grown.
func TestSoak(t *testing.T) {
	if *soakFor <= 0 {
		t.Skip("NOT TRIED: `make soak` plays runs for half an hour (-soak 30m)")
	}
	s := &soak{t: t, benchSite: startSite(t, benchBot, benchConfig(t, soakSystems)), names: make(chan string, soakSystems)}
	for i := range soakSystems {
		s.names <- systemName(i)
	}
	ctx, stop := context.WithCancel(t.Context())
	s.people = newBenchPeople(s.box)
	watched := make(chan struct{})
	go func() { defer close(watched); s.people.watch(ctx) }()
	defer func() { stop(); <-watched }()

	full := s.pace(ctx)
	s.faults(ctx, true)
	every := time.Duration(float64(full) / soakLoad)
	t.Logf("full load: a run every %s; played: one every %s, for %s", full.Round(time.Millisecond), every.Round(time.Millisecond), *soakFor)
	s.play(ctx, every)
	s.faults(ctx, false)
	s.holds(ctx)
	s.table()
}

// pace measures how long a run takes at full load.
func (s *soak) pace(ctx context.Context) time.Duration {
	s.t.Helper()
	began := time.Now()
	var wg sync.WaitGroup
	turns := make(chan struct{}, benchAtOnce)
	for range soakMeasure {
		turns <- struct{}{}
		wg.Go(func() { s.one(ctx); <-turns })
	}
	wg.Wait()
	if len(s.errs) > 0 {
		s.t.Fatal(errors.Join(s.errs...))
	}
	return time.Since(began) / soakMeasure
}

// play starts a run every so often until the time is over, and waits for all.
func (s *soak) play(ctx context.Context, every time.Duration) {
	s.t.Helper()
	began := time.Now()
	tick, look := time.NewTicker(every), time.NewTicker(soakSample)
	defer tick.Stop()
	defer look.Stop()
	end := time.After(*soakFor)
	var wg sync.WaitGroup
	turns, left := make(chan struct{}, soakAtOnce), 0
	for {
		select {
		case <-tick.C:
			select {
			case turns <- struct{}{}:
				wg.Go(func() { s.one(ctx); <-turns })
			default:
				left++
			}
			continue
		case <-look.C:
			s.sample(time.Since(began))
			continue
		case <-end:
		case <-ctx.Done():
		}
		break
	}
	wg.Wait()
	s.t.Logf("%d runs were not started, because %d were under way", left, soakAtOnce)
}

// one plays a run about a system that is free.
func (s *soak) one(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, faultPatience)
	defer cancel()
	var system string
	select {
	case system = <-s.names:
	case <-ctx.Done():
		s.note("", errors.New("no system was free for minutes: runs do not end"))
		return
	}
	s.people.forget(system)
	run, _, err := s.people.play(ctx, system, s.start(s.people), func() {})
	if err == nil {
		err = s.settled(ctx, run)
	}
	s.note(run, err)
	if err == nil {
		s.names <- system
	}
}

// settled waits until a run has ended and nothing is left to do for it.
func (s *soak) settled(ctx context.Context, run string) error {
	for {
		effects, err := s.desk.Effects(ctx, run)
		if err != nil {
			return err
		}
		row, err := s.desk.Run(ctx, run)
		if err != nil {
			return err
		}
		left := slices.DeleteFunc(effects, func(e port.Effect) bool {
			return e.State != port.EffectIntent && e.State != port.EffectUnknown
		})
		if row.State == port.RunClosed && len(left) == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("run %s is not over: it is %s, and left are %s", run, row.State, leftover(left))
		case <-time.After(100 * time.Millisecond):
		}
	}
}

// leftover says of effects not done why they are not.
func leftover(left []port.Effect) string {
	var out []string
	for _, e := range left {
		out = append(out, fmt.Sprintf("%s %s of %q to %s (%s after %d tries, not before %s, claimed until %s, last: %s)",
			e.Kind, e.Purpose, e.Step, e.Addressee, e.State, e.Attempts, e.NotBefore.Format(time.TimeOnly), e.ClaimedUntil.Format(time.TimeOnly), e.LastError))
	}
	return strings.Join(out, "; ")
}

func (s *soak) note(run string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if run != "" {
		s.runs = append(s.runs, run)
	}
	if err != nil {
		s.errs = append(s.errs, err)
	}
}

// faults sets or lifts the faults: every kind for each service with the same
// chance.
func (s *soak) faults(ctx context.Context, on bool) {
	s.t.Helper()
	if !on {
		if err := s.people.do(ctx, http.MethodDelete, s.box+"/_control/faults", nil, nil); err != nil {
			s.t.Fatal(err)
		}
		return
	}
	rules := faultRules(1)
	each := 1 - math.Pow(1-soakRate, 2/float64(len(rules)))
	for _, r := range rules {
		err := s.people.post(ctx, s.box+"/_control/faults", map[string]any{
			"target": r.Target, "kind": r.Kind, "rate": each, "seed": r.Seed, "changes": r.Changes,
			"committed": r.Committed, "length": r.Length, "retry_after": r.RetryAfter, "reason": r.Reason,
		}, nil)
		if err != nil {
			s.t.Fatal(err)
		}
	}
}

func (s *soak) sample(at time.Duration) {
	one := soakSampled{at: at, memory: s.memory()}
	one.goroutines, one.openFiles = s.figures()
	s.mu.Lock()
	defer s.mu.Unlock()
	one.runs = len(s.runs)
	s.samples = append(s.samples, one)
}

// holds looks at what all runs left.
func (s *soak) holds(ctx context.Context) {
	s.t.Helper()
	if len(s.errs) > 0 {
		s.t.Errorf("%d of %d runs did not go as they should, the first:", len(s.errs), len(s.runs))
		for _, err := range s.errs[:min(len(s.errs), soakTold)] {
			s.t.Log(err)
		}
		return
	}
	var state boxState
	if err := s.people.get(ctx, s.box+"/_control/state", &state); err != nil {
		s.t.Fatal(err)
	}
	// The first run was played without faults: the others must leave as much.
	want := s.traces(ctx, s.runs[0])
	for _, run := range s.runs {
		if got := s.traces(ctx, run); got != want {
			s.t.Errorf("run %s left %+v, the first one %+v", run, got, want)
		}
	}
	messages := 0
	for _, m := range state.Messages {
		if !m.Ephemeral {
			messages++
		}
	}
	if n := len(s.runs); messages != n*want.posts || len(state.Issues) != n*want.issues {
		s.t.Errorf("%d messages and %d issues stand outside, want %d and %d", messages, len(state.Issues), n*want.posts, n*want.issues)
	}
	for _, i := range state.Issues {
		if i.Category != port.CategoryDone {
			s.t.Errorf("issue %s %q is left %s", i.Key, i.Summary, i.Status)
		}
	}
	s.flat("memory in MiB", 1.15, 24, func(x soakSampled) int { return x.memory })
	s.flat("goroutines", 1.15, 50, func(x soakSampled) int { return x.goroutines })
	s.flat("open files", 1.15, 20, func(x soakSampled) int { return x.openFiles })
	s.whole()
}

// traces is what a run leaves, in numbers.
type traces struct {
	outcome                          string
	posts, issues, decisions, failed int
}

func (s *soak) traces(ctx context.Context, run string) (out traces) {
	s.t.Helper()
	row, err := s.desk.Run(ctx, run)
	if err != nil {
		s.t.Fatal(err)
	}
	out.outcome = row.Outcome
	effects, err := s.desk.Effects(ctx, run)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range effects {
		switch {
		case e.State == port.EffectFailed:
			out.failed++
		case e.Kind == port.EffectPost:
			out.posts++
		case e.Kind == port.EffectIssue:
			out.issues++
		}
	}
	records, err := s.desk.Records(ctx, run)
	if err != nil {
		s.t.Fatal(err)
	}
	who := map[string]bool{}
	for _, r := range records {
		var h ledger.Header
		if err := json.Unmarshal(r.Header, &h); err != nil {
			s.t.Fatal(err)
		}
		if h.Kind == "decision.accepted" {
			who[h.Actor+" "+h.Step] = true // who presses again says the same again
		}
	}
	out.decisions = len(who)
	return out
}

// flat holds the last quarter of the samples against the second one: the first
// warms up. A little above is chance; what grows with each run is far above
// after thousands.
func (s *soak) flat(what string, most float64, margin int, of func(soakSampled) int) {
	s.t.Helper()
	if len(s.samples) < 16 {
		s.t.Logf("%s: too few samples to tell", what)
		return
	}
	quarter := len(s.samples) / 4
	before := middle(s.samples[quarter:2*quarter], of)
	after := middle(s.samples[3*quarter:], of)
	if float64(after) > float64(before)*most+float64(margin) {
		s.t.Errorf("%s grew from %d in the second quarter to %d in the last", what, before, after)
	}
}

func middle(samples []soakSampled, of func(soakSampled) int) int {
	values := make([]int, len(samples))
	for i, x := range samples {
		values[i] = of(x)
	}
	slices.Sort(values)
	return values[len(values)/2]
}

// whole checks the ledger from its first record to its last.
func (s *soak) whole() {
	s.t.Helper()
	l, err := ledger.OpenReadOnly(s.t.Context(), ledger.Options{Path: filepath.Join(s.dir, "bot", "ledger.db")})
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	if _, err := l.Check(s.t.Context()); err != nil {
		s.t.Errorf("the ledger does not verify: %v", err)
	}
}

func (s *soak) table() {
	s.t.Logf("%d runs", len(s.runs))
	s.t.Log("| minute | runs | MiB | goroutines | files |")
	step := max(len(s.samples)/12, 1)
	for i := 0; i < len(s.samples); i += step {
		x := s.samples[i]
		s.t.Logf("| %.1f | %d | %d | %d | %d |", x.at.Minutes(), x.runs, x.memory, x.goroutines, x.openFiles)
	}
}

// figures are the goroutines and open files of the bot.
func (s *soak) figures() (goroutines, files int) {
	s.t.Helper()
	entries, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	res, err := http.Get("http://" + s.admin + "/metrics")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, ok := strings.CutPrefix(line, "go_goroutines "); ok {
			_, _ = fmt.Sscan(value, &goroutines)
		}
	}
	return goroutines, len(entries)
}

// forget drops what was seen about a system: another run begins.
func (p *benchPeople) forget(system string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.messages, system)
	delete(p.issues, system)
}
