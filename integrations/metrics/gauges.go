package metrics

import (
	"context"
	"fmt"
	"sync"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// freshFor is how long what the ledger said is shown again: however many
	// look, it is asked no more often.
	freshFor = 2 * time.Second
	// lookLimit bounds what one look at the ledger may take.
	lookLimit = 5 * time.Second
)

// Ledger is what the gauges read of the ledger.
type Ledger interface {
	// Mark is the place where the ledger ends now.
	Mark(ctx context.Context) (port.Mark, error)
	// Figures counts as of now, and what is new since a mark.
	Figures(ctx context.Context, since port.Mark, now time.Time) (port.Figures, error)
}

// Sources are what the gauges read when somebody looks.
type Sources struct {
	Ledger Ledger
	Now    func() time.Time // the bot's clock
	// Tick is how long ago the programme looked, and NotStarted how many
	// occurrences are due and not started.
	Tick       func(ctx context.Context) time.Duration
	NotStarted func(ctx context.Context) (int, error)
	// Sockets is how many connections of Socket Mode are up; nil = none is wanted.
	Sockets func() int
}

// gauges are observed when somebody looks.
type gauges struct {
	m *Metrics
	s Sources

	mu     sync.Mutex
	at     time.Time // of figures
	known  bool
	last   port.Figures
	totals struct{ records, rows map[string]int64 }

	open, starting, parked, waiting, overdue, unsettled, size, unsigned, notStarted, sockets metric.Int64ObservableGauge
	oldest, checkpoint, tick, pause                                                          metric.Float64ObservableGauge
	records, rows                                                                            metric.Int64ObservableCounter
}

// recordKinds are the kinds of records that are shown from the beginning.
var recordKinds = []string{
	"run.started", "run.ended", "run.parked", "step.missed", "step.escalated", "occurrence.gap",
	"decision.accepted", "decision.refused", "decision.late", "effect.done", "effect.failed",
}

// Observe has the gauges read from the sources. Records and rows are counted
// from now on.
func (m *Metrics) Observe(ctx context.Context, s Sources) error {
	g := &gauges{m: m, s: s}
	var err error
	if g.last.Mark, err = s.Ledger.Mark(ctx); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	g.totals.records, g.totals.rows = map[string]int64{}, map[string]int64{}
	for _, kind := range recordKinds {
		g.totals.records[kind] = 0
	}
	for _, kind := range []string{port.InboxClick, port.InboxSubmit, port.InboxCommand, port.InboxHint} {
		g.totals.rows[kind] = 0
	}
	if err := g.make(); err != nil {
		return fmt.Errorf("metrics: %w", err)
	}
	return nil
}

// make makes the instruments and their one callback.
func (g *gauges) make() error {
	var all []metric.Observable
	var bad error
	number := func(name, help string) metric.Int64ObservableGauge {
		i, err := g.m.meter.Int64ObservableGauge(name, metric.WithDescription(help))
		bad, all = firstOf(bad, err), append(all, i)
		return i
	}
	seconds := func(name, help string) metric.Float64ObservableGauge {
		i, err := g.m.meter.Float64ObservableGauge(name, metric.WithDescription(help), metric.WithUnit("s"))
		bad, all = firstOf(bad, err), append(all, i)
		return i
	}
	counter := func(name, help string) metric.Int64ObservableCounter {
		i, err := g.m.meter.Int64ObservableCounter(name, metric.WithDescription(help))
		bad, all = firstOf(bad, err), append(all, i)
		return i
	}
	g.open = number("aimsbot.runs.open", "Runs that are open, parked ones included.")
	g.starting = number("aimsbot.runs.starting", "Runs that are stored and not started yet.")
	g.parked = number("aimsbot.runs.parked", "Open runs that wait for the operator.")
	g.waiting = number("aimsbot.asks.open", "Open steps that wait for people.")
	g.overdue = number("aimsbot.asks.overdue", "Open steps whose due instant has passed.")
	g.unsettled = number("aimsbot.inbox.unsettled", "Inbox rows without a verdict.")
	g.oldest = seconds("aimsbot.inbox.oldest.age", "Age of the oldest inbox row without a verdict; 0 without one.")
	g.size = number("aimsbot.ledger.size", "Records in the ledger.")
	g.unsigned = number("aimsbot.ledger.unsigned", "Records that no signed checkpoint covers.")
	g.checkpoint = seconds("aimsbot.ledger.checkpoint.age", "Age of the newest signed checkpoint.")
	g.tick = seconds("aimsbot.programme.tick.age", "Since the programme last looked what is due.")
	g.notStarted = number("aimsbot.occurrences.overdue", "Occurrences that are due, not started and not recorded as gaps.")
	g.sockets = number("aimsbot.socket.connections", "Connections of Socket Mode that are up.")
	g.pause = seconds("aimsbot.outside.pause.remaining", "How long calls to Slack or Jira are still held back.")
	g.records = counter("aimsbot.records", "Records appended to the ledger since the start, by kind.")
	g.rows = counter("aimsbot.inbox.rows", "Rows put into the inbox since the start, by kind.")
	if bad != nil {
		return bad
	}
	_, err := g.m.meter.RegisterCallback(g.observe, all...)
	return err //nolint:wrapcheck // Observe wraps it
}

