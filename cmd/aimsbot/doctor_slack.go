package main

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack"
)

func (d *doctor) lookAtSlack() {
	c, in := d.signInToSlack()
	switch {
	case c == nil:
		return
	case !in:
		for _, name := range []string{"Slack scopes", "Slack channels", "Slack people"} {
			d.skip(name, "the bot token does not work")
		}
	default:
		d.lookAtChannels(c)
		d.lookAtSlackPeople(c)
	}
	d.lookAtDoors(c)
}

// signInToSlack looks at the bot token, what it may, and the clock. The client
// is nil where the settings allow none.
func (d *doctor) signInToSlack() (c *slack.Client, in bool) {
	s := d.settings
	c, err := slack.New(slack.Options{BotToken: s.SlackBot, AppToken: s.SlackApp, APIURL: s.SlackAPI, Limits: s.Limits, Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		d.skip("Slack", err.Error())
		return nil, false
	}
	var st slack.Standing
	err = d.patiently(func(ctx context.Context) (err error) { st, err = c.Standing(ctx); return err })
	if err != nil {
		d.failed("Slack bot token", err, "Copy the Bot User OAuth Token (xoxb-...) from the app's page \"OAuth & Permissions\" into SLACK_BOT_TOKEN.")
		return c, false
	}
	d.ok("Slack bot token", "works as %s in workspace %s, app %s", st.Name, st.Team, st.App)
	if len(st.Missing) > 0 {
		d.wrong("Slack scopes", "missing: "+strings.Join(st.Missing, ", "), "Add them on the app's page \"OAuth & Permissions\" and install the app again.")
	} else {
		d.ok("Slack scopes", "all there")
	}
	d.lookAtClock("Slack's clock", st.Clock)
	return c, true
}

func (d *doctor) lookAtDoors(c *slack.Client) {
	s := d.settings
	if s.SlackApp != "" {
		if err := d.patiently(c.Opens); err != nil {
			d.failed("Slack app token", err, "Switch Socket Mode on, make an app-level token (xapp-...) with the scope connections:write, and put it into SLACK_APP_TOKEN.")
		} else {
			d.ok("Slack app token", "opens Socket Mode")
		}
	}
	if s.SlackSecret != "" {
		d.ok("Slack signing secret", "set; whether it is the app's shows with the first request from Slack")
	}
}

// lookAtChannels asks for each channel of the organisation whether the bot is
// in it.
func (d *doctor) lookAtChannels(c *slack.Client) {
	const name = "Slack channels"
	if d.config == nil {
		d.skip(name, "the config folder cannot be read")
		return
	}
	o := d.config.organisation
	used := map[string]string{}
	var ids []string
	note := func(id, by string) {
		if id != "" && used[id] == "" {
			used[id] = by
			ids = append(ids, id)
		}
	}
	note(o.Slack.AuditChannel, "audit_channel")
	for _, m := range o.Committees {
		note(m.Channel, "committee "+m.ID)
	}
	good := 0
	for _, id := range ids {
		err := d.patiently(func(ctx context.Context) error { return c.Reads(ctx, id) })
		if err == nil {
			good++
			continue
		}
		where := fmt.Sprintf("%s (%s)", id, used[id])
		switch codeOf(err) {
		case "channel_not_found":
			d.wrong(name, where+" is not there, or is private and the bot is no member", "Write the channel's id (C...) into organisation.yaml, and invite the bot with /invite.")
		case "not_in_channel":
			d.wrong(name, "the bot is no member of "+where, "Invite it there with /invite.")
		case "is_archived":
			d.wrong(name, where+" is archived", "Unarchive it, or name another one in organisation.yaml.")
		default:
			d.failed(name, fmt.Errorf("%s: %w", where, err), mendLater)
		}
	}
	if good == len(ids) {
		d.ok(name, "the bot is in %s", counted(good, "channel"))
	}
}

// lookAtSlackPeople asks for each person whether the account could decide.
func (d *doctor) lookAtSlackPeople(c *slack.Client) {
	const name = "Slack people"
	if d.config == nil {
		d.skip(name, "the config folder cannot be read")
		return
	}
	people := slices.Clone(d.config.organisation.People)
	good := 0
	for _, p := range people {
		var a port.Account
		err := d.patiently(func(ctx context.Context) (err error) { a, err = c.Account(ctx, p.Slack.Team, p.Slack.User); return err })
		switch {
		case err != nil:
			d.failed(name, fmt.Errorf("%s: %w", p.ID, err), mendLater)
			return // the others would say the same
		case !a.OK:
			d.wrong(name, p.ID+": "+a.Reason, "Correct slack.team and slack.user of "+p.ID+" in organisation.yaml, or give the person a full account. Until then nothing they press counts.")
		default:
			good++
		}
	}
	if good == len(people) {
		d.ok(name, "all %d have accounts that count", good)
	}
}
