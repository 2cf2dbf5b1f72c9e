package workflows_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"go.temporal.io/sdk/temporal"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows"
)

// TestEarlySignals: what people say before the run waits for the first time is
// judged like anything later.
func TestEarlySignals(t *testing.T) {
	t.Parallel()
	for name, say := range map[string]func(w *world){
		"with the start":     func(w *world) { w.sayAfter(0) },
		"during the advance": func(w *world) { w.advance = func(int, *port.RunState) error { w.sayOnce(); return nil } },
		"during the effects": func(w *world) { w.perform = func(int) int { w.sayOnce(); return 0 } },
		"while it waits":     func(w *world) { w.sayAfter(time.Hour) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			say(w)
			if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
				t.Fatal(err)
			}
			if w.count("Judge") != 1 || !w.before("Advance", "Judge") {
				t.Errorf("calls %q, want one Judge after the first Advance", w.calls)
			}
		})
	}
}

// TestOneLookForManySignals: rows are judged in batches, however many signals
// came, and those behind a full batch at once.
func TestOneLookForManySignals(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ rows, judges int }{
		"five at once":     {5, 1},
		"a full batch":     {activities.JudgeLimit, 1},
		"three batches":    {2*activities.JudgeLimit + 5, 3},
		"one row, one row": {1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ends = int64(c.rows)
			w.env.RegisterDelayedCallback(func() {
				for range c.rows {
					w.say()
				}
			}, time.Hour)
			if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
				t.Fatal(err)
			}
			// The first signal wakes the run; the others may come while it judges.
			if n := w.count("Judge"); n < c.judges || n > c.judges+1 {
				t.Errorf("%d rows took %d Judges, want %d or one more", c.rows, n, c.judges)
			}
		})
	}
}

// TestLedgerAway: ledger work that fails goes on as one regular activity whose
// tries are not events of the history.
func TestLedgerAway(t *testing.T) {
	t.Parallel()
	away := errors.New("the database is away")
	for name, script := range map[string]func(w *world, fails int){
		"Advance": func(w *world, fails int) {
			w.advance = func(n int, _ *port.RunState) error { return failUntil(n, fails, away) }
		},
		"Judge": func(w *world, fails int) {
			w.judge = func(n int, _ *port.RunState) error { return failUntil(n, fails, away) }
		},
	} {
		for _, c := range []struct{ fails, activities, tries int }{
			{fails: 2, activities: 0, tries: 0},
			{fails: 8, activities: 1, tries: 6}, // three tries were local
		} {
			t.Run(fmt.Sprintf("%s fails %d times", name, c.fails), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.sayAfter(time.Minute)
				ids := w.regular()
				script(w, c.fails)
				if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
					t.Fatal(err)
				}
				if len(ids()) != c.activities || w.count("regular "+name) != c.tries {
					t.Errorf("regular activities %v, want %d with %d tries; calls %q", ids(), c.activities, c.tries, w.calls)
				}
			})
		}
	}
}

func failUntil(n, tries int, err error) error {
	if n <= tries {
		return err
	}
	return nil
}

// TestHintIsRead: a hint makes the run read the issue again, at once.
func TestHintIsRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.sayAfter(time.Minute)
	w.judge = func(_ int, s *port.RunState) error { s.Reread = []string{"task"}; return nil }
	if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
		t.Fatal(err)
	}
	if w.count("Inspect") != 1 || w.count("regular Reach") != 0 {
		t.Errorf("calls %q", w.calls)
	}
}

// TestAbsentJiraHoldsUpNobody: while Jira cannot be read, what people say is
// judged; the issue is read when Jira is back.
func TestAbsentJiraHoldsUpNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ends = 3
	for _, at := range []time.Duration{time.Minute, 2 * time.Minute, 48 * time.Hour} {
		w.sayAfter(at)
	}
	w.judge = func(n int, s *port.RunState) error {
		if n == 1 {
			s.Reread = []string{"task"}
		}
		return nil
	}
	w.inspect = func(n int) error { return failUntil(n, 1, errors.New("jira: 503")) }
	w.reach = func(int) error { return failUntil(w.count("Judge"), 1, errors.New("jira: 503")) }
	queues := w.queues()
	if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
		t.Fatal(err)
	}
	second := 0
	for i, call := range w.calls {
		switch {
		case call == "Judge" && second == 0 && i > slices.Index(w.calls, "Inspect"):
			second = i
		case call == "Inspect" && second == 0 && i > slices.Index(w.calls, "Inspect"):
			t.Errorf("the issue was read before anything was judged: %q", w.calls)
		}
	}
	if w.count("Inspect") != 2 || w.count("regular Inspect") != 0 || w.count("regular Reach") < 2 {
		t.Errorf("calls %q", w.calls)
	}
	if queues()["Reach"] != workflows.OutsideQueue(testQueue) {
		t.Errorf("Reach ran on %q, want the outside queue", queues()["Reach"])
	}
}

// TestPutOffReadingsAreNotForgotten: an issue that could not be looked at yet is
// read as soon as nothing is under way, without another hint.
func TestPutOffReadingsAreNotForgotten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.ends = 2
	w.sayAfter(time.Minute)
	w.sayAfter(time.Hour)
	w.judge = func(n int, s *port.RunState) error {
		if n == 1 {
			s.Reread = []string{"task"}
		}
		return nil
	}
	w.putOff = 1
	if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
		t.Fatal(err)
	}
	reversed := slices.Clone(w.calls)
	slices.Reverse(reversed)
	if w.count("Inspect") != 2 || slices.Index(reversed, "Inspect") < slices.Index(reversed, "Judge") {
		t.Errorf("calls %q", w.calls)
	}
}

// TestCancelled: an accepted cancellation ends the run after its effects; a
// cancellation from the engine ends it at once, without a retry of anything.
func TestCancelled(t *testing.T) {
	t.Parallel()
	t.Run("by a person", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.ends = 0
		w.sayAfter(time.Minute)
		w.judge = func(_ int, s *port.RunState) error {
			s.Cancel = &port.Cancel{By: "max", Reason: "retired"}
			return nil
		}
		if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
			t.Fatal(err)
		}
		if last := w.calls[len(w.calls)-1]; last != "Perform" || w.count("Advance") != 2 {
			t.Errorf("calls %q, want an Advance and the effects after the verdict", w.calls)
		}
	})
	t.Run("by the engine", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t)
		w.ends = 0
		w.env.RegisterDelayedCallback(w.env.CancelWorkflow, time.Minute)
		err := w.run(port.StartedRun{}, workflows.Carried{})
		var cancelled *temporal.CanceledError
		if !errors.As(err, &cancelled) || len(w.calls) != 2 {
			t.Errorf("ended with %v after %q, want cancelled after the first Advance and Perform", err, w.calls)
		}
	})
}
