package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"slices"
	"sync"
	"testing"
	"time"
)

var (
	benchTable  = flag.Bool("bench-table", false, "measure the bot beside hand-written programs and print the table")
	benchRounds = flag.Int("bench-rounds", 3, "how often each program is measured")
	benchRuns   = flag.Int("bench-runs", 40, "how many runs one measurement has")
)

const (
	benchAtOnce = 20                     // runs at the same time
	benchWarmUp = 10                     // runs before a measurement
	benchPause  = 300 * time.Millisecond // between the steps of the run that is counted
)

// measure is one measurement of one program.
type measure struct {
	took, cpu, ready time.Duration
	idle             int // MiB before the first run
	acks             []int64
	lastAsks         []time.Duration
	events, actions  int64 // of one run whose people take their time
	bytes            int64
}

// TestBench prints the bench table: the bot, a bare twin and a plain program,
// measured in turn on the same machine, each with a sandbox of its own in
// another process. Machines differ and are shared, so that only ratios count;
// nothing is asserted.
func TestBench(t *testing.T) {
	if !*benchTable {
		t.Skip("NOT MEASURED: `make bench` makes the table (-bench-table)")
	}
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("NOT MEASURED: processor time is read from /proc, which only Linux has")
	}
	w := newWorld(t, demoCmd{NoRateLimits: true})
	own := costOfRun(t, w, benchRun(w))
	kinds := []string{benchBot, benchTwin, benchPlain}
	all := map[string][]measure{}
	for range *benchRounds {
		for _, kind := range kinds {
			t.Run(kind, func(t *testing.T) { all[kind] = append(all[kind], measureOnce(t, kind, own)) })
			if t.Failed() {
				return
			}
		}
	}
	if len(all) == len(kinds) {
		fmt.Print(benchReport(all))
	}
}

func measureOnce(t *testing.T, kind string, own cost) (m measure) {
	t.Helper()
	s := startSite(t, kind, benchConfig(t, 1+benchWarmUp+*benchRuns))
	ctx, stop := context.WithTimeout(t.Context(), 3*time.Minute)
	p := newBenchPeople(s.box)
	watched := make(chan struct{})
	go func() { defer close(watched); p.watch(ctx) }()
	defer func() { stop(); <-watched }()
	time.Sleep(2 * time.Second)
	m.ready, m.idle = s.ready, s.memory()

	run, _, err := p.play(ctx, systemName(0), s.start(p), func() { time.Sleep(benchPause) })
	if err != nil {
		t.Fatal(err)
	}
	m.events, m.actions, m.bytes = int64(own.events), int64(own.actions), own.bytes
	if kind != benchBot {
		var c struct{ Events, Actions, Bytes int64 }
		if err := p.get(ctx, "http://"+s.address+"/cost?run="+run, &c); err != nil {
			t.Fatal(err)
		}
		m.events, m.actions, m.bytes = c.Events, c.Actions, c.Bytes
	}
	if _, err := p.playAll(ctx, s, 1, benchWarmUp); err != nil {
		t.Fatal(err)
	}
	p.acks = nil
	cpu, began := s.cpu(), time.Now()
	m.lastAsks, err = p.playAll(ctx, s, 1+benchWarmUp, *benchRuns)
	if err != nil {
		t.Fatal(err)
	}
	m.took, m.cpu, m.acks = time.Since(began), s.cpu()-cpu, p.acks
	t.Logf("%s: %.1f runs/s, %s of CPU per run", kind, float64(*benchRuns)/m.took.Seconds(), m.cpu/time.Duration(*benchRuns))
	return m
}

// playAll plays n runs, benchAtOnce at a time.
func (p *benchPeople) playAll(ctx context.Context, s *benchSite, first, n int) ([]time.Duration, error) {
	var mu sync.Mutex
	var lastAsks []time.Duration
	var errs []error
	next := make(chan int, n)
	for i := range n {
		next <- first + i
	}
	close(next)
	var wg sync.WaitGroup
	for range min(benchAtOnce, n) {
		wg.Go(func() {
			for i := range next {
				_, last, err := p.play(ctx, systemName(i), s.start(p), func() {})
				mu.Lock()
				lastAsks = append(lastAsks, last)
				if err != nil {
					errs = append(errs, fmt.Errorf("%s: %w", systemName(i), err))
				}
				mu.Unlock()
				if err != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	return lastAsks, errors.Join(errs...)
}

// spread is the median of some values with the least and the most.
func spread(values []float64) (median, low, high float64) {
	slices.Sort(values)
	return values[len(values)/2], values[0], values[len(values)-1]
}

// percentile of values; p from 0 to 100.
func percentile[T int64 | time.Duration](values []T, p int) T {
	if len(values) == 0 {
		return 0
	}
	slices.Sort(values)
	return values[min(len(values)*p/100, len(values)-1)]
}
