package jira

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	gojira "github.com/andygrunwald/go-jira"

	"github.com/aimsbot/aimsbot/activities/port"
)

// propertyKey names our property on issues and comments: the proof that we
// made them. The label, which people can copy and edit, only finds them.
const propertyKey = "aimsbot"

// marker is the value of the property.
type marker struct {
	V       int    `json:"v"`
	Key     string `json:"key"`
	Process string `json:"process,omitempty"`
	Run     string `json:"run,omitempty"`
	Step    string `json:"step,omitempty"`
	Item    string `json:"item,omitempty"`
	Round   int    `json:"round,omitempty"`
}

type property struct {
	Key   string `json:"key"`
	Value any    `json:"value"`
}

type ref struct {
	ID   string `json:"id"`
	Key  string `json:"key"`
	Name string `json:"name"`
}

// CreateIssue makes an issue; label and property arrive with it in the one
// call. A text too long is cut. Errors are *port.OutsideError.
func (c *Client) CreateIssue(ctx context.Context, key string, p port.Place, i port.Issue, parent string) (port.Outcome, error) {
	k := call{name: "POST issue"}
	project := i.Project
	if project == "" {
		project = c.opt.Project
	}
	fields := map[string]any{
		"project": map[string]string{"key": project}, "issuetype": map[string]string{"name": i.Type},
		"summary": summary(i.Summary), "labels": []string{key},
	}
	if i.Description != "" {
		fields["description"] = wiki(i.Description)
	}
	if i.Assignee != "" {
		fields["assignee"] = map[string]string{"accountId": i.Assignee}
	}
	if i.Due != "" {
		if _, err := time.Parse(time.DateOnly, i.Due); err != nil {
			return port.Outcome{}, refused(k.name, "bad_date", "the due date must be like 2026-12-31")
		}
		fields["duedate"] = i.Due
	}
	if parent != "" {
		fields["parent"] = map[string]string{"key": parent}
	}
	body := map[string]any{"fields": fields, "properties": []property{{propertyKey, marker{
		V: 1, Key: key, Process: i.Process, Run: p.Run, Step: p.Step, Item: p.Item, Round: p.Round,
	}}}}
	var made ref
	if err := c.raw(ctx, k, "issue", body, &made); err != nil {
		return port.Outcome{}, err
	}
	if made.ID == "" || made.Key == "" {
		return port.Outcome{}, &port.OutsideError{Target: target, Call: k.name, Code: "broken_answer", Err: fmt.Errorf("the answer names no issue")}
	}
	return c.outcome(made), nil
}

func (c *Client) outcome(r ref) port.Outcome {
	return port.Outcome{IssueID: r.ID, Issue: r.Key, URL: c.browse(r.Key)}
}

// FindIssues looks for the label and keeps the issues whose property proves
// that we made them: a clone carries the label, but not the property. Jira's
// index may miss an issue for some time after its creation.
//
// Its errors are never definite: a look that failed says nothing about the
// creation it looks for.
func (c *Client) FindIssues(ctx context.Context, key string) ([]port.Outcome, error) {
	var found []port.Outcome
	query := url.Values{"jql": {"labels = " + quote(key)}, "fields": {"labels"}, "properties": {propertyKey}, "maxResults": {strconv.Itoa(pageSize)}}
	for range maxPages {
		var page struct {
			Issues []struct {
				ref
				Properties map[string]json.RawMessage `json:"properties"`
			} `json:"issues"`
			NextPageToken string `json:"nextPageToken"`
			IsLast        bool   `json:"isLast"`
		}
		if err := c.raw(ctx, call{name: "GET search/jql"}, "search/jql?"+query.Encode(), nil, &page); err != nil {
			return nil, unknown(err)
		}
		for _, i := range page.Issues {
			if proves(i.Properties[propertyKey], key) {
				found = append(found, c.outcome(i.ref))
			}
		}
		if page.IsLast || page.NextPageToken == "" {
			break
		}
		query.Set("nextPageToken", page.NextPageToken)
	}
	slices.SortFunc(found, func(a, b port.Outcome) int { return compareIDs(a.IssueID, b.IssueID) })
	return found, nil
}

// quote writes a value for JQL.
func quote(v string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(v) + `"`
}

func proves(value json.RawMessage, key string) bool {
	var m marker
	return json.Unmarshal(value, &m) == nil && m.Key == key
}

// compareIDs orders numeric ids by number.
func compareIDs(a, b string) int {
	if len(a) != len(b) {
		return len(a) - len(b)
	}
	return strings.Compare(a, b)
}

// unknown takes back that nothing happened: said of a look, it must not be
// read as said of the call that is looked for.
func unknown(err error) error {
	if o, ok := err.(*port.OutsideError); ok { //nolint:errorlint // our own, never wrapped here
		o.Definite, o.Forever = false, false
	}
	return err
}

// Update sets the fields that are given; labels and others stay untouched.
func (c *Client) Update(ctx context.Context, issueID string, u port.IssueUpdate) error {
	id, err := issuePath(issueID)
	if err != nil {
		return err
	}
	k := call{name: "PUT issue", issue: id}
	fields := map[string]any{}
	if u.Assignee != "" {
		fields["assignee"] = map[string]string{"accountId": u.Assignee}
	}
	if u.Due != "" {
		if _, err := time.Parse(time.DateOnly, u.Due); err != nil {
			return refused(k.name, "bad_date", "the due date must be like 2026-12-31")
		}
		fields["duedate"] = u.Due
	}
	if u.Summary != "" {
		fields["summary"] = summary(u.Summary)
	}
	if len(fields) == 0 {
		return nil
	}
	return c.do(ctx, k, func(ctx context.Context) (*gojira.Response, error) {
		return c.api.Issue.UpdateIssueWithContext(ctx, id, map[string]any{"fields": fields})
	})
}
