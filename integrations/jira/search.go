package jira

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// found is an issue that a search lists.
type found struct {
	ref
	Fields struct {
		Creator wireUser `json:"creator"`
		Updated stamp    `json:"updated"`
	} `json:"fields"`
	Properties map[string]json.RawMessage `json:"properties"`
}

// search lists the issues that a bounded query finds. A Data Center answers no
// properties.
func (c *Client) search(ctx context.Context, jql string, fields, properties []string) ([]found, error) {
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return nil, err
	}
	q := url.Values{"jql": {jql}, "fields": {strings.Join(fields, ",")}, "maxResults": {strconv.Itoa(pageSize)}}
	name, path := "GET search/jql", "search/jql?"
	switch {
	case dc:
		name, path = "GET search", "search?"
	case len(properties) > 0:
		q.Set("properties", strings.Join(properties, ","))
	}
	var out []found
	for range maxPages {
		var page struct {
			Issues        []found `json:"issues"`
			NextPageToken string  `json:"nextPageToken"` // Cloud
			IsLast        bool    `json:"isLast"`        // Cloud
			Total         int     `json:"total"`         // Data Center
		}
		if err := c.raw(ctx, call{name: name}, path+q.Encode(), nil, &page); err != nil {
			return nil, err
		}
		out = append(out, page.Issues...)
		if dc {
			if len(page.Issues) == 0 || len(out) >= page.Total {
				break
			}
			q.Set("startAt", strconv.Itoa(len(out)))
			continue
		}
		if page.IsLast || page.NextPageToken == "" {
			break
		}
		q.Set("nextPageToken", page.NextPageToken)
	}
	return out, nil
}

// FindIssues looks for the label and keeps the issues whose property proves
// that we made them: a clone carries the label, but not the property. Jira's
// index may miss an issue for some time after its creation.
//
// Its errors are never definite: a look that failed says nothing about the
// creation it looks for.
func (c *Client) FindIssues(ctx context.Context, key string) ([]port.Outcome, error) {
	list, err := c.search(ctx, "labels = "+quote(key), []string{"labels", "creator"}, []string{propertyKey})
	if err != nil {
		return nil, unknown(err)
	}
	var out []port.Outcome
	for _, i := range list {
		ours, err := c.proven(ctx, i, key)
		if err != nil {
			return nil, unknown(err)
		}
		if ours {
			out = append(out, c.outcome(i.ref))
		}
	}
	slices.SortFunc(out, func(a, b port.Outcome) int { return compareIDs(a.IssueID, b.IssueID) })
	return out, nil
}

// proven tells whether we made an issue that carries our label. On a Data Center
// the property comes after the issue and may be missing; who made an issue
// cannot be changed there, and whoever clones one is the maker of the clone.
func (c *Client) proven(ctx context.Context, i found, key string) (bool, error) {
	dc, err := c.dataCenter(ctx)
	if err != nil || !dc {
		return proves(i.Properties[propertyKey], key), err
	}
	id, err := issuePath(i.ID)
	if err != nil {
		return false, err
	}
	var list struct {
		Keys []ref `json:"keys"`
	}
	k := call{name: "GET issue/properties", gone: true}
	err = c.raw(ctx, k, "issue/"+id+"/properties", nil, &list)
	if errors.Is(err, port.ErrNotFound) {
		return false, nil // deleted since the index saw it
	}
	if err != nil {
		return false, err
	}
	if slices.ContainsFunc(list.Keys, func(r ref) bool { return r.Key == propertyKey }) {
		var p struct {
			Value json.RawMessage `json:"value"`
		}
		err := c.raw(ctx, k, "issue/"+id+"/properties/"+propertyKey, nil, &p)
		return proves(p.Value, key), err
	}
	own, err := c.Self(ctx)
	return own != "" && i.Fields.Creator.AccountID == own, err
}

// quote writes a value for JQL.
func quote(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

func proves(value json.RawMessage, key string) bool {
	var m marker
	return json.Unmarshal(value, &m) == nil && m.Key == key
}
