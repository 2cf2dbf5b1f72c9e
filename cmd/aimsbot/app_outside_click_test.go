package main

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/workflows"
)

// TestClickWhileNoWorkerRuns: a click is acknowledged and kept, and counts when
// somebody works again.
func TestClickWhileNoWorkerRuns(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	ask := w.message("ethan", "approve", "CV screener")
	w.quiet(run)
	a := w.demo.app
	a.workers.Stop()
	w.kept(run, w.press("ethan", ask, "approve"))
	a.workers = temporal.NewWorkers(a.client, a.queue, temporal.Code{Workflows: registerWorkflows, Activities: a.registerActivities}, a.fail)
	if err := a.workers.Start(); err != nil {
		t.Fatal(err)
	}
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
}

// TestClickWhileTemporalIsDown: a click is acknowledged and kept though the
// engine is gone, and counts when the bot comes up again on the same data.
func TestClickWhileTemporalIsDown(t *testing.T) {
	t.Parallel()
	dir, err := os.MkdirTemp("", "aims")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w, stop := raised(t, dir, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	ask := w.message("ethan", "approve", "CV screener")
	w.quiet(run)
	if err := w.demo.app.server.Stop(); err != nil {
		t.Fatal(err)
	}
	w.kept(run, w.press("ethan", ask, "approve"))
	_ = stop() // its engine is gone: how it ends does not matter
	w, stop = raised(t, dir, demoCmd{NoRateLimits: true})
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
	if err := stop(); err != nil {
		t.Errorf("the demo ended with: %v", err)
	}
}

// raised starts the demo on a data folder, which may have been used before.
// What is to happen before the bot makes its first call is done then.
func raised(t *testing.T, dir string, c demoCmd, first ...func(w *world)) (w *world, stop func() error) {
	t.Helper()
	data, err := openData(filepath.Join(dir, "d"))
	if err != nil {
		t.Fatal(err)
	}
	c.Listen = "127.0.0.1:0"
	said := &tail{}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the bot said:\n%s", said)
		}
	})
	d, err := startDemo(t.Context(), data, c, slog.New(slog.NewTextHandler(said, &slog.HandlerOptions{Level: slog.LevelWarn})))
	if err != nil {
		t.Fatal(err)
	}
	w = &world{t: t, demo: d, data: data, base: d.address, said: said}
	for _, do := range first {
		do(w)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx) }()
	stop = sync.OnceValue(func() error {
		cancel()
		return errors.Join(<-done, data.Close())
	})
	t.Cleanup(func() { _ = stop() })
	w.until("the bot is ready", func() bool {
		res, err := http.Get(w.base + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	return w, stop
}

// TestClickAheadOfTheRun: a crash has a run do its last steps once more, while
// somebody has answered the message one of them made. The answer waits for the
// run to get there again.
func TestClickAheadOfTheRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	w.quiet(run)
	a := w.demo.app
	value, err := a.client.QueryWorkflow(t.Context(), w.run(run).WorkflowID, "", workflows.StateQuery)
	if err != nil {
		t.Fatal(err)
	}
	var behind port.RunState // waits for the form, as before all that follows
	if err := value.Get(&behind); err != nil {
		t.Fatal(err)
	}
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	ask := w.message("ethan", "approve", "CV screener")
	w.quiet(run)
	a.workers.Stop()
	click := w.press("ethan", ask, "approve")
	if _, err := a.acts.Judge(t.Context(), activities.Request{Definition: w.run(run).Definition, State: behind, Now: a.opt.now()}); err != nil {
		t.Fatal(err)
	}
	w.kept(run, click)
	a.workers = temporal.NewWorkers(a.client, a.queue, temporal.Code{Workflows: registerWorkflows, Activities: a.registerActivities}, a.fail)
	if err := a.workers.Start(); err != nil {
		t.Fatal(err)
	}
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "decision.late": 0, "run.ended": 1}})
}

// kept holds that a click was acknowledged and waits in the inbox, not judged.
func (w *world) kept(run string, a ack) {
	w.t.Helper()
	if a.Status != 200 {
		w.t.Errorf("the click was not acknowledged: %+v", a)
	}
	rows, err := w.demo.app.ledger.RowsAfter(w.t.Context(), run, 0, 100)
	if err != nil {
		w.t.Fatal(err)
	}
	if len(rows) == 0 || rows[len(rows)-1].Action != port.ActionApprove || rows[len(rows)-1].Verdict != nil {
		w.t.Errorf("the click is not in the inbox, or was judged: %+v", rows)
	}
}
