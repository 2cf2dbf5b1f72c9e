package jiratest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// resolutions a transition screen offers.
var resolutions = []string{"Done", "Won't Do", "Duplicate"}

func (s *Server) getTransitions(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	withFields := slices.Contains(list(r.URL.Query()["expand"]), "transitions.fields")
	out := []any{}
	for _, t := range s.project().from(i.Status) {
		one := map[string]any{"id": t.ID, "name": t.Name, "to": s.status(t.To), "hasScreen": len(t.Required) > 0, "isAvailable": true}
		if withFields {
			one["fields"] = screen(t)
		}
		out = append(out, one)
	}
	return answer{status: http.StatusOK, body: map[string]any{"expand": "transitions", "transitions": out}}, nil
}

func screen(t Transition) map[string]any {
	fields := map[string]any{}
	for _, name := range t.Required {
		f := map[string]any{"required": true, "name": name, "key": name, "operations": []string{"set"}, "schema": map[string]any{"type": "string", "system": name}}
		if name == "resolution" {
			var allowed []any
			for _, r := range resolutions {
				allowed = append(allowed, map[string]any{"name": r})
			}
			f["allowedValues"] = allowed
		}
		fields[name] = f
	}
	return fields
}

// doTransition moves an issue on behalf of the token's account.
func (s *Server) doTransition(ctx context.Context, r *http.Request) (answer, error) {
	var b struct {
		Transition struct {
			ID string `json:"id"`
		} `json:"transition"`
		Fields map[string]json.RawMessage `json:"fields"`
		Update map[string]json.RawMessage `json:"update"`
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	for _, name := range sorted(b.Update) { // the fake takes go-jira's empty update, no more
		return answer{}, refuseField(name, "Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
	}
	if b.Transition.ID == "" {
		return answer{}, refuse(http.StatusBadRequest, "Missing 'transition' identifier")
	}
	err := s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		for _, t := range s.project().from(i.Status) {
			if t.ID == b.Transition.ID {
				return w.move(i, t, b.Fields, s.opt.BotAccount)
			}
		}
		return refuse(http.StatusBadRequest, "It seems that you have tried to perform a workflow operation (%s) that is not valid for the current state of this issue (%s).", b.Transition.ID, i.Key)
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

// move performs a transition: its screen, the status, the resolution.
func (w *writing) move(i *issue, t Transition, fields map[string]json.RawMessage, as string) error {
	before := *i
	resolution := resolutions[0]
	for _, name := range sorted(fields) {
		var v struct {
			Name string `json:"name"`
		}
		if !slices.Contains(t.Required, name) || name != "resolution" {
			return refuseField(name, "Field '%s' cannot be set. It is not on the appropriate screen, or unknown.", name)
		}
		if err := json.Unmarshal(fields[name], &v); err != nil || !slices.Contains(resolutions, v.Name) {
			return refuseField(name, "Resolution name '%s' is not valid", v.Name)
		}
		resolution = v.Name
	}
	for _, name := range t.Required {
		if _, ok := fields[name]; !ok {
			return refuseField(name, "%s is required.", strings.ToUpper(name[:1])+name[1:])
		}
	}
	i.Status = t.To
	i.Resolution = ""
	if w.s.project().status(t.To).Category == categoryDone {
		i.Resolution = resolution
	}
	return w.edited(i, before, as)
}
