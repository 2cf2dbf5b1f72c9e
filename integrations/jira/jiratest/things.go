package jiratest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"unicode/utf8"
)

// property of an issue: read.
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

func (s *Server) attachments(i *issue) []any {
	out := []any{}
	for _, a := range i.Attachments {
		out = append(out, s.attachment(a))
	}
	return out
}

func (s *Server) attachment(a attachment) map[string]any {
	id := strconv.FormatInt(a.ID, 10)
	return map[string]any{
		"id": id, "self": s.self("attachment", id), "filename": a.Name, "author": s.user(a.Author), "created": wireTimeOf(a.Created),
		"size": a.Size, "mimeType": "application/octet-stream", "content": s.self("attachment", "content", id),
	}
}

// addAttachments takes the multipart upload; the token header guards against
// forged forms and is demanded as in Jira.
func (s *Server) addAttachments(ctx context.Context, r *http.Request) (answer, error) {
	if t := r.Header.Get("X-Atlassian-Token"); t != "no-check" && t != "nocheck" {
		return answer{}, refuse(http.StatusForbidden, "XSRF check failed")
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return answer{}, refuse(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	}
	type file struct {
		name  string
		bytes []byte
	}
	var files []file
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return answer{}, refuse(http.StatusBadRequest, "The upload could not be read.")
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return answer{}, refuse(http.StatusRequestEntityTooLarge, "The attachment is too large.")
		}
		if p.FormName() == "file" && p.FileName() != "" {
			files = append(files, file{name: p.FileName(), bytes: b})
		}
	}
	if len(files) == 0 {
		return answer{}, refuse(http.StatusBadRequest, "No file was uploaded.")
	}
	out := []any{}
	err = s.write(ctx, func(w *writing) error {
		i, err := w.issue(ctx, r.PathValue("issue"))
		if err != nil {
			return err
		}
		for _, f := range files {
			a, err := w.attach(i, s.opt.BotAccount, f.name, f.bytes)
			if err != nil {
				return err
			}
			out = append(out, s.attachment(a))
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	return answer{status: http.StatusOK, body: out}, nil
}

func (w *writing) attach(i *issue, as, name string, b []byte) (attachment, error) {
	if len(i.Attachments) >= maxFiles {
		return attachment{}, refuse(http.StatusRequestEntityTooLarge, "The issue has reached its limit of %d attachments.", maxFiles)
	}
	a := attachment{ID: w.seq(), Name: name, Author: as, Size: len(b), Created: w.now}
	i.Attachments = append(i.Attachments, a)
	w.files[a.ID] = append([]byte{}, b...)
	return a, w.logged(i, as, "issue_updated", change("Attachment", "", "", strconv.FormatInt(a.ID, 10), name))
}

// getAttachment answers the bytes, or sends to the media store as Jira does
// unless redirect=false.
func (s *Server) getAttachment(ctx context.Context, r *http.Request) (answer, error) {
	id, err := strconv.ParseInt(r.PathValue("attachment"), 10, 64)
	if err != nil {
		return answer{}, errMissing
	}
	if r.URL.Query().Get("redirect") != "false" {
		h := http.Header{"Location": {s.self("attachment", "content", id) + "?redirect=false"}}
		return answer{status: http.StatusSeeOther, header: h}, nil
	}
	var b []byte
	if err := s.db.QueryRowContext(ctx, `SELECT bytes FROM jira_files WHERE id = ?`, id).Scan(&b); err != nil {
		return answer{}, errMissing
	}
	return answer{status: http.StatusOK, raw: b, header: http.Header{"Content-Type": {"application/octet-stream"}}}, nil
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
