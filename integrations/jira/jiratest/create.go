package jiratest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"unicode/utf8"
)

// Jira's limits on an issue.
const (
	maxSummary     = 255   // characters
	maxText        = 32767 // characters of a description or comment
	maxLabel       = 255   // characters
	maxPropertyKey = 255   // characters
	maxProperty    = 32768 // characters of JSON
	maxComments    = 5000  // of one issue; https://support.atlassian.com/jira-cloud-administration/docs/issue-limits/
	maxLinks       = 2000  // remote links of one issue, same page
	maxFiles       = 2000  // attachments of one issue, same page
)

// issueBody is the body of a create and of an edit.
type issueBody struct {
	Fields     map[string]json.RawMessage `json:"fields"`
	Update     map[string][]fieldVerb     `json:"update"`
	Properties []entityProperty           `json:"properties"`
}

type fieldVerb map[string]json.RawMessage

type entityProperty struct {
	Key   string          `json:"key"`
	Value json.RawMessage `json:"value"`
}

// createIssue makes an issue with its label and properties in one call.
func (s *Server) createIssue(ctx context.Context, r *http.Request) (answer, error) {
	var b issueBody
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	var made *issue
	err := s.write(ctx, func(w *writing) error {
		i, err := w.newIssue(ctx, b, s.opt.BotAccount)
		if err != nil {
			return err
		}
		made = i
		return w.announce(i, s.opt.BotAccount, "jira:issue_created", "issue_created", nil, nil)
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: map[string]string{
		"id": fmt.Sprint(made.ID), "key": made.Key, "self": s.self("issue", made.ID),
	}}, nil
}

func (w *writing) newIssue(ctx context.Context, b issueBody, reporter string) (*issue, error) {
	p := w.s.project()
	if p.Key == "" {
		return nil, refuseField("project", "Specify a valid project ID or key")
	}
	i := &issue{Reporter: reporter, Created: w.now, Updated: w.now, Project: p.Key, Status: p.first()}
	wrong := map[string]string{}
	for _, name := range []string{"project", "issuetype", "summary"} {
		if _, ok := b.Fields[name]; !ok {
			wrong[name] = map[string]string{
				"project": "Specify a valid project ID or key", "issuetype": "Specify an issue type",
				"summary": "You must specify a summary of the issue.",
			}[name]
		}
	}
	for _, name := range sorted(b.Fields) {
		if msg := w.setField(ctx, i, name, b.Fields[name], true); msg != "" {
			wrong[name] = msg
		}
	}
	for name, msg := range p.lacking(i, b.Fields) {
		wrong[name] = msg
	}
	for name, msg := range p.screened(func(id string) bool { _, ok := b.Fields[id]; return ok }) {
		wrong[name] = msg
	}
	if slices.Contains(p.Lacks, "CREATE_ISSUES") && reporter == w.s.opt.BotAccount {
		return nil, refuse(http.StatusForbidden, "You do not have permission to create issues in this project.")
	}
	for name, msg := range w.s.serverCreate(b, i) {
		wrong[name] = msg
	}
	if len(b.Update) > 0 {
		wrong["update"] = "The fake site takes no update operations in a create."
	}
	if len(wrong) > 0 {
		return nil, &refusal{status: http.StatusBadRequest, fields: wrong}
	}
	if err := setProperties(i, b.Properties); err != nil {
		return nil, err
	}
	w.s.count.Issue++
	w.s.count.Number++
	i.ID, i.Key = w.s.count.Issue, fmt.Sprintf("%s-%d", p.Key, w.s.count.Number)
	w.issues, w.fresh = append(w.issues, i), append(w.fresh, i)
	return i, nil
}

func setProperties(i *issue, list []entityProperty) error {
	for _, p := range list {
		if err := wrongProperty(p); err != nil {
			return err
		}
		if i.Properties == nil {
			i.Properties = map[string]json.RawMessage{}
		}
		i.Properties[p.Key] = p.Value
	}
	return nil
}

func wrongProperty(p entityProperty) error {
	if p.Key == "" || utf8.RuneCountInString(p.Key) > maxPropertyKey {
		return refuse(http.StatusBadRequest, "The property key must have 1 to %d characters.", maxPropertyKey)
	}
	if len(p.Value) == 0 || utf8.RuneCount(p.Value) > maxProperty {
		return refuse(http.StatusBadRequest, "The property value must be JSON of at most %d characters.", maxProperty)
	}
	return nil
}
