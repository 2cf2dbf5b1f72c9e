package main

import (
	"context"
	"database/sql"
	"net/url"
	"strings"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	_ "modernc.org/sqlite" // the database driver

	"github.com/aimsbot/aimsbot/activities/port"
)

// stranger opens the ledger as another program would.
func (w *world) stranger() *sql.Conn {
	w.t.Helper()
	db, err := sql.Open("sqlite", (&url.URL{Scheme: "file", Opaque: w.data.file("ledger.db"), RawQuery: "_pragma=busy_timeout(20000)"}).String())
	if err != nil {
		w.t.Fatal(err)
	}
	c, err := db.Conn(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() { _ = c.Close(); _ = db.Close() })
	return c
}

func (w *world) sql(c *sql.Conn, statement string) {
	w.t.Helper()
	if _, err := c.ExecContext(w.t.Context(), statement); err != nil {
		w.t.Fatal(err)
	}
}

// readyForEthan starts the small way and plays it up to the officer's decision.
func (w *world) readyForEthan() (run string, ask message) {
	w.t.Helper()
	run = w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	ask = w.message("ethan", "approve", "CV screener")
	w.quiet(run)
	return run, ask
}

// TestLockedLedger: another program holds the ledger's lock for longer than the
// bot waits for it. A click meanwhile is not acknowledged, the person is told to
// try again, and nothing of it is kept; the next one counts.
func TestLockedLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run, ask := w.readyForEthan()
	other := w.stranger()
	w.sql(other, "BEGIN IMMEDIATE")
	if a := w.press("ethan", ask, "approve"); a.Status == 200 {
		t.Errorf("the click was acknowledged: %+v", a)
	}
	w.until("ethan is told to try again", func() bool { return w.private("ethan", "Please try again") != "" })
	// The bot itself has met the lock too, not only the click's time limit.
	if err := w.demo.app.ledger.Ping(t.Context()); err == nil || !strings.Contains(err.Error(), "locked") {
		t.Errorf("the ledger can be written: %v", err)
	}
	unkept, failed := `aimsbot_deliveries_total{kind="click",outcome="unkept",transport="socket"}`, `aimsbot_ledger_errors_total{operation="write"}`
	if m := w.scrape(); m[unkept] < 1 || m[failed] < 1 {
		t.Errorf("the metrics show %v clicks that were not kept and %v failed writes", m[unkept], m[failed])
	}
	w.sql(other, "ROLLBACK")
	w.until("the ledger is free", func() bool { return w.demo.app.ledger.Ping(t.Context()) == nil })
	rows, err := w.demo.app.ledger.RowsAfter(t.Context(), run, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		if r.Action == port.ActionApprove {
			t.Errorf("the refused click was kept: %+v", r)
		}
	}
	w.press("ethan", ask, "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
}

// deadFor is how long the ledger takes no record: many tries of the ordinary
// activity, whose pauses double from a second.
const deadFor = 40 * time.Second

// TestHistoryOfADeadLedger: the ledger takes clicks and no records. The run
// waits in one regular activity, whose tries are no events; only the sweeper's
// signals are, with pauses that double. When the ledger works again, so does
// the run.
func TestHistoryOfADeadLedger(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run, ask := w.readyForEthan()
	id := w.run(run).WorkflowID
	other := w.stranger()
	w.sql(other, "CREATE TRIGGER dead BEFORE INSERT ON records BEGIN SELECT RAISE(FAIL, 'no room'); END")
	before := w.events(id)
	w.kept(run, w.press("ethan", ask, "approve"))
	scheduled := enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED
	w.until("the regular activity", func() bool { return w.events(id)[scheduled] == before[scheduled]+1 })
	at := w.events(id)
	tries := w.tries(id)
	time.Sleep(deadFor)
	if now := w.tries(id); now < tries+3 {
		t.Errorf("%d tries, and %d after %s: nobody tries", tries, now, deadFor)
	}
	signals := 0
	for kind, n := range w.events(id) {
		grown := n - at[kind]
		switch kind {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
			signals = grown
		case enumspb.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED, enumspb.EVENT_TYPE_WORKFLOW_TASK_STARTED, enumspb.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
		default:
			if grown > 0 {
				t.Errorf("%d more events %s in %s", grown, kind, deadFor)
			}
		}
	}
	if signals > 4 { // after 5, 10, 20 and 40 s
		t.Errorf("%d signals in %s, want pauses that double", signals, deadFor)
	}
	w.sql(other, "DROP TRIGGER dead")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
}

// events counts the events of a workflow by kind.
func (w *world) events(id string) map[enumspb.EventType]int {
	out := map[enumspb.EventType]int{}
	for _, e := range historyOf(w.t, w, id, "").Events {
		out[e.GetEventType()]++
	}
	return out
}

// tries is the number of the present try of the workflow's pending activity.
func (w *world) tries(id string) int32 {
	w.t.Helper()
	d, err := w.demo.app.client.DescribeWorkflowExecution(context.WithoutCancel(w.t.Context()), id, "")
	if err != nil {
		w.t.Fatal(err)
	}
	if len(d.PendingActivities) != 1 {
		w.t.Fatalf("%d activities are pending, want one", len(d.PendingActivities))
	}
	return d.PendingActivities[0].Attempt
}
