package main

import (
	"fmt"
	"strings"
	"time"
)

// benchReport writes what was measured: ratios round by round, so that what else the
// machine did meanwhile touches both sides alike.
func benchReport(all map[string][]measure) string {
	var b strings.Builder
	line := func(format string, a ...any) { fmt.Fprintf(&b, format+"\n", a...) }
	bot := all[benchBot]
	n := time.Duration(*benchRuns)
	line("\nBench run: the large way without refusals, changes or rounds; five clicks, two tasks. %d rounds of %d runs, %d at once.", len(bot), *benchRuns, benchAtOnce)
	line("twin = the same run by hand: same signals, local activities, calls and commits, same server, client and adapters.")
	line("plain = by hand with one activity per effect.\n")
	line("%-42s %8s   %-15s %s", "ratio", "median", "least to most", "goal")
	ratio := func(name, goal string, met func(m float64) bool, of func(i int) float64) {
		var values []float64
		for i := range bot {
			values = append(values, of(i))
		}
		m, low, high := spread(values)
		verdict := "met"
		if !met(m) {
			verdict = "missed"
		}
		line("%-42s %8.2f   %.2f to %-8.2f %s: %s", name, m, low, high, goal, verdict)
	}
	twin, plain := all[benchTwin], all[benchPlain]
	ratio("throughput, bot to twin", ">= 0.85", func(m float64) bool { return m >= 0.85 }, func(i int) float64 { return float64(twin[i].took) / float64(bot[i].took) })
	ratio("CPU per run, bot to twin", "<= 1.25", func(m float64) bool { return m <= 1.25 }, func(i int) float64 { return float64(bot[i].cpu) / float64(twin[i].cpu) })
	ratio("throughput, bot to plain", ">= 1.80", func(m float64) bool { return m >= 1.8 }, func(i int) float64 { return float64(plain[i].took) / float64(bot[i].took) })

	line("\n%-42s %10s %10s %10s", "report", benchBot, benchTwin, benchPlain)
	report := func(name string, of func(kind string, m []measure) string) {
		line("%-42s %10s %10s %10s", name, of(benchBot, bot), of(benchTwin, twin), of(benchPlain, plain))
	}
	report("runs per second, best round", func(_ string, m []measure) string {
		best := m[0].took
		for _, x := range m {
			best = min(best, x.took)
		}
		return fmt.Sprintf("%.1f", float64(n)/best.Seconds())
	})
	report("CPU per run, ms, least", func(_ string, m []measure) string {
		least := m[0].cpu
		for _, x := range m {
			least = min(least, x.cpu)
		}
		return fmt.Sprint((least / n).Milliseconds())
	})
	counts := func(of func(m measure) int64) func(kind string, m []measure) string {
		return func(_ string, m []measure) string { return fmt.Sprint(of(m[0])) }
	}
	report("events of a run taken slowly", counts(func(m measure) int64 { return m.events }))
	report("billable actions", counts(func(m measure) int64 { return m.actions }))
	report("bytes of history", counts(func(m measure) int64 { return m.bytes }))
	for _, q := range []int{50, 99} {
		report(fmt.Sprintf("press to acknowledged, ms, p%d", q), func(_ string, m []measure) string {
			var acks []int64
			for _, x := range m {
				acks = append(acks, x.acks...)
			}
			return fmt.Sprint(percentile(acks, q))
		})
	}
	for _, q := range []int{50, 99} {
		report(fmt.Sprintf("start to last ask, ms, p%d", q), func(_ string, m []measure) string {
			var asks []time.Duration
			for _, x := range m {
				asks = append(asks, x.lastAsks...)
			}
			return fmt.Sprint(percentile(asks, q).Milliseconds())
		})
	}
	report("process start to ready, ms, least", func(_ string, m []measure) string {
		least := m[0].ready
		for _, x := range m {
			least = min(least, x.ready)
		}
		return fmt.Sprint(least.Milliseconds())
	})
	report("idle memory, MiB, least", func(_ string, m []measure) string {
		least := m[0].idle
		for _, x := range m {
			least = min(least, x.idle)
		}
		return fmt.Sprint(least)
	})
	return b.String()
}
