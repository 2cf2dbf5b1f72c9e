package jira

import (
	"context"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// bulkIssues is how many issues one call of issue/bulkfetch takes;
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-issues/
const bulkIssues = 100

var _ intake.Site = (*Client)(nil)

func touched(list []found) []intake.Touched {
	out := make([]intake.Touched, 0, len(list))
	for _, i := range list {
		out = append(out, intake.Touched{IssueID: i.ID, At: i.Fields.Updated.Time})
	}
	return out
}

// Changed lists the issues of the project changed within the last d, by Jira's
// clock and index. JQL counts in whole minutes.
func (c *Client) Changed(ctx context.Context, d time.Duration) ([]intake.Touched, error) {
	jql := fmt.Sprintf("project = %s AND updated >= -%dm ORDER BY updated ASC", quote(c.opt.Project), int(math.Ceil(d.Minutes())))
	list, err := c.search(ctx, jql, []string{"updated"}, nil)
	if err != nil {
		return nil, err
	}
	return touched(list), nil
}

// Look tells of issues when they were changed last. Those that are gone, or that
// we may not see, are left out; one that was moved is found by its id.
func (c *Client) Look(ctx context.Context, issueIDs []string) ([]intake.Touched, error) {
	var out []intake.Touched
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return nil, err
	}
	if dc {
		return c.lookOneByOne(ctx, issueIDs)
	}
	for ids := range slices.Chunk(issueIDs, bulkIssues) {
		var answer struct {
			Issues []found `json:"issues"`
		}
		body := map[string]any{"issueIdsOrKeys": ids, "fields": []string{"updated"}}
		if err := c.raw(ctx, call{name: "POST issue/bulkfetch"}, "issue/bulkfetch", body, &answer); err != nil {
			return nil, err
		}
		out = append(out, touched(answer.Issues)...)
	}
	return out, nil
}

// lookOneByOne is Look on a Data Center. It has no bulk fetch, and its search
// refuses a whole list of ids for one that is gone.
func (c *Client) lookOneByOne(ctx context.Context, issueIDs []string) ([]intake.Touched, error) {
	var list []found
	for _, one := range issueIDs {
		id, err := issuePath(one)
		if err != nil {
			return nil, err
		}
		var i found
		err = c.raw(ctx, call{name: "GET issue", gone: true}, "issue/"+id+"?fields=updated", nil, &i)
		if errors.Is(err, port.ErrNotFound) {
			continue
		}
		if err != nil {
			return nil, err
		}
		list = append(list, i)
	}
	return touched(list), nil
}

// ChangedBy finds the newest change of an issue that another account than ours
// made: to a field, an attachment or a link, or a comment. A zero time means
// that there is none. port.ErrNotFound: it is gone, or we may not see it.
func (c *Client) ChangedBy(ctx context.Context, issueID string) (author string, at time.Time, err error) {
	id, err := issuePath(issueID)
	if err != nil {
		return "", time.Time{}, err
	}
	own, err := c.Self(ctx)
	if err != nil {
		return "", time.Time{}, err
	}
	var i wireIssue
	q := url.Values{"fields": {"comment"}, "expand": {"changelog"}}
	if err := c.raw(ctx, call{name: "GET issue", gone: true}, "issue/"+id+"?"+q.Encode(), nil, &i); err != nil {
		return "", time.Time{}, err
	}
	newest := func(by string, t time.Time) {
		if by != own && t.After(at) {
			author, at = by, t
		}
	}
	// The newest changes come with the issue; what is older was told before.
	for _, h := range i.Changelog.Histories {
		newest(h.Author.AccountID, h.Created.Time)
	}
	comments, err := c.comments(ctx, &i)
	if err != nil {
		return "", time.Time{}, err
	}
	for _, m := range comments {
		newest(m.Author.AccountID, m.Created.Time)
		newest(m.UpdateAuthor.AccountID, m.Updated.Time)
	}
	return author, at, nil
}
