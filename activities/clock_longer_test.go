package activities_test

import (
	"strings"
	"testing"
	"time"
)

// longerClock can be made longer by the AIMS manager, who answers first, and once
// by a decision of the Chief Risk Officer.
const longerClock = `playbook: longer
title: Longer
subject: system
steps:
  - id: triage
    form:
      ask: {any_of: [aims-manager, explainability-lead]}
      title: Triage
      again: true
      questions:
        - {id: aware_at, text: First aware, type: datetime}
        - {id: why_later, text: Why later, type: text, optional: true}
  - id: serious
    clock: {rule: serious, from: steps.triage.aware_at, owner: [ai-ethics-officer], warn: [50%], stop: [report], later: {by: [aims-manager], why: why_later}, extend: {rule: death, when: 'steps.more.choice.time == "more"'}}
  - id: both
    group:
      - id: report
        task: {assign: ai-ethics-officer, title: Send the report}
        due: {clock: serious, part: 75%}
      - id: more
        approval: {need: [{role: chief-risk-officer}], about: [], changes: triage, choose: {time: {type: choice, options: {more: More, same: Same}}}}
`

func longerWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t, strings.Replace(longerClock, "about: [], ", "about: [triage], ", 1))
	w.mu.Lock()
	w.now = aware.Add(30 * time.Minute)
	w.mu.Unlock()
	w.advance()
	w.aware("eli", aware, "")
	w.wantClock("serious", "running 18 Dec 15:30")
	return w
}

// aware answers the form, the first time or again.
func (w *world) aware(who string, at time.Time, why string) {
	w.t.Helper()
	token := ""
	if d := w.state.FindDone("triage", ""); d != nil {
		token = d.Token
	} else {
		token = w.open("triage").Token
	}
	answers := map[string]any{"aware_at": at.Format(time.RFC3339)}
	if why != "" {
		answers["why_later"] = why
	}
	w.sayTo(token, who, "answer", answers)
	w.judge()
}

// TestClockLater: anybody who answers makes it shorter; longer only who may, with
// a reason, and it is told by whom and why.
func TestClockLater(t *testing.T) {
	w := longerWorld(t)
	w.aware("eli", aware.Add(24*time.Hour), "I looked again")
	w.wantClock("serious", "running 18 Dec 15:30")
	w.aware("max", aware.Add(24*time.Hour), "")
	w.wantClock("serious", "running 18 Dec 15:30")
	if n := len(w.records("clock.not_lengthened")); n != 1 {
		t.Errorf("%d refusals", n)
	}
	w.wantReportDue(aware, 270)
	w.aware("max", aware.Add(24*time.Hour), "The mail came a day later")
	w.wantClock("serious", "running 19 Dec 15:30")
	w.wantReportDue(aware.Add(24*time.Hour), 270)
	if n := len(w.records("clock.lengthened")); n != 1 || w.titled("U0ETHAN", "Deadline later") != 1 {
		t.Errorf("%d records, %d messages", n, w.titled("U0ETHAN", "Deadline later"))
	}
	for _, m := range w.messagesTo("U0ETHAN") {
		if text := strings.Join(m.card.Lines, " "); strings.HasPrefix(m.card.Title, "Deadline later") && !strings.Contains(text, "Max Mayer decided so: The mail came a day later") {
			t.Errorf("told %q", text)
		}
	}
	w.aware("eli", aware.Add(-24*time.Hour), "")
	w.wantClock("serious", "running 17 Dec 15:30")
	w.wantReportDue(aware.Add(-24*time.Hour), 270)
	w.until(aware.Add(-24 * time.Hour).Add(270 * time.Hour))
	if !w.open("report").Missed {
		t.Error("the moved deadline is not missed")
	}
}

// wantReportDue holds the task's deadline, its ask and its issue to so many hours
// after an instant.
func (w *world) wantReportDue(from time.Time, hours int) {
	w.t.Helper()
	w.settle()
	due := from.Add(time.Duration(hours) * time.Hour)
	if o := w.open("report"); !o.Due.Equal(due) {
		w.t.Errorf("the report is due %s, want %s", o.Due, due)
	}
	if ask, err := w.ledger.AskByToken(w.t.Context(), w.open("report").Token); err != nil || !ask.Body.Due.Equal(due) {
		w.t.Errorf("its ask is due %s, want %s, %v", ask.Body.Due, due, err)
	}
	if day := w.issueOf("report").issue.Due; day != due.Format(time.DateOnly) {
		w.t.Errorf("its issue is due %s, want %s", day, due.Format(time.DateOnly))
	}
}

// TestClockLaterByWhoHeldTheRole: who lost the role before it was looked at has
// lost the right.
func TestClockLaterByWhoHeldTheRole(t *testing.T) {
	w := longerWorld(t)
	w.sayTo(w.state.FindDone("triage", "").Token, "max", "answer", map[string]any{"aware_at": aware.Add(24 * time.Hour).Format(time.RFC3339), "why_later": "Later"})
	w.judgeOnly()
	w.pass(time.Minute)
	w.holder("aims-manager", "val")
	w.advance()
	w.wantClock("serious", "running 18 Dec 15:30")
}

// TestClockLaterTooLate: what is missed is not made longer afterwards.
func TestClockLaterTooLate(t *testing.T) {
	w := longerWorld(t)
	w.pass(15 * 24 * time.Hour) // nobody has looked since
	w.aware("max", aware.Add(24*time.Hour), "The mail came a day later")
	w.wantClock("serious", "missed 18 Dec 15:30")
}

// TestClockExtended: once, by a decision, with its reason; when that falls away
// the time is the first again. It never comes after the time is over.
func TestClockExtended(t *testing.T) {
	decided := func(w *world, choice string) {
		w.say("more", "ron", "approve", map[string]any{"choose.time": choice})
		w.judge()
	}
	t.Run("more", func(t *testing.T) {
		w := longerWorld(t)
		decided(w, "more")
		w.wantClock("serious", "running 28 Dec 15:30")
		if n := len(w.records("clock.lengthened")); n != 1 || w.titled("U0ETHAN", "Deadline later") != 1 {
			t.Errorf("%d records", n)
		}
		w.aware("eli", aware.Add(-24*time.Hour), "") // the decision is asked again, the time stays
		w.wantClock("serious", "running 27 Dec 15:30")
		decided(w, "same")
		w.wantClock("serious", "running 17 Dec 15:30")
	})
	t.Run("same", func(t *testing.T) {
		w := longerWorld(t)
		decided(w, "same")
		w.wantClock("serious", "running 18 Dec 15:30")
	})
	t.Run("too late", func(t *testing.T) {
		w := longerWorld(t)
		w.until(aware.Add(15 * 24 * time.Hour))
		decided(w, "more")
		w.wantClock("serious", "missed 18 Dec 15:30")
	})
}
