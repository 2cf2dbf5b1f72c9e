package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack"
)

// slackPath is above the doors for Slack's signed requests: interactions,
// commands and events.
const slackPath = "/slack"

// slackDoors are the ways in which deliveries come in from Slack: those whose
// secret is set, one or both. With both, Slack's own switch says which it uses,
// so that an installation can change over without a stop; what comes through
// both counts once.
type slackDoors struct {
	socket *slack.Socket // nil = no app token
	hooks  *slack.Hooks  // nil = no signing secret
}

func openSlack(c *slack.Client, g *intake.Gate, s settings, now func() time.Time) (d slackDoors, err error) {
	r := slack.NewReceiver(c, g)
	if s.SlackApp != "" {
		if d.socket, err = slack.NewSocket(r, slack.SocketOptions{}); err != nil {
			return d, fmt.Errorf("slack: %w", err)
		}
	}
	if s.SlackSecret != "" {
		if d.hooks, err = slack.NewHooks(r, s.SlackSecret, now); err != nil {
			return d, fmt.Errorf("slack: %w", err)
		}
	}
	if d.socket == nil && d.hooks == nil {
		return d, errors.New("slack: neither SLACK_APP_TOKEN nor SLACK_SIGNING_SECRET is set")
	}
	return d, nil
}

// ready tells whether deliveries can come in by one way at least.
func (d slackDoors) ready() error {
	var errs []error
	if d.hooks != nil {
		errs = append(errs, d.hooks.Ready())
	}
	if d.socket != nil {
		errs = append(errs, d.socket.Ready())
	}
	for _, err := range errs {
		if err == nil {
			return nil
		}
	}
	return errors.Join(errs...)
}

// run takes deliveries in until ctx ends or Slack refuses the app for good.
func (d slackDoors) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	var hooks sync.WaitGroup
	defer hooks.Wait()
	defer cancel()
	if d.hooks != nil {
		hooks.Go(func() { d.hooks.Run(ctx) })
	}
	if d.socket == nil {
		<-ctx.Done()
		return nil
	}
	return d.socket.Run(ctx)
}

// listenSlack signs in and opens the doors. Slack being down is waited for;
// Slack refusing us for good ends the program.
func (a *app) listenSlack(ctx context.Context) {
	for ctx.Err() == nil {
		id, err := a.slack.Check(ctx)
		if err == nil {
			a.gate.Workspace = intake.Workspace{Team: id.Team, App: id.App}
			break
		}
		var out *port.OutsideError
		if errors.As(err, &out) && out.Forever {
			a.fail(wrongUsage("Slack refuses SLACK_BOT_TOKEN: %w; `aimsbot doctor` looks at all of it", err))
			return
		}
		a.opt.log.Warn("slack does not answer yet", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(slackRetry):
		}
	}
	if ctx.Err() != nil {
		return
	}
	if err := a.doors.run(ctx); err != nil {
		a.fail(wrongUsage("Slack refuses SLACK_APP_TOKEN: %w; `aimsbot doctor` looks at all of it", err))
	}
}
