package sandbox

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the database driver

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// The well-known values of the sandbox. They open nothing but the sandbox.
const (
	BotToken      = "xoxb-sandbox"
	AppToken      = "xapp-1-A0APP-1-sandbox"
	SigningSecret = "sandbox-signing-secret"
	AppID         = "A0APP"
	TeamID        = "T0HOME"
	JiraEmail     = "aimsbot@example.com"
	JiraToken     = "sandbox-jira-token"
	JiraPAT       = "sandbox-jira-pat" // of a Data Center
	JiraAccount   = "5b0aimsbot"
	WebhookSecret = "sandbox-webhook-secret"
	HookToken     = "sandbox-alert-hook-token"
)

// Where things are, below the address of the sandbox.
const (
	PagePath    = "/sandbox"
	SlackPath   = "/sandbox/slack" // the Web API is at SlackPath/api/<method>
	JiraPath    = "/sandbox/jira"
	ControlPath = "/_control"
)

// DefaultIndexDelay is how long a search in the fake Jira misses a new issue.
const DefaultIndexDelay = 2 * time.Second

// Tokens open the fakes. Empty fields take the well-known values.
type Tokens struct {
	Bot, App             string // Slack
	JiraEmail, JiraToken string
	JiraAccount          string // the account behind the Jira token
}

// Lacking is what the workspace and the site have not, or demand, to a bot's
// surprise; the zero value is a good set-up.
type Lacking struct {
	Scopes      []string // of Slack, that the bot token has not
	Permissions []string // of Jira, that the token's account has not
	Required    []string // fields that every new issue must have
	Hidden      []string // fields that are not on the create screen
	Fields      []SiteField
	// Detour lets the workflow lead to Done through In Progress alone, with a
	// resolution that must be given.
	Detour bool
	// NoEmails hides people's e-mail addresses.
	NoEmails bool
}

// SiteField is a field of the create screen that people made.
type SiteField struct {
	ID, Name string
	// Kind is string, number, date, option, user, array of string or array of option.
	Kind     string
	Options  []string
	Required bool
	Only     []string // issue types; empty = all
}

// Options are what a sandbox is made of. Path, BaseURL and Organisation are
// required.
type Options struct {
	// Path is the database file.
	Path string
	// BaseURL is where Handler is served, such as http://127.0.0.1:8080,
	// without a slash at the end. It must answer from Open on.
	BaseURL      func() string
	Organisation org.Organisation
	// RateLimits makes the fakes answer 429 where the real ones would.
	RateLimits bool
	// IndexDelay is how long a search misses a new issue; 0 = DefaultIndexDelay,
	// negative = none.
	IndexDelay time.Duration
	// WebhookURL is where Jira webhooks go; nil or "" = they wait. It may begin
	// to answer later.
	WebhookURL    func() string
	WebhookSecret string // empty = the well-known one
	// SlackRequests is where Slack's signed requests go, to /interactions,
	// /commands and /events below it; nil or "" = there is no such door.
	SlackRequests func() string
	// SlackHTTP sends what people do in Slack there; else it goes over Socket
	// Mode, and only raw deliveries may use the door.
	SlackHTTP bool
	// JiraDataCenter makes Jira a Data Center, signed in to with JiraPAT.
	JiraDataCenter bool
	Tokens         Tokens
	Lacking        Lacking
	// Advance skips time for every open run and returns when all have reached
	// the instant; nil = time cannot be skipped here.
	Advance func(ctx context.Context, d time.Duration) error
	Logger  *slog.Logger
}

// Sandbox is the two fakes with their page and control API.
type Sandbox struct {
	opt    Options
	db     *sql.DB
	log    *slog.Logger
	slack  *slacktest.Server
	jira   *jiratest.Server
	clock  clock
	faults faults
	calls  journal
	past   history

	mu    sync.Mutex // guards aimed
	aimed string     // where webhooks go now

	stop context.CancelFunc // ends what waits for changes
	done <-chan struct{}
}

