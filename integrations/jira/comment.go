package jira

import (
	"context"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Comment adds a comment that carries key, in one call: in a property, on a Data
// Center in an anchor, which readers do not see.
func (c *Client) Comment(ctx context.Context, key, issueID string, m port.Comment) (port.Outcome, error) {
	id, err := issuePath(issueID)
	if err != nil {
		return port.Outcome{}, err
	}
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return port.Outcome{}, beforehand(err)
	}
	body := map[string]any{"body": wiki(m.Text), "properties": []property{{propertyKey, marker{V: 1, Key: key}}}}
	if dc {
		body = map[string]any{"body": wikiUpTo(m.Text, maxText-len(anchor(key))) + anchor(key)}
	}
	var made ref
	if err := c.raw(ctx, call{name: "POST issue/comment", issue: id}, "issue/"+id+"/comment", body, &made); err != nil {
		return port.Outcome{}, err
	}
	return port.Outcome{IssueID: issueID, ID: made.ID}, nil
}

// anchor is the invisible mark of a comment on a Data Center, in wiki markup.
func anchor(key string) string { return "\n{anchor:" + key + "}" }

// FindComments keeps those of our own comments of the issue that carry key,
// lowest id first. Like FindIssues its errors are never definite,
// except that the issue is gone.
func (c *Client) FindComments(ctx context.Context, key, issueID string) ([]port.Outcome, error) {
	id, err := issuePath(issueID)
	if err != nil {
		return nil, err
	}
	own, err := c.Self(ctx)
	if err != nil {
		return nil, unknown(err)
	}
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return nil, unknown(err)
	}
	var ids []int64
	for start, page := 0, 0; page < maxPages; page++ {
		q := url.Values{"orderBy": {"-created"}, "startAt": {strconv.Itoa(start)}, "maxResults": {strconv.Itoa(pageSize)}}
		var got commentPage
		if err := c.raw(ctx, call{name: "GET issue/comment"}, "issue/"+id+"/comment?"+q.Encode(), nil, &got); err != nil {
			return nil, unknown(err)
		}
		for _, one := range got.Comments {
			if n, err := strconv.ParseInt(one.ID, 10, 64); err == nil && one.Author.AccountID == own && (!dc || strings.Contains(one.Body, strings.TrimSpace(anchor(key)))) {
				ids = append(ids, n)
			}
		}
		start += len(got.Comments)
		if len(got.Comments) == 0 || start >= got.Total {
			break
		}
	}
	if dc {
		return anchored(issueID, ids), nil
	}
	return c.marked(ctx, key, issueID, ids)
}

// anchored are the comments whose text holds the anchor.
func anchored(issueID string, ids []int64) []port.Outcome {
	slices.Sort(ids)
	var out []port.Outcome
	for _, id := range ids {
		out = append(out, port.Outcome{IssueID: issueID, ID: strconv.FormatInt(id, 10)})
	}
	return out
}

// marked reads the properties of comments and keeps those of the key.
func (c *Client) marked(ctx context.Context, key, issueID string, ids []int64) ([]port.Outcome, error) {
	var found []port.Outcome
	for len(ids) > 0 {
		n := min(len(ids), maxCommentIDs)
		var page struct {
			Values []struct {
				ref
				Properties []struct {
					Key   string          `json:"key"`
					Value json.RawMessage `json:"value"`
				} `json:"properties"`
			} `json:"values"`
		}
		if err := c.raw(ctx, call{name: "POST comment/list"}, "comment/list?expand=properties", map[string]any{"ids": ids[:n]}, &page); err != nil {
			return nil, unknown(err)
		}
		for _, one := range page.Values {
			for _, p := range one.Properties {
				if p.Key == propertyKey && proves(p.Value, key) {
					found = append(found, port.Outcome{IssueID: issueID, ID: one.ID})
				}
			}
		}
		ids = ids[n:]
	}
	slices.SortFunc(found, func(a, b port.Outcome) int { return compareIDs(a.ID, b.ID) })
	return found, nil
}
