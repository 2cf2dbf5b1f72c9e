package temporal

import (
	"fmt"
	"time"

	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"

	"github.com/aimsbot/aimsbot/workflows"
)

const (
	// pollers of each kind; 2 and 20 measured no better on the embedded server.
	pollers = 8
	// stopTimeout is how long running activities may finish when a worker stops.
	stopTimeout = 15 * time.Second
)

// Code is what the workers run.
type Code struct {
	Workflows  func(worker.WorkflowRegistry)
	Activities func(worker.ActivityRegistry)
}

// newWorker makes the worker of one task queue; the outside one runs activities
// alone. fatal is called when the worker cannot go on; nil = it only stops.
func newWorker(c client.Client, queue string, outside bool, code Code, fatal func(error)) worker.Worker {
	w := worker.New(c, queue, worker.Options{
		WorkerStopTimeout:                stopTimeout,
		MaxConcurrentWorkflowTaskPollers: pollers,
		MaxConcurrentActivityTaskPollers: pollers,
		DisableWorkflowWorker:            outside,
		// A history that does not fit the code parks the run until the code is
		// mended; failing it would end somebody's process.
		WorkflowPanicPolicy: worker.BlockWorkflow,
		OnFatalError:        fatal,
	})
	if !outside {
		code.Workflows(w)
	}
	code.Activities(w)
	return w
}

// Workers are those of both queues.
type Workers struct{ inside, outside worker.Worker }

// NewWorkers makes both workers: that of the queue, and that of effects on
// Slack and Jira that were too slow for a local attempt.
func NewWorkers(c client.Client, queue string, code Code, fatal func(error)) *Workers {
	return &Workers{
		inside:  newWorker(c, queue, false, code, fatal),
		outside: newWorker(c, workflows.OutsideQueue(queue), true, code, fatal),
	}
}

// Start begins polling.
func (w *Workers) Start() error {
	if err := w.inside.Start(); err != nil {
		return fmt.Errorf("start the worker: %w", err)
	}
	if err := w.outside.Start(); err != nil {
		w.inside.Stop()
		return fmt.Errorf("start the worker for the outside: %w", err)
	}
	return nil
}

// Stop waits for running activities, for at most 15 s, both queues at once.
func (w *Workers) Stop() {
	done := make(chan struct{})
	go func() { defer close(done); w.outside.Stop() }()
	w.inside.Stop()
	<-done
}
