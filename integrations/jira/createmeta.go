package jira

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The custom fields by which Jira Software on a Data Center names an epic and
// puts an issue below one; their ids differ from site to site.
const (
	customEpicName = "com.pyxis.greenhopper.jira:gh-epic-label"
	customEpicLink = "com.pyxis.greenhopper.jira:gh-epic-link"
)

// screen is what the create screen of an issue type has.
type screen struct {
	epicName, epicLink string // field ids; empty = not there
	subtask            bool
	fields             []metaField
}

// issueTypes are the issue types one may create in a project.
func (c *Client) issueTypes(ctx context.Context, project string) ([]issueType, error) {
	var out []issueType
	err := c.createMeta(ctx, url.PathEscape(project)+"/issuetypes", func(p *metaPage) int {
		out = append(append(out, p.IssueTypes...), p.types()...)
		return len(p.IssueTypes) + len(p.Values)
	})
	return out, err
}

type issueType struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Subtask bool   `json:"subtask"`
}

// metaPage is a page of types or fields: the Cloud has a name for each, a Data
// Center calls both values.
type metaPage struct {
	IssueTypes []issueType `json:"issueTypes"`
	Fields     []metaField `json:"fields"`
	Values     []metaField `json:"values"`
	Total      int         `json:"total"`
}

// metaField is a field of a create screen; an issue type has the first three.
type metaField struct {
	issueType
	FieldID    string `json:"fieldId"`
	Required   bool   `json:"required"`
	HasDefault bool   `json:"hasDefaultValue"`
	Schema     struct {
		Type   string `json:"type"`
		Items  string `json:"items"` // of an array
		Custom string `json:"custom"`
	} `json:"schema"`
	// Allowed are the values to choose from, of a field that has such.
	Allowed []struct {
		Value string `json:"value"` // of an option
		Name  string `json:"name"`  // of a component, version or priority
	} `json:"allowedValues"`
}

// own tells whether we fill the field in.
func (f metaField) own() bool {
	return slices.Contains(ownFields, f.FieldID) || f.Schema.Custom == customEpicName || f.Schema.Custom == customEpicLink
}

func (p *metaPage) fields() []metaField { return append(slices.Clone(p.Fields), p.Values...) }

func (p *metaPage) types() []issueType {
	var out []issueType
	for _, v := range p.Values {
		out = append(out, v.issueType)
	}
	return out
}

// createMeta reads all pages; take says how many entries a page had.
func (c *Client) createMeta(ctx context.Context, path string, take func(*metaPage) int) error {
	for start, n := 0, 0; n < maxPages; n++ {
		q := url.Values{"startAt": {strconv.Itoa(start)}, "maxResults": {strconv.Itoa(metaPageSize)}}
		var p metaPage
		if err := c.raw(ctx, call{name: "GET issue/createmeta", gone: true}, "issue/createmeta/"+path+"?"+q.Encode(), nil, &p); err != nil {
			return err
		}
		got := take(&p)
		if start += got; got == 0 || start >= p.Total {
			break
		}
	}
	return nil
}

// screen reads the create screen of an issue type once. A project or a type that
// is not there has an empty one: the create will say so.
func (c *Client) screen(ctx context.Context, project, name string) (screen, error) {
	key := project + "\x00" + name
	c.mu.Lock()
	s, ok := c.screens[key]
	c.mu.Unlock()
	if ok {
		return s, nil
	}
	types, err := c.issueTypes(ctx, project)
	if errors.Is(err, port.ErrNotFound) {
		return s, nil
	}
	if err != nil {
		return s, err
	}
	for _, t := range types {
		if !strings.EqualFold(t.Name, name) {
			continue
		}
		s.subtask = t.Subtask
		err := c.createMeta(ctx, url.PathEscape(project)+"/issuetypes/"+url.PathEscape(t.ID), func(p *metaPage) int {
			s.fields = append(s.fields, p.fields()...)
			for _, f := range p.fields() {
				switch f.Schema.Custom {
				case customEpicName:
					s.epicName = f.FieldID
				case customEpicLink:
					s.epicLink = f.FieldID
				}
			}
			return len(p.fields())
		})
		if err != nil {
			return s, err
		}
		break
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.screens[key] = s
	return s, nil
}

// forgetScreens reads them anew with the next issue: a create was refused, and
// somebody may have changed them.
func (c *Client) forgetScreens() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.screens)
}

// place puts an issue below its epic, and names an epic: on a Data Center both
// go into custom fields.
func (c *Client) place(ctx context.Context, dc bool, fields map[string]any, project, issueType, parent string) error {
	if !dc {
		if parent != "" {
			fields["parent"] = map[string]string{"key": parent}
		}
		return nil
	}
	s, err := c.screen(ctx, project, issueType)
	if err != nil {
		return beforehand(err)
	}
	if s.epicName != "" {
		fields[s.epicName] = fields["summary"]
	}
	switch {
	case parent == "":
	case s.subtask:
		fields["parent"] = map[string]string{"key": parent}
	case s.epicLink != "":
		fields[s.epicLink] = parent
	default:
		c.log.Warn("an issue is made outside its epic: the create screen has no field Epic Link", "project", project, "type", issueType)
	}
	return nil
}
