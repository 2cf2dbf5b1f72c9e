package jira_test

import (
	"errors"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

var statuses = []jiratest.Status{
	{ID: "1", Name: "Offen", Category: "new"},
	{ID: "2", Name: "In Arbeit", Category: "indeterminate"},
	{ID: "3", Name: "Verworfen", Category: "done"},
	{ID: "4", Name: "Erledigt", Category: "done"},
}

func TestMove(t *testing.T) {
	t.Parallel()
	chain := []jiratest.Transition{
		{ID: "11", Name: "Anfangen", From: "1", To: "2"}, {ID: "21", Name: "Fertig", From: "2", To: "4"}, {ID: "41", Name: "Zurück", From: "4", To: "1"},
	}
	for name, tc := range map[string]struct {
		ways   []jiratest.Transition
		move   port.Move
		calls  int // of Move until it is there
		status string
		code   string // of an error that stays
	}{
		"by category":              {nil, port.Move{Category: "done"}, 1, "Verworfen", ""},
		"by category and status":   {nil, port.Move{Category: "done", Status: "erledigt"}, 1, "Erledigt", ""},
		"there already":            {nil, port.Move{Category: "new", Status: "To Do"}, 1, "Offen", ""},
		"through work in progress": {chain, port.Move{Category: "done"}, 2, "Erledigt", ""},
		"screen with resolution": {
			[]jiratest.Transition{{ID: "31", Name: "Fertig", From: "1", To: "4", Required: []string{"resolution"}}},
			port.Move{Category: "done"},
			1, "Erledigt", "",
		},
		"screen we cannot fill": {
			[]jiratest.Transition{{ID: "31", Name: "Fertig", From: "1", To: "4", Required: []string{"budget"}}},
			port.Move{Category: "done"},
			1, "Offen", "no_transition",
		},
		"no way": {
			[]jiratest.Transition{{ID: "41", Name: "Zurück", From: "4", To: "1"}},
			port.Move{Category: "done"},
			1, "Offen", "no_transition",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(_ *jiratest.Options, s *jiratest.Seed, _ *jira.Options) {
				s.Project.Statuses, s.Project.Transitions = statuses, tc.ways
			})
			issue := w.create(key)
			var err error
			for n := range tc.calls {
				err = w.client.Move(w.ctx(), issue.IssueID, tc.move)
				var o *port.OutsideError
				if n < tc.calls-1 && (!errors.As(err, &o) || o.Code != "on_the_way" || !o.Definite || o.Forever) {
					t.Errorf("on the way: %v", err)
				}
			}
			var o *port.OutsideError
			switch {
			case tc.code == "" && err != nil:
				t.Error(err)
			case tc.code != "" && (!errors.As(err, &o) || o.Code != tc.code || !o.Definite || !o.Forever):
				t.Errorf("error = %v", err)
			}
			if got := w.issue(issue.Issue).Status; got != tc.status {
				t.Errorf("status %s, want %s", got, tc.status)
			}
		})
	}
}

func TestMoveOfADeletedIssue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Delete: true})
	err := w.client.Move(w.ctx(), issue.IssueID, port.Move{Category: "done"})
	var o *port.OutsideError
	if !errors.As(err, &o) || o.Code != "404" || !errors.Is(err, port.ErrNotFound) {
		t.Errorf("error = %v", err)
	}
}
