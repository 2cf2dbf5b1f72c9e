package jiratest

import (
	"encoding/json"
	"time"
)

// Jira's status category keys.
const (
	categoryNew           = "new"
	categoryIndeterminate = "indeterminate"
	categoryDone          = "done"
)

// Person is one account of the site.
type Person struct {
	AccountID string `json:"account_id"`
	Name      string `json:"name"`
	Email     string `json:"email,omitempty"`
	Active    bool   `json:"active"`
	// HideEmail answers a null address, as the privacy setting of a profile does.
	HideEmail bool `json:"hide_email,omitempty"`
}

// Status is one status of the project's workflow.
type Status struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Category string `json:"category"` // new | indeterminate | done
}

// Transition is one way through the workflow. IDs are unique in a project.
type Transition struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	From string `json:"from"` // status id
	To   string `json:"to"`   // status id
	// Required names the fields its screen demands; "resolution" is known.
	Required []string `json:"required,omitempty"`
}

// Project is the one project of the site. Empty Statuses are To Do, In
// Progress and Done; empty Transitions lead from every status to every other.
type Project struct {
	Key         string       `json:"key"`
	Name        string       `json:"name"`
	Types       []string     `json:"types"` // empty: Epic, Task
	Statuses    []Status     `json:"statuses,omitempty"`
	Transitions []Transition `json:"transitions,omitempty"`
	// Required are more fields that a new issue must have; Hidden are known
	// fields that are not on the create screen.
	Required []string `json:"required,omitempty"`
	Hidden   []string `json:"hidden,omitempty"`
	// Fields are further fields of the create screen.
	Fields []CustomField `json:"fields,omitempty"`
	// Lacks are permissions that the token's account has not.
	Lacks []string `json:"lacks,omitempty"`
}

// CustomField is a field that people made.
type CustomField struct {
	ID   string `json:"id"` // customfield_N
	Name string `json:"name"`
	// Kind is what it takes: string, number, date, option, user, array of string
	// or array of option.
	Kind     string   `json:"kind"`
	Options  []string `json:"options,omitempty"`
	Required bool     `json:"required,omitempty"`
	// Only names the issue types whose screen has it; empty = all.
	Only []string `json:"only,omitempty"`
}

// Seed is what a site holds before anybody works in it.
type Seed struct {
	Project Project  `json:"project"`
	People  []Person `json:"people"`
}

// issue is the stored form of an issue.
type issue struct {
	ID          int64                      `json:"id"`
	Key         string                     `json:"key"`
	Project     string                     `json:"project"`
	Type        string                     `json:"type"`
	Summary     string                     `json:"summary"`
	Description string                     `json:"description,omitempty"`
	Status      string                     `json:"status"` // status id
	Resolution  string                     `json:"resolution,omitempty"`
	Assignee    string                     `json:"assignee,omitempty"`
	Reporter    string                     `json:"reporter"`
	Due         string                     `json:"due,omitempty"`
	Labels      []string                   `json:"labels,omitempty"`
	Parent      int64                      `json:"parent,omitempty"`
	Created     time.Time                  `json:"created"`
	Updated     time.Time                  `json:"updated"`
	Properties  map[string]json.RawMessage `json:"properties,omitempty"`
	Comments    []comment                  `json:"comments,omitempty"`
	Links       []remoteLink               `json:"links,omitempty"`
	Attachments []attachment               `json:"attachments,omitempty"`
	IssueLinks  []issueLink                `json:"issue_links,omitempty"`
	History     []history                  `json:"history,omitempty"`
	Custom      map[string]json.RawMessage `json:"custom,omitempty"`
}

type comment struct {
	ID         int64                      `json:"id"`
	Author     string                     `json:"author"`
	Body       string                     `json:"body"`
	Created    time.Time                  `json:"created"`
	Properties map[string]json.RawMessage `json:"properties,omitempty"`
}

type remoteLink struct {
	ID       int64  `json:"id"`
	GlobalID string `json:"global_id,omitempty"`
	Title    string `json:"title"`
	URL      string `json:"url"`
	Author   string `json:"author"`
}

type attachment struct {
	ID      int64     `json:"id"`
	Name    string    `json:"name"`
	Author  string    `json:"author"`
	Size    int       `json:"size"`
	Created time.Time `json:"created"`
}

type issueLink struct {
	ID   int64  `json:"id"`
	Type string `json:"type"`
	To   int64  `json:"to"` // the outward issue
}

type history struct {
	ID     int64        `json:"id"`
	Author string       `json:"author"`
	At     time.Time    `json:"at"`
	Items  []changeItem `json:"items"`
}

// changeItem has the wire names of a changelog entry.
type changeItem struct {
	Field      string  `json:"field"`
	FieldType  string  `json:"fieldtype"`
	FieldID    string  `json:"fieldId,omitempty"`
	From       *string `json:"from"`
	FromString *string `json:"fromString"`
	To         *string `json:"to"`
	ToString   *string `json:"toString"`
}

// change makes a changelog entry; empty values are null on the wire.
func change(field, from, fromString, to, toString string) changeItem {
	ref := func(s string) *string {
		if s == "" {
			return nil
		}
		return &s
	}
	c := changeItem{
		Field: field, FieldType: "jira", From: ref(from), FromString: ref(fromString),
		To: ref(to), ToString: ref(toString),
	}
	switch field { // links and attachments carry no field id in Jira's log
	case "RemoteIssueLink", "Link":
	case "Attachment":
		c.FieldID = "attachment"
	default:
		c.FieldID = field
	}
	return c
}

// status returns the status with the id.
func (p Project) status(id string) Status {
	for _, st := range p.Statuses {
		if st.ID == id {
			return st
		}
	}
	return Status{}
}

// first is the id of the status in which an issue begins.
func (p Project) first() string {
	for _, st := range p.Statuses {
		if st.Category == categoryNew {
			return st.ID
		}
	}
	return ""
}

// from lists the transitions out of a status.
func (p Project) from(status string) []Transition {
	var out []Transition
	for _, t := range p.Transitions {
		if t.From == status {
			out = append(out, t)
		}
	}
	return out
}
