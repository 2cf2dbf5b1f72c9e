package activities_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
)

// choosing has two lines that choose, a choice that asks one more, and a step
// that reads what was chosen.
const choosing = `playbook: choosing
title: Choosing
subject: system
steps:
  - id: facts
    form: {ask: '${system.owner}', title: Facts, opinion: true, questions: [{id: what, text: What, type: text}]}
  - id: applies
    approval:
      about: [facts]
      need: [{role: ai-ethics-officer}, {role: explainability-lead}]
      choose:
        report: {type: choice, text: Is it reported, options: {report: Report it, not_reportable: Not reportable}}
        by_day: {type: date}
      raise: [{when: 'choice.report == "not_reportable"', to: P-cro}]
  - id: done
    set: {result: '${steps.applies.choice.report}', day: '${steps.applies.choice.by_day}', chose: '${steps.applies.decisions.filter(d, has(d.chosen)).size()}'}
  - id: seen
    approval: {about: [applies], need: [{role: ai-ethics-officer}]}
`

func chosen(report, day string) map[string]any {
	return map[string]any{"choose.report": report, "choose.by_day": day}
}

func choosingWorld(t *testing.T) *world {
	w := newWorld(t, choosing)
	w.advance()
	w.say("facts", "olive", "answer", map[string]any{"what": "It failed"})
	w.judge()
	return w
}

// TestChooseTheSame: approvals of different choices decide nothing, and both are
// told; once they are the same it is decided, and later steps read it.
func TestChooseTheSame(t *testing.T) {
	w := choosingWorld(t)
	if a := w.ask("applies"); len(a.Body.Choose) != 2 || a.Body.Choose[1].Text.V != "By day" {
		t.Fatalf("asked to choose %+v", a.Body.Choose)
	}
	w.say("applies", "ethan", "approve", chosen("report", "2026-03-20"))
	w.say("applies", "eli", "approve", chosen("report", "2026-03-21"))
	w.judge()
	o := w.open("applies")
	if o == nil {
		t.Fatal("different choices decided")
	}
	lines := strings.Join(w.card("applies").Lines, "\n")
	for _, want := range []string{"Ethan Ellis chose Is it reported: Report it; By day: 2026-03-20", "not of the same choice"} {
		if !strings.Contains(lines, want) {
			t.Errorf("the message lacks %q:\n%s", want, lines)
		}
	}
	w.settle()
	for _, who := range []string{"U0ETHAN", "U0ELI"} {
		if n := w.titled(who, "Different choices"); n != 1 {
			t.Errorf("%s is told %d times", who, n)
		}
	}
	w.say("applies", "eli", "approve", chosen("report", "2026-03-20"))
	w.judge()
	want := map[string]any{"result": "report", "day": "2026-03-20", "chose": 3.0}
	if diff := cmp.Diff(want, w.state.FindDone("done", "").Fields); diff != "" {
		t.Error(diff)
	}
	var shown string
	for _, f := range w.card("seen").Facts {
		if f.Label == "Choice" {
			shown = f.Value
		}
	}
	if shown != "Is it reported: Report it; By day: 2026-03-20" {
		t.Errorf("who decides later is shown %q", shown)
	}
}

// TestChooseRefused: an approval without a choice, or with one that is none, is
// no approval; a rejection needs none.
func TestChooseRefused(t *testing.T) {
	for _, c := range []struct {
		action string
		values map[string]any
		want   string
	}{
		{"approve", nil, port.VerdictRefused},
		{"approve", map[string]any{"choose.report": "report"}, port.VerdictRefused},
		{"approve", chosen("perhaps", "2026-03-20"), port.VerdictRefused},
		{"conditions", map[string]any{"c1_text": "Look", "c1_owner": "max", "c1_due": "2026-03-20"}, port.VerdictRefused},
		{"reject", map[string]any{"reason": "No"}, port.VerdictAccepted},
		{"approve", chosen("report", "2026-03-20"), port.VerdictAccepted},
	} {
		t.Run(c.action, func(t *testing.T) {
			w := choosingWorld(t)
			id := w.say("applies", "ethan", c.action, c.values)
			w.judge()
			if v := w.verdict(id); v.Verdict != c.want {
				t.Errorf("%s %v: %s, %s", c.action, c.values, v.Verdict, v.Reason)
			}
		})
	}
}

// TestChoiceRaises: a choice asks the lines of its pattern; votes given stay
// where they fit, who came is asked, and a change of mind does not let them out.
func TestChoiceRaises(t *testing.T) {
	w := choosingWorld(t)
	w.say("applies", "ethan", "approve", chosen("not_reportable", "2026-03-20"))
	w.judge()
	w.settle()
	if n := len(w.records("approval.raised")); n != 1 {
		t.Errorf("%d records of it", n)
	}
	a := w.ask("applies")
	var asked []string
	for _, to := range a.Body.Addressees {
		asked = append(asked, to.Person)
	}
	if diff := cmp.Diff([]string{"ethan", "eli", "ron"}, asked); diff != "" {
		t.Error(diff)
	}
	if n := len(w.messagesTo("U0RON")); n != 1 {
		t.Errorf("ron has %d messages", n)
	}
	id := w.say("applies", "eli", "approve", chosen("not_reportable", "2026-03-20"))
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused {
		t.Errorf("who does not decide any more: %s", v.Verdict)
	}
	w.say("applies", "ethan", "approve", chosen("report", "2026-03-20"))
	w.judge()
	if w.open("applies") == nil {
		t.Fatal("decided without those who came")
	}
	w.say("applies", "ron", "approve", chosen("report", "2026-03-20"))
	w.judge()
	if r := w.state.FindDone("done", ""); r == nil || r.Fields["result"] != "report" {
		t.Errorf("ended with %+v", r)
	}
}
