package jiratest

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"
)

// wireTime is how Jira writes an instant.
const wireTime = "2006-01-02T15:04:05.000-0700"

const projectID = "10000"

func typeID(n int) string { return strconv.Itoa(10001 + n) }

func (s *Server) self(parts ...any) string {
	out := s.opt.BaseURL + "/rest/api/2"
	for _, p := range parts {
		out += "/" + fmt.Sprint(p)
	}
	return out
}

func sorted[V any](m map[string]V) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	return keys
}

func wireTimeOf(t time.Time) string { return t.UTC().Format(wireTime) }

// user is an account as Cloud shows it: no name, no key.
func (s *Server) user(account string) any {
	if account == "" {
		return nil
	}
	p, ok := s.person(account)
	if !ok {
		p = Person{AccountID: account, Name: "Former user"}
	}
	if s.opt.DataCenter {
		return s.serverPerson(p)
	}
	out := map[string]any{
		"self": s.self("user?accountId=" + p.AccountID), "accountId": p.AccountID, "accountType": "atlassian",
		"displayName": p.Name, "active": p.Active, "timeZone": "Etc/UTC", "avatarUrls": map[string]string{},
	}
	if p.Email != "" && !p.HideEmail {
		out["emailAddress"] = p.Email
	}
	return out
}

func (s *Server) status(id string) map[string]any {
	st := s.project().status(id)
	c := map[string]map[string]any{
		categoryNew:           {"id": 2, "key": categoryNew, "name": "To Do", "colorName": "blue-gray"},
		categoryIndeterminate: {"id": 4, "key": categoryIndeterminate, "name": "In Progress", "colorName": "yellow"},
		categoryDone:          {"id": 3, "key": categoryDone, "name": "Done", "colorName": "green"},
	}[st.Category]
	return map[string]any{"self": s.self("status", st.ID), "id": st.ID, "name": st.Name, "description": "", "statusCategory": c}
}

// fields renders all fields of an issue.
func (s *Server) fields(ctx context.Context, i *issue) map[string]any {
	p := s.project()
	out := map[string]any{
		"summary": i.Summary, "description": orNull(i.Description), "status": s.status(i.Status),
		"issuetype":  map[string]any{"id": typeID(slices.Index(p.Types, i.Type)), "name": i.Type, "subtask": false},
		"project":    map[string]any{"id": projectID, "key": i.Project, "name": p.Name},
		"resolution": nil, "labels": append([]string{}, i.Labels...), "duedate": orNull(i.Due),
		"assignee": s.user(i.Assignee), "reporter": s.user(i.Reporter), "creator": s.user(i.Reporter),
		"created": wireTimeOf(i.Created), "updated": wireTimeOf(i.Updated),
		"comment": s.commentPage(i, 0, maxComments), "attachment": s.attachments(i),
	}
	if i.Resolution != "" {
		out["resolution"] = map[string]any{"id": "10000", "name": i.Resolution}
	}
	if i.Parent != 0 {
		if parent, err := s.issue(ctx, strconv.FormatInt(i.Parent, 10)); err == nil {
			out["parent"] = map[string]any{"id": strconv.FormatInt(parent.ID, 10), "key": parent.Key, "self": s.self("issue", parent.ID)}
		}
	}
	links := []any{}
	for _, l := range i.IssueLinks {
		if to, err := s.issue(ctx, strconv.FormatInt(l.To, 10)); err == nil {
			links = append(links, map[string]any{
				"id": strconv.FormatInt(l.ID, 10), "type": map[string]any{"name": l.Type},
				"outwardIssue": map[string]any{"id": strconv.FormatInt(to.ID, 10), "key": to.Key},
			})
		}
	}
	out["issuelinks"] = links
	return out
}

func orNull(s string) any {
	if s == "" {
		return nil
	}
	return s
}

// bean renders an issue with the fields and properties asked for.
func (s *Server) bean(ctx context.Context, i *issue, fields, properties []string) map[string]any {
	id := strconv.FormatInt(i.ID, 10)
	out := map[string]any{"id": id, "key": i.Key, "self": s.self("issue", id)}
	all, show := map[string]any{}, map[string]any{}
	if len(fields) > 0 {
		all = s.fields(ctx, i)
	}
	for _, f := range fields {
		switch {
		case f == "*all" || f == "*navigable":
			for k, v := range all {
				show[k] = v
			}
		case strings.HasPrefix(f, "-"):
			delete(show, f[1:])
		default:
			if v, ok := all[f]; ok {
				show[f] = v
			}
		}
	}
	if len(show) > 0 {
		out["fields"] = show
	}
	if len(properties) > 0 {
		props := map[string]json.RawMessage{}
		for k, v := range i.Properties {
			if slices.Contains(properties, k) || slices.Contains(properties, "*all") {
				props[k] = v
			}
		}
		out["properties"] = props
	}
	return out
}

func (s *Server) history(h history) map[string]any {
	return map[string]any{"id": strconv.FormatInt(h.ID, 10), "author": s.user(h.Author), "created": wireTimeOf(h.At), "items": h.Items}
}

// list splits a comma separated parameter; several of one name are joined.
func list(values []string) []string {
	var out []string
	for _, v := range values {
		for p := range strings.SplitSeq(v, ",") {
			if p = strings.TrimSpace(p); p != "" {
				out = append(out, p)
			}
		}
	}
	return out
}
