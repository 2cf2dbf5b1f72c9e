package jiratest

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// What a Data Center has of its own: custom fields for epics, attachments
// outside the REST interface, a search by startAt, people by user name.
const (
	epicNameField = "customfield_10005"
	epicLinkField = "customfield_10006"
	epicType      = "Epic"
	attachments   = "/secure/attachment/"

	serverPage     = 50   // issues of a page, default
	serverPageMost = 1000 // jira.search.views.default.max
)

// cloudOnly are the calls that a Data Center answers with a 404, or in its own
// way.
var cloudOnly = []string{
	"issue/createmeta/{project}/issuetypes", "issue/createmeta/{project}/issuetypes/{type}", "issue/createmeta",
	"user", "user/search", "user/assignable/search", "issue/{issue}/changelog", "issue/bulkfetch", "comment/list",
	"attachment/content/{attachment}", "search/jql", "search",
}

func (s *Server) serverRoutes() []route {
	return []route{
		{"GET", "issue/createmeta/{project}/issuetypes", s.serverIssueTypes},
		{"GET", "issue/createmeta/{project}/issuetypes/{type}", s.serverFields},
		{"GET", "user", s.serverUser},
		{"GET", "user/assignable/search", s.serverAssignable},
		{"GET", "search", s.serverSearch},
		{"POST", "search", s.serverSearchPost},
	}
}

// signedIn checks the token: Basic in the Cloud, a personal access token as
// bearer on a Data Center.
func (s *Server) signedIn(r *http.Request) bool {
	if s.opt.DataCenter {
		return s.opt.BotPAT != "" && r.Header.Get("Authorization") == "Bearer "+s.opt.BotPAT
	}
	email, token, ok := r.BasicAuth()
	return ok && email == s.opt.BotEmail && token == s.opt.BotToken
}

// serverPerson is an account as a Data Center shows it.
func (s *Server) serverPerson(p Person) map[string]any {
	out := map[string]any{
		"self": s.self("user?username=" + p.AccountID), "name": p.AccountID, "key": "JIRAUSER" + p.AccountID,
		"displayName": p.Name, "active": p.Active, "timeZone": "Etc/UTC", "avatarUrls": map[string]string{},
	}
	if !p.HideEmail {
		out["emailAddress"] = p.Email
	}
	return out
}

func (s *Server) serverUser(_ context.Context, r *http.Request) (answer, error) {
	name := r.URL.Query().Get("username")
	if name == "" {
		return answer{}, refuse(http.StatusNotFound, "Either the 'username' or the 'key' query parameters need to be provided")
	}
	if _, ok := s.person(name); !ok {
		return answer{}, refuse(http.StatusNotFound, "The user named '%s' does not exist", name)
	}
	return answer{status: http.StatusOK, body: s.user(name)}, nil
}

func (s *Server) serverAssignable(_ context.Context, r *http.Request) (answer, error) {
	q := r.URL.Query()
	if q.Get("project") == "" && q.Get("issueKey") == "" {
		return answer{}, refuse(http.StatusBadRequest, "The 'project' or 'issueKey' query parameter must be provided.")
	}
	out := s.people(q.Get("username"))
	if p, ok := s.person(q.Get("username")); ok && p.Active {
		out = append(out, s.user(p.AccountID))
	}
	return answer{status: http.StatusOK, body: out}, nil
}

// values is a page as a Data Center answers it.
func values(r *http.Request, all []any) answer {
	start, size := page(r, 50)
	some := all[min(start, len(all)):min(start+size, len(all))]
	return answer{status: http.StatusOK, body: map[string]any{
		"startAt": start, "maxResults": size, "total": len(all), "isLast": start+len(some) >= len(all), "values": append([]any{}, some...),
	}}
}

func (s *Server) serverIssueTypes(_ context.Context, r *http.Request) (answer, error) {
	p, err := s.knownProject(r)
	if err != nil {
		return answer{}, err
	}
	return values(r, s.issueTypes(p)), nil
}

