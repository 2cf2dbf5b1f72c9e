package slack

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/slack-go/slack"
)

// Scopes are those the bot token needs.
// https://docs.slack.dev/reference/scopes
var Scopes = []string{
	"chat:write", "commands", "im:write", "users:read", "channels:history", "groups:history", "im:history",
}

// Standing is what Slack says of the bot token.
type Standing struct {
	Identity
	Name string // of the bot
	// Missing are the scopes that the token lacks.
	Missing []string
	// Clock is the time of Slack's answer, to the second; zero = not said.
	Clock time.Time
}

// Standing signs in and reads what the bot token may do. It changes nothing.
func (c *Client) Standing(ctx context.Context) (Standing, error) {
	id, err := c.Check(ctx)
	if err != nil {
		return Standing{}, err
	}
	var r *slack.AuthTestResponse
	err = c.call(ctx, methodAuthTest, "", func(ctx context.Context) (err error) {
		r, err = c.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return Standing{}, err
	}
	out := Standing{Identity: id, Name: r.User}
	out.Clock, _ = http.ParseTime(r.Header.Get("Date"))
	var has []string
	for s := range strings.SplitSeq(r.Header.Get("X-OAuth-Scopes"), ",") {
		has = append(has, strings.TrimSpace(s))
	}
	out.Missing = slices.DeleteFunc(slices.Clone(Scopes), func(s string) bool { return slices.Contains(has, s) })
	return out, nil
}

// Opens asks for the address of a Socket Mode connection and opens none.
func (c *Client) Opens(ctx context.Context) error {
	return c.call(ctx, methodConnect, "", func(ctx context.Context) error {
		_, _, err := c.api.StartSocketModeContext(ctx)
		return err
	})
}

// Reads tells whether the bot can read a channel, which it can where it is a
// member; the error has Slack's code.
func (c *Client) Reads(ctx context.Context, channel string) error {
	return c.call(ctx, methodHistory, channel, func(ctx context.Context) error {
		_, err := c.api.GetConversationHistoryContext(ctx, &slack.GetConversationHistoryParameters{ChannelID: channel, Limit: 1})
		return err
	})
}
