package main

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/integrations/slack"
)

// preflightBudget bounds what is asked of Slack and Jira before the bot starts.
const preflightBudget = 15 * time.Second

// preflight refuses to start where Slack or Jira refuse what the settings say:
// tokens, scopes, the project and what the account may do there. Whoever does
// not answer is waited for later, and people are asked about when they act: they
// come and go. It asks as the doctor does, and changes nothing.
func preflight(ctx context.Context, s settings, c *config, log *slog.Logger) error {
	ctx, cancel := context.WithTimeout(ctx, preflightBudget)
	defer cancel()
	d := &doctor{ctx: ctx, settings: s, config: c}
	client, in := d.signInToSlack()
	if client != nil {
		d.lookAtDoors(client)
	}
	d.signInToJira()
	d.lookAtTokens()
	var wrong []string
	for _, k := range d.checks {
		switch {
		case k.State == checkSkipped && (k.Check == "Slack" || k.Check == "Jira"):
			wrong = append(wrong, k.Found) // a setting is not of its form
		case k.State == checkWrong && !strings.HasSuffix(k.Check, "clock"):
			wrong = append(wrong, k.text())
		}
	}
	if len(wrong) > 0 {
		return wrongUsage("Something outside refuses the bot, or a token is missing; nothing was started:\n  %s", strings.Join(wrong, "\n  "))
	}
	if in {
		d.warnOfChannels(client, log)
	}
	return nil
}

// warnOfChannels tells which channels cannot be written to. All else works
// without them.
func (d *doctor) warnOfChannels(c *slack.Client, log *slog.Logger) {
	before := len(d.checks)
	d.lookAtChannels(c)
	for _, k := range d.checks[before:] {
		if k.State == checkWrong {
			log.Warn(k.text())
		}
	}
}

// text is what was found and what to do, on one line.
func (k check) text() string {
	return k.Check + ": " + strings.TrimSuffix(k.Found, ".") + ". " + k.Mend
}