// serverFields is the create screen of a type.
func (s *Server) serverFields(_ context.Context, r *http.Request) (answer, error) {
	p, err := s.knownProject(r)
	if err != nil {
		return answer{}, err
	}
	n := slices.IndexFunc(s.issueTypes(p), func(t any) bool { return t.(map[string]any)["id"] == r.PathValue("type") })
	if n < 0 {
		return answer{}, refuse(http.StatusNotFound, "The issue type %s is not available in the project.", r.PathValue("type"))
	}
	field := func(id, name, custom string, required bool) any {
		schema := map[string]any{"type": "string"}
		if custom != "" {
			schema["custom"] = custom
		}
		return map[string]any{"fieldId": id, "name": name, "required": required, "hasDefaultValue": false, "operations": []string{"set"}, "schema": schema}
	}
	var all []any
	for _, f := range screenFields {
		if f.id != "parent" && !slices.Contains(p.Hidden, f.id) {
			all = append(all, field(f.id, f.name, "", slices.Contains([]string{"project", "issuetype", "summary", "reporter"}, f.id)))
		}
	}
	for _, id := range p.Required {
		all = append(all, field(id, id, "", true))
	}
	all = append(all, p.customScreen(p.Types[n])...)
	if p.Types[n] == epicType {
		all = append(all, field(epicNameField, "Epic Name", "com.pyxis.greenhopper.jira:gh-epic-label", true))
	} else {
		all = append(all, field(epicLinkField, "Epic Link", "com.pyxis.greenhopper.jira:gh-epic-link", false))
	}
	return values(r, all), nil
}

type serverSearchBody struct {
	JQL        string   `json:"jql"`
	StartAt    int      `json:"startAt"`
	MaxResults *int     `json:"maxResults"`
	Fields     []string `json:"fields"`
	Validate   *bool    `json:"validateQuery"`
	Expand     []string `json:"expand"`
}

func (s *Server) serverSearch(ctx context.Context, r *http.Request) (answer, error) {
	q := r.URL.Query()
	b := serverSearchBody{JQL: q.Get("jql"), Fields: list(q["fields"])}
	b.StartAt, _ = strconv.Atoi(q.Get("startAt"))
	if n, err := strconv.Atoi(q.Get("maxResults")); err == nil {
		b.MaxResults = &n
	}
	return s.searchServer(ctx, b)
}

func (s *Server) serverSearchPost(ctx context.Context, r *http.Request) (answer, error) {
	var b serverSearchBody
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	return s.searchServer(ctx, b)
}

// searchServer pages by startAt and answers no properties.
func (s *Server) searchServer(ctx context.Context, b serverSearchBody) (answer, error) {
	q, err := parseJQL(b.JQL)
	if err != nil {
		return answer{}, err
	}
	hits, err := s.hits(ctx, q, nil)
	if err != nil {
		return answer{}, err
	}
	size := serverPage
	if b.MaxResults != nil && *b.MaxResults > 0 {
		size = min(*b.MaxResults, serverPageMost)
	}
	fields := b.Fields
	if len(fields) == 0 {
		fields = []string{"*navigable"}
	}
	out := []any{}
	for n := max(b.StartAt, 0); n < len(hits) && len(out) < size; n++ {
		out = append(out, s.bean(ctx, hits[n], fields, nil))
	}
	return answer{status: http.StatusOK, body: map[string]any{"startAt": max(b.StartAt, 0), "maxResults": size, "total": len(hits), "issues": out}}, nil
}

// serverField sets a field that only a Data Center has; ok = it is one.
func (w *writing) serverField(ctx context.Context, i *issue, name string, raw []byte) (msg string, ok bool) {
	if !w.s.opt.DataCenter {
		return "", false
	}
	switch name {
	case epicNameField:
		if text, is := str(raw); !is || strings.TrimSpace(text) == "" {
			return "Epic Name is required.", true
		}
		return "", true
	case epicLinkField:
		key, is := str(raw)
		if !is {
			return "String value expected as the Epic Key.", true
		}
		parent, err := w.s.issue(ctx, key)
		if err != nil || parent.Type != epicType {
			return "Issue '" + key + "' does not exist or is not an epic.", true
		}
		i.Parent = parent.ID
		return "", true
	case "parent":
		return "Field 'parent' cannot be set. It is not on the appropriate screen, or unknown.", true
	}
	return "", false
}

// serverCreate says what a Data Center refuses in a create.
func (s *Server) serverCreate(b issueBody, i *issue) map[string]string {
	wrong := map[string]string{}
	if !s.opt.DataCenter {
		return wrong
	}
	if len(b.Properties) > 0 {
		wrong["properties"] = "The create of a Data Center takes no properties here."
	}
	_, named := b.Fields[epicNameField]
	if i.Type == epicType && !named {
		wrong[epicNameField] = "Epic Name is required."
	}
	if i.Type != epicType && named {
		wrong[epicNameField] = "Field '" + epicNameField + "' cannot be set. It is not on the appropriate screen, or unknown."
	}
	return wrong
}
