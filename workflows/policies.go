// Package workflows holds the durable processes: the run of a playbook and the
// programme that starts runs. They keep order and wait; all judging,
// evaluating and talking to the outside is done by activities.
package workflows

import (
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"
)

// OutsideQueue is the task queue of slow effects beside the queue of a run: a
// Slack or Jira that hangs holds up nobody's clicks.
func OutsideQueue(queue string) string { return queue + "-outside" }

// EventThreshold is how many events a run's history may have before it
// continues as new; the server suggests 4,096 (facts: history limits).
const EventThreshold = 4096

// judging is for local activities on the ledger: short, three tries in about
// five seconds; then they go on as ordinary activities.
func judging(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout:    5 * time.Second,
		ScheduleToCloseTimeout: 6 * time.Second,
		RetryPolicy:            &temporal.RetryPolicy{InitialInterval: 200 * time.Millisecond, BackoffCoefficient: 3, MaximumAttempts: 3},
	})
}

// judgingSlow is the same work as an ordinary activity: unlimited tries, so
// that an absent database parks the run and does not grow its history.
func judgingSlow(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		StartToCloseTimeout: 30 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: time.Minute},
	})
}

// trying is for the first attempt at effects: one try within the workflow task.
func trying(ctx workflow.Context) workflow.Context {
	return workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{
		StartToCloseTimeout: 6 * time.Second,
		RetryPolicy:         &temporal.RetryPolicy{MaximumAttempts: 1},
	})
}

// outside is for effects that need time: on a queue of their own, tried until
// they are done, with the pauses the outside asks for.
func outside(ctx workflow.Context) workflow.Context {
	return workflow.WithActivityOptions(ctx, workflow.ActivityOptions{
		TaskQueue:           OutsideQueue(workflow.GetInfo(ctx).TaskQueueName),
		StartToCloseTimeout: time.Minute,
		RetryPolicy:         &temporal.RetryPolicy{InitialInterval: time.Second, BackoffCoefficient: 2, MaximumInterval: 5 * time.Minute},
	})
}
