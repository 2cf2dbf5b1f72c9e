package jiratest

import (
	"context"
	"net/http"
	"slices"
)

// screenFields are the fields of the create screen of every type.
var screenFields = []struct{ id, name string }{
	{"project", "Project"},
	{"issuetype", "Issue Type"},
	{"summary", "Summary"},
	{"labels", "Labels"},
	{"description", "Description"},
	{"assignee", "Assignee"},
	{"duedate", "Due date"},
	{"parent", "Parent"},
	{"reporter", "Reporter"},
}

// getCreateFields lists the fields of a type's create screen.
func (s *Server) getCreateFields(_ context.Context, r *http.Request) (answer, error) {
	p, err := s.knownProject(r)
	if err != nil {
		return answer{}, err
	}
	if !slices.ContainsFunc(s.issueTypes(p), func(t any) bool { return t.(map[string]any)["id"] == r.PathValue("type") }) {
		return answer{}, refuse(http.StatusNotFound, "The issue type %s is not available in the project.", r.PathValue("type"))
	}
	fields := []any{}
	add := func(id, name string, required, hasDefault bool) {
		fields = append(fields, map[string]any{
			"fieldId": id, "key": id, "name": name, "required": required, "hasDefaultValue": hasDefault,
			"operations": []string{"set"}, "schema": map[string]any{"type": "string", "system": id},
		})
	}
	for _, f := range screenFields {
		if !slices.Contains(p.Hidden, f.id) {
			add(f.id, f.name, slices.Contains([]string{"project", "issuetype", "summary", "reporter"}, f.id), f.id == "reporter")
		}
	}
	for _, id := range p.Required {
		add(id, id, true, false)
	}
	fields = append(fields, p.customScreen(p.typeOf(r.PathValue("type")))...)
	return answer{status: http.StatusOK, body: map[string]any{"startAt": 0, "maxResults": 200, "total": len(fields), "fields": fields}}, nil
}

// getProjectStatuses lists the statuses of each type's workflow.
func (s *Server) getProjectStatuses(_ context.Context, r *http.Request) (answer, error) {
	p, err := s.knownProject(r)
	if err != nil {
		return answer{}, err
	}
	statuses := []any{}
	for _, st := range p.Statuses {
		statuses = append(statuses, s.status(st.ID))
	}
	out := []any{}
	for n, t := range p.Types {
		out = append(out, map[string]any{"id": typeID(n), "name": t, "self": s.self("issuetype", typeID(n)), "subtask": false, "statuses": statuses})
	}
	return answer{status: http.StatusOK, body: out}, nil
}

// screened says what the create screen has against the fields given.
func (p Project) screened(given func(id string) bool) map[string]string {
	wrong := map[string]string{}
	for _, id := range p.Required {
		if !given(id) {
			wrong[id] = id + " is required."
		}
	}
	for _, id := range p.Hidden {
		if given(id) {
			wrong[id] = "Field '" + id + "' cannot be set. It is not on the appropriate screen, or unknown."
		}
	}
	return wrong
}
