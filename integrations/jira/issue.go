package jira

import (
	"context"
	"fmt"
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
// call, on a Data Center the property in a second one. A text too long is cut.
// Errors are *port.OutsideError.
func (c *Client) CreateIssue(ctx context.Context, key string, p port.Place, i port.Issue, parent string) (port.Outcome, error) {
	k := call{name: "POST issue"}
	project := i.Project
	if project == "" {
		project = c.opt.Project
	}
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return port.Outcome{}, beforehand(err)
	}
	fields := map[string]any{
		"project": map[string]string{"key": project}, "issuetype": map[string]string{"name": i.Type},
		"summary": summary(i.Summary), "labels": []string{key},
	}
	if i.Exercise {
		fields["labels"] = []string{key, port.LabelExercise}
	}
	if i.Description != "" {
		fields["description"] = wiki(i.Description)
	}
	if i.Assignee != "" {
		fields["assignee"] = person(dc, i.Assignee)
	}
	if i.Due != "" {
		if _, err := time.Parse(time.DateOnly, i.Due); err != nil {
			return port.Outcome{}, refused(k.name, "bad_date", "the due date must be like 2026-12-31")
		}
		fields["duedate"] = i.Due
	}
	if err := c.place(ctx, dc, fields, project, i.Type, parent); err != nil {
		return port.Outcome{}, err
	}
	if err := c.demanded(ctx, dc, fields, project, i.Type); err != nil {
		return port.Outcome{}, err
	}
	mark := marker{V: 1, Key: key, Process: i.Process, Run: p.Run, Step: p.Step, Item: p.Item, Round: p.Round}
	body := map[string]any{"fields": fields}
	if !dc {
		body["properties"] = []property{{propertyKey, mark}}
	}
	var made ref
	if err := c.raw(ctx, k, "issue", body, &made); err != nil {
		c.forgetScreens()
		return port.Outcome{}, err
	}
	if made.ID == "" || made.Key == "" {
		return port.Outcome{}, &port.OutsideError{Target: target, Call: k.name, Code: "broken_answer", Err: fmt.Errorf("the answer names no issue")}
	}
	if dc {
		c.mark(ctx, made.ID, mark)
	}
	return c.outcome(made), nil
}

// mark puts our property on an issue just made on a Data Center, which takes
// none with the create. Without it the issue is still known as ours by its label
// and its maker, so a failure is no reason to doubt the issue.
func (c *Client) mark(ctx context.Context, issueID string, m marker) {
	id, err := issuePath(issueID)
	if err == nil {
		err = c.raw(ctx, call{name: "PUT issue/properties", issue: id}, "issue/"+id+"/properties/"+propertyKey, m, nil)
	}
	if err != nil {
		c.log.Warn("an issue was made, but our property could not be put on it", "issue", issueID, "error", err)
	}
}

func (c *Client) outcome(r ref) port.Outcome {
	return port.Outcome{IssueID: r.ID, Issue: r.Key, URL: c.browse(r.Key)}
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
		dc, err := c.dataCenter(ctx)
		if err != nil {
			return beforehand(err)
		}
		fields["assignee"] = person(dc, u.Assignee)
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
	if u.Description != "" {
		fields["description"] = wiki(u.Description)
	}
	if len(fields) == 0 {
		return nil
	}
	return c.do(ctx, k, func(ctx context.Context) (*gojira.Response, error) {
		return c.api.Issue.UpdateIssueWithContext(ctx, id, map[string]any{"fields": fields})
	})
}
