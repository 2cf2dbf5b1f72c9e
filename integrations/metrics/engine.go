package metrics

import (
	"maps"
	"slices"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/contrib/opentelemetry"
)

// enginePrefix begins the names of Temporal's own metrics.
const enginePrefix = "temporal_"

// engineTags are the tags of Temporal's metrics that are kept. The others are
// the same everywhere (client_name), name the installation (task_queue,
// namespace), or say more than anybody asks for.
var engineTags = []string{"operation", "worker_type", "workflow_type", "activity_type", "poller_type", "failure_reason", "status_code"}

// engineFailures are the counters that alerts look at. Temporal makes them with
// the first failure; until then they are shown as 0.
var engineFailures = []string{"workflow_task_execution_failed", "request_failure", "request"}

// Engine is what Temporal's client and workers report to.
func (m *Metrics) Engine() client.MetricsHandler {
	h := narrow{opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: m.meter, UseMonotonicCounters: true,
		OnError: func(err error) { m.log.Warn("a metric of Temporal's cannot be counted", "error", err) },
	})}
	for _, name := range engineFailures {
		h.Counter(enginePrefix + name).Inc(0)
	}
	return h
}

// narrow drops the tags that are not kept.
type narrow struct{ client.MetricsHandler }

// WithTags adds the tags that are kept.
func (n narrow) WithTags(tags map[string]string) client.MetricsHandler {
	kept := maps.Clone(tags)
	maps.DeleteFunc(kept, func(name, _ string) bool { return !slices.Contains(engineTags, name) })
	if len(kept) == 0 {
		return n
	}
	return narrow{n.MetricsHandler.WithTags(kept)}
}
