package jira

import (
	"context"
	"net/url"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// ownFields are the fields that we fill in when we make an issue. The first ones
// are part of every create call; the others must be on the create screen.
var ownFields = []string{"project", "issuetype", "summary", "labels", "description", "assignee", "duedate", "parent"}

// TypeForm is what the create screen of an issue type asks for.
type TypeForm struct {
	// Required are fields that must be filled in, and that neither we nor
	// Options.Fields fill in.
	Required []NeededField
	// Filled are the names, as given, of those of Options.Fields that are on the
	// screen; Wrong says what is wrong with their values.
	Filled, Wrong []string
	// Absent are fields of ours that are not on the screen.
	Absent []string
	// Done and ToDo tell whether the workflow has a status of these categories.
	Done, ToDo bool
}

// Clock is the time by the site's clock; zero = not said.
func (c *Client) Clock(ctx context.Context) (time.Time, error) {
	var info struct {
		Now stamp `json:"serverTime"`
	}
	err := c.raw(ctx, call{name: "GET serverInfo"}, "serverInfo", nil, &info)
	return info.Now.Time, err
}

// Form reads what making an issue of a type takes, and where it can go from
// there. port.ErrNotFound: the project has no such type, or not for us.
func (c *Client) Form(ctx context.Context, typeName string, under bool) (TypeForm, error) {
	id, err := c.typeID(ctx, typeName)
	if err != nil {
		return TypeForm{}, err
	}
	path := url.PathEscape(c.opt.Project)
	var fields []metaField
	err = c.createMeta(ctx, path+"/issuetypes/"+url.PathEscape(id), func(p *metaPage) int {
		got := p.fields()
		fields = append(fields, got...)
		return len(got)
	})
	if err != nil {
		return TypeForm{}, err
	}
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return TypeForm{}, err
	}
	var out TypeForm
	for _, f := range fields {
		if given := c.given(f); given != nil {
			out.Filled = append(out.Filled, given.Name)
			if _, err := f.wire(dc, given.Values); err != nil {
				out.Wrong = append(out.Wrong, given.Name+" "+err.Error())
			}
			continue
		}
		// Jira fills in the reporter: our own account.
		if f.Required && !f.HasDefault && f.FieldID != "reporter" && !f.own() {
			out.Required = append(out.Required, f.needed())
		}
	}
	for _, own := range ownFields {
		if own == "parent" && !under {
			continue
		}
		if !slices.ContainsFunc(fields, func(f metaField) bool {
			return f.FieldID == own || own == "parent" && f.Schema.Custom == customEpicLink
		}) {
			out.Absent = append(out.Absent, own)
		}
	}
	var workflows []struct {
		ID       string       `json:"id"`
		Statuses []wireStatus `json:"statuses"`
	}
	if err := c.raw(ctx, call{name: "GET project/statuses"}, "project/"+path+"/statuses", nil, &workflows); err != nil {
		return TypeForm{}, err
	}
	for _, w := range workflows {
		if w.ID != id {
			continue
		}
		for _, s := range w.Statuses {
			out.Done = out.Done || s.Category.Key == port.CategoryDone
			out.ToDo = out.ToDo || s.Category.Key == port.CategoryToDo
		}
	}
	return out, nil
}

// typeID is the id of an issue type that we may make in the project.
func (c *Client) typeID(ctx context.Context, name string) (string, error) {
	types, err := c.issueTypes(ctx, c.opt.Project)
	if err != nil {
		return "", err
	}
	for _, t := range types {
		if t.Name == name {
			return t.ID, nil
		}
	}
	return "", port.ErrNotFound
}

// Assignable tells whether an account is active and may be given issues of the
// project.
func (c *Client) Assignable(ctx context.Context, account string) (bool, error) {
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return false, err
	}
	var users []wireUser
	q := url.Values{"project": {c.opt.Project}, "accountId": {account}}
	if dc {
		q = url.Values{"project": {c.opt.Project}, "username": {account}}
	}
	err = c.raw(ctx, call{name: "GET user/assignable/search"}, "user/assignable/search?"+q.Encode(), nil, &users)
	return slices.ContainsFunc(users, func(u wireUser) bool { return u.AccountID == account }), err
}
