package jiratest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
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

var reDate = regexp.MustCompile(`^\d{4}-\d{2}-\d{2}$`)

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
	i := &issue{Reporter: reporter, Created: w.now, Updated: w.now, Project: p.Key}
	for _, st := range p.Statuses {
		if st.Category == categoryNew {
			i.Status = st.ID
			break
		}
	}
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

// setField sets one field from its wire value and says what is wrong with it.
func (w *writing) setField(ctx context.Context, i *issue, name string, raw json.RawMessage, creating bool) string {
	switch name {
	case "project":
		return w.setProject(raw, creating)
	case "issuetype":
		return w.setType(i, raw)
	case "summary":
		return setSummary(i, raw)
	case "description":
		text, ok := str(raw)
		if !ok {
			return "Operation value must be a string"
		}
		if utf8.RuneCountInString(text) > maxText {
			return fmt.Sprintf("The entered text is too long. It exceeds the allowed limit of %d characters.", maxText)
		}
		i.Description = text
	case "labels":
		var list []string
		if err := json.Unmarshal(raw, &list); err != nil {
			return "data was not an array"
		}
		for _, l := range list {
			if msg := wrongLabel(l); msg != "" {
				return msg
			}
		}
		slices.Sort(list)
		i.Labels = slices.Compact(list)
	case "assignee":
		return w.setAssignee(i, raw)
	case "duedate":
		return setDue(i, raw)
	case "parent":
		return w.setParent(ctx, i, raw)
	default:
		return fmt.Sprintf("Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
	}
	return ""
}

func (w *writing) setProject(raw json.RawMessage, creating bool) string {
	var ref struct {
		Key string `json:"key"`
		ID  string `json:"id"`
	}
	if err := json.Unmarshal(raw, &ref); err != nil || (ref.Key != w.s.project().Key && ref.ID != projectID) {
		return "valid project is required"
	}
	if !creating {
		return "Field 'project' cannot be set. It is not on the appropriate screen, or unknown."
	}
	return ""
}

func (w *writing) setType(i *issue, raw json.RawMessage) string {
	var ref struct {
		Name string `json:"name"`
		ID   string `json:"id"`
	}
	if err := json.Unmarshal(raw, &ref); err != nil {
		return "Specify a valid issue type"
	}
	for n, t := range w.s.project().Types {
		if strings.EqualFold(t, ref.Name) || ref.ID == typeID(n) {
			i.Type = t
			return ""
		}
	}
	return "Specify a valid issue type"
}

func setSummary(i *issue, raw json.RawMessage) string {
	text, ok := str(raw)
	switch {
	case !ok:
		return "Operation value must be a string"
	case strings.TrimSpace(text) == "":
		return "You must specify a summary of the issue."
	case strings.ContainsAny(text, "\r\n"):
		return "The summary is invalid because it contains newline characters."
	case utf8.RuneCountInString(text) > maxSummary:
		return "Summary can't exceed 255 characters."
	}
	i.Summary = text
	return ""
}

func wrongLabel(l string) string {
	switch {
	case l == "":
		return "The label is empty."
	case strings.ContainsAny(l, " \t\r\n"):
		return fmt.Sprintf("The label '%s' contains spaces which is invalid.", l)
	case utf8.RuneCountInString(l) > maxLabel:
		return fmt.Sprintf("The label '%s' exceeds the maximum length of %d characters.", l[:16], maxLabel)
	}
	return ""
}

func (w *writing) setAssignee(i *issue, raw json.RawMessage) string {
	if string(raw) == "null" {
		i.Assignee = ""
		return ""
	}
	var ref struct {
		AccountID *string `json:"accountId"`
		Name      *string `json:"name"`
	}
	if err := json.Unmarshal(raw, &ref); err != nil {
		return "data was not an object"
	}
	if ref.Name != nil {
		return "'accountId' must be the only user identifying query parameter in GDPR strict mode."
	}
	return w.assign(i, ref.AccountID)
}

// assign gives the issue to an account; nil and "-1" leave it to nobody,
// since the project has no default assignee.
func (w *writing) assign(i *issue, account *string) string {
	if account == nil || *account == "-1" {
		i.Assignee = ""
		return ""
	}
	p, ok := w.s.person(*account)
	if !ok {
		return fmt.Sprintf("Account '%s' does not exist.", *account)
	}
	if !p.Active {
		return fmt.Sprintf("User '%s' cannot be assigned issues.", p.Name)
	}
	i.Assignee = p.AccountID
	return ""
}

func setDue(i *issue, raw json.RawMessage) string {
	if string(raw) == "null" {
		i.Due = ""
		return ""
	}
	text, ok := str(raw)
	if _, err := time.Parse(time.DateOnly, text); !ok || err != nil || !reDate.MatchString(text) {
		return `Error parsing date string: the date must be of the format "yyyy-MM-dd"`
	}
	i.Due = text
	return ""
}

func (w *writing) setParent(ctx context.Context, i *issue, raw json.RawMessage) string {
	var ref struct {
		Key string `json:"key"`
		ID  string `json:"id"`
	}
	if err := json.Unmarshal(raw, &ref); err != nil || ref.Key+ref.ID == "" {
		return "data was not an object"
	}
	parent, err := w.s.issue(ctx, ref.Key+ref.ID)
	if err != nil {
		return "Could not find issue by id or key."
	}
	if parent.Type != "Epic" {
		return "Given parent work item does not belong to appropriate hierarchy."
	}
	i.Parent = parent.ID
	return ""
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

func str(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}
