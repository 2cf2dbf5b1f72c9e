package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"sync"
	"time"

	"go.temporal.io/sdk/activity"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/converter"
	"go.temporal.io/sdk/worker"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/metrics"
	"github.com/aimsbot/aimsbot/integrations/redis"
	"github.com/aimsbot/aimsbot/integrations/slack"
	"github.com/aimsbot/aimsbot/integrations/sources"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/integrations/web"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/workflows"
)

// appOptions are what one bot is built from.
type appOptions struct {
	data     *dataDir
	config   *config
	settings settings
	// now is the clock: wall time, plus the sandbox's offset in the demo.
	now func() time.Time
	// folder is where the config was read; empty = it is built in.
	folder string
	// skipping lets the sandbox move the time of runs.
	skipping bool
	log      *slog.Logger
	// hard ends the process when stopping takes too long; nil = wait.
	hard func(*slog.Logger)
	// budgets are for tests.
	budgets budgets
}

// app is a running bot: every dependency is built here, once.
type app struct {
	opt     appOptions
	metrics *metrics.Metrics
	ledger  *ledger.Ledger
	server  *temporal.Server // nil with an outside one
	codec   converter.PayloadCodec
	client  client.Client
	queue   string
	engine  *temporal.Engine
	workers *temporal.Workers
	slack   *slack.Client
	doors   slackDoors
	limits  *redis.Limits // nil = not shared
	jira    *jira.Client
	acts    *activities.Activities
	shelf   *shelf
	gate    *intake.Gate
	watch   *intake.Watch
	fatal   chan error
	// happened tells that an event was kept.
	happened chan struct{}

	pingTemporal func(ctx context.Context) error

	background sync.WaitGroup
	cancel     context.CancelFunc
}

// newApp opens the stores and starts Temporal and the workers. Nothing is taken
// in from outside until run.
func newApp(ctx context.Context, opt appOptions) (_ *app, err error) {
	a := &app{opt: opt, shelf: newShelf(opt.config), fatal: make(chan error, 8), happened: make(chan struct{}, 1)}
	defer func() {
		if err != nil {
			_ = a.close() // why it did not start matters more
		}
	}()
	if a.metrics, err = metrics.New(metrics.Options{Version: builtAs().Version, Logger: opt.log}); err != nil {
		return nil, err
	}
	if err := web.Free(opt.data.file(socketFile)); err != nil {
		return nil, err
	}
	if err := a.openLedger(ctx); err != nil {
		return nil, err
	}
	if err := a.dialOutside(); err != nil {
		return nil, err
	}
	if err := a.startTemporal(ctx); err != nil {
		return nil, err
	}
	if err := a.build(); err != nil {
		return nil, err
	}
	if err := a.sign(ctx); err != nil {
		return nil, err
	}
	if err := a.observe(ctx); err != nil {
		return nil, err
	}
	if err := a.workers.Start(); err != nil {
		return nil, err
	}
	a.warnOfHook()
	return a, a.ensureProgramme(ctx)
}

func (a *app) openLedger(ctx context.Context) error {
	key, err := ledgerKey(a.opt.data.file("ledger.key"), a.opt.settings.LedgerKey, true)
	if err != nil {
		return err
	}
	a.ledger, err = ledger.Open(ctx, ledger.Options{
		Path: a.opt.data.file("ledger.db"), Existing: a.opt.data.worked(), URL: a.opt.settings.Database, Now: a.opt.now, Key: key,
		Demo: a.opt.skipping, Before: a.opt.data.before, Failpoint: failpoint(), Logger: a.opt.log, Watch: a.metrics,
	})
	if err != nil {
		return fmt.Errorf("open the ledger: %w", err)
	}
	if _, err := a.ledger.PutOrganisation(ctx, a.opt.config.organisation, a.opt.now()); err != nil {
		return fmt.Errorf("keep the organisation file: %w", err)
	}
	return nil
}

