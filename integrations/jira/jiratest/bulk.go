package jiratest

import (
	"context"
	"net/http"
	"slices"
)

// bulkMost is how many issues one bulk fetch takes.
const bulkMost = 100

// bulkFetch answers the issues that exist, by ascending id. The others are left
// out and named among the errors.
func (s *Server) bulkFetch(ctx context.Context, r *http.Request) (answer, error) {
	var b struct {
		IDs        []string `json:"issueIdsOrKeys"`
		Fields     []string `json:"fields"`
		Properties []string `json:"properties"`
		Expand     []string `json:"expand"`
		ByKeys     bool     `json:"fieldsByKeys"`
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	if len(b.IDs) == 0 || len(b.IDs) > bulkMost {
		return answer{}, refuse(http.StatusBadRequest, "The number of issues must be between 1 and %d.", bulkMost)
	}
	if len(b.Properties) > searchProps {
		return answer{}, refuse(http.StatusBadRequest, "At most %d properties are allowed.", searchProps)
	}
	var found []*issue
	failed := []any{}
	for _, id := range b.IDs {
		i, err := s.issue(ctx, id)
		if err != nil {
			failed = append(failed, map[string]any{"id": id, "errorMessage": "Issue does not exist or you do not have permission to see it."})
			continue
		}
		if !slices.ContainsFunc(found, func(f *issue) bool { return f.ID == i.ID }) {
			found = append(found, i)
		}
	}
	slices.SortFunc(found, func(a, b *issue) int { return int(a.ID - b.ID) })
	fields := b.Fields
	if len(fields) == 0 {
		fields = []string{"*all"}
	}
	out := []any{}
	for _, i := range found {
		out = append(out, s.bean(ctx, i, fields, b.Properties))
	}
	return answer{status: http.StatusOK, body: map[string]any{"issues": out, "issueErrors": failed}}, nil
}
