package jiratest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
)

// changelogPage is how many changes Jira shows with an issue or on a page.
const changelogPage = 100

func (s *Server) getIssue(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	q := r.URL.Query()
	fields := list(q["fields"])
	if len(fields) == 0 {
		fields = []string{"*all"}
	}
	out := s.bean(ctx, i, fields, list(q["properties"]))
	if slices.Contains(list(q["expand"]), "changelog") {
		shown := changelogPage
		if s.opt.DataCenter {
			shown = len(i.History) // it shows them all
		}
		newest := []any{}
		for n := len(i.History) - 1; n >= 0 && len(newest) < shown; n-- {
			newest = append(newest, s.history(i.History[n]))
		}
		out["changelog"] = map[string]any{"startAt": 0, "maxResults": len(newest), "total": len(i.History), "histories": newest}
	}
	return answer{status: http.StatusOK, body: out}, nil
}

// getChangelog pages through the changes, oldest first.
func (s *Server) getChangelog(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	start, size := page(r, changelogPage)
	values := []any{}
	for n := start; n < len(i.History) && len(values) < size; n++ {
		values = append(values, s.history(i.History[n]))
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"startAt": start, "maxResults": size, "total": len(i.History), "isLast": start+len(values) >= len(i.History), "values": values,
	}}, nil
}

// page reads startAt and maxResults; a page is never larger than most.
func page(r *http.Request, most int) (start, size int) {
	start, _ = strconv.Atoi(r.URL.Query().Get("startAt"))
	size, _ = strconv.Atoi(r.URL.Query().Get("maxResults"))
	if size <= 0 || size > most {
		size = most
	}
	return max(start, 0), size
}

// editIssue sets fields and applies update operations, all or nothing.
func (s *Server) editIssue(ctx context.Context, r *http.Request) (answer, error) {
	var b issueBody
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	if len(b.Fields)+len(b.Update)+len(b.Properties) == 0 {
		return answer{}, refuse(http.StatusBadRequest, "one of 'fields' or 'update' required")
	}
	err := s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		before := *i
		wrong := map[string]string{}
		for _, name := range sorted(b.Fields) {
			if _, both := b.Update[name]; both {
				wrong[name] = "Field '" + name + "' cannot be in both 'fields' and 'update'."
			} else if msg := w.setField(ctx, i, name, b.Fields[name], false); msg != "" {
				wrong[name] = msg
			}
		}
		for _, name := range sorted(b.Update) {
			if msg := updateLabels(i, name, b.Update[name]); msg != "" {
				wrong[name] = msg
			}
		}
		if len(wrong) > 0 {
			return &refusal{status: http.StatusBadRequest, fields: wrong}
		}
		if err := setProperties(i, b.Properties); err != nil {
			return err
		}
		return w.edited(i, before, s.opt.BotAccount)
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

// updateLabels applies add and remove operations. Other fields are set
// through fields only.
func updateLabels(i *issue, name string, verbs []fieldVerb) string {
	if name != "labels" {
		return "Field '" + name + "' cannot be set. It is not on the appropriate screen, or unknown."
	}
	labels := slices.Clone(i.Labels)
	for _, v := range verbs {
		for verb, raw := range v {
			var l string
			if err := json.Unmarshal(raw, &l); err != nil {
				return "data was not a string"
			}
			if msg := wrongLabel(l); msg != "" {
				return msg
			}
			labels = slices.DeleteFunc(labels, func(have string) bool { return have == l })
			switch verb {
			case "add":
				labels = append(labels, l)
			case "remove":
			default:
				return "Operation '" + verb + "' is not supported."
			}
		}
	}
	slices.Sort(labels)
	i.Labels = labels
	return ""
}

// putAssignee is the call for the assignee alone.
func (s *Server) putAssignee(ctx context.Context, r *http.Request) (answer, error) {
	var b struct {
		AccountID *string `json:"accountId"`
		Name      *string `json:"name"` // Data Center
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	if s.opt.DataCenter {
		b.AccountID = b.Name
	}
	err := s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		before := *i
		if msg := w.assign(i, b.AccountID); msg != "" {
			return refuseField("assignee", "%s", msg)
		}
		return w.edited(i, before, s.opt.BotAccount)
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

func (s *Server) deleteIssue(ctx context.Context, r *http.Request) (answer, error) {
	err := s.write(ctx, func(w *writing) error { return w.remove(ctx, r.PathValue("issue"), s.opt.BotAccount) })
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusNoContent}, nil
}

func (w *writing) remove(ctx context.Context, idOrKey, as string) error {
	i, err := w.s.issue(ctx, idOrKey)
	if err != nil {
		return err
	}
	w.gone = append(w.gone, i)
	return w.announce(i, as, "jira:issue_deleted", "", nil, nil)
}
