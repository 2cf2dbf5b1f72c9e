// Package slacktest is a Slack workspace in one process: the Web API over
// HTTP, Socket Mode over a websocket, signed deliveries over HTTP, and methods
// to act as the people in it. Its state is kept in SQLite and committed before
// it answers. It refuses what Slack refuses.
package slacktest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Options are what a workspace is made of. Only DB is required.
type Options struct {
	DB         *sql.DB          // SQLite; the tables slack_* are made in it
	Now        func() time.Time // clock of messages, events and signatures; time.Now
	Wall       func() time.Time // clock of trigger ids and rate limits, which never skips; time.Now
	RateLimits bool             // answer 429 where Slack would
	// BaseURL is where ServeHTTP is mounted, without a slash at the end. It
	// becomes the address of the socket; nil takes it from the request.
	BaseURL func() string
	// Hooks is where deliveries go as signed HTTP, without a slash at the end:
	// to <Hooks>/interactions, /commands and /events. nil or "" = Socket Mode.
	Hooks func() string
	// SocketMode sends deliveries over Socket Mode although there are Hooks, as
	// the switch in an app's settings does. Raw can use either.
	SocketMode    bool
	BotToken      string // "xoxb-sandbox"
	AppToken      string // "xapp-sandbox"
	SigningSecret string // "sandbox-signing-secret"
	TeamID        string // "T0HOME"
	TeamDomain    string // "acme"
	EnterpriseID  string // Enterprise Grid; empty = none
	AppID         string // "A0APP"
	BotUser       string // "U0BOT"
	BotID         string // "B0BOT"
	// Scopes the bot token carries; nil = DefaultScopes.
	Scopes []string
	// FreePlan leaves out what only paid plans have: user groups.
	FreePlan bool
	// AckTimeout is how long a delivery waits; the default is Slack's.
	AckTimeout time.Duration
	// NoticeLife is how long a connection stays after a notice; NoticeLife.
	NoticeLife time.Duration
	// OnCall is told of every call, just before the answer is sent.
	OnCall func(Call)
	Logger *slog.Logger
}

// DefaultScopes are the scopes of a bot that asks in channels and direct
// messages, reads accounts and groups, and has a slash command.
const DefaultScopes = "chat:write channels:history groups:history im:history mpim:history im:write mpim:write " +
	"channels:read groups:read im:read mpim:read users:read users:read.email usergroups:read commands"

// MaxCalls is how many calls and refusals are kept; the oldest go first.
const MaxCalls = 20_000

// Server is the workspace. It is an http.Handler.
type Server struct {
	opt     Options
	scopes  map[string]bool
	methods map[string]method
	hub     *hub
	client  *http.Client
	stop    context.CancelFunc
	done    chan struct{}

	writer sync.Mutex // one transaction that writes at a time

	mu         sync.Mutex
	limits     map[string]*bucket
	triggers   map[string]*trigger
	calls      []Call
	refused    []Refusal
	violations int
	events     hourly
	subs       map[chan struct{}]struct{}
}

// New makes the tables and the workspace. Close ends what it runs.
func New(ctx context.Context, opt Options) (*Server, error) {
	if opt.DB == nil {
		return nil, errors.New("slacktest: no database")
	}
	opt = withDefaults(opt)
	if _, err := opt.DB.ExecContext(ctx, "PRAGMA journal_mode=WAL"); err != nil {
		return nil, fmt.Errorf("slacktest: write-ahead log: %w", err)
	}
	if _, err := opt.DB.ExecContext(ctx, schema); err != nil {
		return nil, fmt.Errorf("slacktest: tables: %w", err)
	}
	s := &Server{
		opt: opt, scopes: map[string]bool{}, methods: methodTable(), done: make(chan struct{}),
		limits: map[string]*bucket{}, triggers: map[string]*trigger{}, subs: map[chan struct{}]struct{}{},
		client: &http.Client{Transport: &http.Transport{}, CheckRedirect: noRedirect},
	}
	s.hub = newHub(s)
	for _, sc := range opt.Scopes {
		s.scopes[sc] = true
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	s.stop = stop
	go s.redeliver(run)
	return s, nil
}

// noRedirect: Slack does not follow one.
func noRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

func withDefaults(o Options) Options {
	set := func(p *string, v string) {
		if *p == "" {
			*p = v
		}
	}
	set(&o.BotToken, "xoxb-sandbox")
	set(&o.AppToken, "xapp-sandbox")
	set(&o.SigningSecret, "sandbox-signing-secret")
	set(&o.TeamID, "T0HOME")
	set(&o.TeamDomain, "acme")
	set(&o.AppID, "A0APP")
	set(&o.BotUser, "U0BOT")
	set(&o.BotID, "B0BOT")
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Wall == nil {
		o.Wall = time.Now
	}
	if o.AckTimeout == 0 {
		o.AckTimeout = AckTimeout
	}
	if o.NoticeLife == 0 {
		o.NoticeLife = NoticeLife
	}
	if o.Scopes == nil {
		o.Scopes = strings.Fields(DefaultScopes)
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.NewTextHandler(io.Discard, nil))
	}
	return o
}

// Close cuts every socket and ends redelivery. The database stays open.
func (s *Server) Close() {
	s.stop()
	s.hub.cut()
	s.hub.running.Wait()
	<-s.done
	s.client.CloseIdleConnections()
}

// Subscribe returns a channel that ticks after every change, and a function
// that ends it. Ticks that nobody takes are folded into one.
func (s *Server) Subscribe() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	s.mu.Lock()
	s.subs[ch] = struct{}{}
	s.mu.Unlock()
	return ch, func() {
		s.mu.Lock()
		delete(s.subs, ch)
		s.mu.Unlock()
	}
}

func (s *Server) tick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.subs {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
}

// Calls returns the calls of the Web API, oldest first.
func (s *Server) Calls() []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Call{}, s.calls...)
}

// Refused returns what the app did and Slack would not accept, oldest first.
func (s *Server) Refused() []Refusal {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Refusal{}, s.refused...)
}

// Violations returns how many calls went over a rate limit.
func (s *Server) Violations() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.violations
}

func (s *Server) logCall(c Call) {
	s.mu.Lock()
	s.calls = keep(append(s.calls, c))
	if c.Reason != "" {
		s.refused = keep(append(s.refused, Refusal{c.Method, c.Reason}))
	}
	s.mu.Unlock()
	if s.opt.OnCall != nil {
		s.opt.OnCall(c)
	}
}

// refuse notes a refusal that is not the answer to a call.
func (s *Server) refuse(call, reason string) {
	s.opt.Logger.Warn("refused", "call", call, "reason", reason)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.refused = keep(append(s.refused, Refusal{call, reason}))
}

func keep[T any](all []T) []T {
	if len(all) > MaxCalls {
		return append([]T{}, all[len(all)-MaxCalls:]...)
	}
	return all
}
