package main

import (
	"bytes"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// releaseCheck has two sequences side by side, one of them without an id, and a
// guarded block; its decision goes back into the middle of the first sequence.
const releaseCheck = `playbook: release-check
title: Check before a release
subject: system
outcomes: {approved: {counts: true}, rejected: {}}
steps:
  - id: scope
    form:
      ask: ${system.owner}
      title: What changes in ${system.name}?
      questions:
        - {id: change, text: What changes, type: text}
        - {id: decides, text: Does it decide about people now, type: yesno}
    due: 5 working days
  - id: checks
    group:
      - id: fairness
        title: Fairness of ${system.name}
        steps:
          - {id: bias, task: {assign: explainability-lead, title: 'Test ${system.name} for bias', evidence: required}}
          - {id: findings, form: {ask: explainability-lead, title: Findings on bias, questions: [{id: text, text: Findings, type: text}]}}
          - {id: agree, approval: {about: [bias, findings], need: [{role: chief-risk-officer}], changes: findings}}
      - steps:
          - {id: attack, task: {assign: model-validation-lead, title: 'Attack ${system.name}', evidence: required}}
          - {id: told, notify: {to: aims-manager, text: '${steps.attack.by} attacked it.'}}
  - id: affected
    when: steps.scope.decides
    satisfies: [iso42001:8.4]
    steps:
      - {id: hear, form: {ask: ai-ethics-officer, title: Who was heard, questions: [{id: who, text: Who, type: text}]}}
      - {id: letter, task: {assign: aims-manager, title: 'Write to: ${steps.hear.who}'}}
  - id: release
    approval: {about: [checks, affected], need: [{role: ai-ethics-officer}], changes: findings}
    due: 5 working days
`

// TestBlocksWay: sequences side by side and a guarded block, with its condition
// true and false.
func TestBlocksWay(t *testing.T) {
	for name, way := range map[string]func(w *world) string{"the block runs": blockRuns, "the block is skipped": blockSkipped} {
		for form, events := range map[string]int{"one history": 0, "continued as new": shortHistory} {
			t.Run(name+", "+form, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: ownConfig(t, releaseCheck)})
				way(w)
				w.continued(events > 0)
			})
		}
	}
}

func (w *world) startRelease(decides string) string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "release-check", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fill("olive", w.message("olive", "answer", "What changes in CV screener"), "answer", map[string]any{"change": "A new ranking", "decides": decides})
	return run.ID
}

// find answers the form in the middle of the first sequence, as it is asked in
// words.
func (w *world) find(words, text string) {
	w.t.Helper()
	w.fill("eli", w.message("eli", "answer", words), "answer", map[string]any{"text": text})
}

// steps are what is open and finished in a run, as `show` lists it.
func (w *world) steps(run string) map[string]string {
	out := map[string]string{}
	for _, st := range w.run(run).View.Steps {
		out[st.Step] = st.State
	}
	return out
}

// blockRuns goes back twice: from within the sequence while the other one is
// not finished, and from the end.
func blockRuns(w *world) string {
	run := w.startRelease("yes")
	attack := w.issue("Attack CV screener")
	w.do("Test CV screener for bias", "eli")
	w.find("Findings on bias", "None")
	w.fill("ron", w.message("ron", "changes", "CV screener"), "changes", map[string]any{"reason": "Which groups?"})
	w.find("Which groups?", "None by age or sex")
	w.press("ron", w.message("ron", "approve", "None by age or sex"), "approve")
	w.until("the first sequence to finish", func() bool { return w.steps(run)["agree"] == "done" })
	if s := w.steps(run); s["bias"] != "done" || s["attack"] != "open" || s["hear"] != "" {
		w.t.Errorf("the steps stand like this: %v", s)
	}
	if got := w.do("Attack CV screener", "val"); got.Key != attack.Key {
		w.t.Errorf("the attack moved from %s to %s: the other sequence was touched", attack.Key, got.Key)
	}
	w.fill("ethan", w.message("ethan", "answer", "Who was heard"), "answer", map[string]any{"who": "The works council"})
	w.do("Write to: The works council (round 2)", "max")
	w.fill("ethan", w.message("ethan", "changes", "CV screener"), "changes", map[string]any{"reason": "Say it in numbers"})
	w.find("Say it in numbers", "Under one percent")
	w.press("ron", w.message("ron", "approve", "Under one percent"), "approve")
	w.fill("ethan", w.message("ethan", "answer", "Round 3"), "answer", map[string]any{"who": "The works council"})
	w.press("ethan", w.message("ethan", "approve", "Under one percent"), "approve")
	w.ends(run, "approved", expected{
		issues: []string{
			"Agree", "Agree (round 2)", "Agree (round 3)", "Attack CV screener", "Check before a release: CV screener",
			"Findings on bias", "Findings on bias (round 2)", "Findings on bias (round 3)", "Release (round 2)", "Release (round 3)", "Test CV screener for bias",
			"What changes in CV screener?", "Who was heard (round 2)", "Who was heard (round 3)", "Write to: The works council (round 2)",
		},
		records: map[string]int{"round.started": 2, "step.kept": 1, "step.skipped": 0, "step.withdrawn": 0, "run.ended": 1},
	})
	return run
}

// blockSkipped is told by `show` and in the records, with the reason.
func blockSkipped(w *world) string {
	run := w.startRelease("no")
	w.do("Attack CV screener", "val")
	w.do("Test CV screener for bias", "eli")
	w.find("Findings on bias", "None")
	w.press("ron", w.message("ron", "approve", "CV screener"), "approve")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"step.skipped": 3, "step.opened": 6, "run.ended": 1}})
	var b bytes.Buffer
	if err := show(&b, w.run(run)); err != nil {
		w.t.Fatal(err)
	}
	var told []string
	for _, line := range strings.Split(b.String(), "\n") {
		if f := strings.Fields(line); len(f) > 3 && f[2] == port.StepSkipped {
			told = append(told, strings.Join(f[:4], " "))
		}
	}
	if got, want := strings.Join(told, ", "), "affected steps skipped 1, hear form skipped 1, letter task skipped 1"; got != want {
		w.t.Errorf("show lists as skipped: %s\nwant %s\n%s", got, want, b.String())
	}
	return run
}
