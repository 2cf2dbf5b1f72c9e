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
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// site is a fake site with one issue, GOV-1, and a clock the test moves.
type site struct {
	t      *testing.T
	db     *sql.DB
	server *jiratest.Server
	url    string

	mu sync.Mutex
	at time.Time
}

func newSite(t *testing.T, rates bool) *site {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "jira.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	s := &site{t: t, db: db, at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)}
	s.server, err = jiratest.New(t.Context(), jiratest.Options{
		DB: db, Now: s.now, RateLimits: rates, BotEmail: "bot@example.com", BotToken: "token", BotAccount: "5b0bot",
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.server.Close)
	if err := s.server.Seed(t.Context(), jiratest.Seed{
		Project: jiratest.Project{Key: "GOV"},
		People: []jiratest.Person{
			{AccountID: "5b1olive", Name: "Olive", Active: true},
			{AccountID: "5b1gone", Name: "Gary"},
		},
	}); err != nil {
		t.Fatal(err)
	}
	h := httptest.NewServer(s.server)
	t.Cleanup(h.Close)
	s.url = h.URL + "/rest/api/2/"
	s.create(1)
	return s
}

func (s *site) now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.at
}

func (s *site) add(d time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.at = s.at.Add(d)
}

func (s *site) create(n int) {
	s.t.Helper()
	for range n {
		if a := s.call("POST", "issue", issueWith(`"summary":"x"`)); a.status != 201 {
			s.t.Fatalf("create: %+v", a)
		}
	}
}

// edit changes the stored form of GOV-1, to fill it up in one step.
func (s *site) edit(change func(doc map[string]any)) {
	s.t.Helper()
	var raw string
	if err := s.db.QueryRowContext(s.t.Context(), `SELECT doc FROM jira_issues WHERE key = 'GOV-1'`).Scan(&raw); err != nil {
		s.t.Fatal(err)
	}
	doc := map[string]any{}
	if err := json.Unmarshal([]byte(raw), &doc); err != nil {
		s.t.Fatal(err)
	}
	change(doc)
	full, err := json.Marshal(doc)
	if err != nil {
		s.t.Fatal(err)
	}
	if _, err := s.db.ExecContext(s.t.Context(), `UPDATE jira_issues SET doc = ? WHERE key = 'GOV-1'`, string(full)); err != nil {
		s.t.Fatal(err)
	}
}

// issueWith is the body of a create with these fields besides the needed ones.
func issueWith(fields string) string {
	return `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},` + fields + `}}`
}

type answer struct {
	status int
	header http.Header
	body   string
}

// call sends one request as the bot; a body is JSON unless a type is given.
func (s *site) call(method, path, body string, contentType ...string) answer {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth("bot@example.com", "token")
	r.Header.Set("X-Atlassian-Token", "no-check")
	r.Header.Set("Content-Type", "application/json")
	if len(contentType) > 0 {
		r.Header.Set("Content-Type", contentType[0])
	}
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{resp.StatusCode, resp.Header, string(raw)}
}

// times repeats a text, for values as long as a limit.
func times(text string, n int) string { return strings.Repeat(text, n) }

// list is n JSON values with the numbers from 1 in place of %d.
func list(format string, n int) string {
	var b strings.Builder
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, format, i+1)
	}
	return "[" + b.String() + "]"
}
