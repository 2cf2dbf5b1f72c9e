package jiratest

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// commentPageSize is the most comments of one page.
const commentPageSize = 100

func (s *Server) comment(c comment) map[string]any {
	id := strconv.FormatInt(c.ID, 10)
	return map[string]any{
		"id": id, "self": s.self("comment", id), "author": s.user(c.Author), "updateAuthor": s.user(c.Author),
		"body": c.Body, "created": wireTimeOf(c.Created), "updated": wireTimeOf(c.Created), "jsdPublic": true,
	}
}

func (s *Server) commentPage(i *issue, start, size int) map[string]any {
	out := []any{}
	for n := start; n < len(i.Comments) && len(out) < size; n++ {
		out = append(out, s.comment(i.Comments[n]))
	}
	return map[string]any{"comments": out, "startAt": start, "maxResults": size, "total": len(i.Comments)}
}

func (s *Server) getComments(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	switch order := r.URL.Query().Get("orderBy"); order {
	case "", "created", "+created":
	case "-created":
		slices.Reverse(i.Comments)
	default:
		return answer{}, refuse(http.StatusBadRequest, "Invalid orderBy: %s", order)
	}
	start, size := page(r, commentPageSize)
	return answer{status: http.StatusOK, body: s.commentPage(i, start, size)}, nil
}

// addComment takes a v2 comment, with properties in the same call.
func (s *Server) addComment(ctx context.Context, r *http.Request) (answer, error) {
	var b struct {
		Body         json.RawMessage  `json:"body"`
		Properties   []entityProperty `json:"properties"`
		Author       json.RawMessage  `json:"author"`       // go-jira sends these three empty;
		UpdateAuthor json.RawMessage  `json:"updateAuthor"` // Jira reads none of them
		Visibility   json.RawMessage  `json:"visibility"`
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	if s.opt.DataCenter && len(b.Properties) > 0 {
		return answer{}, refuse(http.StatusBadRequest, "The comments of a Data Center take no properties here.")
	}
	text, ok := str(b.Body)
	if !ok {
		return answer{}, refuseField("comment", "Comment body is not valid!")
	}
	var made comment
	err := s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		made, err = w.comment(i, s.opt.BotAccount, text, b.Properties)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated, body: s.comment(made)}, nil
}

func (w *writing) comment(i *issue, as, text string, properties []entityProperty) (comment, error) {
	if strings.TrimSpace(text) == "" {
		return comment{}, refuseField("comment", "Comment body can not be empty!")
	}
	if utf8.RuneCountInString(text) > maxText {
		return comment{}, refuseField("comment", "The entered text is too long. It exceeds the allowed limit of %d characters.", maxText)
	}
	if len(i.Comments) >= maxComments {
		return comment{}, refuse(http.StatusRequestEntityTooLarge, "The issue has reached its limit of %d comments.", maxComments)
	}
	c := comment{ID: w.seq(), Author: as, Body: text, Created: w.now}
	for _, p := range properties {
		if err := wrongProperty(p); err != nil {
			return comment{}, err
		}
		if c.Properties == nil {
			c.Properties = map[string]json.RawMessage{}
		}
		c.Properties[p.Key] = p.Value
	}
	i.Comments = append(i.Comments, c)
	i.Updated = w.now
	return c, w.announce(i, as, "jira:issue_updated", "issue_commented", nil, &c)
}

// listComments answers comments by id, with their properties where asked.
func (s *Server) listComments(ctx context.Context, r *http.Request) (answer, error) {
	var b struct {
		IDs []int64 `json:"ids"`
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	if len(b.IDs) == 0 || len(b.IDs) > 1000 {
		return answer{}, refuse(http.StatusBadRequest, "Between 1 and 1000 ids are needed.")
	}
	withProperties := slices.Contains(list(r.URL.Query()["expand"]), "properties")
	all, err := s.issues(ctx, ``)
	if err != nil {
		return answer{}, err
	}
	values := []any{}
	for _, i := range all {
		for _, c := range i.Comments {
			if !slices.Contains(b.IDs, c.ID) {
				continue
			}
			one := s.comment(c)
			if withProperties {
				props := []entityProperty{}
				for _, k := range sorted(c.Properties) {
					props = append(props, entityProperty{Key: k, Value: c.Properties[k]})
				}
				one["properties"] = props
			}
			values = append(values, one)
		}
	}
	return answer{status: http.StatusOK, body: map[string]any{
		"values": values, "startAt": 0, "maxResults": len(b.IDs), "total": len(values), "isLast": true,
	}}, nil
}

func (s *Server) getCommentProperty(ctx context.Context, r *http.Request) (answer, error) {
	all, err := s.issues(ctx, ``)
	if err != nil {
		return answer{}, err
	}
	for _, i := range all {
		for _, c := range i.Comments {
			if v, ok := c.Properties[r.PathValue("property")]; ok && strconv.FormatInt(c.ID, 10) == r.PathValue("comment") {
				return answer{status: http.StatusOK, body: entityProperty{Key: r.PathValue("property"), Value: v}}, nil
			}
		}
	}
	return answer{}, errMissing
}
