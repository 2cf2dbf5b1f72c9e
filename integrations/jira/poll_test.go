package jira_test

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// TestChanged: what was changed lately is listed once the index has it, on as
// many pages as it takes.
func TestChanged(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	old := w.create("aims-old")
	w.clock.add(time.Hour)
	var want []intake.Touched
	for i := range 105 { // more than a page
		o := w.create(fmt.Sprintf("aims-%d", i))
		want = append(want, intake.Touched{IssueID: o.IssueID, At: w.clock.now()})
		w.clock.add(time.Millisecond)
	}
	got, err := w.client.Changed(w.ctx(), 10*time.Minute)
	if err != nil || len(got) != 0 {
		t.Errorf("the index shows %d issues at once (%v)", len(got), err)
	}
	w.clock.add(3 * time.Second)
	if got, err = w.client.Changed(w.ctx(), 10*time.Minute); err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	w.as(jiratest.Act{Key: old.Issue, As: "5b1val", Comment: "hello"})
	w.clock.add(3 * time.Second)
	if got, err = w.client.Changed(w.ctx(), 10*time.Minute); err != nil || len(got) != 106 {
		t.Errorf("%d issues (%v), want the old one too", len(got), err)
	}
}

// TestLook: issues are found by id, also where they are many, and those that are
// gone are left out.
func TestLook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var ids []string
	for i := range 103 {
		ids = append(ids, w.create(fmt.Sprintf("aims-%d", i)).IssueID)
	}
	w.as(jiratest.Act{Key: ids[1], As: "5b1val", Delete: true})
	got, err := w.client.Look(w.ctx(), append(ids, "99999"))
	if err != nil || len(got) != 102 || got[0].IssueID != ids[0] || got[1].IssueID != ids[2] {
		t.Errorf("%d issues (%v)", len(got), err)
	}
	if got, err := w.client.Look(w.ctx(), nil); err != nil || len(got) != 0 {
		t.Error(got, err)
	}
}

// TestChangedBy: the newest change of another account counts, whatever kind it
// is; our own never does.
func TestChangedBy(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	o := w.create(key)
	holds := func(what, who string, when time.Time) {
		t.Helper()
		w.clock.add(time.Minute)
		if _, err := w.client.Comment(w.ctx(), "aims-c-"+what, o.IssueID, port.Comment{Text: "Noted: " + what}); err != nil {
			t.Fatal(err)
		}
		author, at, err := w.client.ChangedBy(w.ctx(), o.IssueID)
		if err != nil || author != who || !at.Equal(when) {
			t.Errorf("after %s: %q at %s (%v), want %q at %s", what, author, at, err, who, when)
		}
	}
	holds("nothing", "", time.Time{})
	for what, a := range map[string]jiratest.Act{
		"a comment": {Comment: "done?"}, "a move": {Transition: "In Progress"}, "a file": {Attach: &jiratest.File{Name: "a.txt", Content: "a"}},
		"a link": {Link: &jiratest.Link{Title: "r", URL: "https://example.com"}}, "an assignee": {Assignee: "5b1olive"},
	} {
		w.clock.add(time.Minute)
		a.Key, a.As = o.Issue, "5b1val"
		w.as(a)
		holds(what, "5b1val", w.clock.now())
	}
	w.as(jiratest.Act{Key: o.Issue, As: "5b1val", Delete: true})
	if _, _, err := w.client.ChangedBy(w.ctx(), o.IssueID); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("a deleted issue: %v", err)
	}
}
