package main

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/integrations/web"
)

// How often the background looks after what a crash or a lost signal left.
const (
	sweepEvery     = 2 * time.Second
	relaunchAge    = 5 * time.Second // younger runs are being started right now
	programmeEvery = time.Hour
	signEvery      = time.Hour
	slackRetry     = 5 * time.Second
	jiraRest       = 2 * time.Second  // between two questions to Jira whether it is there
	hardStop       = 25 * time.Second // DESIGN 11
)

// run takes in what comes from outside until ctx ends or something cannot go
// on, and then stops in order: intake, workers, client, server, database.
func (a *app) run(ctx context.Context) error {
	inside, cancel := context.WithCancel(ctx)
	a.cancel = cancel
	a.every(inside, sweepEvery, "sweep the inbox", a.gate.Sweep)
	a.every(inside, sweepEvery, "start stored runs", func(ctx context.Context) error { return a.acts.Relaunch(ctx, relaunchAge) })
	a.every(inside, sweepEvery, "settle late rows", func(ctx context.Context) error { return a.acts.SettleLate(ctx, relaunchAge) })
	a.every(inside, sweepEvery, matchJob, a.acts.Match)
	a.atOnceAndEvery(inside, a.opt.settings.Poll, "look for changes in Jira", a.watch.Poll)
	a.every(inside, programmeEvery, "keep the programme", a.ensureProgramme)
	a.every(inside, signEvery, "sign a checkpoint", a.sign)
	a.background.Go(func() { a.followEvents(inside) })
	a.background.Go(func() { a.listenSlack(inside) })
	a.background.Go(func() { a.followConfig(inside) })
	var err error
	select {
	case <-ctx.Done():
	case err = <-a.fatal:
	case err = <-a.temporalFailed():
	}
	return errors.Join(err, a.close())
}

// every repeats something small until ctx ends; a failure is logged and tried
// again next time.
func (a *app) every(ctx context.Context, pause time.Duration, what string, do func(context.Context) error) {
	a.metrics.Expect(jobOf(what))
	a.background.Go(func() {
		tick := time.NewTicker(pause)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
			a.try(ctx, what, do)
		}
	})
}

// atOnceAndEvery does it now as well.
func (a *app) atOnceAndEvery(ctx context.Context, pause time.Duration, what string, do func(context.Context) error) {
	a.every(ctx, pause, what, do)
	a.background.Go(func() { a.try(ctx, what, do) })
}

// jobOf names a job of the background in metrics.
func jobOf(what string) string { return strings.ReplaceAll(strings.ToLower(what), " ", "_") }

func (a *app) try(ctx context.Context, what string, do func(context.Context) error) {
	err := do(ctx)
	if ctx.Err() != nil {
		return
	}
	a.metrics.Worked(jobOf(what), err)
	if err != nil {
		a.opt.log.Warn("could not "+what, "error", err)
	}
}

// sign keeps a signed checkpoint, so that what was written until now cannot be
// rewritten unseen by whoever keeps a copy of it.
func (a *app) sign(ctx context.Context) error {
	_, err := a.ledger.Checkpoint(ctx)
	return err
}

// close stops in order and ends the process hard when that takes too long.
func (a *app) close() error {
	if a.opt.hard != nil {
		timer := time.AfterFunc(hardStop, func() { a.opt.hard(a.opt.log) })
		defer timer.Stop()
	}
	if a.cancel != nil {
		a.cancel() // intake finishes its acknowledgements
	}
	a.background.Wait()
	if a.gate != nil {
		a.gate.Wait()
	}
	if a.workers != nil {
		a.workers.Stop()
	}
	if a.client != nil {
		a.client.Close()
	}
	var errs []error
	if a.server != nil {
		errs = append(errs, a.server.Stop())
	}
	if a.limits != nil {
		errs = append(errs, a.limits.Close())
	}
	if a.ledger != nil {
		errs = append(errs, a.ledger.Close())
	}
	return errors.Join(errs...)
}

// healthRoutes adds /livez and /readyz.
func (a *app) healthRoutes(mux *http.ServeMux) {
	checks := []web.Check{
		{Name: "ledger", Probe: a.ledger.Ping},
		{Name: "temporal", Probe: a.pingTemporal},
		{Name: "slack", Probe: func(context.Context) error { return a.doors.ready() }},
		{Name: "jira", Rest: jiraRest, Probe: a.jira.Ping},
		{Name: "programme", Probe: a.programmeAlive},
	}
	health := web.Health(checks)
	mux.Handle("/livez", health)
	mux.Handle("/readyz", health)
}
