package metrics

import (
	"sync"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// enginePrefix begins the names of Temporal's own metrics.
const enginePrefix = "temporal_"

// engineTags are the tags of Temporal's metrics that are kept. The others are
// the same everywhere (client_name), name the installation (task_queue,
// namespace), or say more than anybody asks for.
var engineTags = [...]string{"operation", "worker_type", "workflow_type", "activity_type", "poller_type", "failure_reason", "status_code"}

// engineFailures are the counters that alerts look at. Temporal makes them with
// the first failure; until then they are shown as 0.
var engineFailures = []string{"workflow_task_execution_failed", "long_request_failure"}

// Engine is what Temporal's client and workers report to.
func (m *Metrics) Engine() client.MetricsHandler {
	root := opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: m.meter, UseMonotonicCounters: true,
		OnError: func(err error) { m.log.Warn("a metric of Temporal's cannot be counted", "error", err) },
	})
	all := &engineHandlers{root: root, made: map[engineLabels]*engineHandler{}}
	h := all.of(engineLabels{})
	for _, name := range engineFailures {
		h.Counter(enginePrefix + name).Inc(0)
	}
	return h
}

// engineLabels are the values of engineTags.
type engineLabels [len(engineTags)]string

// engineHandlers keeps what was made for each set of labels: Temporal asks for
// it anew with every request.
type engineHandlers struct {
	root client.MetricsHandler

	mu   sync.RWMutex
	made map[engineLabels]*engineHandler
}

func (e *engineHandlers) of(labels engineLabels) *engineHandler {
	e.mu.RLock()
	h := e.made[labels]
	e.mu.RUnlock()
	if h != nil {
		return h
	}
	tags := map[string]string{}
	for i, v := range labels {
		if v != "" {
			tags[engineTags[i]] = v
		}
	}
	h = &engineHandler{all: e, labels: labels, next: e.root.WithTags(tags)}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.made) < maxSeries {
		e.made[labels] = h
	}
	return h
}

// engineHandler counts under one set of labels.
type engineHandler struct {
	all    *engineHandlers
	labels engineLabels
	next   client.MetricsHandler

	counters, gauges, timers sync.Map // name -> instrument
}

// WithTags adds the tags that are kept.
func (h *engineHandler) WithTags(tags map[string]string) client.MetricsHandler {
	labels := h.labels
	for i, name := range engineTags {
		if v, ok := tags[name]; ok {
			labels[i] = v
		}
	}
	if labels == h.labels {
		return h
	}
	return h.all.of(labels)
}

// Counter returns a counter.
func (h *engineHandler) Counter(name string) client.MetricsCounter {
	return kept(&h.counters, name, h.next.Counter)
}

// Gauge returns a gauge.
func (h *engineHandler) Gauge(name string) client.MetricsGauge {
	return kept(&h.gauges, name, h.next.Gauge)
}

// Timer returns a timer.
func (h *engineHandler) Timer(name string) client.MetricsTimer {
	return kept(&h.timers, name, h.next.Timer)
}

// kept returns the instrument of a name, which is made once.
func kept[T any](of *sync.Map, name string, instrument func(name string) T) T {
	if i, ok := of.Load(name); ok {
		return i.(T) //nolint:forcetypeassert // only this function stores
	}
	i := instrument(name)
	of.Store(name, i)
	return i
}
