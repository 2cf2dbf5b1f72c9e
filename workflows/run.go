package workflows

import (
	"errors"
	"fmt"
	"time"

	"go.temporal.io/sdk/temporal"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// The names that histories hold; never changed.
const (
	RunName     = "Run"
	InboxSignal = "inbox" // carries the decision id of an inbox row
	StateQuery  = "state"
)

// Carried is what a run hands over to itself when it continues as new.
type Carried struct{ State *port.RunState }

// run is one execution of a playbook about one subject.
type run struct {
	start port.StartedRun
	state port.RunState
	inbox workflow.ReceiveChannel
	// nudged says that a signal came: rows may wait in the inbox.
	nudged bool
	// slow is the regular activity that does the effects the local one left;
	// stale says that more were intended while it ran.
	slow  workflow.Future
	stale bool
	// reach waits for a Jira that could not be read.
	reach workflow.Future
	// fetch reads facts from outside.
	fetch workflow.Future
	timer *wake
}

// wake is the one timer of a run. It is left alone when it fires early enough.
type wake struct {
	at     time.Time
	future workflow.Future
}

// Run is the workflow of every playbook: it advances as far as it can, waits
// for a signal or an instant, lets activities judge, and goes on.
func Run(ctx workflow.Context, start port.StartedRun, carried Carried) error {
	r := &run{start: start, inbox: workflow.GetSignalChannel(ctx, InboxSignal)}
	if carried.State != nil {
		r.state = *carried.State
	} else {
		r.state = firstState(start)
	}
	if err := workflow.SetQueryHandler(ctx, StateQuery, func() (port.RunState, error) { return r.state, nil }); err != nil {
		return fmt.Errorf("register the state query: %w", err)
	}
	return r.loop(ctx)
}

func firstState(s port.StartedRun) port.RunState {
	return port.RunState{
		Schema: port.StateSchema, Round: 1,
		Run: port.RunInfo{
			ID: s.ID, WorkflowID: s.WorkflowID, Playbook: s.Playbook, SubjectID: s.SubjectID,
			By: s.By, Input: s.Input, StartedAt: s.StartedAt, Exercise: s.Exercise,
		},
	}
}

func (r *run) loop(ctx workflow.Context) error {
	advance := true
	for {
		if advance {
			if err := r.step(ctx, "Advance"); err != nil {
				return err
			}
			r.perform(ctx)
			r.look(ctx)
		}
		if r.state.Outcome != "" {
			return r.finish(ctx)
		}
		if again, err := r.continueAsNew(ctx); again {
			return err
		}
		if err := r.wait(ctx); err != nil {
			return err
		}
		var err error
		if advance, err = r.handle(ctx); err != nil {
			return err
		}
	}
}

// handle does what woke the run, and tells whether it should advance.
func (r *run) handle(ctx workflow.Context) (advance bool, err error) {
	before := r.state
	if r.slow != nil && r.slow.IsReady() {
		r.slow = nil
		if r.stale {
			r.perform(ctx)
		}
	}
	if r.nudged {
		if err := r.judge(ctx); err != nil {
			return false, err
		}
	}
	if r.reach != nil && r.reach.IsReady() {
		r.reach = nil
	}
	if r.fetch != nil && r.fetch.IsReady() {
		r.fetch, r.state.Look = nil, true
	}
	if len(r.state.Reread) > 0 && r.reach == nil {
		if err := r.inspect(ctx); err != nil {
			return false, err
		}
	}
	if r.due(ctx) {
		if err := r.step(ctx, "Tick"); err != nil {
			return false, err
		}
	}
	if advances(before, r.state) {
		return true, nil
	}
	if before.Cursor != r.state.Cursor || len(before.Reread) > 0 || !before.NextAt.Equal(r.state.NextAt) {
		r.perform(ctx)
	}
	return false, nil
}

// advances tells whether the change may open steps or end the run.
func advances(before, after port.RunState) bool {
	if after.Cancel != nil || after.Change != nil || len(after.Open) != len(before.Open) || len(after.Done) != len(before.Done) {
		return true
	}
	for i := range after.Done {
		if after.Done[i].Version != before.Done[i].Version {
			return true // evidence of a finished step changed
		}
	}
	return after.Parked != "" || after.Look
}

// judge lets the inbox rows be judged, in batches.
func (r *run) judge(ctx workflow.Context) error {
	r.nudged = false
	for more := true; more; {
		var j activities.Judged
		if err := r.ledgerWork(ctx, "Judge", r.request(ctx), &j); err != nil {
			return err
		}
		r.state = r.state.Apply(j.Delta)
		more = j.More
		r.drain()
	}
	return nil
}

// step runs an activity that answers a delta, and applies it.
func (r *run) step(ctx workflow.Context, name string) error {
	var d port.Delta
	if err := r.ledgerWork(ctx, name, r.request(ctx), &d); err != nil {
		return err
	}
	r.state = r.state.Apply(d)
	return nil
}

// inspect reads issues again: at once if Jira answers. Else the run goes on
// with what people say, and reads them when Jira can be reached.
func (r *run) inspect(ctx workflow.Context) error {
	var d port.Delta
	req := r.request(ctx)
	err := workflow.ExecuteLocalActivity(trying(ctx), "Inspect", req).Get(ctx, &d)
	if failed(err) {
		r.reach = workflow.ExecuteActivity(outside(ctx), "Reach", req)
		return nil
	}
	if err != nil {
		return fmt.Errorf("inspect: %w", err)
	}
	r.state = r.state.Apply(d)
	return nil
}

// look has facts read from outside that open steps wait for.
func (r *run) look(ctx workflow.Context) {
	if r.fetch == nil && r.state.Outcome == "" && r.state.Fetching() {
		r.fetch = workflow.ExecuteActivity(outside(ctx), "Fetch", r.request(ctx))
	}
}

func (r *run) request(ctx workflow.Context) activities.Request {
	return activities.Request{Definition: r.start.Definition, State: r.state, Now: workflow.Now(ctx).UTC()}
}

// ledgerWork runs a local activity on the ledger; when it fails for seconds it
// goes on as an ordinary one, so that history does not grow while it waits.
func (r *run) ledgerWork(ctx workflow.Context, name string, req activities.Request, out any) error {
	err := workflow.ExecuteLocalActivity(judging(ctx), name, req).Get(ctx, out)
	if failed(err) {
		err = workflow.ExecuteActivity(judgingSlow(ctx), name, req).Get(ctx, out)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return nil
}

// failed tells a failed activity from a cancelled workflow.
func failed(err error) bool {
	var cancelled *temporal.CanceledError
	return err != nil && !errors.As(err, &cancelled)
}
