package workflows_test

import (
	"os"
	"path/filepath"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/workflows"
)

// TestReplay runs every recorded history through the code as it is: a run that
// is open somewhere must go on as it began. The histories are decrypted, one
// folder per released form of the code; they are only ever added to.
func TestReplay(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/replay/v*/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no histories to replay: %v", err)
	}
	r := worker.NewWorkflowReplayer()
	// The names that histories hold, as literals: renaming the function or the
	// constant must not rename the workflow.
	r.RegisterWorkflowWithOptions(workflows.Run, workflow.RegisterOptions{Name: "Run"})
	r.RegisterWorkflowWithOptions(workflows.Programme, workflow.RegisterOptions{Name: "Programme"})
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if err := r.ReplayWorkflowHistory(nil, readHistory(t, file)); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		})
	}
}

// readHistory reads a history whose payloads are plain JSON.
func readHistory(t *testing.T, file string) *historypb.History {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	h := &historypb.History{}
	o := temporalproto.CustomJSONUnmarshalOptions{
		DiscardUnknown: true, Metadata: map[string]any{commonpb.EnablePayloadShorthandMetadataKey: true},
	}
	if err := o.Unmarshal(b, h); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return h
}
