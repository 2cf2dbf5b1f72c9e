package port

import (
	"context"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Remote reads facts outside. Errors are a *RemoteError.
type Remote interface {
	// JSON reads what the source answers at a path, as plain JSON.
	JSON(ctx context.Context, from org.Source, path string) (any, error)
	// Metrics reads the metrics of a model since an instant, zero = all; model is
	// our id.
	Metrics(ctx context.Context, from org.Source, model string, since time.Time) ([]Metric, error)
}

// Metric is one value of a metric of a model, as a registry keeps it.
type Metric struct {
	Version, Metric, Run string
	Value                float64
	At                   time.Time
}

// RemoteError is why nothing was read outside.
type RemoteError struct {
	Reason string
	// Again tells that the next try may go better, not before After.
	Again bool
	After time.Duration
}

// Error says the reason.
func (e *RemoteError) Error() string { return e.Reason }
