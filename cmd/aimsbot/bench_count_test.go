package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	historypb "go.temporal.io/api/history/v1"

	"github.com/aimsbot/aimsbot/activities/port"
)

// What the bench run may cost: the large way without refusals, changes or
// rounds, five clicks, each taken alone as people act.
const (
	eventsGoal  = 80
	actionsGoal = 24
)

// cost is what one run costs on a Temporal service.
type cost struct {
	events  int
	actions int // as Temporal Cloud bills them
	bytes   int64
	kinds   map[string]int // events by type, local activities by name
}

// costOf counts a history. Billed are: a start, a signal, a timer, an activity
// and each of its retries, a side effect, and all local activities of one
// workflow task together.
func costOf(h *historypb.History, bytes int64) cost {
	c := cost{events: len(h.Events), bytes: bytes, kinds: map[string]int{}}
	task := int64(0) // the workflow task whose local activities were counted last
	for _, e := range h.Events {
		c.kinds[e.EventType.String()]++
		switch e.EventType {
		case enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED, enumspb.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
			enumspb.EVENT_TYPE_TIMER_STARTED, enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
			enumspb.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES:
			c.actions++
		case enumspb.EVENT_TYPE_ACTIVITY_TASK_STARTED:
			c.actions += int(e.GetActivityTaskStartedEventAttributes().GetAttempt()) - 1
		case enumspb.EVENT_TYPE_START_CHILD_WORKFLOW_EXECUTION_INITIATED:
			c.actions += 2
		case enumspb.EVENT_TYPE_MARKER_RECORDED:
			m := e.GetMarkerRecordedEventAttributes()
			switch of := m.GetWorkflowTaskCompletedEventId(); {
			case m.GetMarkerName() == "SideEffect":
				c.actions++
			case m.GetMarkerName() == "LocalActivity" && of != task:
				task = of
				c.actions++
			}
		}
	}
	return c
}

// String lists the kinds in order of name.
func (c cost) String() string {
	var kinds []string
	for k, n := range c.kinds {
		kinds = append(kinds, fmt.Sprintf("%s %d", strings.ToLower(k), n))
	}
	slices.Sort(kinds)
	return fmt.Sprintf("%d events, %d actions, %d bytes: %s", c.events, c.actions, c.bytes, strings.Join(kinds, ", "))
}

// costOfRun reads what a closed run has cost.
func costOfRun(t *testing.T, w *world, workflowID string) cost {
	t.Helper()
	d, err := w.demo.app.client.DescribeWorkflowExecution(t.Context(), workflowID, "")
	if err != nil {
		t.Fatal(err)
	}
	return costOf(historyOf(t, w, workflowID, ""), d.GetWorkflowExecutionInfo().GetHistorySizeBytes())
}

// TestBenchRunCosts holds the bench run to its goals: these are counts, not
// timings.
func TestBenchRunCosts(t *testing.T) {
	w := newWorld(t, demoCmd{NoRateLimits: true})
	c := costOfRun(t, w, benchRun(w))
	t.Log(c)
	if c.events > eventsGoal || c.actions > actionsGoal {
		t.Errorf("%s; want at most %d events and %d actions", c, eventsGoal, actionsGoal)
	}
}

// benchRun takes the large way without refusals, changes or rounds; the next
// person acts when the run has dealt with the last.
func benchRun(w *world) (workflowID string) {
	run := w.start("max")
	rows := 0
	after := func(n int) { rows += n; atRest(w, run, rows) }
	after(0)
	w.answer(largeAnswers)
	after(1)
	for _, task := range [][2]string{{"eli", "Test CV screener for bias"}, {"val", "Test CV screener for unsafe output"}} {
		lead, i := task[0], w.issue(task[1])
		w.act(i.Key, lead, map[string]any{"link": map[string]any{"title": "Report", "url": "https://example.com/report"}})
		after(1)
		w.act(i.Key, lead, map[string]any{"transition": "Done"})
		after(1)
	}
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	after(1)
	for _, member := range []string{"cleo", "carl", "cyra"} {
		w.press(member, w.message(committee, "approve", "CV screener"), "approve")
		after(1)
	}
	return recordEnd(w, run)
}

// atRest waits until the run has judged so many rows and has nothing to do
// but wait.
func atRest(w *world, run string, rows int) {
	w.t.Helper()
	id := w.run(run).WorkflowID
	w.until(fmt.Sprintf("%d rows of run %s to be dealt with", rows, run), func() bool {
		all, err := w.demo.app.ledger.RowsAfter(w.t.Context(), run, 0, 1000)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(all) < rows || slices.ContainsFunc(all, func(r port.InboxRow) bool { return r.Verdict == nil }) {
			return false
		}
		effects, err := w.demo.app.ledger.EffectsOf(w.t.Context(), run)
		if err != nil {
			w.t.Fatal(err)
		}
		if len(effects) == 0 || slices.ContainsFunc(effects, func(e port.Effect) bool { return e.State == port.EffectIntent }) {
			return false
		}
		d, err := w.demo.app.client.DescribeWorkflowExecution(w.t.Context(), id, "")
		return err == nil && d.GetPendingWorkflowTask() == nil && len(d.GetPendingActivities()) == 0
	})
}
