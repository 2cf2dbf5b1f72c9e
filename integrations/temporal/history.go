package temporal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	commonpb "go.temporal.io/api/common/v1"
	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/proxy"
	"go.temporal.io/api/serviceerror"
)

// KeysUsed lists the ids of the keys with which the current history of a
// workflow was encrypted, if it is open; nil when it is closed or was never there.
func (e *Engine) KeysUsed(ctx context.Context, workflowID string) ([]string, error) {
	open, _, err := e.look(ctx, workflowID)
	if err != nil || !open {
		return nil, err
	}
	ids := map[string]bool{}
	visit := proxy.VisitPayloadsOptions{Visitor: func(_ *proxy.VisitPayloadsContext, payloads []*commonpb.Payload) ([]*commonpb.Payload, error) {
		for _, p := range payloads {
			if string(p.GetMetadata()[metaEncoding]) == encoding {
				ids[string(p.GetMetadata()[metaKeyID])] = true
			}
		}
		return payloads, nil
	}}
	err = e.history(ctx, workflowID, func(event *historypb.HistoryEvent) error { return proxy.VisitPayloads(ctx, event, visit) })
	return slices.Sorted(maps.Keys(ids)), err
}

// LastEvent is when something last happened in an open workflow.
func (e *Engine) LastEvent(ctx context.Context, workflowID string) (at time.Time, err error) {
	open, _, err := e.look(ctx, workflowID)
	if err == nil && !open {
		err = fmt.Errorf("workflow %s is not open", workflowID)
	}
	if err != nil {
		return at, err
	}
	err = e.history(ctx, workflowID, func(event *historypb.HistoryEvent) error {
		at = event.GetEventTime().AsTime()
		return nil
	})
	return at, err
}

// history shows the events of a workflow's current history in order.
func (e *Engine) history(ctx context.Context, workflowID string, each func(*historypb.HistoryEvent) error) error {
	all := e.client.GetWorkflowHistory(ctx, workflowID, "", false, enumspb.HISTORY_EVENT_FILTER_TYPE_ALL_EVENT)
	for all.HasNext() {
		event, err := all.Next()
		if err == nil {
			err = each(event)
		}
		if err != nil {
			return fmt.Errorf("read the history of workflow %s: %w", workflowID, err)
		}
	}
	return nil
}

// Knows tells whether the server has ever heard of a workflow and still
// remembers it.
func (e *Engine) Knows(ctx context.Context, workflowID string) (bool, error) {
	_, known, err := e.look(ctx, workflowID)
	return known, err
}

func (e *Engine) look(ctx context.Context, workflowID string) (open, known bool, err error) {
	d, err := e.client.DescribeWorkflowExecution(ctx, workflowID, "")
	var gone *serviceerror.NotFound
	if errors.As(err, &gone) {
		return false, false, nil
	}
	if err != nil {
		return false, false, fmt.Errorf("look for workflow %s: %w", workflowID, err)
	}
	return d.GetWorkflowExecutionInfo().GetStatus() == enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING, true, nil
}
