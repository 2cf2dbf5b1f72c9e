package jira_test

import (
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// A site as people made it: types and statuses in another language, one way
// through the workflow, a resolution that must be given, hidden e-mails. What
// the organisation file calls the statuses is not there; the categories are.
func TestRenamedSite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(_ *jiratest.Options, s *jiratest.Seed, _ *jira.Options) {
		s.Project.Types = []string{"Vorhaben", "Aufgabe"}
		s.Project.Statuses = statuses
		s.Project.Transitions = []jiratest.Transition{
			{ID: "11", Name: "Anfangen", From: "1", To: "2"},
			{ID: "21", Name: "Abschließen", From: "2", To: "4", Required: []string{"resolution"}},
			{ID: "41", Name: "Wieder öffnen", From: "4", To: "1"},
		}
		for n := range s.People {
			s.People[n].HideEmail = true
		}
	})
	issue, err := w.client.CreateIssue(w.ctx(), key, port.Place{Run: "01RUN"}, port.Issue{Type: "Aufgabe", Summary: "Prüfen", Assignee: "5b1val"}, "")
	if err != nil {
		t.Fatal(err)
	}
	holds := func(what, category, status, doneBy string) {
		t.Helper()
		got, err := w.client.Read(w.ctx(), issue.IssueID)
		if err != nil || got.Category != category || got.Status != status || got.DoneBy != doneBy || got.Assignee != "5b1val" {
			t.Errorf("%s: %+v, %v", what, got, err)
		}
		w.clock.add(time.Minute)
	}
	holds("made", port.CategoryToDo, "Offen", "")
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1val", Transition: "Anfangen"})
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1val", Transition: "Abschließen"})
	holds("finished by a person", port.CategoryDone, "Erledigt", "5b1val")
	if err := w.client.Move(w.ctx(), issue.IssueID, port.Move{Category: port.CategoryToDo, Status: "To Do"}); err != nil {
		t.Error("reopen:", err)
	}
	holds("reopened", port.CategoryToDo, "Offen", "")
	for n := range 2 {
		err := w.client.Move(w.ctx(), issue.IssueID, port.Move{Category: port.CategoryDone, Status: "Done"})
		if (err == nil) != (n == 1) {
			t.Errorf("close, call %d: %v", n+1, err)
		}
	}
	holds("closed by us", port.CategoryDone, "Erledigt", botAccount)
}