// Open opens the database, with what an earlier process left in it, and brings
// the organisation's people, channels and project into the fakes.
func Open(ctx context.Context, o Options) (*Sandbox, error) {
	if o.Path == "" || o.BaseURL == nil {
		return nil, errors.New("sandbox: Path and BaseURL are needed")
	}
	o = withDefaults(o)
	db, err := sql.Open("sqlite", dsn(o.Path))
	if err != nil {
		return nil, fmt.Errorf("sandbox: %w", err)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s := &Sandbox{opt: o, db: db, log: o.Logger, stop: stop, done: run.Done()}
	if err := s.open(ctx); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	return s, nil
}

func (s *Sandbox) open(ctx context.Context) (err error) {
	if err := s.clock.open(ctx, s.db); err != nil {
		return err
	}
	s.slack, err = slacktest.New(ctx, slacktest.Options{
		DB: s.db, Now: s.Now, RateLimits: s.opt.RateLimits, Logger: s.log,
		BaseURL:  func() string { return s.opt.BaseURL() + SlackPath },
		BotToken: s.opt.Tokens.Bot, AppToken: s.opt.Tokens.App, SigningSecret: SigningSecret,
		TeamID: s.team(), AppID: AppID, Hooks: s.opt.SlackRequests, SocketMode: !s.opt.SlackHTTP, Scopes: s.scopes(),
	})
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.jira, err = jiratest.New(ctx, jiratest.Options{
		DB: s.db, Now: s.Now, RateLimits: s.opt.RateLimits, IndexDelay: max(s.opt.IndexDelay, 0), Logger: s.log,
		DataCenter: s.opt.JiraDataCenter, BotPAT: JiraPAT,
		BotEmail: s.opt.Tokens.JiraEmail, BotToken: s.opt.Tokens.JiraToken, BotAccount: s.opt.Tokens.JiraAccount,
		BaseURL: s.opt.BaseURL() + JiraPath,
	})
	if err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	s.past.open(s.slack.Subscribe, s.jira.Subscribe)
	return s.seed(ctx)
}

func withDefaults(o Options) Options {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	set(&o.Tokens.Bot, BotToken)
	set(&o.Tokens.App, AppToken)
	set(&o.Tokens.JiraEmail, JiraEmail)
	set(&o.Tokens.JiraToken, JiraToken)
	set(&o.Tokens.JiraAccount, JiraAccount)
	set(&o.WebhookSecret, WebhookSecret)
	if o.IndexDelay == 0 {
		o.IndexDelay = DefaultIndexDelay
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	base := o.BaseURL
	o.BaseURL = func() string { return strings.TrimSuffix(base(), "/") }
	return o
}

// dsn makes writers wait for each other and every commit reach the disk: what
// was answered must survive a kill.
func dsn(path string) string {
	q := url.Values{"_txlock": {"immediate"}, "_pragma": {"busy_timeout(10000)", "journal_mode(wal)", "synchronous(full)"}}
	return (&url.URL{Scheme: "file", Opaque: (&url.URL{Path: path}).EscapedPath(), RawQuery: q.Encode()}).String()
}

// Close ends the fakes, lets go what hangs, and closes the database.
func (s *Sandbox) Close() error {
	s.stop()
	s.faults.clear()
	s.past.close()
	if s.slack != nil {
		s.slack.Close()
	}
	if s.jira != nil {
		s.jira.Close()
	}
	if err := s.db.Close(); err != nil {
		return fmt.Errorf("sandbox: %w", err)
	}
	return nil
}

// aim tells the fake Jira where webhooks go, once that is known or changes.
func (s *Sandbox) aim() {
	if s.opt.WebhookURL == nil {
		return
	}
	to := s.opt.WebhookURL()
	s.mu.Lock()
	defer s.mu.Unlock()
	if to != s.aimed {
		s.aimed = to
		s.jira.SetWebhook(to, s.opt.WebhookSecret)
	}
}

// Handler serves the page, the fakes and the control API. It answers only
// callers on the same machine that ask for it by its own name.
func (s *Sandbox) Handler() http.Handler {
	mux := http.NewServeMux()
	s.routePage(mux)
	mux.Handle(SlackPath+"/api/", s.meddle("slack", s.slack))
	mux.Handle(SlackPath+"/socket/", s.slack)
	mux.Handle(JiraPath+"/", s.meddle("jira", http.StripPrefix(JiraPath, s.jira)))
	s.routeControl(mux)
	return s.guard(mux)
}
