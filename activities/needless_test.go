package activities_test

import (
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// standsDown has a report that is needless while what it is for is decided not to
// be reportable, and a step due by the first clock of a group.
const standsDown = `playbook: stands-down
title: Stands down
subject: system
outcomes: {over: {}}
steps:
  - id: triage
    form:
      ask: aims-manager
      title: Triage
      again: true
      questions:
        - {id: aware_at, text: First aware, type: datetime}
        - {id: death, text: Death, type: yesno}
        - {id: deployer, text: Deployer, type: yesno}
  - id: clocks
    group:
      - id: death
        when: steps.triage.death
        clock: {rule: death, from: steps.triage.aware_at, owner: [ai-ethics-officer], stop: [report], stand_down: 'steps.applies.choice.report == "no"'}
      - id: serious
        clock: {rule: serious, from: steps.triage.aware_at, owner: [ai-ethics-officer], stop: [report], stand_down: 'steps.applies.choice.report == "no"'}
  - id: other
    clock: {rule: death, from: steps.triage.aware_at, owner: [ai-ethics-officer], stop: [told]}
  - id: both
    group:
      - id: report
        task:
          assign: ai-ethics-officer
          title: Send the report
          stand_down: 'run.clocks.filter(c, c.id in ["death", "serious"]).all(c, c.state == "stood_down")'
        due: {clock: clocks, part: 50%}
      - id: told
        task: {assign: explainability-lead, title: Tell the provider}
      - id: applies
        approval: {about: [triage], need: [{role: chief-risk-officer}], choose: {report: {type: choice, options: {report: Report it, "no": 'No'}}}}
      - id: contain
        approval: {about: [triage], need: [{role: ai-ethics-officer}]}
  - id: over
    end: {outcome: over}
`

func (w *world) retriage(death bool) {
	w.t.Helper()
	w.sayTo(w.askNow("triage").Token, "max", "answer", map[string]any{"aware_at": aware.Format(time.RFC3339), "death": death, "deployer": false})
	w.judge()
	w.settle()
}

// TestNeedlessTask: a task that turns out to be needless is withdrawn, and asked
// again when the decision falls away. It is due by the first clock of its group,
// whatever other clocks there are.
func TestNeedlessTask(t *testing.T) {
	w := newWorld(t, standsDown)
	w.mu.Lock()
	w.now = aware.Add(30 * time.Minute)
	w.mu.Unlock()
	w.advance()
	w.classify(aware, false, false)
	if due := w.open("report").Due; !due.Equal(aware.Add(180 * time.Hour)) {
		t.Errorf("the report is due %s", due)
	}
	w.say("applies", "ron", "approve", map[string]any{port.ChooseID + "report": "no"})
	w.judge()
	w.wantClock("serious", "stood_down 18 Dec 15:30")
	if d := w.state.FindDone("report", ""); d == nil || d.State != port.StepSkipped || w.state.FindOpen("report", "") != nil {
		t.Fatalf("the report is %+v", d)
	}
	if n := len(w.records("step.stood_down")); n != 1 {
		t.Errorf("%d records", n)
	}
	w.retriage(true)
	w.wantClock("serious", "running 18 Dec 15:30")
	w.wantClock("death", "running 13 Dec 15:30")
	if due := w.open("report").Due; !due.Equal(aware.Add(120 * time.Hour)) {
		t.Errorf("the report is due %s", due)
	}
}

// TestDecisionsSideBySide: answers that several decisions were made on void all of
// them, also those that stand beside each other.
func TestDecisionsSideBySide(t *testing.T) {
	w := newWorld(t, standsDown)
	w.mu.Lock()
	w.now = aware.Add(30 * time.Minute)
	w.mu.Unlock()
	w.advance()
	w.classify(aware, false, false)
	w.say("applies", "ron", "approve", map[string]any{port.ChooseID + "report": "report"})
	w.judge()
	w.say("contain", "ethan", "approve", nil)
	w.judge()
	same(t, "before", w.asked(), "report", "told")
	w.retriage(true)
	same(t, "after", w.asked(), "report", "told", "applies", "contain")
	if w.state.Round != 2 {
		t.Errorf("round %d", w.state.Round)
	}
}

// TestDueByAMissedClock: what opens when its clock has passed is late, and not
// without a day.
func TestDueByAMissedClock(t *testing.T) {
	w := newWorld(t, standsDown)
	w.mu.Lock()
	w.now = aware.Add(16 * 24 * time.Hour)
	w.mu.Unlock()
	w.advance()
	w.classify(aware, false, false)
	w.wantClock("serious", "missed 18 Dec 15:30")
	if due := w.open("report").Due; !due.Equal(aware.Add(180 * time.Hour)) {
		t.Errorf("the report is due %s", due)
	}
}
