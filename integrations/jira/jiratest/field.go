package jiratest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

// setField sets one field from its wire value and says what is wrong with it.
func (w *writing) setField(ctx context.Context, i *issue, name string, raw json.RawMessage, creating bool) string {
	if msg, ok := w.serverField(ctx, i, name, raw); ok {
		return msg
	}
	if f, ok := w.s.project().custom(name); ok {
		return w.setCustom(i, f, raw)
	}
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
		return fmt.Sprintf("The label '%s' exceeds the maximum length of %d characters.", string([]rune(l)[:16]), maxLabel)
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
	if w.s.opt.DataCenter {
		if ref.AccountID != nil {
			return "expected 'name' property to be present"
		}
		return w.assign(i, ref.Name)
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
	if _, err := time.Parse(time.DateOnly, text); !ok || err != nil {
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

func str(raw json.RawMessage) (string, bool) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", false
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return text, err == nil
}
