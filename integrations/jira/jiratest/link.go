package jiratest

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"
)

func (s *Server) remoteLink(l remoteLink) map[string]any {
	out := map[string]any{
		"id": l.ID, "self": s.self("remotelink", l.ID), "application": map[string]any{},
		"object": map[string]any{"url": l.URL, "title": l.Title, "icon": map[string]any{}, "status": map[string]any{"icon": map[string]any{}}},
	}
	if l.GlobalID != "" {
		out["globalId"] = l.GlobalID
	}
	return out
}

// getRemoteLinks lists the links; who made them is only in the changelog.
func (s *Server) getRemoteLinks(ctx context.Context, r *http.Request) (answer, error) {
	i, err := s.issue(ctx, r.PathValue("issue"))
	if err != nil {
		return answer{}, err
	}
	out := []any{}
	for _, l := range i.Links {
		out = append(out, s.remoteLink(l))
	}
	return answer{status: http.StatusOK, body: out}, nil
}

// addRemoteLink makes a link, or replaces the one with the same global id.
func (s *Server) addRemoteLink(ctx context.Context, r *http.Request) (answer, error) {
	var b struct {
		GlobalID     string          `json:"globalId"`
		Application  json.RawMessage `json:"application"`
		Relationship string          `json:"relationship"`
		Object       struct {
			URL     string          `json:"url"`
			Title   string          `json:"title"`
			Summary string          `json:"summary"`
			Icon    json.RawMessage `json:"icon"`
			Status  json.RawMessage `json:"status"`
		} `json:"object"`
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	var made remoteLink
	fresh := true
	err := s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		made, fresh, err = w.link(i, s.opt.BotAccount, b.GlobalID, b.Object.Title, b.Object.URL)
		return err
	})
	if err != nil {
		return answer{}, err
	}
	status := http.StatusCreated
	if !fresh {
		status = http.StatusOK
	}
	return answer{status: status, body: map[string]any{"id": made.ID, "self": s.self("remotelink", made.ID)}}, nil
}

func (w *writing) link(i *issue, as, globalID, title, address string) (made remoteLink, fresh bool, err error) {
	if title == "" {
		return made, false, refuseField("title", "'title' is required.")
	}
	if u, err := url.Parse(address); err != nil || u.Scheme == "" || u.Host == "" {
		return made, false, refuseField("url", "'url' must be a valid URL.")
	}
	if utf8.RuneCountInString(globalID) > 255 || utf8.RuneCountInString(title) > 255 {
		return made, false, refuseField("globalId", "'globalId' and 'title' have at most 255 characters.")
	}
	for n := range i.Links {
		if globalID != "" && i.Links[n].GlobalID == globalID {
			i.Links[n].Title, i.Links[n].URL = title, address
			return i.Links[n], false, nil
		}
	}
	if len(i.Links) >= maxLinks {
		return made, false, refuse(http.StatusRequestEntityTooLarge, "The issue has reached its limit of %d remote links.", maxLinks)
	}
	made = remoteLink{ID: w.seq(), GlobalID: globalID, Title: title, URL: address, Author: as}
	i.Links = append(i.Links, made)
	said := fmt.Sprintf("This issue links to \"%s (Web Link)\"", title)
	return made, true, w.logged(i, as, "issue_updated", change("RemoteIssueLink", "", "", strconv.FormatInt(made.ID, 10), said))
}

// addIssueLink links two issues.
func (s *Server) addIssueLink(ctx context.Context, r *http.Request) (answer, error) {
	type ref struct {
		Key string `json:"key"`
		ID  string `json:"id"`
	}
	var b struct {
		Type struct {
			Name string `json:"name"`
		} `json:"type"`
		Inward  ref             `json:"inwardIssue"`
		Outward ref             `json:"outwardIssue"`
		Comment json.RawMessage `json:"comment"`
	}
	if err := decode(r, &b); err != nil {
		return answer{}, err
	}
	if b.Type.Name != "Relates" && b.Type.Name != "Blocks" && b.Type.Name != "Duplicate" {
		return answer{}, refuse(http.StatusNotFound, "No issue link type with name '%s' found.", b.Type.Name)
	}
	err := s.write(ctx, func(w *writing) error {
		to, err := s.issue(ctx, b.Outward.Key+b.Outward.ID)
		if err != nil {
			return err
		}
		i, err := w.issue(ctx, b.Inward.Key+b.Inward.ID)
		if err != nil {
			return err
		}
		i.IssueLinks = append(i.IssueLinks, issueLink{ID: w.seq(), Type: b.Type.Name, To: to.ID})
		return w.logged(i, s.opt.BotAccount, "issue_updated", change("Link", "", "", to.Key, "This issue "+b.Type.Name+" "+to.Key))
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusCreated}, nil
}
