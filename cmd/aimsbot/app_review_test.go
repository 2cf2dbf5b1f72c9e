package main

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// gapFound stands in for the shipped corrective action, with one task that stays open.
const gapFound = `playbook: corrective-action
title: Corrective action
subject: finding
%ssteps:
  - id: correct
    task: {assign: olive, title: Close the gap in the test data}
    due: 10 working days
`

// shippedInput is what the shipped playbook of that name is started with: others
// that start it are read with it.
func shippedInput(t *testing.T, name string) string {
	t.Helper()
	for _, f := range library.Playbooks() {
		if strings.HasSuffix(f.Name, name+".yaml") {
			return regexp.MustCompile(`(?m)^input:\n(?:[ #].*\n)*`).FindString(string(f.Source))
		}
	}
	t.Fatalf("no playbook %s is shipped", name)
	return ""
}

// TestReviewWay plays two management reviews through the engine and the fake
// Slack and Jira, with an incident and a corrective action open. The invited get
// both with the pack. Nobody can approve minutes while a part is unanswered, and
// what is decided is back on the table of the next review.
func TestReviewWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, incidentCase, fmt.Sprintf(gapFound, shippedInput(t, "corrective-action")))})
	incident := w.begin("incident-case", "dev")
	w.fill("max", w.message("max", "answer", "What happened?"), "answer", map[string]any{"system": "cv-screener", "aware_at": w.demo.app.opt.now().Unix()})
	w.message("olive", "answer", "Was CV screener stopped?")
	w.begin("corrective-action", "max")
	w.issue("Close the gap in the test data")

	run := w.begin("management-review", "ron")
	w.prepare(run, nil)
	for _, person := range []string{"tess", "cora", "cleo", "carl"} {
		all := w.pack(person, run)
		for _, want := range []string{incident.SubjectID, "Close the gap in the test data", "0 to be carried out; 0 of them not done. Open incidents: 1. Open tasks of corrective actions: 1.", "A new law applies"} {
			if !strings.Contains(all, want) {
				t.Errorf("%s is not shown %q: %s", person, want, all)
			}
		}
	}
	w.meet(1, map[string]any{"risk": "not_reached"})
	w.message("eli", "answer", "the meeting did not reach Risks and the state of their treatment")
	if r := w.run(run.ID); r.State != port.RunOpen || w.asksToDecide() {
		t.Error("minutes could be approved while a part is unanswered")
	}
	w.meet(2, nil)
	if !w.refuses("eli", run.ID) {
		t.Error("whoever takes the minutes may approve them")
	}
	w.approveMinutes()
	if r := w.closed(run.ID); r.Outcome != "completed" {
		t.Errorf("the review ended %s", r.Outcome)
	}
	w.quiet(run.ID)
	w.verifies(run.ID)
	if i := w.issue("Decided by the management review: A second validator (round 2)"); i.Category == port.CategoryDone {
		t.Error("the task of the decision was closed with the review")
	}

	next := w.begin("management-review", "ron")
	w.prepare(next, map[string]any{"r1.state": "not_begun", "r1.note": "Nobody was found"})
	again := w.pack("tess", next)
	for _, want := range []string{"1 to be carried out; 1 of them not done", "Nobody was found"} {
		if !strings.Contains(again, want) {
			t.Errorf("the next review does not say %q: %s", want, again)
		}
	}
}

func (w *world) begin(playbook, by string) port.StartedRun {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: playbook, By: by, Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	return run
}

// prepare answers until the pack is sent. became is what became of the decisions of
// the last review, if there is one.
func (w *world) prepare(run port.StartedRun, became map[string]any) {
	w.t.Helper()
	w.walk("max", w.ask("max", run, "When is the management review"), map[string]any{
		"date": w.today(), "isms_part": "no", "invitees": []string{"U0TESS", "U0CORA", "U0CLEO", "U0CARL"}, "minute_taker": "U0ELI",
	})
	told := map[string]any{"issues": "A new law applies"}
	for _, q := range []string{"parties", "measures", "audits", "objectives", "feedback", "competence", "resources"} {
		told[q] = "Nothing to report"
	}
	w.walk("max", w.ask("max", run, "What does no record say"), told)
	if became != nil {
		m := w.ask("max", run, "What became of the decisions of the last review?")
		if _, shown := w.open("max", m, "answer"); !strings.Contains(string(shown), "Decided by the management review: A second validator") {
			w.t.Errorf("the decision is not asked about: %s", shown)
		}
		w.walk("max", m, became)
	}
}

// ask is the message that asks a person in a run.
func (w *world) ask(person string, run port.StartedRun, title string) message {
	w.t.Helper()
	return w.inRun(person, run, title, `"action_id":"answer"`)
}

