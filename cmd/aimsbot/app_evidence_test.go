package main

import (
	"net/http"
	"strings"
	"testing"
)

// TestEvidenceChanges: somebody adds to the evidence while people decide. The
// decisions given do not count, everybody is told the difference and asked
// again, and the old button answers that it is superseded.
func TestEvidenceChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(largeAnswers)
	bias := w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")
	old := w.message(committee, "approve", "CV screener")
	officer := w.message("ethan", "approve", "CV screener")
	w.press("ethan", officer, "approve")
	w.press("cora", old, "approve")
	w.message(committee, "approve", "approved: Cora Castell")

	w.act(bias.Key, "eli", map[string]any{"link": map[string]any{"title": "Second report", "url": "https://example.com/second"}})
	again := w.message(committee, "approve", "The evidence changed since it was first asked")
	w.message(committee, "", "Second report")
	w.message(committee, "", "Superseded")

	// A client that still shows the old message presses its button.
	w.post("/_control/click", map[string]any{
		"user": "cleo", "channel": old.Channel, "ts": old.TS, "action_id": "approve", "value": button(t, old, "approve"), "force": true,
	}, nil)
	w.until("cleo hears of the newer message", func() bool {
		text := w.private("cleo", "")
		return strings.Contains(text, "evidence changed") || strings.Contains(text, "newer")
	})

	w.press("ethan", w.message("ethan", "approve", "The evidence changed since"), "approve")
	for _, member := range []string{"cora", "cleo", "cyra"} {
		w.press(member, again, "approve")
	}
	w.ends(run, "approved", expected{records: map[string]int{"decision.voided": 2, "evidence.changed": 1, "decision.superseded": 1, "decision.accepted": 7}})
}

// TestClosedByHand: an issue closed too early is opened again with the reason;
// moving an approval's issue decides nothing.
func TestClosedByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	form := w.issue("What does CV screener do, and to whom?")
	w.act(form.Key, "olive", map[string]any{"transition": "Done"})
	w.reopened(form.Summary, "answering the form in Slack")
	w.answer(smallAnswers)

	task := w.issue("Test CV screener for bias")
	w.act(task.Key, "eli", map[string]any{"transition": "Done"})
	w.reopened(task.Summary, "Evidence is missing")
	w.act(task.Key, "cody", map[string]any{"transition": "Done"})
	w.reopened(task.Summary, "Only Eli Engel")
	w.do(task.Summary, "eli")

	sign := w.issue("Sign off")
	w.act(sign.Key, "ethan", map[string]any{"transition": "Done"})
	w.reopened(sign.Summary, "decided in Slack")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"issue.reopened": 4}})
}

// reopened waits until an issue is open again and a comment says why.
func (w *world) reopened(summary, why string) {
	w.t.Helper()
	w.until(summary+" to be reopened: "+why, func() bool {
		for _, i := range w.state().Issues {
			if i.Summary != summary || i.Category == "done" {
				continue
			}
			for _, c := range i.Comments {
				if strings.Contains(c.Body, why) {
					return true
				}
			}
		}
		return false
	})
}

// TestLateAndRepeated: a click that comes after the end is answered kindly and
// changes nothing; the same person pressing twice counts once.
func TestLateAndRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	ask := w.message("ethan", "approve", "CV screener")
	w.press("ethan", ask, "approve")
	w.closed(run)
	w.post("/_control/click", map[string]any{
		"user": "ethan", "channel": ask.Channel, "ts": ask.TS, "action_id": "approve", "value": button(t, ask, "approve"), "force": true,
	}, nil)
	w.until("ethan hears that it is decided", func() bool { return w.private("ethan", "") != "" })
	w.until("the late click is on record", func() bool { return w.records(run)["decision.late"] == 1 })
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2}})
}

// TestAccountCannotBeChecked: while Slack does not say whose account it is, a
// click does not count; the person is told, and others are not held up for ever.
func TestAccountCannotBeChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	ask := w.message("ethan", "approve", "CV screener")
	w.post("/_control/faults", map[string]any{"target": "slack", "kind": "http_500", "call": "users.info", "rate": 1}, nil)
	w.press("ethan", ask, "approve")
	w.until("ethan is told that it does not count", func() bool { return w.private("ethan", "press again") != "" })
	req, err := http.NewRequestWithContext(t.Context(), http.MethodDelete, w.base+"/_control/faults", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	w.press("ethan", ask, "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.refused": 1, "decision.accepted": 2}})
}
