// Package metrics counts what happens in the bot with OpenTelemetry and shows it
// in Prometheus' text format. How many series there are follows from the program
// alone: no label holds a run, a person, a system, a channel, an issue or a
// playbook. deploy/README.md lists the metrics.
package metrics

import (
	"errors"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"github.com/prometheus/otlptranslator"
	"go.opentelemetry.io/otel/attribute"
	exporter "go.opentelemetry.io/otel/exporters/prometheus"
	"go.opentelemetry.io/otel/metric"
	sdk "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/resource"
)

// Path is where Prometheus looks by default.
const Path = "/metrics"

// Options are what Metrics need.
type Options struct {
	Version string       // of the program
	Logger  *slog.Logger // nil = nowhere
}

// Metrics are the counters and gauges of one bot. They implement port.Watch.
type Metrics struct {
	registry *prometheus.Registry
	provider *sdk.MeterProvider
	meter    metric.Meter
	log      *slog.Logger

	deliveries, refusals, calls, pauses, effects, sockets, storeErrors, background *family
	answered, called, wrote                                                        *durations

	paused pauses
}

// Buckets of durations, in seconds.
var (
	// answerBuckets end with what Slack waits for.
	answerBuckets = []float64{0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3}
	callBuckets   = []float64{0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30}
	writeBuckets  = []float64{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.5, 1, 5}
	// engineBuckets are those of Temporal's own histograms.
	engineBuckets = []float64{0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 60}
)

// New makes the counters; nothing is counted yet and nothing runs.
func New(o Options) (*Metrics, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	m := &Metrics{registry: prometheus.NewRegistry(), log: o.Logger}
	reader, err := exporter.New(
		exporter.WithRegisterer(m.registry), exporter.WithoutScopeInfo(),
		exporter.WithTranslationStrategy(otlptranslator.UnderscoreEscapingWithSuffixes),
	)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	m.provider = sdk.NewMeterProvider(
		sdk.WithReader(reader),
		// The default would name the host and its user.
		sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "aimsbot"), attribute.String("service.version", o.Version))),
		sdk.WithView(sdk.NewView(sdk.Instrument{Name: enginePrefix + "*latency*"}, sdk.Stream{
			Aggregation: sdk.AggregationExplicitBucketHistogram{Boundaries: engineBuckets, NoMinMax: true},
		})),
	)
	m.meter = m.provider.Meter("github.com/aimsbot/aimsbot")
	err = errors.Join(
		m.registry.Register(collectors.NewGoCollector()),
		m.registry.Register(collectors.NewProcessCollector(collectors.ProcessCollectorOpts{})),
		m.instruments(),
	)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	return m, nil
}

// Handler shows all metrics. One that cannot be shown hides no other.
func (m *Metrics) Handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{ErrorLog: logged{m.log}, ErrorHandling: promhttp.ContinueOnError})
}

// logged gives promhttp's complaints to the log.
type logged struct{ log *slog.Logger }

// Println logs one line.
func (l logged) Println(v ...any) {
	l.log.Warn("metrics could not be shown", "error", fmt.Sprint(v...))
}
