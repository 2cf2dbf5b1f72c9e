package jira

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	gojira "github.com/andygrunwald/go-jira"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Site is what Check found.
type Site struct {
	DataCenter bool     // else Jira Cloud
	Account    string   // our own account id or user name
	Name       string   // of our own account
	Project    string   // name of the project
	Types      []string // issue types one may create there
	// Missing are permissions the account lacks, such as "CREATE_ISSUES".
	Missing []string
}

// permissions are what we need in the project;
// https://developer.atlassian.com/cloud/jira/platform/rest/v2/api-group-permissions/
var permissions = []string{
	"BROWSE_PROJECTS", "CREATE_ISSUES", "EDIT_ISSUES", "ASSIGN_ISSUES", "TRANSITION_ISSUES", "ADD_COMMENTS", "SCHEDULE_ISSUES",
}

// Check signs in and looks whether the project, its issue types and our
// permissions are there. It changes nothing.
func (c *Client) Check(ctx context.Context) (Site, error) {
	var out Site
	dc, err := c.dataCenter(ctx)
	if err != nil {
		return out, err
	}
	out.DataCenter = dc
	me, err := c.myself(ctx)
	if err != nil {
		return out, err
	}
	out.Account, out.Name = cmp.Or(me.AccountID, me.Name), me.DisplayName
	path := url.PathEscape(c.opt.Project)
	var p ref
	if err := c.raw(ctx, call{name: "GET project", gone: true}, "project/"+path, nil, &p); err != nil {
		return out, fmt.Errorf("project %s: %w", c.opt.Project, err)
	}
	out.Project = p.Name
	types, err := c.issueTypes(ctx, c.opt.Project)
	if err != nil {
		return out, err
	}
	for _, t := range types {
		out.Types = append(out.Types, t.Name)
	}
	out.Missing, err = c.lacks(ctx, c.opt.Project, permissions)
	return out, err
}

// lacks are those of the permissions that our account has not in a project.
func (c *Client) lacks(ctx context.Context, project string, permissions []string) ([]string, error) {
	var may struct {
		Permissions map[string]struct {
			Have bool `json:"havePermission"`
		} `json:"permissions"`
	}
	q := url.Values{"projectKey": {project}, "permissions": {strings.Join(permissions, ",")}}
	if err := c.raw(ctx, call{name: "GET mypermissions", gone: true}, "mypermissions?"+q.Encode(), nil, &may); err != nil {
		return nil, err
	}
	var missing []string
	for _, k := range permissions {
		if !may.Permissions[k].Have {
			missing = append(missing, k)
		}
	}
	slices.Sort(missing)
	return missing, nil
}

// MaySee tells whether our account may see and create issues in a project. A
// project that is not found is one that it may not see.
func (c *Client) MaySee(ctx context.Context, project string) (bool, error) {
	missing, err := c.lacks(ctx, cmp.Or(project, c.opt.Project), []string{"BROWSE_PROJECTS", "CREATE_ISSUES"})
	if errors.Is(err, port.ErrNotFound) {
		return false, nil
	}
	return err == nil && len(missing) == 0, err
}

// Ping tells whether Jira answers and takes our token.
func (c *Client) Ping(ctx context.Context) error {
	_, err := c.myself(ctx)
	return err
}

// Self is our own account id, or user name on a Data Center; Jira is asked once.
func (c *Client) Self(ctx context.Context) (string, error) {
	if id := c.account.Load(); id != nil {
		return *id, nil
	}
	me, err := c.myself(ctx)
	if err != nil {
		return "", err
	}
	return cmp.Or(me.AccountID, me.Name), nil
}

func (c *Client) myself(ctx context.Context) (*gojira.User, error) {
	me := new(gojira.User)
	if err := c.raw(ctx, call{name: "GET myself"}, "myself", nil, me); err != nil {
		return nil, err
	}
	own := cmp.Or(me.AccountID, me.Name)
	if own == "" {
		return nil, &port.OutsideError{Target: target, Call: "GET myself", Code: "broken_answer", Definite: true, Err: fmt.Errorf("the answer names no account")}
	}
	c.account.Store(&own)
	return me, nil
}