func (a *app) dialOutside() (err error) {
	if err := a.openLimits(); err != nil {
		return err
	}
	s := a.opt.settings
	a.slack, err = slack.New(slack.Options{BotToken: s.SlackBot, AppToken: s.SlackApp, APIURL: s.SlackAPI, Limits: s.Limits, Limiter: a.slackLimiter(), Logger: a.opt.log, Watch: a.metrics})
	if err != nil {
		return wrongUsage("slack: %w", err)
	}
	a.jira, err = jira.New(jira.Options{
		URL: s.JiraURL, Email: s.JiraEmail, Token: s.JiraToken, PAT: s.JiraPAT, Project: a.opt.config.organisation.Jira.Project,
		Fields:        func() []jira.Field { return jiraFields(a.shelf.config().organisation) },
		WebhookSecret: s.JiraWebhookSecret, Limits: s.Limits, Limiter: a.jiraLimiter(), Logger: a.opt.log, Watch: a.metrics,
	})
	if err != nil {
		return wrongUsage("jira: %w", err)
	}
	if s.JiraWebhookSecret == "" {
		a.opt.log.Info("JIRA_WEBHOOK_SECRET is not set: webhooks are refused, and Jira is asked what has changed", "every", s.Poll)
	}
	return nil
}

// build makes the activities, the workers and the gate.
func (a *app) build() (err error) {
	a.acts = &activities.Activities{
		Ledger: a.ledger, Messenger: a.slack, Directory: a.slack, Tracker: a.jira, Engine: a.engine, Library: a.shelf, Remote: sources.New(os.LookupEnv),
		Now: a.opt.now, Logger: a.opt.log, Watch: a.metrics, IndexAllowance: a.opt.settings.IndexAllowance, Events: a.opt.settings.Events,
	}
	a.workers = temporal.NewWorkers(a.client, a.queue, temporal.Code{Workflows: registerWorkflows, Activities: a.registerActivities}, a.fail)
	a.gate = &intake.Gate{
		Ledger: a.ledger, Engine: a.engine, Directory: a.slack, Now: a.opt.now, Start: a.startFromSlack, Report: a.reportFromSlack, Raise: a.raiseFromSlack, Check: a.acts.CheckAnswers, Asked: a.acts.Asked,
		Organisation: func(ctx context.Context, t time.Time) (org.Organisation, error) { return a.ledger.SnapshotAt(ctx, t) },
	}
	a.watch = &intake.Watch{Gate: a.gate, Site: a.jira}
	a.doors, err = openSlack(a.slack, a.gate, a.opt.settings, a.opt.now)
	return err
}

func registerWorkflows(r worker.WorkflowRegistry) {
	r.RegisterWorkflow(workflows.Run)
	r.RegisterWorkflow(workflows.Programme)
}

func (a *app) registerActivities(r worker.ActivityRegistry) {
	for name, f := range map[string]any{
		"Advance": a.acts.Advance, "Judge": a.acts.Judge, "Inspect": a.acts.Inspect, "Reach": a.acts.Reach, "Fetch": a.acts.Fetch, "Tick": a.acts.Tick,
		"Perform": a.acts.Perform, "PerformSlow": a.acts.PerformSlow, "Due": a.acts.Due,
	} {
		r.RegisterActivityWithOptions(f, activity.RegisterOptions{Name: name})
	}
}

// fail ends the program in order.
func (a *app) fail(err error) {
	select {
	case a.fatal <- err:
	default: // one reason to stop is enough
	}
}

func (a *app) ensureProgramme(ctx context.Context) error {
	id := workflows.ProgrammeID(a.ledger.Installation())
	if err := a.engine.Ensure(ctx, id, workflows.ProgrammeName, workflows.ProgrammeInput{}); err != nil {
		return fmt.Errorf("start the programme: %w", err)
	}
	return nil
}

// startFromSlack starts a run for `/aims start`.
func (a *app) startFromSlack(ctx context.Context, q intake.StartRequest) (string, error) {
	run, open, err := a.acts.Start(ctx, activities.StartRequest{Playbook: q.Playbook, Subject: q.Subject, By: q.By, Door: q.Door, Input: q.Input, Exercise: q.Exercise})
	var refusal *activities.Refusal
	switch {
	case errors.As(err, &refusal):
		return "", &intake.RefusedError{Text: refusal.Reason}
	case err != nil:
		return "", err
	case open:
		return "", &port.OpenRunError{Run: run.ID}
	}
	return run.ID, nil
}

// handler serves what comes from outside and what watches the bot.
func (a *app) handler() *http.ServeMux {
	mux := http.NewServeMux()
	mux.Handle("POST /jira/webhook", a.jira.Handler(a.gate.Jira))
	mux.Handle("POST "+alertPath, web.Alerts(a.opt.settings.HookToken, a.takeAlerts, a.opt.log, a.metrics))
	if a.doors.hooks != nil {
		mux.Handle(slackPath+"/", a.doors.hooks)
	}
	a.healthRoutes(mux)
	return mux
}
