package workflows_test

import (
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	commonpb "go.temporal.io/api/common/v1"
	historypb "go.temporal.io/api/history/v1"
	"go.temporal.io/api/temporalproto"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/workflows"
)

// branches are what the corpus must hold, by the name of the file ("-2" is the
// second history of a run that continued as new), with something that its
// histories must show.
var branches = map[string]string{
	"small":            "Advance",
	"large":            "Inspect",
	"large_one_by_one": "Judge",
	"blocks":           "Inspect",
	"rejected":         "WorkflowExecutionCompleted",
	"changes":          "Judge",
	"evidence_changed": "Inspect",
	"cancelled":        "WorkflowExecutionCompleted",
	"silence":          "Tick",
	"slow_effects":     "regular PerformSlow",
	"slow_end":         "regular PerformSlow",
	"slow_judge":       "regular Judge",
	"slow_inspect":     "regular Reach",
	"continued":        "WorkflowExecutionContinuedAsNew",
	"continued_slow":   "WorkflowExecutionContinuedAsNew",
	"parked":           "TimerFired",
	"programme":        "Due",
}

// TestReplay runs every recorded history through the code as it is: a run that
// is open somewhere must go on as it began. The histories are decrypted, one
// folder per released form of the code, named by its last commit from the second
// on; they are only ever added to.
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
	shown := map[string]map[string]bool{}
	for _, file := range files {
		h := readHistory(t, file)
		name, _, _ := strings.Cut(strings.TrimSuffix(filepath.Base(file), ".json"), "-")
		if shown[name] == nil {
			shown[name] = map[string]bool{}
		}
		show(t, shown[name], h)
		t.Run(strings.TrimPrefix(file, "testdata/replay/"), func(t *testing.T) {
			t.Parallel()
			if err := r.ReplayWorkflowHistory(nil, h); err != nil {
				t.Errorf("%s: %v", file, err)
			}
		})
	}
	for name, what := range branches {
		if !shown[name][what] {
			t.Errorf("no history of the branch %q shows %q; it shows %v", name, what, slices.Sorted(maps.Keys(shown[name])))
		}
	}
}

// TestReplayOfRelease: what the release before this one has recorded is in the
// corpus, every branch of it, in a folder that is named by its commit.
func TestReplayOfRelease(t *testing.T) {
	t.Parallel()
	makefile, err := os.ReadFile("../Makefile")
	if err != nil {
		t.Fatal(err)
	}
	release := regexp.MustCompile(`(?m)^RELEASE := (\S+)$`).FindSubmatch(makefile)
	if release == nil {
		t.Fatal("the Makefile names no RELEASE")
	}
	for name := range branches {
		files, err := filepath.Glob("testdata/replay/v*-" + string(release[1]) + "/" + name + "[^_]*json")
		if err != nil || len(files) == 0 {
			t.Errorf("no history of the branch %q by release %s: check it out and run go test -run TestRecordHistories ./cmd/aimsbot -record FOLDER", name, release[1])
		}
	}
}

// show adds what a history shows: the types of its events and its activities.
func show(t *testing.T, seen map[string]bool, h *historypb.History) {
	t.Helper()
	for _, e := range h.Events {
		seen[e.EventType.String()] = true
		if a := e.GetActivityTaskScheduledEventAttributes(); a != nil {
			seen["regular "+a.GetActivityType().GetName()] = true
		}
		var local struct{ ActivityType string }
		data := e.GetMarkerRecordedEventAttributes().GetDetails()["data"]
		if data == nil {
			continue
		}
		if err := converter.GetDefaultDataConverter().FromPayloads(data, &local); err != nil {
			t.Fatal(err)
		}
		seen[local.ActivityType] = true
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
