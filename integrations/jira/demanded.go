package jira

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Field is a field that a site demands of every new issue, with what is put into
// it: one value, or several for a field that takes several.
type Field struct {
	Name   string // id, such as customfield_10042, or name
	Values []string
}

// NeededField is a field that must be filled in and that nobody fills in.
type NeededField struct {
	ID, Name string
	// Kind says what it takes, in words.
	Kind string
	// Choices are the values to choose from; empty = free.
	Choices []string
}

// demanded puts the fields of the options into those of a new issue, as far as
// its create screen has them.
func (c *Client) demanded(ctx context.Context, dc bool, fields map[string]any, project, issueType string) error {
	if c.opt.Fields == nil || len(c.opt.Fields()) == 0 {
		return nil
	}
	s, err := c.screen(ctx, project, issueType)
	if err != nil {
		return beforehand(err)
	}
	for _, f := range s.fields {
		given := c.given(f)
		if given == nil {
			continue
		}
		v, err := f.wire(dc, given.Values)
		if err != nil {
			c.forgetScreens() // somebody may add the choice in Jira
			return refused("POST issue", "bad_field", "the field %s of organisation.yaml (jira: fields) %v", given.Name, err)
		}
		fields[f.FieldID] = v
	}
	return nil
}

// given is what the options put into a field; nil = nothing.
func (c *Client) given(f metaField) *Field {
	if c.opt.Fields == nil || f.own() {
		return nil
	}
	for _, g := range c.opt.Fields() {
		if g.Name == f.FieldID || strings.EqualFold(g.Name, f.Name) {
			return &g
		}
	}
	return nil
}

// wire writes values as the field takes them;
// https://developer.atlassian.com/server/jira/platform/jira-rest-api-examples/
// has the forms. Its error says what is wrong with them.
func (f metaField) wire(dc bool, values []string) (any, error) {
	if f.Schema.Type == "array" {
		list := make([]any, 0, len(values))
		for _, v := range values {
			one, err := f.one(dc, f.Schema.Items, v)
			if err != nil {
				return nil, err
			}
			list = append(list, one)
		}
		return list, nil
	}
	if len(values) != 1 {
		return nil, fmt.Errorf("takes one value, but has %d", len(values))
	}
	return f.one(dc, f.Schema.Type, values[0])
}

// one writes one value of a type.
func (f metaField) one(dc bool, kind, v string) (any, error) {
	if choices := f.choices(); len(choices) > 0 && !slices.Contains(choices, v) {
		return nil, fmt.Errorf("has no choice %q; it has %s", v, strings.Join(choices, ", "))
	}
	switch kind {
	case "option":
		return map[string]string{"value": v}, nil
	case "component", "version", "priority", "resolution", "group", "securitylevel":
		return map[string]string{"name": v}, nil
	case "user":
		return person(dc, v), nil
	case "number":
		n, err := strconv.ParseFloat(v, 64)
		if err != nil {
			return nil, fmt.Errorf("takes a number, but %q is none", v)
		}
		return n, nil
	case "date":
		if _, err := time.Parse(time.DateOnly, v); err != nil {
			return nil, fmt.Errorf("takes a date such as 2026-12-31, but %q is none", v)
		}
		return v, nil
	case "string", "any", "":
		return v, nil
	}
	return nil, fmt.Errorf("is of the kind %s, which cannot be filled in here; make it optional for the type, or give it a default", kind)
}

// choices are the values to choose from.
func (f metaField) choices() []string {
	var out []string
	for _, a := range f.Allowed {
		out = append(out, cmp.Or(a.Value, a.Name))
	}
	return out
}

// kinds say in words what a field takes.
var kinds = map[string]string{
	"option": "one of the choices", "component": "a component", "version": "a version", "priority": "a priority",
	"user": "an account", "number": "a number", "date": "a date", "string": "a text", "group": "a group",
}

// needed describes a field that nobody fills in.
func (f metaField) needed() NeededField {
	kind, many := f.Schema.Type, ""
	if kind == "array" {
		kind, many = f.Schema.Items, "a list: "
	}
	return NeededField{ID: f.FieldID, Name: cmp.Or(f.Name, f.FieldID), Kind: many + cmp.Or(kinds[kind], kind, kinds["string"]), Choices: f.choices()}
}
