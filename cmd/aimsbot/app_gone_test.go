package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/intake"
)

// sweep looks at all issues of open runs, as the bot does at its start and once
// a day.
func (w *world) sweep() {
	w.t.Helper()
	watch := &intake.Watch{Gate: w.demo.app.gate, Site: w.demo.app.jira}
	if err := watch.Poll(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// TestDeletedIssue: somebody deletes the issue of an open task. It is made again
// once, its assignee is sent there, and finishing it counts, whether a webhook
// told of the deletion or the daily look found it.
func TestDeletedIssue(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]demoCmd{
		"told by webhook": {}, "found by the daily look": {deaf: true}, "found on a Data Center": {deaf: true, Jira: jiraDataCenter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.NoRateLimits = true
			deaf := c.deaf
			w := newWorld(t, c)
			run := w.start("max")
			w.answer(smallAnswers)
			task := w.issue("Test CV screener for bias")
			w.act(task.Key, "dev", map[string]any{"delete": true})
			if deaf {
				w.sweep()
			}
			told := w.message("eli", "", task.Key+" was deleted in Jira")
			again := w.issue("Test CV screener for bias")
			if again.Key == task.Key || !strings.Contains(string(told.Blocks), "Open "+again.Key+" in Jira") {
				t.Fatalf("%s was made; the message says %s", again.Key, told.Blocks)
			}
			if again.Assignee != task.Assignee || again.Parent != task.Parent || again.Description != task.Description {
				t.Errorf("made again as %+v, was %+v", again, task)
			}
			w.act(again.Key, "eli", map[string]any{"link": "https://example.com/report"})
			w.act(again.Key, "eli", map[string]any{"transition": "Done"})
			if deaf {
				w.sweep()
			}
			w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
			w.ends(run, "approved", expected{
				issues:  []string{"AI system impact assessment: CV screener", "Sign off", "Test CV screener for bias", "What does CV screener do, and to whom?"},
				records: map[string]int{"issue.gone": 1, "issue.made_again": 1, "decision.accepted": 2},
			})
		})
	}
}

// TestDeletedEpic: a run whose epic is deleted gets another, and its next issues
// are under that one.
func TestDeletedEpic(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.message("olive", "answer", "")
	epic := w.issue("AI system impact assessment: CV screener")
	w.act(epic.Key, "dev", map[string]any{"delete": true})
	w.until("another epic", func() bool {
		return slices.ContainsFunc(w.state().Issues, func(i issue) bool { return i.Summary == epic.Summary && i.Key != epic.Key })
	})
	again := w.issue(epic.Summary)
	w.answer(smallAnswers)
	if task := w.issue("Test CV screener for bias"); task.Parent != again.Key {
		t.Errorf("the next issue is under %q, want %s", task.Parent, again.Key)
	}
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"issue.gone": 1, "issue.made_again": 1}})
}

// TestManyDeleted: seven issues are deleted at once. Five are made again; of the
// others the audit channel is told, and nothing is made.
func TestManyDeleted(t *testing.T) {
	t.Parallel()
	const many = 7
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: benchConfig(t, many)})
	var forms []issue
	for i := range many {
		w.startAbout(systemID(systemName(i)), "max")
	}
	for i := range many {
		forms = append(forms, w.issue(fmt.Sprintf("What does %s do, and to whom?", systemName(i))))
	}
	for _, f := range forms {
		w.act(f.Key, "dev", map[string]any{"delete": true})
	}
	alarms := func() (n int) {
		for _, m := range w.state().Messages {
			if strings.Contains(m.Text, "Gone from Jira") {
				n++
			}
		}
		return n
	}
	w.until("two alarms", func() bool { return alarms() == many-5 })
	w.until("five issues", func() bool { return w.formsMade() == 5 })
	w.sweep() // looks again, and still makes none within the hour
	w.until("the look is over", func() bool {
		rows, err := w.demo.app.ledger.Unsettled(t.Context(), w.demo.box.Now(), 10)
		return err == nil && len(rows) == 0
	})
	if n := w.formsMade(); n != 5 || alarms() != many-5 {
		t.Errorf("%d issues made again and %d alarms after another look", n, alarms())
	}
}

func (w *world) formsMade() (n int) {
	for _, i := range w.state().Issues {
		if strings.HasPrefix(i.Summary, "What does System") {
			n++
		}
	}
	return n
}
