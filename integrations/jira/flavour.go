package jira

import (
	"context"
	"errors"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// dataCenter tells whether the site is a Data Center, which knows people by
// user name, searches in its own way and lacks some calls of Jira Cloud. The
// site is asked once.
func (c *Client) dataCenter(ctx context.Context) (bool, error) {
	if dc := c.flavour.Load(); dc != nil {
		return *dc, nil
	}
	var info struct {
		Deployment string `json:"deploymentType"`
	}
	const name = "GET serverInfo"
	if err := c.raw(ctx, call{name: name}, "serverInfo", nil, &info); err != nil {
		return false, err
	}
	var dc bool
	switch strings.ToLower(info.Deployment) {
	case "cloud":
	case "server", "datacenter": // https://docs.atlassian.com/software/jira/docs/api/REST/latest/#api/2/serverInfo
		dc = true
	default:
		return false, &port.OutsideError{Target: target, Call: name, Code: "broken_answer", Err: errors.New("the answer does not say whether this is Jira Cloud or Data Center")}
	}
	if !dc && c.opt.PAT != "" {
		return false, refused(name, "wrong_sign_in", "this is Jira Cloud, which takes an e-mail and an API token; a personal access token is for Data Center")
	}
	c.flavour.Store(&dc)
	return dc, nil
}

// beforehand says of a failed look before a change that the change was not
// sent: trying again cannot double it, and works once the site can be looked at.
func beforehand(err error) error {
	if o, ok := err.(*port.OutsideError); ok { //nolint:errorlint // our own, never wrapped here
		if o.Forever {
			o.Retry = max(o.Retry, pauseUnready)
		}
		o.Definite, o.Forever = true, false
	}
	return err
}

// person names an account to Jira: by account id in the Cloud, by user name on
// a Data Center.
func person(dc bool, account string) map[string]string {
	if dc {
		return map[string]string{"name": account}
	}
	return map[string]string{"accountId": account}
}
