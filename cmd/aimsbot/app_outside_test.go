package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	enumspb "go.temporal.io/api/enums/v1"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows"
)

// TestHungCall: one call hangs for 30 s, before or after Slack has done it. The
// run goes on with one regular activity, and there is one message.
func TestHungCall(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"hang_before", "hang_after"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true})
			// The first post is the audit channel's, the second the owner's form.
			w.post("/_control/faults", map[string]any{"kind": kind, "call": "chat.postMessage", "nth": 2, "length": "30s"}, nil)
			run := w.start("max")
			w.until("the form to be posted", func() bool { return w.posted(run, "scope") })
			w.answer(smallAnswers)
			w.do("Test CV screener for bias", "eli")
			w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
			w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
			if n := len(w.messagesTo("D0OLIVE")); n != 1 {
				t.Errorf("%d messages to the owner, want 1", n)
			}
			regular := 0
			for _, e := range historyOf(t, w, w.run(run).WorkflowID, "").Events {
				if e.GetEventType() == enumspb.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED {
					regular++
				}
			}
			if regular != 1 {
				t.Errorf("%d regular activities, want 1", regular)
			}
		})
	}
}

// TestDoneBeforeKnown: Jira makes an issue and its answer is lost; the task is
// done in Jira before the bot has found the issue again. It counts all the same.
func TestDoneBeforeKnown(t *testing.T) {
	t.Parallel()
	for _, jira := range []string{"cloud", jiraDataCenter} {
		t.Run(jira, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, Jira: jira})
			// The third issue is the task's, after the epic and the form's.
			w.post("/_control/faults", map[string]any{"kind": "hang_after", "call": "/issue", "changes": true, "nth": 3, "length": "30s"}, nil)
			run := w.start("max")
			w.answer(smallAnswers)
			w.do("Test CV screener for bias", "eli")
			w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
			w.ends(run, "approved", expected{
				issues:  []string{"AI system impact assessment: CV screener", "Sign off", "Test CV screener for bias", "What does CV screener do, and to whom?"},
				records: map[string]int{"decision.accepted": 2, "run.ended": 1},
			})
		})
	}
}

// posted tells whether the message of a step is known to be there.
func (w *world) posted(run, step string) bool {
	w.t.Helper()
	all, err := w.demo.app.ledger.EffectsOf(w.t.Context(), run)
	if err != nil {
		w.t.Fatal(err)
	}
	return slices.ContainsFunc(all, func(e port.Effect) bool {
		return e.Step == step && e.Kind == port.EffectPost && e.State == port.EffectDone
	})
}

// absent is an engine that cannot be reached.
type absent struct{}

var _ port.Engine = absent{}

func (absent) StartRun(context.Context, port.StartedRun) error { return errors.New("not reached") }
func (absent) Signal(context.Context, string, string) error    { return errors.New("not reached") }

// TestStoredRunIsStarted: where the process ended between storing a run and
// starting its workflow, the run is started later, once.
func TestStoredRunIsStarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	a := w.demo.app
	cut := &activities.Activities{Ledger: a.ledger, Engine: absent{}, Library: a.shelf, Now: a.opt.now, Logger: a.opt.log}
	run, _, err := cut.Start(t.Context(), activities.StartRequest{Playbook: "impact-assessment", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		t.Fatal(err)
	}
	if state := w.run(run.ID).State; state != port.RunStarting {
		t.Fatalf("the run is %s, want %s", state, port.RunStarting)
	}
	w.message("olive", "answer", "What does CV screener do")
	if state := w.run(run.ID).State; state != port.RunOpen {
		t.Errorf("the run is %s, want %s", state, port.RunOpen)
	}
	if n := len(w.messagesTo("D0OLIVE")); n != 1 {
		t.Errorf("%d messages to the owner, want 1", n)
	}
}

// TestTwoProgrammes: two programmes look at the same time, and each occurrence
// becomes one run.
func TestTwoProgrammes(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	a := w.demo.app
	second := workflows.ProgrammeID(a.ledger.Installation()) + "-2"
	if err := a.engine.Ensure(t.Context(), second, workflows.ProgrammeName, workflows.ProgrammeInput{}); err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	now := w.demo.box.Now().In(zone)
	due := time.Date(now.Year(), now.Month()+1, 1, 9, 0, 0, 0, zone) // as the sample programme says
	w.post("/_control/clock", map[string]any{"advance": fmt.Sprint(due.Sub(now) + time.Minute)}, nil)
	w.message("olive", "answer", "What does CV screener do")
	runs, err := a.ledger.Runs(t.Context(), "", 100)
	if err != nil {
		t.Fatal(err)
	}
	if len(runs) != 1 || runs[0].Occurrence == "" {
		t.Errorf("%d runs, want one with its occurrence: %+v", len(runs), runs)
	}
	if occ, err := a.ledger.LastOccurrence(t.Context(), "impact-assessment", "cv-screener", false); err != nil || occ.State != "started" || occ.Run != runs[0].ID {
		t.Errorf("the occurrence is %+v, %v", occ, err)
	}
	if n := len(w.messagesTo("C0AUDIT")); n != 1 {
		t.Errorf("%d messages to the audit channel, want 1", n)
	}
}
