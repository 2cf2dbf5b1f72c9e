package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/metrics"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// sandboxAllowance is the index allowance that fits the sandbox's index delay.
const sandboxAllowance = 2 * time.Second

// anybody is why a sandbox listens on this machine alone.
const anybody = "the sandbox lets anybody act as anybody"

// demoCmd runs the sandbox and the bot with the sample organisation.
type demoCmd struct {
	Listen       string `default:"127.0.0.1:8080" help:"Loopback address of the page, the sandbox and the bot."`
	Config       string `help:"Config folder; empty = the sample organisation."`
	NoRateLimits bool   `help:"Lift the rate limits of the sandbox. For benchmarks."`
	Transport    string `enum:"socket,http" default:"socket" help:"How Slack reaches the bot: socket (Socket Mode) or http (signed requests)."`
	Jira         string `enum:"cloud,data-center" default:"cloud" help:"Which Jira the sandbox is: cloud or data-center."`
	// For tests: events makes runs continue as new early, ownLimits holds the bot
	// below the published rates although the sandbox has none, index is how long
	// the sandbox's searches miss what is new, and off is how wrong the bot's clock
	// is.
	events    int
	ownLimits bool
	index     time.Duration
	off       func() time.Duration
	// poll is how often Jira is asked, 0 = as usual; deaf loses all webhooks.
	poll time.Duration
	deaf bool
	// database is the ledger's place instead of DATABASE_URL.
	database ledger.DatabaseURL
	// hard ends the process when stopping takes too long.
	hard func(*slog.Logger)
	// lacking is what the sandbox's workspace and site have not, or demand.
	lacking sandbox.Lacking
	// budgets looks on at the call budgets.
	budgets budgets
}

// demo is both in one process, on one address.
type demo struct {
	app     *app
	box     *sandbox.Sandbox
	server  *http.Server
	address string
}

// startDemo brings the demo up; the caller runs and closes it.
func startDemo(ctx context.Context, data *dataDir, c demoCmd, log *slog.Logger) (*demo, error) {
	if _, err := readDatabase(); err != nil {
		return nil, wrongUsage("%w", err)
	}
	cfg, err := checkedConfig(cmp.Or(c.Config, demoFolder))
	if err != nil {
		return nil, err
	}
	ln, err := listenLoopback("--listen", c.Listen, anybody)
	if err != nil {
		return nil, err
	}
	d := &demo{address: "http://" + ln.Addr().String()}
	mux := &lateMux{}
	d.server = &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	var skipper *temporal.Skipper
	d.box, err = sandbox.Open(ctx, sandbox.Options{
		Path: data.file(sandboxFile), BaseURL: func() string { return d.address }, Organisation: cfg.organisation,
		RateLimits: !c.NoRateLimits, Lacking: c.lacking, IndexDelay: c.index, WebhookURL: func() string { return d.webhook(c) }, Logger: log,
		SlackRequests: func() string { return d.address + slackPath }, SlackHTTP: c.Transport == transportHTTP, JiraDataCenter: c.Jira == jiraDataCenter,
		Advance: func(ctx context.Context, by time.Duration) error { return skipper.Advance(ctx, by) },
	})
	if err != nil {
		_ = ln.Close()
		return nil, fmt.Errorf("open the sandbox: %w", err)
	}
	mux.set(d.box.Handler())
	go func() { _ = d.server.Serve(ln) }()
	d.app, err = newApp(ctx, appOptions{data: data, config: cfg, folder: c.Config, settings: sandboxSettings(d.address, c), now: d.clock(c), skipping: true, log: log, hard: c.hard, budgets: c.budgets})
	if err != nil {
		d.close()
		return nil, err
	}
	skipper = temporal.NewSkipper(d.app.server, d.box)
	all := d.app.handler()
	all.Handle("GET "+metrics.Path, d.app.metrics.Handler())
	all.Handle("/", d.box.Handler())
	mux.set(all)
	return d, nil
}

// webhook is where the sandbox's Jira sends what people do there.
func (d *demo) webhook(c demoCmd) string {
	if c.deaf {
		return d.address + "/nowhere"
	}
	return d.address + "/jira/webhook"
}

// clock is the bot's: the sandbox's.
func (d *demo) clock(c demoCmd) func() time.Time {
	if c.off == nil {
		return d.box.Now
	}
	return func() time.Time { return d.box.Now().Add(c.off()) }
}

// sandboxSettings point the bot at the sandbox. With Socket Mode the door for
// signed requests is open as well, so that it can be tried.
func sandboxSettings(address string, c demoCmd) settings {
	s, _ := readSettings() // only what does not name Slack and Jira is used
	allowance := sandboxAllowance
	if c.index > 0 {
		allowance = c.index
	}
	app := sandbox.AppToken
	if c.Transport == transportHTTP {
		app = ""
	}
	if c.database != "" {
		s.Database = c.database
	}
	email, token, pat := sandbox.JiraEmail, sandbox.JiraToken, ""
	if c.Jira == jiraDataCenter {
		email, token, pat = "", "", sandbox.JiraPAT
	}
	return settings{
		SlackBot: sandbox.BotToken, SlackApp: app, SlackSecret: sandbox.SigningSecret, SlackAPI: address + "/sandbox/slack/api/",
		JiraURL: address + "/sandbox/jira", JiraEmail: email, JiraToken: token, JiraPAT: pat, JiraWebhookSecret: sandbox.WebhookSecret,
		HookToken: cmp.Or(s.HookToken, sandbox.HookToken),
		Key:       s.Key, LedgerKey: s.LedgerKey, Database: s.Database, IndexAllowance: allowance, Poll: cmp.Or(c.poll, pollBeside), Limits: !c.NoRateLimits || c.ownLimits, Events: max(c.events, s.Events),
	}
}

// run serves until ctx ends.
func (d *demo) run(ctx context.Context) error {
	err := d.app.run(ctx)
	d.app = nil
	d.close()
	return err
}

func (d *demo) close() {
	if d.app != nil {
		_ = d.app.close()
	}
	_ = d.server.Close()
	if d.box != nil {
		_ = d.box.Close()
	}
}
