package temporal

import (
	"context"
	"errors"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/sdk/client"
)

// Names that are part of every history and can never change.
const (
	// Queue is the task queue of the workflows and of the activities that stay
	// inside (ledger, roster, expressions) on the embedded server.
	Queue = "aimsbot"
	// RunType is the workflow type of a run.
	RunType = "Run"
	// InboxSignal carries the decision id of an inbox row.
	InboxSignal = "inbox"
)

// Engine starts and signals runs on a Temporal server.
type Engine struct {
	client client.Client
	queue  string
}

var _ port.Engine = (*Engine)(nil)

// NewEngine makes an engine over a connected client, for runs on a task queue.
func NewEngine(c client.Client, queue string) *Engine { return &Engine{client: c, queue: queue} }

// QueueOf is the task queue of an installation on an outside service: two
// installations in one namespace must not take each other's work, of which
// their ledgers know nothing.
func QueueOf(installation string) string {
	return Queue + "-" + installation[:min(8, len(installation))]
}

// StartRun starts the workflow of a run with r as its input. An id that was
// ever used, open or closed, is success.
func (e *Engine) StartRun(ctx context.Context, r port.StartedRun) error {
	return e.start(ctx, r.WorkflowID, RunType, enumspb.WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE, r)
}

// Ensure starts a workflow that must always be there, such as the Programme,
// unless one with the id is open.
func (e *Engine) Ensure(ctx context.Context, id, workflowType string, input ...any) error {
	return e.start(ctx, id, workflowType, enumspb.WORKFLOW_ID_REUSE_POLICY_ALLOW_DUPLICATE, input...)
}

func (e *Engine) start(ctx context.Context, id, workflowType string, reuse enumspb.WorkflowIdReusePolicy, input ...any) error {
	_, err := e.client.ExecuteWorkflow(ctx, client.StartWorkflowOptions{
		ID: id, TaskQueue: e.queue, WorkflowIDReusePolicy: reuse,
		WorkflowExecutionErrorWhenAlreadyStarted: true,
	}, workflowType, input...)
	var started *serviceerror.WorkflowExecutionAlreadyStarted
	if err != nil && !errors.As(err, &started) {
		return fmt.Errorf("start workflow %s: %w", id, err)
	}
	return nil
}

// Signal tells a run that an inbox row waits. A run that is closed or was never
// there is success: the row is answered from the ledger.
func (e *Engine) Signal(ctx context.Context, workflowID, decisionID string) error {
	err := e.client.SignalWorkflow(ctx, workflowID, "", InboxSignal, decisionID)
	var gone *serviceerror.NotFound
	if err != nil && !errors.As(err, &gone) {
		return fmt.Errorf("signal workflow %s: %w", workflowID, err)
	}
	return nil
}
