package jira_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
)

// TestDataCenter runs the tests of this package against a Data Center, below a
// context path, with another address in its own links.
func TestDataCenter(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]func(*testing.T){
		"create": TestCreateIssue, "create refused": TestCreateIssueRefused, "find": TestFindIssues, "find pages": TestFindIssuesPages,
		"find errors": TestFindErrorsAreNotDefinite, "comments": TestComments, "comment pages": TestFindCommentsPages,
		"doubled comments": TestFindDoubledComments, "cut comment": TestCutComment, "update": TestUpdate, "odd ids": TestOddIDs, "check": TestCheck,
		"move": TestMove, "move deleted": TestMoveOfADeletedIssue, "read": TestRead, "who did it": TestReadWhoDidIt, "read pages": TestReadPages,
		"big attachment": TestReadBigAttachment, "read gone": TestReadGone, "webhooks": TestWebhooksBecomeHints, "webhook repeated": TestWebhookIsRepeatedUntilKept,
		"webhook without Jira": TestWebhookWhileJiraIsAway, "limits": TestLimitsStayBelowJiras, "pace": TestPace,
		"changed": TestChanged, "look": TestLook, "changed by": TestChangedBy,
		"renamed": TestRenamedSite, "probe": TestProbe, "demanded": TestDemandedFields,
		"lost property": testLostProperty, "its own words": testDoorWords, "long comment": testLongComment,
	} {
		t.Run(name, test)
	}
}

// A process that dies between the create and the property leaves an issue that
// is found all the same, by its label and its maker.
func testLostProperty(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	front := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if strings.Contains(r.URL.Path, "/properties/") && r.Method == http.MethodPut {
			panic(http.ErrAbortHandler)
		}
		http.StripPrefix(contextPath, w.server).ServeHTTP(rw, r)
	}))
	t.Cleanup(front.Close)
	c, err := jira.New(w.options(front.URL + contextPath))
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.CreateIssue(w.ctx(), key, port.Place{}, port.Issue{Type: "Task", Summary: "x"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if p := w.issue(made.Issue).Properties; len(p) != 0 {
		t.Fatalf("properties = %v", p)
	}
	marked := w.create("aims-other") // ours too, for another effect
	w.raw("PUT", "/rest/api/2/issue/"+marked.Issue, `{"update":{"labels":[{"add":"`+key+`"}]}}`)
	w.clock.add(3e9)
	found, err := c.FindIssues(w.ctx(), key)
	if d := cmp.Diff([]port.Outcome{made}, found); err != nil || d != "" {
		t.Error(err, d)
	}
}

// However long a comment is, its mark is not cut off.
func testLongComment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	made, err := w.client.Comment(w.ctx(), "aims-c1", issue.IssueID, port.Comment{Text: strings.Repeat("ü", 40000)})
	if err != nil {
		t.Fatal(err)
	}
	found, err := w.client.FindComments(w.ctx(), "aims-c1", issue.IssueID)
	if d := cmp.Diff([]port.Outcome{made}, found); err != nil || d != "" {
		t.Error(err, d)
	}
}

// What a Data Center says at the door has another shape, and stays in the error.
func testDoorWords(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	o := w.options(w.base())
	o.PAT = "wrong"
	c, err := jira.New(o)
	if err != nil {
		t.Fatal(err)
	}
	err = c.Ping(w.ctx())
	var refused *port.OutsideError
	if !errors.As(err, &refused) || refused.Code != "401" || refused.Forever || !strings.Contains(err.Error(), "Client must be authenticated") {
		t.Errorf("error = %v", err)
	}
}

// site answers what kind of site it is, and keeps the bodies of creates.
func site(t *testing.T, deployment string, o jira.Options, meta string) (*jira.Client, *[]string) {
	t.Helper()
	var bodies []string
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		text := "{}"
		switch {
		case strings.HasSuffix(r.URL.Path, "/serverInfo"):
			text = `{"deploymentType":"` + deployment + `"}`
		case strings.HasSuffix(r.URL.Path, "/issuetypes"):
			text = `{"total":1,"values":[{"id":"1","name":"Task"}]}`
		case strings.HasSuffix(r.URL.Path, "/issuetypes/1"):
			text = meta
		case strings.HasSuffix(r.URL.Path, "/issue"):
			b, _ := io.ReadAll(r.Body)
			bodies = append(bodies, string(b))
			text = `{"id":"10001","key":"GOV-1"}`
		}
		_, _ = w.Write([]byte(text))
	}))
	t.Cleanup(s.Close)
	o.URL, o.Project = s.URL, "GOV"
	c, err := jira.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return c, &bodies
}

// Where the screen has no field for the epic the issue is made all the same.
func TestScreenWithoutEpicLink(t *testing.T) {
	t.Parallel()
	c, bodies := site(t, "Server", jira.Options{PAT: botPAT}, `{"total":1,"values":[{"fieldId":"summary","schema":{"type":"string"}}]}`)
	if _, err := c.CreateIssue(t.Context(), key, port.Place{}, port.Issue{Type: "Task", Summary: "x", Assignee: "val"}, "GOV-9"); err != nil {
		t.Fatal(err)
	}
	var b struct {
		Fields map[string]any `json:"fields"`
	}
	if len(*bodies) != 1 {
		t.Fatalf("creates = %v", *bodies)
	}
	if err := json.Unmarshal([]byte((*bodies)[0]), &b); err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"project": map[string]any{"key": "GOV"}, "issuetype": map[string]any{"name": "Task"}, "summary": "x",
		"labels": []any{key}, "assignee": map[string]any{"name": "val"},
	}
	if d := cmp.Diff(want, b.Fields); d != "" {
		t.Error(d)
	}
}

// A site that is not what the sign-in is for, or does not say what it is, is
// never written to; nothing happened, and trying again is safe.
func TestWrongSite(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		deployment, code string
		options          jira.Options
	}{
		"a personal access token for Cloud": {"Cloud", "wrong_sign_in", jira.Options{PAT: botPAT}},
		"a site that does not say":          {"", "broken_answer", jira.Options{Email: botEmail, Token: botToken}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, bodies := site(t, tc.deployment, tc.options, "")
			_, err := c.CreateIssue(t.Context(), key, port.Place{}, port.Issue{Type: "Task", Summary: "x"}, "")
			var o *port.OutsideError
			if !errors.As(err, &o) || o.Code != tc.code || !o.Definite || o.Forever || len(*bodies) != 0 {
				t.Errorf("error = %+v, creates %v", o, *bodies)
			}
		})
	}
}
