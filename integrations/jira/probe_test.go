package jira_test

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// TestProbe: what is asked about a site before a bot works there, on a good one
// and on one that demands and forbids more.
func TestProbe(t *testing.T) {
	t.Parallel()
	good := newWorld(t, nil)
	strict := newWorld(t, func(_ *jiratest.Options, s *jiratest.Seed, _ *jira.Options) {
		s.Project.Required, s.Project.Hidden, s.Project.Lacks = []string{"customfield_10042"}, []string{"duedate"}, []string{"CREATE_ISSUES"}
		s.Project.Statuses = []jiratest.Status{{ID: "1", Name: "Open", Category: "new"}, {ID: "2", Name: "Busy", Category: "indeterminate"}}
	})
	for _, c := range []struct {
		w    *world
		want jira.TypeForm
		may  bool
	}{
		{good, jira.TypeForm{Done: true, ToDo: true}, true},
		{strict, jira.TypeForm{Required: []jira.NeededField{{ID: "customfield_10042", Name: "customfield_10042", Kind: "a text"}}, Absent: []string{"duedate"}, ToDo: true}, false},
	} {
		got, err := c.w.client.Form(c.w.ctx(), "Task", true)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Error(d)
		}
		if may, err := c.w.client.MaySee(c.w.ctx(), "GOV"); err != nil || may != c.may {
			t.Errorf("may see %v (%v), want %v", may, err, c.may)
		}
		if at, err := c.w.client.Clock(c.w.ctx()); err != nil || !at.Equal(c.w.clock.now()) {
			t.Errorf("the site's clock: %s (%v)", at, err)
		}
	}
	if _, err := good.client.Form(good.ctx(), "Chore", true); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("a type that is not there: %v", err)
	}
	if may, err := good.client.MaySee(good.ctx(), "NOPE"); err != nil || may {
		t.Errorf("a project that is not there: %v, %v", may, err)
	}
	for account, want := range map[string]bool{"5b1val": true, "5b1nobody": false} {
		if may, err := good.client.Assignable(good.ctx(), account); err != nil || may != want {
			t.Errorf("%s: %v, %v", account, may, err)
		}
	}
	// What the create screen says is what creating finds.
	_, err := strict.client.CreateIssue(strict.ctx(), key, port.Place{Run: "r", Step: "s"}, port.Issue{Type: "Task", Summary: "x"}, "")
	var o *port.OutsideError
	if !errors.As(err, &o) || !o.Definite {
		t.Errorf("creating there: %v", err)
	}
}
