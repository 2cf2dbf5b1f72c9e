package workflows_test

import (
	"context"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows"
)

// TestSlowEffects: what the local attempt leaves goes to one regular activity
// on the outside queue, and the run judges on while it lasts.
func TestSlowEffects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ends = 2
	judged := make(chan struct{})
	w.judge = func(n int, _ *port.RunState) error {
		if n == 1 {
			close(judged)
		}
		return nil
	}
	// The attempts before and after the first click leave one effect.
	w.perform = func(n int) int { return map[int]int{1: 1, 2: 1}[n] }
	w.slow = w.talk(judged)
	w.sayAfter(time.Hour)
	queues := w.queues()
	if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
		t.Fatal(err)
	}
	if got := queues()["PerformSlow"]; got != workflows.OutsideQueue(testQueue) {
		t.Errorf("PerformSlow ran on %q, want %q", got, workflows.OutsideQueue(testQueue))
	}
	if n := w.count("regular PerformSlow"); n != 1 {
		t.Errorf("%d regular activities, want one that serves all: %q", n, w.calls)
	}
	// After the start, the first click, the slow activity and the second click.
	if n := w.count("Perform"); n != 4 {
		t.Errorf("%d looks at the effects, want 4, one of them when the slow activity has ended: %q", n, w.calls)
	}
}

// TestEndWaitsForEffects: a run ends when its last effect is done, and rows
// that come meanwhile still get their verdict.
func TestEndWaitsForEffects(t *testing.T) {
	t.Parallel()
	for name, late := range map[string]bool{"nobody": false, "a late click": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.sayAfter(time.Minute)
			w.perform = func(n int) int { return map[int]int{2: 1}[n] } // the last edit hangs
			w.slow = func(context.Context, int) error {
				if late {
					w.say()
				}
				return nil
			}
			var judged int64
			w.judge = func(_ int, s *port.RunState) error { judged = s.Cursor; return nil }
			if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
				t.Fatal(err)
			}
			if want := map[bool]int64{false: 1, true: 2}[late]; judged != want || !w.before("Judge", "regular PerformSlow") {
				t.Errorf("%d rows judged, want %d; calls %q", judged, want, w.calls)
			}
			if n := w.count("Advance"); n != 2 {
				t.Errorf("%d Advances, want 2: an ended run does not go on; calls %q", n, w.calls)
			}
		})
	}
}
