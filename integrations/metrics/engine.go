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

// Engine is what Temporal's client and workers report to.
func (m *Metrics) Engine() client.MetricsHandler {
	return narrow{opentelemetry.NewMetricsHandler(opentelemetry.MetricsHandlerOptions{
		Meter: m.meter, UseMonotonicCounters: true,
		OnError: func(err error) { m.log.Warn("a metric of Temporal's cannot be counted", "error", err) },
	})}
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
