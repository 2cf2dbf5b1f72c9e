package jiratest

import (
	"context"
	"net/http"
	"slices"
	"strings"
)

func (s *Server) getServerInfo(context.Context, *http.Request) (answer, error) {
	version, numbers, deployment := "1001.0.0-SNAPSHOT", []int{1001, 0, 0}, "Cloud"
	if s.opt.DataCenter {
		version, numbers, deployment = "9.12.15", []int{9, 12, 15}, "Server"
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"baseUrl": s.opt.BaseURL, "version": version, "versionNumbers": numbers,
		"deploymentType": deployment, "serverTime": wireTimeOf(s.now()), "serverTitle": "Jira",
	}}, nil
}

func (s *Server) getMyself(context.Context, *http.Request) (answer, error) {
	return answer{status: http.StatusOK, body: s.user(s.opt.BotAccount)}, nil
}

// getMyPermissions answers the permissions asked for.
func (s *Server) getMyPermissions(_ context.Context, r *http.Request) (answer, error) {
	asked := list(r.URL.Query()["permissions"])
	if len(asked) == 0 {
		return answer{}, refuse(http.StatusBadRequest, "The 'permissions' query parameter is required.")
	}
	if k := r.URL.Query().Get("projectKey"); k != "" && k != s.project().Key {
		return answer{}, refuse(http.StatusNotFound, "No project could be found with key '%s'.", k)
	}
	out := map[string]any{}
	for _, k := range asked {
		out[k] = map[string]any{"key": k, "havePermission": !slices.Contains(s.project().Lacks, k)}
	}
	return answer{status: http.StatusOK, body: map[string]any{"permissions": out}}, nil
}

func (s *Server) getStatuses(context.Context, *http.Request) (answer, error) {
	out := []any{}
	for _, st := range s.project().Statuses {
		out = append(out, s.status(st.ID))
	}
	return answer{status: http.StatusOK, body: out}, nil
}

func (s *Server) knownProject(r *http.Request) (Project, error) {
	p := s.project()
	if id := r.PathValue("project"); p.Key == "" || (id != p.Key && id != projectID) {
		return p, refuse(http.StatusNotFound, "No project could be found with key '%s'.", id)
	}
	return p, nil
}

func (s *Server) issueTypes(p Project) []any {
	out := []any{}
	for n, t := range p.Types {
		level := 0
		if t == "Epic" {
			level = 1
		}
		out = append(out, map[string]any{"id": typeID(n), "name": t, "subtask": false, "hierarchyLevel": level, "self": s.self("issuetype", typeID(n))})
	}
	return out
}

func (s *Server) getProject(_ context.Context, r *http.Request) (answer, error) {
	p, err := s.knownProject(r)
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"id": projectID, "key": p.Key, "name": p.Name, "self": s.self("project", projectID),
		"issueTypes": s.issueTypes(p), "projectTypeKey": "business",
	}}, nil
}

func (s *Server) getIssueTypes(_ context.Context, r *http.Request) (answer, error) {
	p, err := s.knownProject(r)
	if err != nil {
		return answer{}, err
	}
	types := s.issueTypes(p)
	return answer{status: http.StatusOK, body: map[string]any{"startAt": 0, "maxResults": 50, "total": len(types), "issueTypes": types}}, nil
}

// people lists the accounts a query matches: active ones, by prefix of a word
// of the name or of an address that is not hidden.
func (s *Server) people(query string) []any {
	st := s.site.Load()
	out := []any{}
	q := strings.ToLower(query)
	for _, id := range st.order {
		p := st.people[id]
		match := !p.HideEmail && strings.HasPrefix(strings.ToLower(p.Email), q)
		for w := range strings.FieldsSeq(strings.ToLower(p.Name)) {
			match = match || strings.HasPrefix(w, q)
		}
		match = match || strings.HasPrefix(strings.ToLower(p.Name), q)
		if p.Active && match {
			out = append(out, s.user(p.AccountID))
		}
	}
	return out
}

func (s *Server) searchUsers(_ context.Context, r *http.Request) (answer, error) {
	q := r.URL.Query()
	if q.Has("username") {
		return answer{}, refuse(http.StatusBadRequest, "The query parameter 'username' is not supported in GDPR strict mode.")
	}
	if id := q.Get("accountId"); id != "" {
		return s.oneUser(id)
	}
	if q.Get("query") == "" {
		return answer{}, refuse(http.StatusBadRequest, "Either the 'query' or 'accountId' query parameter must be provided.")
	}
	return answer{status: http.StatusOK, body: s.people(q.Get("query"))}, nil
}

func (s *Server) searchAssignable(_ context.Context, r *http.Request) (answer, error) {
	q := r.URL.Query()
	if q.Get("project") == "" && q.Get("issueKey") == "" {
		return answer{}, refuse(http.StatusBadRequest, "The 'project' or 'issueKey' query parameter must be provided.")
	}
	if id := q.Get("accountId"); id != "" {
		return s.oneUser(id)
	}
	return answer{status: http.StatusOK, body: s.people(q.Get("query"))}, nil
}

func (s *Server) oneUser(id string) (answer, error) {
	out := []any{}
	if p, ok := s.person(id); ok && p.Active {
		out = append(out, s.user(id))
	}
	return answer{status: http.StatusOK, body: out}, nil
}

func (s *Server) getUser(_ context.Context, r *http.Request) (answer, error) {
	id := r.URL.Query().Get("accountId")
	if _, ok := s.person(id); !ok {
		return answer{}, refuse(http.StatusNotFound, "Specified user does not exist or you do not have required permissions")
	}
	return answer{status: http.StatusOK, body: s.user(id)}, nil
}
