package jiratest

import (
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"net/url"
	"strconv"
)

func (s *Server) attachments(i *issue) []any {
	out := []any{}
	for _, a := range i.Attachments {
		out = append(out, s.attachment(a))
	}
	return out
}

func (s *Server) attachment(a attachment) map[string]any {
	id := strconv.FormatInt(a.ID, 10)
	content := s.self("attachment", "content", id)
	if s.opt.DataCenter {
		content = s.opt.BaseURL + attachments + id + "/" + url.PathEscape(a.Name)
	}
	return map[string]any{
		"id": id, "self": s.self("attachment", id), "filename": a.Name, "author": s.user(a.Author), "created": wireTimeOf(a.Created),
		"size": a.Size, "mimeType": "application/octet-stream", "content": content,
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
	files, err := uploaded(parts)
	if err != nil {
		return answer{}, err
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
	if !s.opt.DataCenter && r.URL.Query().Get("redirect") != "false" {
		h := http.Header{"Location": {s.self("attachment", "content", id) + "?redirect=false"}}
		return answer{status: http.StatusSeeOther, header: h}, nil
	}
	var b []byte
	if err := s.db.QueryRowContext(ctx, `SELECT bytes FROM jira_files WHERE id = ?`, id).Scan(&b); err != nil {
		return answer{}, errMissing
	}
	return answer{status: http.StatusOK, raw: b, header: http.Header{"Content-Type": {"application/octet-stream"}}}, nil
}

type upload struct {
	name  string
	bytes []byte
}

// uploaded reads the files of a multipart form.
func uploaded(parts *multipart.Reader) ([]upload, error) {
	var files []upload
	for {
		p, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, refuse(http.StatusBadRequest, "The upload could not be read.")
		}
		b, err := io.ReadAll(p)
		if err != nil {
			return nil, refuse(http.StatusRequestEntityTooLarge, "The attachment is too large.")
		}
		if p.FormName() == "file" && p.FileName() != "" {
			files = append(files, upload{name: p.FileName(), bytes: b})
		}
	}
	if len(files) == 0 {
		return nil, refuse(http.StatusBadRequest, "No file was uploaded.")
	}
	return files, nil
}
