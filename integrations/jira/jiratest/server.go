package jiratest

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"
)

// Options are the settings of a fake site.
type Options struct {
	// DB is SQLite (modernc); the tables jira_* are made in it. The connection
	// string should set busy_timeout, since others may write beside us.
	DB *sql.DB
	// Now is the site's clock; nil = time.Now.
	Now func() time.Time
	// RateLimits enforces the published limits of Jira Cloud.
	RateLimits bool
	// DataCenter makes it a Data Center instead of Jira Cloud: people are known by
	// user name (Person.AccountID), and BotPAT is the way to sign in.
	DataCenter bool
	BotPAT     string
	// IndexDelay is how long a label search misses a new issue.
	IndexDelay time.Duration
	// The account behind the API token.
	BotEmail, BotToken, BotAccount string
	// BaseURL is what "self" links start with, without a trailing slash.
	BaseURL string
	// WebhookURL is where changes are announced; empty = not yet, see SetWebhook.
	WebhookURL, WebhookSecret string
	// RetryDelays are the waits before each further try of a webhook; nil =
	// five short ones. Jira waits 5 to 15 minutes each time.
	RetryDelays []time.Duration
	// HookClient sends webhooks; nil = one with a 10 s limit.
	HookClient *http.Client
	// OnCall sees every answered REST call.
	OnCall func(Call)
	Logger *slog.Logger
}

// Call is one REST call that was answered.
type Call struct {
	Method string `json:"method"`
	Path   string `json:"path"`
	Status int    `json:"status"`
}

// Refused is one REST call that a real site would have refused as well.
type Refused struct {
	Call   string `json:"call"`
	Reason string `json:"reason"`
}

// Server is a fake site. It is an http.Handler for paths below the site's
// address, "/rest/api/2/...".
type Server struct {
	opt  Options
	db   *sql.DB
	now  func() time.Time
	log  *slog.Logger
	mux  http.Handler
	site atomic.Pointer[site]

	mu    sync.Mutex // one change at a time; guards count
	count counters

	seen   journal
	limit  limits
	outbox *outbox
}

// site is what Seed put in, replaced as a whole.
type site struct {
	project Project
	people  map[string]Person
	order   []string // account ids as seeded
}

// New opens a site on the database, with what an earlier process left in it,
// and goes on sending the webhooks still queued. Close stops that.
func New(ctx context.Context, o Options) (*Server, error) {
	if o.DB == nil || o.BotEmail == "" || o.BotToken == "" || o.BotAccount == "" {
		return nil, errors.New("jiratest: DB, BotEmail, BotToken and BotAccount are needed")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	s := &Server{opt: o, db: o.DB, now: o.Now, log: o.Logger}
	if _, err := s.db.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("jiratest: tables: %w", err)
	}
	if err := s.load(ctx); err != nil {
		return nil, err
	}
	s.limit.init(o.Now, o.DataCenter)
	s.mux = s.routes()
	s.outbox = newOutbox(s)
	return s, nil
}

// Close stops sending webhooks; what is queued stays queued.
func (s *Server) Close() { s.outbox.close() }

// load reads counters, project and people.
func (s *Server) load(ctx context.Context) error {
	s.count = counters{Issue: 10000, Seq: 10000}
	if err := s.meta(ctx, "counters", &s.count); err != nil {
		return err
	}
	st := &site{people: map[string]Person{}}
	if err := s.meta(ctx, "project", &st.project); err != nil {
		return err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT doc FROM jira_people ORDER BY rowid`)
	if err != nil {
		return fmt.Errorf("jiratest: people: %w", err)
	}
	defer func() { _ = rows.Close() }()
	st.add(Person{AccountID: s.opt.BotAccount, Name: "Aimsbot", Email: s.opt.BotEmail, Active: true})
	for rows.Next() {
		var doc string
		var p Person
		if err := rows.Scan(&doc); err != nil {
			return fmt.Errorf("jiratest: people: %w", err)
		}
		if err := json.Unmarshal([]byte(doc), &p); err != nil {
			return fmt.Errorf("jiratest: people: %w", err)
		}
		st.add(p)
	}
	s.site.Store(st)
	return rows.Err()
}

func (st *site) add(p Person) {
	if _, there := st.people[p.AccountID]; !there {
		st.order = append(st.order, p.AccountID)
	}
	st.people[p.AccountID] = p
}

func (s *Server) meta(ctx context.Context, name string, v any) error {
	var raw string
	err := s.db.QueryRowContext(ctx, `SELECT value FROM jira_meta WHERE name = ?`, name).Scan(&raw)
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("jiratest: %s: %w", name, err)
	}
	return json.Unmarshal([]byte(raw), v)
}

func (s *Server) project() Project { return s.site.Load().project }

func (s *Server) person(account string) (Person, bool) {
	p, ok := s.site.Load().people[account]
	return p, ok
}
