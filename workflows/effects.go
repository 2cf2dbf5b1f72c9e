package workflows

import (
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities"
)

// perform does the effects just intended: first within the workflow task,
// which costs no further action; what that leaves goes to a regular activity,
// of which there is at most one at a time. The run does not wait for it.
func (r *run) perform(ctx workflow.Context) {
	if r.slow != nil {
		r.stale = true
	}
	var p activities.Performed
	err := workflow.ExecuteLocalActivity(trying(ctx), "Perform", r.state.Run.ID).Get(ctx, &p)
	if err == nil && p.Pending == 0 {
		r.stale = false
		return
	}
	if r.slow == nil {
		r.stale = false
		r.slow = workflow.ExecuteActivity(outside(ctx), "PerformSlow", r.state.Run.ID)
	}
}

// finish waits until the last effect is done: the epic closed, the messages
// showing the outcome. Rows that still come are answered from the ledger.
func (r *run) finish(ctx workflow.Context) error {
	for r.slow != nil {
		if err := r.slow.Get(ctx, nil); err != nil {
			return err
		}
		r.slow = nil
		if r.stale {
			r.perform(ctx)
		}
	}
	r.drain()
	if !r.nudged {
		return nil
	}
	if err := r.judge(ctx); err != nil {
		return err
	}
	r.perform(ctx)
	return r.finish(ctx)
}
