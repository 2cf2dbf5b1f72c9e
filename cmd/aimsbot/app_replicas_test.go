package main

import (
	"testing"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// TestTwoReplicas: two bots on one ledger and one outside Temporal. There is one
// programme and one workflow of a run; when one of them leaves in the middle of
// it, the other goes on.
func TestTwoReplicas(t *testing.T) {
	t.Parallel()
	w := newTown(t, "")
	first, stopFirst := w.must(keyA)
	second, _ := w.must(keyA) // requests from outside come to it from here on
	w.demo.app = first
	run := w.start("max")
	for _, a := range []*app{first, second} { // both sweep, as they do after a crash
		if err := a.acts.Relaunch(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		if err := a.ensureProgramme(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	w.answer(smallAnswers)
	down(t, stopFirst)
	w.demo.app = second
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{
		issues:  []string{"AI system impact assessment: CV screener", "Sign off", "Test CV screener for bias", "What does CV screener do, and to whom?"},
		records: map[string]int{"decision.accepted": 2, "run.started": 1, "run.ended": 1},
	})
	if n := len(w.messagesTo("D0OLIVE")); n != 1 {
		t.Errorf("%d messages to the owner, want 1", n)
	}
	for _, kind := range []string{"Run", "Programme"} {
		w.until("the list of workflows", func() bool { return len(w.executionsOf(second.client, kind)) > 0 })
		if ids := w.executionsOf(second.client, kind); len(ids) != 1 {
			t.Errorf("workflows %s: %q, want one", kind, ids)
		}
	}
}

// TestTwoInstallations: two bots with ledgers of their own in one namespace leave
// each other's runs alone.
func TestTwoInstallations(t *testing.T) {
	t.Parallel()
	one, other := newTown(t, ""), newTown(t, "")
	other.environ = one.environ
	one.must(keyA)
	other.must(keyA)
	for _, w := range []*town{one, other} {
		run := w.start("max")
		w.answer(smallAnswers)
		w.do("Test CV screener for bias", "eli")
		w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
		w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
	}
}

// executionsOf lists the workflows of a type, open and closed, without those that
// continued as new.
func (w *town) executionsOf(c client.Client, kind string) []string {
	w.t.Helper()
	list, err := c.ListWorkflow(w.t.Context(), &workflowservice.ListWorkflowExecutionsRequest{Namespace: temporal.Namespace, Query: "WorkflowType = '" + kind + "'"})
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, e := range list.GetExecutions() {
		if e.GetStatus() != enumspb.WORKFLOW_EXECUTION_STATUS_CONTINUED_AS_NEW {
			ids = append(ids, e.GetExecution().GetWorkflowId())
		}
	}
	return ids
}
