package jiratest

import (
	"context"
	"encoding/json"
	"net/http"
)

// getProperties lists the keys.
func (s *Server) getProperties(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	keys := []any{}
	for _, k := range sorted(i.Properties) {
		keys = append(keys, map[string]any{"key": k, "self": s.self("issue", i.ID, "properties", k)})
	}
	return answer{status: http.StatusOK, body: map[string]any{"keys": keys}}, nil
}

func (s *Server) getProperty(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	v, ok := i.Properties[r.PathValue("property")]
	if !ok {
		return answer{}, errMissing
	}
	return answer{status: http.StatusOK, body: entityProperty{Key: r.PathValue("property"), Value: v}}, nil
}

func (s *Server) putProperty(ctx context.Context, r *http.Request) (answer, error) {
	var v json.RawMessage
	if err := decode(r, &v); err != nil {
		return answer{}, err
	}
	status := http.StatusCreated
	err := s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		if _, there := i.Properties[r.PathValue("property")]; there {
			status = http.StatusOK
		}
		return setProperties(i, []entityProperty{{Key: r.PathValue("property"), Value: v}})
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: status}, nil
}