func firstOf(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// observe is called once for each look. What cannot be read is left out: a gap
// in a graph says more than an old number.
func (g *gauges) observe(ctx context.Context, o metric.Observer) error {
	ctx, cancel := context.WithTimeout(ctx, lookLimit)
	defer cancel()
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.read(ctx) {
		g.observeLedger(o)
	}
	o.ObserveFloat64(g.tick, g.s.Tick(ctx).Seconds())
	if n, err := g.s.NotStarted(ctx); err == nil {
		o.ObserveInt64(g.notStarted, int64(n))
	}
	if g.s.Sockets != nil {
		o.ObserveInt64(g.sockets, int64(g.s.Sockets()))
	}
	for v, left := range g.m.paused.left(time.Now()) {
		s, _ := g.m.pauses.of(v)
		o.ObserveFloat64(g.pause, left.Seconds(), s.observe...)
	}
	return nil
}

// read asks the ledger, unless what it said is fresh.
func (g *gauges) read(ctx context.Context) bool {
	if g.known && time.Since(g.at) < freshFor {
		return true
	}
	f, err := g.s.Ledger.Figures(ctx, g.last.Mark, g.s.Now())
	if err != nil {
		g.known = false
		g.m.log.Warn("the ledger cannot be read for metrics", "error", err)
		return false
	}
	for kind, n := range f.Records {
		g.totals.records[kind] += n
	}
	for kind, n := range f.Rows {
		g.totals.rows[kind] += n
	}
	g.last, g.at, g.known = f, time.Now(), true
	return true
}

func (g *gauges) observeLedger(o metric.Observer) {
	f, now := g.last, g.s.Now()
	o.ObserveInt64(g.open, f.Open)
	o.ObserveInt64(g.starting, f.Starting)
	o.ObserveInt64(g.parked, f.Parked)
	o.ObserveInt64(g.waiting, f.Waiting)
	o.ObserveInt64(g.overdue, f.Overdue)
	o.ObserveInt64(g.unsettled, f.Unsettled)
	o.ObserveFloat64(g.oldest, age(now, f.Oldest))
	o.ObserveInt64(g.size, f.Size)
	o.ObserveInt64(g.unsigned, f.Size-f.Signed)
	if !f.SignedAt.IsZero() {
		o.ObserveFloat64(g.checkpoint, age(now, f.SignedAt))
	}
	for kind, n := range g.totals.records {
		o.ObserveInt64(g.records, n, kindOf(kind))
	}
	for kind, n := range g.totals.rows {
		o.ObserveInt64(g.rows, n, kindOf(kind))
	}
}

func kindOf(kind string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String("kind", kind)))
}

// age is in seconds; 0 for no instant, and for one that a clock set back has
// put into the future.
func age(now, at time.Time) float64 {
	if at.IsZero() {
		return 0
	}
	return max(now.Sub(at).Seconds(), 0)
}
