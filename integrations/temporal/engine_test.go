package temporal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/google/go-cmp/cmp"
	enumspb "go.temporal.io/api/enums/v1"
)

func started(id string, days int) port.StartedRun {
	return port.StartedRun{WorkflowID: id, Input: map[string]string{"days": strconv.Itoa(days)}}
}

func TestStartAndSignalOnce(t *testing.T) {
	t.Parallel()
	e := temporal.NewEngine(shared.client, temporal.Queue)
	run := started("aims-once", 0)
	for range 2 {
		if err := e.StartRun(t.Context(), run); err != nil {
			t.Fatal(err)
		}
	}
	if lines := shared.diary.await(t, run.WorkflowID, 2); lines[1] != "end" {
		t.Fatalf("the run wrote %q", lines)
	}
	awaitClosed(t, run.WorkflowID)
	if err := e.StartRun(t.Context(), run); err != nil {
		t.Errorf("start after the end: %v", err)
	}
	for _, id := range []string{run.WorkflowID, "aims-never-there"} {
		if err := e.Signal(t.Context(), id, "01J"); err != nil {
			t.Errorf("signal %s: %v", id, err)
		}
	}
	if lines := shared.diary.await(t, run.WorkflowID, 2); len(lines) != 2 {
		t.Errorf("the run ran twice: %q", lines)
	}
}

func TestEnsureStartsAgain(t *testing.T) {
	t.Parallel()
	e := temporal.NewEngine(shared.client, temporal.Queue)
	for n := 2; n <= 4; n += 2 {
		if err := e.Ensure(t.Context(), "aims-always", temporal.RunType, started("", 0)); err != nil {
			t.Fatal(err)
		}
		shared.diary.await(t, "aims-always", n)
		awaitClosed(t, "aims-always")
	}
}

// awaitClosed asks until the server says so: nothing may wait on a close event.
func awaitClosed(t *testing.T, id string) {
	t.Helper()
	for t.Context().Err() == nil {
		d, err := shared.client.DescribeWorkflowExecution(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		if d.GetWorkflowExecutionInfo().GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_RUNNING {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// TestNothingReadableIsStored looks for a word in the files of the server after
// it went through the input, a signal and a failure of a run.
func TestNothingReadableIsStored(t *testing.T) {
	t.Parallel()
	const canary = "canary-olive-owens"
	run := started("aims-canary", 0)
	run.Subject, run.Input["fail"] = canary, canary
	e := temporal.NewEngine(shared.client, temporal.Queue)
	if err := e.StartRun(t.Context(), run); err != nil {
		t.Fatal(err)
	}
	shared.diary.await(t, run.WorkflowID, 1)
	awaitClosed(t, run.WorkflowID)
	files, err := filepath.Glob(filepath.Join(shared.dir, "temporal.db*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	seen := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(f); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("others may read %s (%v)", f, err)
		}
		seen = seen || bytes.Contains(b, []byte(run.WorkflowID))
		if bytes.Contains(b, []byte(canary)) {
			t.Errorf("%s holds %q in clear", f, canary)
		}
	}
	if !seen {
		t.Error("the files do not even hold the workflow id: looked in the wrong place")
	}
}

// TestTimeSkips moves ten days in one go, with a signal on the way, and then
// starts a run in the new present.
func TestTimeSkips(t *testing.T) {
	// Not parallel: it moves the time of every open run.
	e := temporal.NewEngine(shared.client, temporal.Queue)
	skipper := temporal.NewSkipper(shared.server, shared.clock)
	long, short, twice := started("aims-long", 10), started("aims-short", 2), started("aims-twice", 2)
	twice.Input["again"] = "yes" // continues as new once
	for _, r := range []port.StartedRun{long, short, twice} {
		if err := e.StartRun(t.Context(), r); err != nil {
			t.Fatal(err)
		}
		shared.diary.await(t, r.WorkflowID, 1)
	}
	advance := func(d time.Duration) <-chan error {
		done := make(chan error, 1)
		go func() { done <- skipper.Advance(t.Context(), d) }()
		return done
	}
	done := advance(132 * time.Hour)          // five days and a half
	shared.diary.await(t, long.WorkflowID, 4) // it is on its way
	if err := e.Signal(t.Context(), long.WorkflowID, "01J"); err != nil {
		t.Fatal(err)
	}
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	lines := shared.diary.await(t, long.WorkflowID, 7)
	if want := []string{"day 1", "day 2", "day 3", "day 4", "day 5"}; !cmp.Equal(without(lines[1:], "signal 01J"), want) || len(lines) != 7 {
		t.Errorf("after five days: %q", lines)
	}
	if lines := shared.diary.await(t, short.WorkflowID, 4); lines[3] != "end" {
		t.Errorf("the short run: %q", lines)
	}
	if lines := shared.diary.await(t, twice.WorkflowID, 7); lines[6] != "end" {
		t.Errorf("the run that continued as new: %q", lines)
	}
	if err := <-advance(132 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if lines := shared.diary.await(t, long.WorkflowID, 13); lines[12] != "end" {
		t.Errorf("after eleven days: %q", lines)
	}

	late := started("aims-late", 1)
	begun := shared.clock.Now()
	if err := e.StartRun(t.Context(), late); err != nil {
		t.Fatal(err)
	}
	at, err := time.Parse("start "+time.RFC3339, shared.diary.await(t, late.WorkflowID, 1)[0])
	if err != nil || at.Before(begun.Add(-time.Second)) {
		t.Errorf("a new run begins at %v, %v before the sandbox's present (%v)", at, begun.Sub(at), err)
	}
	if err := <-advance(24 * time.Hour); err != nil {
		t.Fatal(err)
	}
	if lines := shared.diary.await(t, late.WorkflowID, 3); lines[2] != "end" {
		t.Errorf("the late run: %q", lines)
	}
}

func without(lines []string, one string) []string {
	var out []string
	for _, l := range lines {
		if !strings.HasPrefix(l, one) {
			out = append(out, l)
		}
	}
	return out
}
