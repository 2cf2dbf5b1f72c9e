package jiratest_test

import (
	"database/sql"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	gojira "github.com/andygrunwald/go-jira"
	_ "modernc.org/sqlite"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// house is a fake site on a file that can be closed and opened again.
type house struct {
	t      *testing.T
	file   string
	now    atomic.Int64 // unix milliseconds
	server *jiratest.Server
	url    string
	pat    string // personal access token, where it is a Data Center
}

func newHouse(t *testing.T) *house {
	t.Helper()
	s := &house{t: t, file: filepath.Join(t.TempDir(), "jira.db")}
	s.now.Store(time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC).UnixMilli())
	return s
}

// open starts the site; the returned function stops it.
func (s *house) open(change func(*jiratest.Options)) func() {
	s.t.Helper()
	db, err := sql.Open("sqlite", "file:"+s.file+"?_pragma=busy_timeout(5000)")
	if err != nil {
		s.t.Fatal(err)
	}
	o := jiratest.Options{
		DB: db, Now: func() time.Time { return time.UnixMilli(s.now.Load()).UTC() }, IndexDelay: 2 * time.Second,
		BotEmail: "bot@example.com", BotToken: "token", BotAccount: "5b0bot", RetryDelays: []time.Duration{time.Millisecond},
	}
	if change != nil {
		change(&o)
	}
	s.server, err = jiratest.New(s.t.Context(), o)
	if err != nil {
		s.t.Fatal(err)
	}
	err = s.server.Seed(s.t.Context(), jiratest.Seed{
		Project: jiratest.Project{Key: "GOV"},
		People:  []jiratest.Person{{AccountID: "5b1", Name: "Anna A", Email: "anna@example.com", Active: true, HideEmail: true}, {AccountID: "5b2", Name: "Ben B"}},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	h := httptest.NewServer(s.server)
	s.url = h.URL
	return func() { h.Close(); s.server.Close(); _ = db.Close() }
}

// call sends one request and returns status and body.
func (s *house) call(method, path, body string) (int, string) {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/rest/api/2/"+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	if r.SetBasicAuth("bot@example.com", "token"); s.pat != "" {
		r.Header.Set("Authorization", "Bearer "+s.pat)
	}
	r.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return resp.StatusCode, string(raw)
}

// task is the body of a create.
const task = `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},"summary":"s","labels":["l1"]}}`

func (s *house) create() {
	s.t.Helper()
	if status, body := s.call("POST", "issue", task); status != http.StatusCreated {
		s.t.Fatalf("%d %s", status, body)
	}
}

func fields(more string) string {
	return `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},"summary":"s"` + more + `}}`
}

// What Jira refuses, the fake refuses, naming the field.
func TestRefusals(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	t.Cleanup(s.open(nil))
	s.create()
	adf := `{"type":"doc","version":1,"content":[]}`
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"unknown key of the body":   {"POST", "issue", `{"fields":{},"more":1}`, 400, "more"},
		"unknown field":             {"POST", "issue", fields(`,"colour":"red"`), 400, "colour"},
		"no summary":                {"POST", "issue", `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"}}}`, 400, "summary"},
		"summary of two lines":      {"PUT", "issue/GOV-1", `{"fields":{"summary":"a\nb"}}`, 400, "newline"},
		"description as a document": {"POST", "issue", fields(`,"description":` + adf), 400, "must be a string"},
		"comment as a document":     {"POST", "issue/GOV-1/comment", `{"body":` + adf + `}`, 400, "not valid"},
		"label with a space":        {"POST", "issue", fields(`,"labels":["a b"]`), 400, "spaces"},
		"inactive assignee":         {"PUT", "issue/GOV-1/assignee", `{"accountId":"5b2"}`, 400, "assignee"},
		"unknown assignee":          {"PUT", "issue/GOV-1/assignee", `{"accountId":"x"}`, 400, "assignee"},
		"assignee by name":          {"POST", "issue", fields(`,"assignee":{"name":"anna"}`), 400, "accountId"},
		"a date of another form":    {"POST", "issue", fields(`,"duedate":"31.12.2026"`), 400, "yyyy-MM-dd"},
		"parent that is no epic":    {"POST", "issue", fields(`,"parent":{"key":"GOV-1"}`), 400, "hierarchy"},
		"field set and updated":     {"PUT", "issue/GOV-1", `{"fields":{"labels":[]},"update":{"labels":[{"add":"x"}]}}`, 400, "both"},
		"transition of elsewhere":   {"POST", "issue/GOV-1/transitions", `{"transition":{"id":"31"}}`, 400, "not valid for the current state"},
		"comment with a transition": {"POST", "issue/GOV-1/transitions", `{"transition":{"id":"13"},"update":{"comment":[{"add":{"body":"x"}}]}}`, 400, "comment"},
		"resolution off the screen": {"POST", "issue/GOV-1/transitions", `{"transition":{"id":"13"},"fields":{"resolution":{"name":"Done"}}}`, 400, "resolution"},
		"old search":                {"GET", "search?jql=project=GOV", ``, 410, "CHANGE-2046"},
		"old create metadata":       {"GET", "issue/createmeta?projectKeys=GOV", ``, 410, "CHANGE-1304"},
		"startAt in a search":       {"GET", "search/jql?jql=project=GOV&startAt=0", ``, 400, "startAt"},
		"unbounded search":          {"GET", "search/jql?jql=order+by+created", ``, 400, "Unbounded"},
		"upload without its token":  {"POST", "issue/GOV-1/attachments", ``, 403, "XSRF"},
		"no such issue":             {"GET", "issue/GOV-99", ``, 404, "does not exist"},
		"no such call":              {"GET", "priority", ``, 404, ""},
	} {
		status, body := s.call(tc.method, tc.path, tc.body)
		if status != tc.status || !strings.Contains(body, tc.says) {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if n := len(s.server.Refused()); n != 23 {
		t.Errorf("%d refused calls were kept", n)
	}
	if list, err := s.server.State(t.Context()); err != nil || len(list) != 1 || len(list[0].Comments) != 0 {
		t.Errorf("a refused call changed something: %+v %v", list, err)
	}
}

func TestSearch(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	t.Cleanup(s.open(nil))
	s.create()
	s.now.Add((10 * time.Minute).Milliseconds())
	s.create()
	s.now.Add(time.Minute.Milliseconds())
	for jql, want := range map[string]string{
		`labels = "l1"`:                           "GOV-2 GOV-1",
		`labels = l1 AND project = GOV`:           "GOV-2 GOV-1",
		`project = gov order by created`:          "GOV-1 GOV-2",
		`project = GOV ORDER BY updated DESC`:     "GOV-2 GOV-1",
		`updated >= -5m`:                          "GOV-2",
		`created < "2026-11-02 09:05"`:            "GOV-1",
		`key in (GOV-1, GOV-9) AND labels = "l1"`: "GOV-1",
		`id = 10002`:                              "GOV-2",
		`labels = "order"`:                        "",
		`labels = "l1\" or project = \"GOV"`:      "",
		`labels ~ "l1"`:                           "400",
		`status = Done`:                           "400",
		`labels = "l1" OR project = GOV`:          "400",
		`updated >= yesterday`:                    "400",
		`key in (GOV-1`:                           "400",
	} {
		body, err := json.Marshal(map[string]any{"jql": jql})
		if err != nil {
			t.Fatal(err)
		}
		status, raw := s.call("POST", "search/jql", string(body))
		var page struct {
			Issues []struct{ Key string }
			IsLast bool
		}
		if err := json.Unmarshal([]byte(raw), &page); err != nil {
			t.Fatal(err)
		}
		var keys []string
		for _, i := range page.Issues {
			keys = append(keys, i.Key)
		}
		got := strings.Join(keys, " ")
		if status != http.StatusOK {
			got = fmt.Sprint(status)
		}
		if got != want {
			t.Errorf("%s: %q, want %q", jql, got, want)
		}
	}
}

// A new issue is missed by search for a while, unless its id is named.
func TestIndexDelay(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	t.Cleanup(s.open(nil))
	s.create()
	find := func(more string) bool {
		_, body := s.call("POST", "search/jql", `{"jql":"labels = l1"`+more+`}`)
		return strings.Contains(body, "10001")
	}
	if find("") || !find(`,"reconcileIssues":[10001]`) {
		t.Error("before the delay only the named issue should be found")
	}
	if status, _ := s.call("GET", "issue/10001", ""); status != http.StatusOK {
		t.Errorf("GET issue is no search: %d", status)
	}
	s.now.Add(2000)
	if !find("") {
		t.Error("after the delay it should be found")
	}
}

// The client library reads what the fake answers.
func TestClientLibrary(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	t.Cleanup(s.open(nil))
	c, err := gojira.NewClient((&gojira.BasicAuthTransport{Username: "bot@example.com", Password: "token"}).Client(), s.url)
	if err != nil {
		t.Fatal(err)
	}
	s.create()
	ctx := t.Context()
	if _, _, err := c.Issue.AddCommentWithContext(ctx, "GOV-1", &gojira.Comment{Body: "hello"}); err != nil {
		t.Error(err)
	}
	if _, _, err := c.Issue.AddRemoteLinkWithContext(ctx, "GOV-1", &gojira.RemoteLink{GlobalID: "g", Object: &gojira.RemoteLinkObject{URL: "https://example.com", Title: "x"}}); err != nil {
		t.Error(err)
	}
	ways, _, err := c.Issue.GetTransitionsWithContext(ctx, "GOV-1")
	if err != nil || len(ways) != 2 {
		t.Fatalf("%v %v", ways, err)
	}
	resp, err := c.Issue.DoTransitionWithContext(ctx, "GOV-1", ways[1].ID)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.now.Add(2000)
	found, page, err := c.Issue.SearchV2JQLWithContext(ctx, `labels = "l1"`, &gojira.SearchOptionsV2{Fields: []string{"summary", "status"}})
	if err != nil || len(found) != 1 || found[0].Fields.Status.StatusCategory.Key != gojira.StatusCategoryComplete || !page.IsLast {
		t.Errorf("%+v %v", found, err)
	}
	got, _, err := c.Issue.GetWithContext(ctx, "10001", &gojira.GetQueryOptions{Expand: "changelog"})
	if err != nil || len(got.Changelog.Histories) != 2 || got.Fields.Resolution.Name != "Done" || len(got.Fields.Comments.Comments) != 1 {
		t.Errorf("%+v %v", got, err)
	}
	users, _, err := c.User.FindWithContext(ctx, "anna")
	if err != nil || len(users) != 1 || users[0].AccountID != "5b1" || users[0].EmailAddress != "" {
		t.Errorf("%+v %v", users, err)
	}
	if users, _, err := c.User.FindWithContext(ctx, "ben"); err != nil || len(users) != 0 {
		t.Errorf("an inactive account was found: %+v %v", users, err)
	}
}

func TestSubscribeAndReset(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	t.Cleanup(s.open(nil))
	ticks, end := s.server.Subscribe()
	defer end()
	s.create()
	<-ticks
	if err := s.server.Reset(t.Context()); err != nil {
		t.Fatal(err)
	}
	<-ticks
	if list, err := s.server.State(t.Context()); err != nil || len(list) != 0 || len(s.server.Calls()) != 0 {
		t.Errorf("%v %v", list, err)
	}
	s.create()
	if list, err := s.server.State(t.Context()); err != nil || len(list) != 1 || list[0].Key != "GOV-2" {
		t.Errorf("an old key came back: %+v %v", list, err)
	}
}
