package jira_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// A comment posted twice is found twice, the first one first: whoever looks
// adopts that one. A person's copy of the marker and other issues do not count.
func TestFindDoubledComments(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue, other := w.create(key), w.create("aims-other")
	var made []port.Outcome
	for range 2 {
		out, err := w.client.Comment(w.ctx(), "aims-c1", issue.IssueID, port.Comment{Text: "once"})
		if err != nil {
			t.Fatal(err)
		}
		made = append(made, out)
	}
	if _, err := w.client.Comment(w.ctx(), "aims-c1", other.IssueID, port.Comment{Text: "elsewhere"}); err != nil {
		t.Fatal(err)
	}
	w.raw("POST", "/rest/api/2/issue/"+issue.Issue+"/comment", `{"body":"no marker"}`)
	if !w.dc {
		w.raw("POST", "/rest/api/2/issue/"+issue.Issue+"/comment", `{"body":"odd marker","properties":[{"key":"aimsbot","value":["aims-c1"]}]}`)
	}
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Comment: "a copy {anchor:aims-c1}"})
	found, err := w.client.FindComments(w.ctx(), "aims-c1", issue.IssueID)
	if d := cmp.Diff(made, found); err != nil || d != "" {
		t.Error(err, d)
	}
}

// A comment whose answer was cut is unknown, not refused; it is there and is
// found, so that it is not written again.
func TestCutComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	front := httptest.NewServer(http.StripPrefix(strings.TrimPrefix(w.base(), w.http.URL), http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/comment") && r.Method == http.MethodPost {
			w.server.ServeHTTP(httptest.NewRecorder(), r)
			panic(http.ErrAbortHandler)
		}
		w.server.ServeHTTP(rw, r)
	})))
	t.Cleanup(front.Close)
	c, err := jira.New(w.options(strings.Replace(w.base(), w.http.URL, front.URL, 1)))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Comment(w.ctx(), "aims-c1", issue.IssueID, port.Comment{Text: "once"}); err == nil || port.Definite(err) {
		t.Fatalf("error = %v", err)
	}
	found, err := c.FindComments(w.ctx(), "aims-c1", issue.IssueID)
	if err != nil || len(found) != 1 || found[0].ID != w.issue(issue.Issue).Comments[0].ID {
		t.Errorf("found %v, %v", found, err)
	}
}

// Jira promises no order of the comments it lists by id.
func TestFoundCommentsAreSorted(t *testing.T) {
	t.Parallel()
	c := stub(t, func(rw http.ResponseWriter, r *http.Request) {
		rw.Header().Set("Content-Type", "application/json")
		const mark = `"properties":[{"key":"aimsbot","value":{"v":1,"key":"aims-c1"}}]`
		text := `{"accountId":"me","total":1,"comments":[{"id":"9","author":{"accountId":"me"}}]}`
		if strings.HasSuffix(r.URL.Path, "/comment/list") {
			text = `{"values":[{"id":"11",` + mark + `},{"id":"9",` + mark + `},{"id":"10",` + mark + `}]}`
		}
		_, _ = rw.Write([]byte(text))
	})
	found, err := c.FindComments(t.Context(), "aims-c1", "10001")
	want := []port.Outcome{{IssueID: "10001", ID: "9"}, {IssueID: "10001", ID: "10"}, {IssueID: "10001", ID: "11"}}
	if d := cmp.Diff(want, found); err != nil || d != "" {
		t.Error(err, d)
	}
}
