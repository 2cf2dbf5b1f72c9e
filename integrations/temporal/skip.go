package temporal

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/server/api/adminservice/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

const (
	// maxSkips bounds the timers the server may pass in one step; a step ends at
	// the next timer, so a few are plenty.
	maxSkips = 1_000
	// settle is the pause before looking again whether a run has come to rest.
	settle = 2 * time.Millisecond
	// near is how close to a timer a run is left to reach it by itself: arriving
	// is an event too, and one in the middle of a workflow task that ends the
	// run would make the server ask for the task again.
	near = 20 * time.Millisecond
)

// Clock is the sandbox's: wall time plus an offset that only grows.
type Clock interface {
	Now() time.Time
	// MoveTo sets the clock forward to t.
	MoveTo(ctx context.Context, t time.Time) error
}

// Skipper moves the time of all open runs: for the sandbox and the demo, on an
// embedded server with TimeSkipping. The server calls that experimental.
type Skipper struct {
	server *Server
	clock  Clock
	one    sync.Mutex // a second advance before the first arrived fires timers late
	steps  int64      // names the steps
}

// NewSkipper makes a skipper that moves the runs and the clock together.
func NewSkipper(s *Server, c Clock) *Skipper { return &Skipper{server: s, clock: c} }

// Advance moves every open run and the clock by d, and returns when all are
// there and at rest. It plays what is due on the way in order: the clock goes
// to the next timer of any run, the runs it belongs to act on it, and so on.
// The server could pass many timers at once, but when a signal comes between
// two of them it jumps over the one just due and fires it at the end.
// Runs that wait for an activity, and runs started on the way, are waited for;
// ctx bounds it all.
func (s *Skipper) Advance(ctx context.Context, d time.Duration) error {
	s.one.Lock()
	defer s.one.Unlock()
	target := s.clock.Now().Add(d)
	for {
		runs, err := s.resting(ctx)
		if err != nil {
			return err
		}
		next := target
		for _, r := range runs {
			if !r.due.IsZero() && r.due.Before(next) {
				next = r.due
			}
		}
		moved := false
		id := s.name()
		for _, r := range runs {
			if !r.now().Before(next) || next.Before(target) && (r.due.IsZero() || r.due.After(next)) {
				continue
			}
			if !moved && s.clock.Now().Before(next) {
				if err := s.clock.MoveTo(ctx, next); err != nil {
					return fmt.Errorf("move the clock: %w", err)
				}
			}
			by := next.Sub(r.now())
			if next.Equal(r.due) {
				by -= near / 2
			}
			moved = true
			if by <= 0 {
				continue // so near by now that it gets there by itself
			}
			if err := s.send(ctx, r.workflow, by, id); err != nil {
				return err
			}
		}
		if !moved {
			return s.finish(ctx, target)
		}
	}
}

// finish sets the clock to the target where no run took it there.
func (s *Skipper) finish(ctx context.Context, target time.Time) error {
	if !s.clock.Now().Before(target) {
		return nil
	}
	if err := s.clock.MoveTo(ctx, target); err != nil {
		return fmt.Errorf("move the clock: %w", err)
	}
	return nil
}

func (s *Skipper) name() string {
	s.steps++
	return "step-" + strconv.FormatInt(s.steps, 10) + "-" + strconv.FormatInt(time.Now().UnixNano(), 36)
}

// rest is an open run with nothing under way.
type rest struct {
	workflow string
	skipped  time.Duration // how far its time is before the wall clock
	due      time.Time     // its next timer; zero = none
}

// now is what time it is in the run.
func (r rest) now() time.Time { return time.Now().Add(r.skipped) }

// resting lists the open runs once each has come to rest: those that this
// process started, because the server's list shows new ones late, and a run
// that continues as new for a moment not at all; and those of the list, because
// an earlier process may have started them.
func (s *Skipper) resting(ctx context.Context) ([]rest, error) {
	var out []rest
	for _, id := range s.server.starts.list() {
		r, open, err := s.rest(ctx, id)
		if err != nil {
			return nil, err
		}
		if !open {
			s.server.starts.forget(id)
			continue
		}
		out = append(out, r)
	}
	req := &workflowservice.ListWorkflowExecutionsRequest{Namespace: Namespace, PageSize: 1000, Query: `ExecutionStatus = "Running"`}
	for {
		list, err := s.workflows().ListWorkflowExecutions(s.server.authorised(ctx), req)
		if err != nil {
			return nil, fmt.Errorf("list open runs: %w", err)
		}
		for _, e := range list.GetExecutions() {
			id := e.GetExecution().GetWorkflowId()
			if slices.ContainsFunc(out, func(r rest) bool { return r.workflow == id }) {
				continue // known, or it continued as new while the list was made
			}
			r, open, err := s.rest(ctx, id)
			if err != nil {
				return nil, err
			}
			if open {
				out = append(out, r)
			}
		}
		if req.NextPageToken = list.GetNextPageToken(); len(req.GetNextPageToken()) == 0 {
			return out, nil
		}
	}
}

