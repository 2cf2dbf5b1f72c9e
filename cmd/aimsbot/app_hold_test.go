package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// frozenEvidence holds a fix up until the evidence is released.
const frozenEvidence = `playbook: frozen-evidence
title: Frozen evidence
subject: system
steps:
  - id: begin
    group:
      - id: freeze
        task: {assign: aims-manager, title: Freeze the evidence, blocks: [fix], until: release}
      - id: mend
        steps:
          - {id: plan, form: {ask: explainability-lead, title: 'How is it fixed?', questions: [{id: how, text: How, type: text}]}}
          - {id: fix, task: {assign: explainability-lead, title: Fix it}}
      - id: release
        title: Release the evidence
        approval: {need: [{role: ai-ethics-officer}]}
`

// TestHoldWay plays a hold in one history and continued as new: the fix has no
// issue while it is held up, `show` says why, and it opens when it is released.
func TestHoldWay(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, frozenEvidence)})
			holdLifted(w)
			w.continued(events > 0)
		})
	}
}

func holdLifted(w *world) string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "frozen-evidence", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fill("eli", w.message("eli", "answer", "How is it fixed?"), "answer", map[string]any{"how": "Retrain it"})
	w.do("Freeze the evidence", "max")
	w.until("the fix to wait, though the freeze is done", func() bool {
		return stepState(w, run.ID, "freeze") == "done" && stepState(w, run.ID, "fix") == "held"
	})
	var b bytes.Buffer
	if err := show(&b, w.run(run.ID)); err != nil {
		w.t.Fatal(err)
	}
	if want := "the hold Freeze the evidence, lifted by Release the evidence. Then it goes on with Fix it"; !strings.Contains(b.String(), want) {
		w.t.Errorf("`show` does not say %q:\n%s", want, b.String())
	}
	for _, i := range w.state().Issues {
		if i.Summary == "Fix it" {
			w.t.Error("the fix has an issue while it is held up")
		}
	}
	w.press("ethan", w.message("ethan", "approve", "Frozen evidence"), "approve")
	w.do("Fix it", "eli")
	w.ends(run.ID, "approved", expected{records: map[string]int{"hold.placed": 1, "step.held": 1, "hold.lifted": 1, "step.opened": 4, "run.ended": 1}})
	return run.ID
}
