package temporal

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	workflowpb "go.temporal.io/api/workflow/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/fieldmaskpb"
)

// maxSkips bounds the timers one advance may pass in one run; reminders of a
// year stay far below. The server's own default is 200.
const maxSkips = 100_000

// again is the pause before looking whether everybody has arrived.
const again = 10 * time.Millisecond

// Skipper moves the time of all open runs: for the sandbox and the demo, on an
// embedded server with TimeSkipping. The server calls this experimental.
type Skipper struct {
	client    client.Client
	namespace string
	now       func() time.Time
	one       sync.Mutex // a second advance before the first arrived fires timers late
}

// NewSkipper makes a skipper. now is the sandbox's clock: wall time plus its
// offset.
func NewSkipper(c client.Client, namespace string, now func() time.Time) *Skipper {
	return &Skipper{client: c, namespace: namespace, now: now}
}

// Advance moves every open run to the sandbox's present plus d and returns when
// all are there, with every timer on the way fired and acted on. The caller
// then moves its clock by d. Runs wait for activities under way; ctx bounds it.
func (s *Skipper) Advance(ctx context.Context, d time.Duration) error {
	s.one.Lock()
	defer s.one.Unlock()
	target := s.now().Add(d)
	id := "to-" + strconv.FormatInt(target.UnixNano(), 10)
	for {
		// A run just started may be missing from the first list, and one may be
		// started on the way: look again until nobody is behind.
		behind, err := s.behind(ctx, target)
		if err != nil || len(behind) == 0 {
			return err
		}
		for _, b := range behind {
			if err := s.send(ctx, b, id); err != nil {
				return err
			}
		}
		for _, b := range behind {
			if err := s.await(ctx, b.workflow, id); err != nil {
				return err
			}
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(again):
		}
	}
}

// late is an open run and how far it is from the target.
type late struct {
	workflow string
	by       time.Duration
}

func (s *Skipper) behind(ctx context.Context, target time.Time) ([]late, error) {
	var out []late
	req := &workflowservice.ListWorkflowExecutionsRequest{Namespace: s.namespace, PageSize: 1000, Query: `ExecutionStatus = "Running"`}
	for {
		list, err := s.client.WorkflowService().ListWorkflowExecutions(ctx, req)
		if err != nil {
			return nil, fmt.Errorf("list open runs: %w", err)
		}
		for _, e := range list.GetExecutions() {
			id := e.GetExecution().GetWorkflowId()
			now, open, err := s.timeOf(ctx, id)
			if err != nil {
				return nil, err
			}
			if by := target.Sub(now); open && by > 0 {
				out = append(out, late{workflow: id, by: by})
			}
		}
		if req.NextPageToken = list.GetNextPageToken(); len(req.GetNextPageToken()) == 0 {
			return out, nil
		}
	}
}

// timeOf is what time it is in a run. The list may lag behind: a run that
// closed meanwhile is not open.
func (s *Skipper) timeOf(ctx context.Context, workflow string) (now time.Time, open bool, err error) {
	d, err := s.client.DescribeWorkflowExecution(ctx, workflow, "")
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return time.Time{}, false, nil
	}
	if err != nil {
		return time.Time{}, false, fmt.Errorf("describe run %s: %w", workflow, err)
	}
	open = d.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING
	if t := d.GetWorkflowExtendedInfo().GetTimeSkippingInfo().GetCurrentTime(); t != nil {
		return t.AsTime(), open, nil
	}
	return time.Now(), open, nil
}

func (s *Skipper) send(ctx context.Context, l late, id string) error {
	_, err := s.client.WorkflowService().UpdateWorkflowExecutionOptions(ctx, &workflowservice.UpdateWorkflowExecutionOptionsRequest{
		Namespace:                s.namespace,
		WorkflowExecution:        &commonpb.WorkflowExecution{WorkflowId: l.workflow},
		WorkflowExecutionOptions: &workflowpb.WorkflowExecutionOptions{TimeSkippingConfig: fastForward(l.by, id)},
		UpdateMask:               &fieldmaskpb.FieldMask{Paths: []string{"time_skipping_config"}},
	})
	if err != nil && !closed(err) {
		return fmt.Errorf("advance run %s: %w", l.workflow, err)
	}
	return nil
}

// closed tells whether a call failed because its run has ended.
func closed(err error) bool {
	var gone *serviceerror.NotFound
	var failed *serviceerror.FailedPrecondition
	return errors.As(err, &gone) || errors.As(err, &failed)
}

// await polls until the run is there, has ended, or was sent elsewhere: the
// next look says which.
func (s *Skipper) await(ctx context.Context, workflow, id string) error {
	for {
		r, err := s.client.WorkflowService().PollWorkflowExecutionTimeSkipping(ctx, &workflowservice.PollWorkflowExecutionTimeSkippingRequest{
			Namespace:         s.namespace,
			WorkflowExecution: &commonpb.WorkflowExecution{WorkflowId: workflow},
			FastForwardId:     id,
		})
		if err != nil && !closed(err) {
			return fmt.Errorf("wait for run %s to arrive: %w", workflow, err)
		}
		if r.GetFastForwardPollingResult() != enumspb.FAST_FORWARD_POLLING_RESULT_POLL_TIMEOUT {
			return nil
		}
	}
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
func startAhead(ahead func() time.Duration) grpc.UnaryClientInterceptor {
	return func(ctx context.Context, method string, req, reply any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) error {
		if r, ok := req.(*workflowservice.StartWorkflowExecutionRequest); ok {
			if by := ahead(); by > 0 {
				r.WorkflowStartDelay = durationpb.New(by)
				r.TimeSkippingConfig = fastForward(by, "start")
			}
		}
		return invoke(ctx, method, req, reply, cc, opts...)
	}
}
