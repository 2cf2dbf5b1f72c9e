package slack

import (
	"context"
	"slices"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Account reads a person's account fresh. Whatever is not a full, active human
// member of our own workspace is refused with the reason.
func (c *Client) Account(ctx context.Context, team, user string) (port.Account, error) {
	ours := c.who().Team
	switch {
	case ours == "":
		return port.Account{}, badAnswer(methodUser, "the workspace is not known yet")
	case user == "":
		return port.Account{Reason: "no Slack account is registered"}, nil
	case team != ours:
		return port.Account{Reason: "the account belongs to another workspace"}, nil
	}
	var u *slack.User
	err := c.call(ctx, methodUser, "", func(ctx context.Context) (err error) {
		u, err = c.api.GetUserInfoContext(ctx, user)
		return err
	})
	switch codeOf(err) {
	case "user_not_found", "user_not_visible", "users_not_found":
		return port.Account{Reason: "Slack knows no such account"}, nil
	}
	if err != nil {
		return port.Account{}, err
	}
	if u == nil || u.ID != user {
		return port.Account{}, badAnswer(methodUser, "the answer is about another account")
	}
	if reason := refuse(u, ours); reason != "" {
		return port.Account{Reason: reason}, nil
	}
	return port.Account{OK: true}, nil
}

// refuse says why an account may not decide; empty = it may.
func refuse(u *slack.User, team string) string {
	switch {
	case u.Deleted: // guard: account-deactivated
		return "the account is deactivated"
	case u.IsRestricted, u.IsUltraRestricted: // guard: account-guest
		return "the account is a guest"
	case u.IsStranger: // guard: account-stranger
		return "the account belongs to a stranger"
	case u.IsInvitedUser: // guard: account-joined
		return "the account was invited and has not joined"
	case u.IsBot, u.IsAppUser, u.IsWorkflowBot, u.IsConnectorBot: // guard: account-human
		return "the account is not a human's"
	case u.TeamID != team && !slices.Contains(u.Enterprise.Teams, team): // guard: account-of-our-team
		return "the account belongs to another workspace"
	}
	return ""
}
