package main

import (
	"context"
	"strings"
	"time"
)

// preflightBudget bounds what is asked of Slack and Jira before the bot starts.
const preflightBudget = 15 * time.Second

// preflight refuses to start where Slack or Jira refuse what the settings say:
// tokens, scopes, the project and what the account may do there. Whoever does
// not answer is waited for later. It asks as the doctor does, and changes
// nothing.
func preflight(ctx context.Context, s settings, c *config) error {
	ctx, cancel := context.WithTimeout(ctx, preflightBudget)
	defer cancel()
	d := &doctor{ctx: ctx, settings: s, config: c}
	client, _ := d.signInToSlack()
	if client != nil {
		d.lookAtDoors(client)
	}
	d.signInToJira()
	var wrong []string
	for _, k := range d.checks {
		switch {
		case k.State == checkSkipped && (k.Check == "Slack" || k.Check == "Jira"):
			wrong = append(wrong, k.Found) // a setting is not of its form
		case k.State == checkWrong && !strings.HasSuffix(k.Check, "clock"):
			wrong = append(wrong, k.Check+": "+k.Found+". "+k.Mend)
		}
	}
	if len(wrong) > 0 {
		return wrongUsage("Slack or Jira refuse the bot; nothing was started:\n  %s", strings.Join(wrong, "\n  "))
	}
	return nil
}