// rest waits until the run has arrived where it was sent and has neither a
// workflow task nor a running activity nor a timer that should have fired. The list may lag behind: a run that
// closed meanwhile is not open.
func (s *Skipper) rest(ctx context.Context, workflow string) (r rest, open bool, err error) {
	for {
		m, err := s.state(ctx, workflow)
		if err != nil || m == nil {
			return rest{}, false, err
		}
		if r, quiet := m.rest(workflow); quiet {
			return r, true, nil
		}
		select {
		case <-ctx.Done():
			return rest{}, false, fmt.Errorf("run %s does not come to rest: %w", workflow, ctx.Err())
		case <-time.After(settle):
		}
	}
}

func (s *Skipper) send(ctx context.Context, workflow string, by time.Duration, id string) error {
	_, err := s.workflows().UpdateWorkflowExecutionOptions(s.server.authorised(ctx), &workflowservice.UpdateWorkflowExecutionOptionsRequest{
		Namespace:                Namespace,
		WorkflowExecution:        &commonpb.WorkflowExecution{WorkflowId: workflow},
		WorkflowExecutionOptions: &workflowpb.WorkflowExecutionOptions{TimeSkippingConfig: fastForward(by, id)},
		UpdateMask:               &fieldmaskpb.FieldMask{Paths: []string{"time_skipping_config"}},
	})
	if err != nil && !closed(err) {
		return fmt.Errorf("advance run %s: %w", workflow, err)
	}
	return nil
}

func (s *Skipper) workflows() workflowservice.WorkflowServiceClient {
	return workflowservice.NewWorkflowServiceClient(s.server.conn)
}

// state reads what the server knows of a run: timers are shown nowhere else.
// Nil: it is closed.
func (s *Skipper) state(ctx context.Context, workflow string) (*mutableState, error) {
	r, err := adminservice.NewAdminServiceClient(s.server.conn).DescribeMutableState(s.server.authorised(ctx), &adminservice.DescribeMutableStateRequest{
		Namespace: Namespace, Execution: &commonpb.WorkflowExecution{WorkflowId: workflow}, SkipForceReload: true,
	})
	if err != nil && closed(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe run %s: %w", workflow, err)
	}
	m := &mutableState{r.GetDatabaseMutableState()}
	if m.GetExecutionState().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
		return nil, nil
	}
	return m, nil
}

// closed tells whether a call failed because its run has ended.
func closed(err error) bool {
	var gone *serviceerror.NotFound
	var failed *serviceerror.FailedPrecondition
	err = serviceerror.FromStatus(status.Convert(err))
	return errors.As(err, &gone) || errors.As(err, &failed)
}

func fastForward(by time.Duration, id string) *commonpb.TimeSkippingConfig {
	return &commonpb.TimeSkippingConfig{
		Enabled:             true,
		MaxSessionSkipCount: maxSkips,
		FastForwardConfig:   &commonpb.FastForwardConfig{Id: id, Duration: durationpb.New(by)},
	}
}

// startAhead lets new runs begin at the sandbox's present: their start is
// delayed by the offset, and the delay is skipped before their first task.
func (s *Server) startAhead(ahead func() time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		r, ok := req.(*workflowservice.StartWorkflowExecutionRequest)
		if !ok {
			return invoke(ctx, method, req, reply, cc, opts...)
		}
		if by := ahead(); by > 0 {
			r.WorkflowStartDelay = durationpb.New(by)
			r.TimeSkippingConfig = fastForward(by, "start")
		}
		err := invoke(ctx, method, req, reply, cc, opts...)
		s.starts.remember(r.GetWorkflowId()) // after a failure too: only its answer may be lost
		return err
	}
}

// starts are the workflows that this process has started and that may be open.
type starts struct {
	mu  sync.Mutex
	ids []string
}

func (s *starts) remember(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !slices.Contains(s.ids, id) {
		s.ids = append(s.ids, id)
	}
}

func (s *starts) forget(id string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ids = slices.DeleteFunc(s.ids, func(known string) bool { return known == id })
}

func (s *starts) list() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.ids)
}