// pack is what somebody was sent before the meeting.
func (w *world) pack(person string, run port.StartedRun) string {
	w.t.Helper()
	return string(w.inRun(person, run, "What the management review is about", "").Blocks)
}

func (w *world) inRun(person string, run port.StartedRun, title, button string) message {
	w.t.Helper()
	var found message
	w.until(title+", to "+person, func() bool {
		i := slices.IndexFunc(w.state().Messages, func(m message) bool {
			all := string(m.Blocks)
			return m.To == "U0"+strings.ToUpper(person) && strings.Contains(all, title) && strings.Contains(all, run.ID) && strings.Contains(all, button)
		})
		if i >= 0 {
			found = w.state().Messages[i]
		}
		return i >= 0
	})
	return found
}

func (w *world) today() string {
	zone, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		w.t.Fatal(err)
	}
	return w.demo.app.opt.now().In(zone).Format(time.DateOnly)
}

// meet writes down a meeting, by part what came of it where it was not discussed.
func (w *world) meet(round int, results map[string]any) {
	w.t.Helper()
	form := func(title string) message {
		if round > 1 {
			title = "Round 2"
		}
		return w.message("eli", "answer", title)
	}
	w.walk("eli", form("What came of the management review?"), map[string]any{
		"held_on": w.today(), "chaired_by": "U0TESS", "attendees": []string{"U0TESS", "U0CORA", "U0CLEO", "U0CARL"}, "suitable": "yes", "adequate": "yes", "effective": "partly",
	})
	said := map[string]any{}
	parts := []string{
		"actions", "issues", "parties", "nc", "measures", "audits", "objectives", "feedback", "risk", "improvement", "assessments", "incidents",
		"revalidations", "suppliers", "exceptions", "cycles", "competence", "resources", "conditions",
	}
	for i, part := range parts {
		row := fmt.Sprintf("r%d.", i+1)
		said[row+"result"], said[row+"note"] = "discussed", "It was looked at"
		if r := results[part]; r != nil {
			said[row+"result"] = r
		}
	}
	if round == 1 { // a part without a word is not even taken
		some := map[string]any{}
		for k, v := range said {
			some[k] = v
		}
		delete(some, "r1.note")
		w.walk("eli", w.message("eli", "answer", "What was said about each part?"), some)
		w.until("the window to say that something is missing", func() bool {
			return slices.ContainsFunc(w.state().Views, func(v view) bool { return strings.Contains(string(v.View), "Please change: Write what was said") })
		})
	}
	w.walk("eli", w.message("eli", "answer", "What was said about each part?"), said)
	w.walk("eli", w.message("eli", "answer", "What did top management decide?"), map[string]any{
		"decided.r1.kind": "resources", "decided.r1.text": "A second validator", "decided.r1.owner": "U0RON", "decided.r1.date": "2060-01-31", "decided.r1.evidence_needed": "yes",
	})
}

// walk fills in a form window by window. The answers are by the id of each input,
// whichever window asks for it.
func (w *world) walk(user string, m message, answers map[string]any) {
	w.t.Helper()
	id, shown := w.open(user, m, "answer")
	for {
		here := map[string]any{}
		for k, v := range answers {
			if strings.Contains(string(shown), `"block_id":"`+k+`"`) {
				here[k] = v
			}
		}
		w.post("/_control/submit", map[string]any{"user": user, "view_id": id, "values": w.values(id, here)}, nil)
		if !strings.Contains(string(shown), `"text":"Next"`) {
			return
		}
		before := string(shown)
		w.until("the next window for "+user, func() bool {
			i := slices.IndexFunc(w.state().Views, func(v view) bool { return v.ID == id })
			if i >= 0 {
				shown = w.state().Views[i].View
			}
			return i >= 0 && string(shown) != before && strings.Contains(string(shown), `"block_id":`)
		})
	}
}

// asksToDecide tells whether anybody is asked to approve minutes.
func (w *world) asksToDecide() bool {
	w.t.Helper()
	return slices.ContainsFunc(w.state().Messages, func(m message) bool {
		return strings.Contains(string(m.Blocks), "minutes of the management review") && strings.Contains(string(m.Blocks), `"action_id":"approve"`)
	})
}

// refuses tells whether a person who presses the button is refused.
func (w *world) refuses(person, run string) bool {
	w.t.Helper()
	w.press(person, w.message("C0RAIC", "approve", "The minutes of the management review"), "approve")
	w.until(person+" to be refused", func() bool { return w.refusedWith(run, person, "") })
	return true
}

func (w *world) approveMinutes() {
	w.t.Helper()
	w.press("tess", w.message("tess", "approve", "The minutes of the management review"), "approve")
	for _, member := range []string{"cora", "cleo", "carl"} {
		w.press(member, w.message("C0RAIC", "approve", "The minutes of the management review"), "approve")
	}
}
