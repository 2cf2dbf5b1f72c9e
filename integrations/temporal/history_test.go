package temporal_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// dialWith connects to the shared server with keys of its own.
func dialWith(t *testing.T, keys ...string) client.Client {
	t.Helper()
	c, err := temporal.Dial(t.Context(), temporal.ClientOptions{HostPort: shared.server.HostPort, Token: shared.server.Token, Codec: codecOf(t, keys...)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

// work runs the diary's workflows of a queue until the test, or stop, ends it.
func work(t *testing.T, c client.Client, queue string) (stop func()) {
	t.Helper()
	w := temporal.NewWorkers(c, queue, temporal.Code{
		Workflows: func(r worker.WorkflowRegistry) {
			r.RegisterWorkflowWithOptions(shared.diary.run, workflow.RegisterOptions{Name: temporal.RunType})
		},
		Activities: func(r worker.ActivityRegistry) { r.RegisterActivity(shared.diary.write) },
	}, nil)
	if err := w.Start(); err != nil {
		t.Fatal(err)
	}
	return w.Stop
}

// TestRunWaitsForItsKey: a worker without the key of a run neither ends nor
// fails it; one with the key takes it up where it was.
func TestRunWaitsForItsKey(t *testing.T) {
	t.Parallel()
	const queue = "parked"
	old := dialWith(t, keyOf(1))
	run := started("aims-parked", 1) // sleeps until it is signalled, and then on
	e := temporal.NewEngine(old, queue)
	if err := e.StartRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	stop := work(t, dialWith(t, keyOf(2)), queue)
	for attempt := int32(0); attempt < 2; time.Sleep(10 * time.Millisecond) {
		d, err := old.DescribeWorkflowExecution(t.Context(), run.WorkflowID, "")
		if err != nil {
			t.Fatal(err)
		}
		if s := d.GetWorkflowExecutionInfo().GetStatus(); s != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			t.Fatalf("without its key the run is %s", s)
		}
		attempt = d.GetPendingWorkflowTask().GetAttempt()
	}
	stop()
	stop = work(t, dialWith(t, keyOf(2), keyOf(1)), queue)
	defer stop()
	if lines := shared.diary.await(t, run.WorkflowID, 1); !strings.HasPrefix(lines[0], "start") {
		t.Errorf("the run wrote %q", lines)
	}
	if err := temporal.NewEngine(dialWith(t, keyOf(2), keyOf(1)), queue).Signal(t.Context(), run.WorkflowID, "x"); err != nil {
		t.Fatal(err)
	}
	shared.diary.await(t, run.WorkflowID, 2)
	ids, err := e.KeysUsed(t.Context(), run.WorkflowID)
	if want := []string{idOf(t, keyOf(1)), idOf(t, keyOf(2))}; err != nil || !slices.Equal(ids, slices.Sorted(slices.Values(want))) {
		t.Errorf("keys used: %v, %v; want %v", ids, err, want)
	}
}

func idOf(t *testing.T, key string) string {
	t.Helper()
	keys, err := temporal.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	return keys[0].ID()
}

func TestLooksAtWorkflows(t *testing.T) {
	t.Parallel()
	e := temporal.NewEngine(shared.client, temporal.Queue)
	run := started("aims-looked-at", 1)
	if err := e.StartRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	shared.diary.await(t, run.WorkflowID, 1)
	if at, err := e.LastEvent(t.Context(), run.WorkflowID); err != nil || at.IsZero() {
		t.Errorf("last event: %v, %v", at, err)
	}
	for id, want := range map[string]bool{run.WorkflowID: true, "aims-never": false} {
		if known, err := e.Knows(t.Context(), id); err != nil || known != want {
			t.Errorf("knows %s: %v, %v", id, known, err)
		}
	}
	if ids, err := e.KeysUsed(t.Context(), "aims-never"); err != nil || ids != nil {
		t.Errorf("keys of what never was: %v, %v", ids, err)
	}
	if _, err := e.LastEvent(t.Context(), "aims-never"); err == nil {
		t.Error("there is an event of what never was")
	}
}
