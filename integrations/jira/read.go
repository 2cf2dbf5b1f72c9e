package jira

import (
	"bytes"
	"cmp"
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

// stamp is an instant in any of the forms Jira writes; null is zero.
type stamp struct{ time.Time }

func (s *stamp) UnmarshalJSON(b []byte) error {
	text := string(bytes.Trim(b, `"`))
	if text == "null" || text == "" {
		return nil
	}
	for _, layout := range []string{"2006-01-02T15:04:05.999-0700", time.RFC3339Nano} {
		if t, err := time.Parse(layout, text); err == nil {
			s.Time = t.UTC()
			return nil
		}
	}
	return fmt.Errorf("%q is no instant", text)
}

// wireUser is a person: the account id of the Cloud, or the user name of a Data
// Center, which has no account ids.
type wireUser struct{ AccountID string }

func (u *wireUser) UnmarshalJSON(b []byte) error {
	var w struct {
		AccountID string `json:"accountId"`
		Name      string `json:"name"`
	}
	err := json.Unmarshal(b, &w)
	u.AccountID = cmp.Or(w.AccountID, w.Name)
	return err
}

type wireComment struct {
	ID           string   `json:"id"`
	Author       wireUser `json:"author"`
	UpdateAuthor wireUser `json:"updateAuthor"`
	Body         string   `json:"body"`
	Created      stamp    `json:"created"`
	Updated      stamp    `json:"updated"`
}

type commentPage struct {
	Comments []wireComment `json:"comments"`
	Total    int           `json:"total"`
}

type wireAttachment struct {
	ID       string   `json:"id"`
	Filename string   `json:"filename"`
	Author   wireUser `json:"author"`
	Created  stamp    `json:"created"`
	Size     int64    `json:"size"`
	Content  string   `json:"content"`
}

type wireHistory struct {
	ID      string   `json:"id"`
	Author  wireUser `json:"author"`
	Created stamp    `json:"created"`
	Items   []struct {
		Field string  `json:"field"`
		From  *string `json:"from"`
		To    *string `json:"to"`
	} `json:"items"`
}

type wireIssue struct {
	ID     string `json:"id"`
	Key    string `json:"key"`
	Fields struct {
		Summary    string           `json:"summary"`
		Status     wireStatus       `json:"status"`
		Resolution *ref             `json:"resolution"`
		Assignee   *wireUser        `json:"assignee"`
		Created    stamp            `json:"created"`
		Attachment []wireAttachment `json:"attachment"`
		Comment    commentPage      `json:"comment"`
	} `json:"fields"`
	Changelog struct {
		Total     int           `json:"total"`
		Histories []wireHistory `json:"histories"`
	} `json:"changelog"`
}

// Read returns the issue as it is now, with what people put on it. An issue
// that is gone, or that we may not see, is port.ErrNotFound.
func (c *Client) Read(ctx context.Context, issueID string) (port.IssueState, error) {
	id, err := issuePath(issueID)
	if err != nil {
		return port.IssueState{}, err
	}
	own, err := c.Self(ctx)
	if err != nil {
		return port.IssueState{}, err
	}
	var i wireIssue
	q := url.Values{"fields": {"summary,status,resolution,assignee,created,attachment,comment"}, "expand": {"changelog"}}
	if err := c.raw(ctx, call{name: "GET issue", gone: true}, "issue/"+id+"?"+q.Encode(), nil, &i); err != nil {
		return port.IssueState{}, err
	}
	changes, err := c.changes(ctx, &i)
	if err != nil {
		return port.IssueState{}, err
	}
	out := port.IssueState{
		ID: i.ID, Key: i.Key, Summary: i.Fields.Summary, Category: i.Fields.Status.Category.Key,
		Status: i.Fields.Status.Name, Created: i.Fields.Created.Time,
	}
	if i.Fields.Resolution != nil {
		out.Resolution = i.Fields.Resolution.Name
	}
	if i.Fields.Assignee != nil {
		out.Assignee = i.Fields.Assignee.AccountID
	}
	if out.Category == port.CategoryDone {
		if out.DoneBy, out.DoneAt, err = c.doneBy(ctx, changes); err != nil {
			return port.IssueState{}, err
		}
	}
	out.Evidence, err = c.evidence(ctx, &i, changes, own)
	return out, err
}

// changes are all changes of the issue, oldest first. Jira shows the newest
// with the issue; when that is not all, they are read page by page.
func (c *Client) changes(ctx context.Context, i *wireIssue) ([]wireHistory, error) {
	list := i.Changelog.Histories
	if len(list) < i.Changelog.Total {
		list = nil
		for range maxPages {
			q := url.Values{"startAt": {strconv.Itoa(len(list))}, "maxResults": {strconv.Itoa(pageSize)}}
			var page struct {
				Values []wireHistory `json:"values"`
				IsLast bool          `json:"isLast"`
			}
			if err := c.raw(ctx, call{name: "GET issue/changelog"}, "issue/"+i.ID+"/changelog?"+q.Encode(), nil, &page); err != nil {
				return nil, err
			}
			list = append(list, page.Values...)
			if page.IsLast || len(page.Values) == 0 {
				break
			}
		}
	}
	slices.SortStableFunc(list, func(a, b wireHistory) int {
		return cmp.Or(a.Created.Compare(b.Created.Time), compareIDs(a.ID, b.ID))
	})
	return list, nil
}

// doneBy finds who last brought the issue from outside the done category into
// it; a later move between two done statuses does not count.
func (c *Client) doneBy(ctx context.Context, changes []wireHistory) (string, time.Time, error) {
	by, at := "", time.Time{}
	for _, h := range changes {
		for _, item := range h.Items {
			if !strings.EqualFold(item.Field, "status") || item.From == nil || item.To == nil {
				continue
			}
			from, err := c.category(ctx, *item.From)
			if err != nil {
				return "", time.Time{}, err
			}
			to, err := c.category(ctx, *item.To)
			if err != nil {
				return "", time.Time{}, err
			}
			if to == port.CategoryDone && from != port.CategoryDone {
				by, at = h.Author.AccountID, h.Created.Time
			}
		}
	}
	return by, at, nil
}

// category is that of a status id. Statuses are read once and again when an
// unknown id turns up; one that was deleted since has none.
func (c *Client) category(ctx context.Context, status string) (string, error) {
	c.mu.Lock()
	key, ok := c.statuses[status]
	c.mu.Unlock()
	if ok {
		return key, nil
	}
	var list []gojira.Status
	err := c.do(ctx, call{name: "GET status"}, func(ctx context.Context) (resp *gojira.Response, err error) {
		list, resp, err = c.api.Status.GetAllStatusesWithContext(ctx)
		return resp, err
	})
	if err != nil {
		return "", err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.statuses = map[string]string{status: ""}
	for _, s := range list {
		c.statuses[s.ID] = s.StatusCategory.Key
	}
	return c.statuses[status], nil
}
