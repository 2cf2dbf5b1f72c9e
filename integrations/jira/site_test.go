package jira_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	gojira "github.com/andygrunwald/go-jira"
	_ "modernc.org/sqlite"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

const (
	botEmail   = "bot@example.com"
	botToken   = "s3cret-api-token"
	botPAT     = "s3cret-personal-token"
	botAccount = "5b0bot"
	hookSecret = "hook-secret"
)

// clock is a clock the test moves.
type clock struct {
	mu sync.Mutex
	at time.Time
}

func newClock() *clock { return &clock{at: time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)} }

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// world is a fake site and a client that speaks to it over HTTP.
type world struct {
	t      *testing.T
	clock  *clock
	server *jiratest.Server
	http   *httptest.Server
	client *jira.Client
	dc     bool // it is a Data Center
}

// onDataCenter is the name below which tests run against a Data Center.
const onDataCenter = "TestDataCenter/"

var people = []jiratest.Person{
	{AccountID: "5b1olive", Name: "Olive Owens", Email: "olive@example.com", Active: true},
	{AccountID: "5b1val", Name: "Val Vance", Email: "val@example.com", Active: true, HideEmail: true},
	{AccountID: "5b1gone", Name: "Gone Gary", Email: "gary@example.com"},
}

func newWorld(t *testing.T, change func(*jiratest.Options, *jiratest.Seed, *jira.Options)) *world {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "jira.db")+"?_pragma=busy_timeout(5000)&_pragma=journal_mode(wal)&_pragma=synchronous(off)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	w := &world{t: t, clock: newClock()}
	so := jiratest.Options{
		DB: db, Now: w.clock.now, IndexDelay: 2 * time.Second,
		BotEmail: botEmail, BotToken: botToken, BotAccount: botAccount,
		RetryDelays: []time.Duration{time.Millisecond, time.Millisecond, time.Millisecond},
	}
	seed := jiratest.Seed{Project: jiratest.Project{Key: "GOV", Name: "Governance"}, People: people}
	co := jira.Options{Email: botEmail, Token: botToken, Project: "GOV", WebhookSecret: hookSecret, Now: w.clock.now}
	if w.dc = strings.HasPrefix(t.Name(), onDataCenter); w.dc {
		so.DataCenter, so.BotPAT, so.BaseURL = true, botPAT, "https://jira.example.com/known/elsewhere"
		co.PAT, co.Email, co.Token = botPAT, "", ""
	}
	if change != nil {
		change(&so, &seed, &co)
	}
	w.server, err = jiratest.New(t.Context(), so)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.server.Close)
	if err := w.server.Seed(t.Context(), seed); err != nil {
		t.Fatal(err)
	}
	h := checked(t, w.server)
	if w.dc { // the contract is the Cloud's; a Data Center often has a context path
		h = http.StripPrefix(contextPath, w.server)
	}
	w.http = httptest.NewServer(h)
	t.Cleanup(w.http.Close)
	co.URL = w.base()
	w.client, err = jira.New(co)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

// contextPath is where a Data Center often is.
const contextPath = "/jira"

// base is the address of the site.
func (w *world) base() string {
	if w.dc {
		return w.http.URL + contextPath
	}
	return w.http.URL
}

// marked is what a comment of ours says, with the anchor of a Data Center.
func (w *world) marked(text, key string) string {
	if w.dc {
		text += "\n{anchor:" + key + "}"
	}
	return text
}

func (w *world) ctx() context.Context { return w.t.Context() }

// options are those of another client of the site at an address.
func (w *world) options(address string) jira.Options {
	o := jira.Options{URL: address, Email: botEmail, Token: botToken, Project: "GOV"}
	if w.dc {
		o.PAT, o.Email, o.Token = botPAT, "", ""
	}
	return o
}

// library is the client library without ours, signed in as our account.
func (w *world) library() *gojira.Client {
	w.t.Helper()
	h := (&gojira.BasicAuthTransport{Username: botEmail, Password: botToken}).Client()
	if w.dc {
		h = (&gojira.PATAuthTransport{Token: botPAT}).Client()
	}
	c, err := gojira.NewClient(h, w.base()+"/")
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

// create makes an issue and returns where it is.
func (w *world) create(key string) port.Outcome {
	w.t.Helper()
	out, err := w.client.CreateIssue(w.ctx(), key, port.Place{Run: "01RUN", Step: "bias_test", Round: 1},
		port.Issue{Type: "Task", Summary: "Test for bias", Process: "impact-assessment"}, "")
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// as lets a person act on an issue.
func (w *world) as(a jiratest.Act) {
	w.t.Helper()
	if err := w.server.Act(w.ctx(), a); err != nil {
		w.t.Fatal(err)
	}
}

// issue reads one issue from the site's own view.
func (w *world) issue(key string) jiratest.Issue {
	w.t.Helper()
	list, err := w.server.State(w.ctx())
	if err != nil {
		w.t.Fatal(err)
	}
	for _, i := range list {
		if i.Key == key {
			return i
		}
	}
	w.t.Fatalf("no issue %s", key)
	return jiratest.Issue{}
}

// raw calls the site without the client, as go-jira or an attacker would.
func (w *world) raw(method, path string, body string) *http.Response {
	w.t.Helper()
	return request(w.t, w.base(), method, path, body)
}
