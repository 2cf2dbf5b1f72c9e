package jira_test

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

const key = "aims-k7jqabcdefghijklmnopqrstuv"

func TestCreateIssue(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	epic, err := w.client.CreateIssue(w.ctx(), "aims-epic", port.Place{Run: "01RUN"}, port.Issue{Type: "Epic", Summary: "Impact assessment"}, "")
	if err != nil {
		t.Fatal(err)
	}
	out, err := w.client.CreateIssue(w.ctx(), key, port.Place{Run: "01RUN", Step: "bias_test", Round: 2}, port.Issue{
		Type: "Task", Summary: "Test\nCV screener " + strings.Repeat("ü", 300), Description: "See {code} and https://example.com/a_b",
		Assignee: "5b1olive", Due: "2026-12-31", Process: "impact-assessment",
	}, epic.Issue)
	if err != nil {
		t.Fatal(err)
	}
	if want := (port.Outcome{IssueID: "10002", Issue: "GOV-2", URL: w.base() + "/browse/GOV-2"}); cmp.Diff(want, out) != "" {
		t.Error(cmp.Diff(want, out))
	}
	got := w.issue("GOV-2")
	var marker map[string]any
	if err := json.Unmarshal(got.Properties["aimsbot"], &marker); err != nil {
		t.Fatal(err)
	}
	wantMarker := map[string]any{"v": 1.0, "key": key, "process": "impact-assessment", "run": "01RUN", "step": "bias_test", "round": 2.0}
	if d := cmp.Diff(wantMarker, marker); d != "" {
		t.Error(d)
	}
	if got.Parent != "GOV-1" || got.Assignee != "5b1olive" || got.Due != "2026-12-31" || got.Category != port.CategoryToDo {
		t.Errorf("issue = %+v", got)
	}
	if d := cmp.Diff([]string{key}, got.Labels); d != "" {
		t.Error(d)
	}
	if n := len([]rune(got.Summary)); n > 255 || !strings.HasPrefix(got.Summary, "Test CV screener üü") || !strings.HasSuffix(got.Summary, "…") {
		t.Errorf("summary of %d characters: %q", n, got.Summary)
	}
	if want := `See \{code\} and https://example.com/a_b`; got.Description != want {
		t.Errorf("description %q, want %q", got.Description, want)
	}
}

func TestCreateIssueRefused(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		issue  port.Issue
		parent string
		code   string
		says   string
	}{
		"inactive assignee": {port.Issue{Type: "Task", Summary: "x", Assignee: "5b1gone"}, "", "400", "assignee"},
		"no such assignee":  {port.Issue{Type: "Task", Summary: "x", Assignee: "5b1nobody"}, "", "400", "assignee"},
		"no such type":      {port.Issue{Type: "Bug", Summary: "x"}, "", "400", "issuetype"},
		"no such project":   {port.Issue{Type: "Task", Summary: "x", Project: "NOPE"}, "", "400", "project"},
		"no such epic":      {port.Issue{Type: "Task", Summary: "x"}, "GOV-99", "400", "parent"},
		"empty summary":     {port.Issue{Type: "Task", Summary: " \n"}, "", "400", "summary"},
		"no date":           {port.Issue{Type: "Task", Summary: "x", Due: "31.12.2026"}, "", "bad_date", "due date"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			if w.dc && tc.parent != "" {
				tc.says = "does not exist or is not an epic"
			}
			_, err := w.client.CreateIssue(w.ctx(), key, port.Place{}, tc.issue, tc.parent)
			var o *port.OutsideError
			if !errors.As(err, &o) || o.Code != tc.code || !o.Definite || !o.Forever || !strings.Contains(o.Error(), tc.says) {
				t.Errorf("error = %v (%+v)", err, o)
			}
			if strings.Contains(err.Error(), "Gone Gary") {
				t.Errorf("the error names a person: %v", err)
			}
			if list, err := w.server.State(w.ctx()); err != nil || len(list) != 0 {
				t.Errorf("issues = %v, %v", list, err)
			}
		})
	}
}

func TestFindIssues(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	first, second := w.create(key), w.create(key)
	w.create("aims-other")
	// A clone carries the label but not the property.
	w.as(jiratest.Act{Key: first.Issue, As: "5b1olive", Clone: true})

	found, err := w.client.FindIssues(w.ctx(), key)
	if err != nil || len(found) != 0 {
		t.Errorf("before the index knows: %v, %v", found, err)
	}
	w.clock.add(2 * time.Second)
	found, err = w.client.FindIssues(w.ctx(), key)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([]port.Outcome{first, second}, found); d != "" {
		t.Error(d)
	}
	// Nobody can widen the search through the key.
	if found, err := w.client.FindIssues(w.ctx(), `x" OR project = "GOV`); err != nil || len(found) != 0 {
		t.Errorf("odd key: %v, %v", found, err)
	}
}

func TestFindIssuesPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for range 105 {
		w.create(key)
	}
	w.clock.add(time.Minute)
	found, err := w.client.FindIssues(w.ctx(), key)
	if err != nil || len(found) != 105 {
		t.Fatalf("found %d, %v", len(found), err)
	}
	for n := range found[1:] {
		if found[n].IssueID >= found[n+1].IssueID {
			t.Fatalf("not by id: %s before %s", found[n].IssueID, found[n+1].IssueID)
		}
	}
}

// A failed look must not be taken for a failed creation.
func TestFindErrorsAreNotDefinite(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	out := w.create(key)
	if _, err := w.client.Self(w.ctx()); err != nil {
		t.Fatal(err)
	}
	w.server.Throttle(jiratest.Throttle{Reason: jiratest.ReasonBurst, RetryAfter: time.Second, Count: 2})
	_, err := w.client.FindIssues(w.ctx(), key)
	_, err2 := w.client.FindComments(w.ctx(), key, out.IssueID)
	for _, err := range []error{err, err2} {
		var o *port.OutsideError
		if !errors.As(err, &o) || o.Code != "429" || o.Definite || o.Retry != time.Second {
			t.Errorf("error = %+v", o)
		}
	}
}

func TestComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Comment: "aims-c1"})
	if _, err := w.client.Comment(w.ctx(), "aims-other", issue.IssueID, port.Comment{Text: "Another"}); err != nil {
		t.Fatal(err)
	}
	made, err := w.client.Comment(w.ctx(), "aims-c1", issue.IssueID, port.Comment{Text: "Reopened because [~accountid:5b1olive] left"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.client.FindComments(w.ctx(), "aims-c1", issue.IssueID)
	if d := cmp.Diff([]port.Outcome{made}, found); err != nil || d != "" {
		t.Error(err, d)
	}
	got := w.issue(issue.Issue).Comments
	if want := w.marked(`Reopened because \[\~accountid:5b1olive\] left`, "aims-c1"); len(got) != 3 || got[2].Body != want || got[2].Author != botAccount {
		t.Errorf("comments = %+v", got)
	}
}

func TestFindCommentsPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	made, err := w.client.Comment(w.ctx(), "aims-c1", issue.IssueID, port.Comment{Text: "first"})
	if err != nil {
		t.Fatal(err)
	}
	for range 120 {
		w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Comment: "noise"})
	}
	found, err := w.client.FindComments(w.ctx(), "aims-c1", issue.IssueID)
	if d := cmp.Diff([]port.Outcome{made}, found); err != nil || d != "" {
		t.Error(err, d)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	w.raw("PUT", "/rest/api/2/issue/"+issue.Issue, `{"update":{"labels":[{"add":"theirs"}]}}`)
	err := w.client.Update(w.ctx(), issue.IssueID, port.IssueUpdate{Assignee: "5b1val", Due: "2027-01-15", Summary: "New"})
	if err != nil {
		t.Fatal(err)
	}
	got := w.issue(issue.Issue)
	if got.Assignee != "5b1val" || got.Due != "2027-01-15" || got.Summary != "New" {
		t.Errorf("issue = %+v", got)
	}
	if d := cmp.Diff([]string{key, "theirs"}, got.Labels); d != "" {
		t.Error(d)
	}
	calls := len(w.server.Calls())
	if err := w.client.Update(w.ctx(), issue.IssueID, port.IssueUpdate{}); err != nil || len(w.server.Calls()) != calls {
		t.Errorf("nothing to set: %v, %d calls", err, len(w.server.Calls())-calls)
	}
}

func TestOddIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, id := range []string{"", "../myself", "1?x=1", "GOV-1/comment"} {
		_, err := w.client.Read(w.ctx(), id)
		if err == nil || !port.Definite(err) {
			t.Errorf("%q: %v", id, err)
		}
	}
	if len(w.server.Calls()) != 0 {
		t.Errorf("calls = %v", w.server.Calls())
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	site, err := w.client.Check(w.ctx())
	want := jira.Site{DataCenter: w.dc, Account: botAccount, Name: "Aimsbot", Project: "Governance", Types: []string{"Epic", "Task"}}
	if d := cmp.Diff(want, site); err != nil || d != "" {
		t.Error(err, d)
	}
	wrong := newWorld(t, func(_ *jiratest.Options, _ *jiratest.Seed, o *jira.Options) {
		o.Email, o.Token, o.PAT = botEmail, "other", ""
	})
	if err := wrong.client.Ping(w.ctx()); err == nil || !strings.Contains(err.Error(), "401") {
		t.Errorf("a wrong token: %v", err)
	}
	other := newWorld(t, func(_ *jiratest.Options, _ *jiratest.Seed, o *jira.Options) { o.Project = "NOPE" })
	if _, err := other.client.Check(w.ctx()); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("no project: %v", err)
	}
}
