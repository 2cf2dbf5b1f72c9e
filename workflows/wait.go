package workflows

import (
	"time"

	"go.temporal.io/sdk/workflow"
)

// parkedRetry is how often a parked run looks whether it can go on.
const parkedRetry = 10 * time.Minute

// wait blocks until a signal, the next due instant, the end of a slow activity
// or a cancellation by the engine.
func (r *run) wait(ctx workflow.Context) error {
	r.drain()
	if r.nudged || r.canReread() {
		return nil
	}
	sel := workflow.NewSelector(ctx)
	sel.AddReceive(r.inbox, func(c workflow.ReceiveChannel, _ bool) {
		c.Receive(ctx, nil)
		r.nudged = true
	})
	sel.AddReceive(ctx.Done(), func(workflow.ReceiveChannel, bool) {})
	if r.slow != nil {
		sel.AddFuture(r.slow, func(workflow.Future) {})
	}
	if r.reach != nil {
		sel.AddFuture(r.reach, func(workflow.Future) {})
	}
	if r.fetch != nil {
		sel.AddFuture(r.fetch, func(workflow.Future) {})
	}
	if at := r.wakeAt(ctx); !at.IsZero() {
		sel.AddFuture(r.arm(ctx, at), func(workflow.Future) { r.timer = nil })
	}
	sel.Select(ctx)
	r.drain()
	return ctx.Err()
}

// canReread tells whether issues wait to be read and nothing holds that up: an
// effect under way would make them be put off again.
func (r *run) canReread() bool {
	return len(r.state.Reread) > 0 && r.slow == nil && r.reach == nil
}

// drain takes all signals that wait: one look at the inbox serves them all.
func (r *run) drain() {
	for r.inbox.ReceiveAsync(nil) {
		r.nudged = true
	}
}

// wakeAt is the instant to wake at by itself; zero = none.
func (r *run) wakeAt(ctx workflow.Context) time.Time {
	at := r.state.NextAt
	if r.state.Parked != "" {
		retry := workflow.Now(ctx).Add(parkedRetry)
		if at.IsZero() || retry.Before(at) {
			at = retry
		}
	}
	return at
}

// arm returns a timer that fires at the instant or earlier: a timer already
// running is left alone, because cancelling and starting one costs more than
// waking once for nothing.
func (r *run) arm(ctx workflow.Context, at time.Time) workflow.Future {
	if r.timer != nil && !r.timer.at.After(at) {
		return r.timer.future
	}
	pause := max(at.Sub(workflow.Now(ctx)), 0)
	r.timer = &wake{at: at, future: workflow.NewTimer(ctx, pause)}
	return r.timer.future
}

// due tells whether an open step has something to do by now.
func (r *run) due(ctx workflow.Context) bool {
	return !r.state.NextAt.IsZero() && !r.state.NextAt.After(workflow.Now(ctx))
}

// continueAsNew begins a fresh history with the same state. It leaves that to a
// quiet moment, with no slow activity in flight and no signal unread: an absent
// Slack or Jira must not hold up what people say meanwhile.
func (r *run) continueAsNew(ctx workflow.Context) (bool, error) {
	limit := r.start.Events
	if limit == 0 {
		limit = EventThreshold
	}
	info := workflow.GetInfo(ctx)
	if info.GetCurrentHistoryLength() < limit && !info.GetContinueAsNewSuggested() {
		return false, nil
	}
	if r.slow != nil || r.reach != nil || r.fetch != nil {
		return false, nil
	}
	r.drain()
	if r.nudged {
		return false, nil
	}
	state := r.state
	return true, workflow.NewContinueAsNewError(ctx, RunName, r.start, Carried{State: &state})
}
