package workflows_test

import (
	"errors"
	"testing"
	"time"

	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/workflow"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows"
)

const day = 24 * time.Hour

// TestTimers: a run has one timer, left alone while it fires early enough.
func TestTimers(t *testing.T) {
	t.Parallel()
	at := func(d time.Duration) func(int, *port.RunState) error {
		return func(n int, s *port.RunState) error {
			if n == 1 {
				s.NextAt = epoch.Add(d)
			}
			return nil
		}
	}
	for name, c := range map[string]struct {
		next   func(n int, s *port.RunState) error // what each judgement makes of the next instant
		clicks int                                 // one a day
		timers int
		ticks  int
	}{
		"nobody says anything":        {clicks: 0, timers: 1, ticks: 1},
		"clicks that change no date":  {clicks: 5, timers: 1, ticks: 1},
		"a later date":                {next: at(20 * day), clicks: 5, timers: 2, ticks: 1},
		"an earlier date":             {next: at(4 * day), clicks: 2, timers: 2, ticks: 1},
		"no date any more":            {next: func(_ int, s *port.RunState) error { s.NextAt = time.Time{}; return nil }, clicks: 2, timers: 1},
		"a date that has passed":      {next: at(-day), clicks: 1, timers: 1, ticks: 1},
		"the same date said anew":     {next: at(10 * day), clicks: 3, timers: 1, ticks: 1},
		"clicks behind the last tick": {clicks: 12, timers: 1, ticks: 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ends = 1000
			w.advance = func(n int, s *port.RunState) error {
				if n == 1 {
					s.NextAt = epoch.Add(10 * day)
				}
				return nil
			}
			w.judge = c.next
			for i := range c.clicks {
				w.sayAfter(time.Duration(i+1) * day)
			}
			w.env.RegisterDelayedCallback(w.env.CancelWorkflow, 40*day)
			_ = w.run(port.StartedRun{}, workflows.Carried{})
			if w.timers != c.timers || w.count("Tick") != c.ticks {
				t.Errorf("%d timers and %d ticks, want %d and %d; calls %q", w.timers, w.count("Tick"), c.timers, c.ticks, w.calls)
			}
		})
	}
}

// TestParked: a run that cannot go on tries again every ten minutes, earlier
// when somebody says something, and goes on when it can.
func TestParked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		say      time.Duration
		advances int
		took     time.Duration
	}{
		"nobody says anything": {advances: 4, took: 30 * time.Minute},
		"somebody cares":       {say: 5 * time.Minute, advances: 4, took: 20 * time.Minute},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ends = 0
			if c.say > 0 {
				w.sayAfter(c.say)
			}
			w.advance = func(n int, s *port.RunState) error {
				if n < c.advances {
					s.Parked = "division by zero"
				} else {
					s.Outcome = "completed"
				}
				return nil
			}
			if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
				t.Fatal(err)
			}
			if took := w.env.Now().Sub(epoch).Round(time.Minute); took != c.took || w.count("Advance") != c.advances {
				t.Errorf("%d tries in %s, want %d in %s", w.count("Advance"), took, c.advances, c.took)
			}
		})
	}
}

// TestContinueAsNew: a long history is left for a fresh one with the same
// state, not before everything said is judged and no slow activity runs.
func TestContinueAsNew(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		script func(w *world)
		cursor int64 // judged before it continued
	}{
		"at rest": {script: func(*world) {}},
		"a signal just came": {
			script: func(w *world) { w.perform = func(int) int { w.sayOnce(); return 0 } }, cursor: 1,
		},
		"a slow activity runs": {
			script: func(w *world) {
				w.perform = func(n int) int { return map[int]int{1: 1}[n] }
				judged := make(chan struct{})
				w.judge = func(int, *port.RunState) error { close(judged); return nil }
				w.slow = w.talk(judged)
			}, cursor: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ends = 0
			w.env.SetCurrentHistoryLength(40)
			c.script(w)
			err := w.run(port.StartedRun{Events: 40}, workflows.Carried{})
			var again *workflow.ContinueAsNewError
			if !errors.As(err, &again) || again.WorkflowType.Name != "Run" {
				t.Fatalf("ended with %v, want to continue as new; calls %q", err, w.calls)
			}
			var start port.StartedRun
			var carried workflows.Carried
			if err := converter.GetDefaultDataConverter().FromPayloads(again.Input, &start, &carried); err != nil {
				t.Fatal(err)
			}
			if start.Events != 40 || carried.State == nil || carried.State.Cursor != c.cursor || carried.State.Run.ID != "R1" {
				t.Errorf("carried %+v and %+v, want the same run with %d rows judged", start, carried.State, c.cursor)
			}
			continued(t, start, carried)
		})
	}
}

// continued plays the next history: it begins where the last one ended.
func continued(t *testing.T, start port.StartedRun, carried workflows.Carried) {
	t.Helper()
	w := newWorld(t)
	w.inbox = carried.State.Cursor
	w.ends = w.inbox + 1
	w.sayAfter(time.Hour)
	var first int64 = -1
	w.advance = func(_ int, s *port.RunState) error {
		if first < 0 {
			first = s.Cursor
		}
		return nil
	}
	if err := w.run(start, carried); err != nil {
		t.Fatal(err)
	}
	if first != carried.State.Cursor {
		t.Errorf("the next history began at row %d, want %d", first, carried.State.Cursor)
	}
}

// TestLook: when something that steps wait for may have come, the run advances.
func TestLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.advance = func(n int, s *port.RunState) error {
		if s.NextAt = epoch.Add(time.Hour); n == 2 {
			s.Look, s.Outcome = false, "completed"
		}
		return nil
	}
	w.tick = func(s *port.RunState) { s.NextAt, s.Look = time.Time{}, true }
	if err := w.run(port.StartedRun{}, workflows.Carried{}); err != nil {
		t.Fatal(err)
	}
	if w.count("Advance") != 2 || w.count("Tick") != 1 {
		t.Errorf("calls %q", w.calls)
	}
}
