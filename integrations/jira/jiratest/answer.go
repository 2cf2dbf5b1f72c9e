package jiratest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sort"
	"strconv"
	"strings"
)

// Request bodies above these are refused with 413.
const (
	maxBody   = 2 << 20  // bytes of JSON; ours are far smaller
	maxUpload = 64 << 20 // bytes; Jira Cloud's own default is 1 GB, set by the admin
)

// refusal is an answer with Jira's error body.
type refusal struct {
	status   int
	messages []string
	fields   map[string]string
}

func (r *refusal) Error() string {
	var parts []string
	parts = append(parts, r.messages...)
	for k, v := range r.fields {
		parts = append(parts, k+": "+v)
	}
	sort.Strings(parts)
	return fmt.Sprintf("%d %s", r.status, strings.Join(parts, "; "))
}

func refuse(status int, format string, args ...any) error {
	return &refusal{status: status, messages: []string{fmt.Sprintf(format, args...)}}
}

func refuseField(field, format string, args ...any) error {
	return &refusal{status: http.StatusBadRequest, fields: map[string]string{field: fmt.Sprintf(format, args...)}}
}

var (
	errMissingIssue = &refusal{status: http.StatusNotFound, messages: []string{"Issue does not exist or you do not have permission to see it."}}
	errMissing      = &refusal{status: http.StatusNotFound, messages: []string{"The requested resource was not found."}}
)

// answer is what a handler gives back; a nil body answers without one.
type answer struct {
	status int
	body   any
	header http.Header
	raw    []byte // instead of body
}

type handler func(context.Context, *http.Request) (answer, error)

// ServeHTTP answers one REST call. Whatever it changed is committed before.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	rec := &recorder{ResponseWriter: w, status: http.StatusOK}
	s.mux.ServeHTTP(rec, r)
	if strings.HasPrefix(r.URL.Path, "/browse/") {
		return // a person looks; not a call of ours
	}
	c := Call{Method: r.Method, Path: r.URL.Path, Status: rec.status}
	if rec.status == http.StatusNotFound && rec.reason == "" {
		rec.reason = "no such address"
	}
	s.seen.note(c, rec.reason)
	if s.opt.OnCall != nil {
		s.opt.OnCall(c)
	}
}

// recorder notes the status and why a call was refused.
type recorder struct {
	http.ResponseWriter
	status int
	reason string
}

func (r *recorder) WriteHeader(status int) {
	r.status = status
	r.ResponseWriter.WriteHeader(status)
}

// handle wraps a handler with authentication, limits and Jira's error bodies.
func (s *Server) handle(endpoint string, h handler) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		a, err := s.guarded(w, r, endpoint, h)
		if err == nil {
			send(w, a)
			return
		}
		var ref *refusal
		switch {
		case errors.Is(err, errNoIssue):
			ref = errMissingIssue
		case !errors.As(err, &ref):
			s.log.Error("jiratest: call failed", "endpoint", endpoint, "error", err)
			ref = &refusal{status: http.StatusInternalServerError, messages: []string{"Internal server error"}}
		}
		if rec, ok := w.(*recorder); ok {
			rec.reason = ref.Error()
		}
		messages, fields := ref.messages, ref.fields
		if messages == nil {
			messages = []string{}
		}
		if fields == nil {
			fields = map[string]string{}
		}
		if s.opt.DataCenter && ref.status == http.StatusUnauthorized {
			send(w, answer{status: ref.status, body: map[string]any{"message": ref.messages[0], "status-code": ref.status}})
			return
		}
		send(w, answer{status: ref.status, body: map[string]any{"errorMessages": messages, "errors": fields}})
	}
}

func (s *Server) guarded(w http.ResponseWriter, r *http.Request, endpoint string, h handler) (answer, error) {
	if !s.signedIn(r) {
		w.Header().Set("WWW-Authenticate", `OAuth realm="jira"`)
		return answer{}, refuse(http.StatusUnauthorized, "Client must be authenticated to access this resource.")
	}
	if err := s.limit.check(w.Header(), r, endpoint, s.written(r), s.opt.RateLimits); err != nil {
		return answer{}, err
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxUpload)
	return h(r.Context(), r)
}

// written is the number of the issue a call writes to: its key and its number
// share one limit. An unknown issue has none.
func (s *Server) written(r *http.Request) string {
	id := r.PathValue("issue")
	if id == "" || r.Method == http.MethodGet || !s.opt.RateLimits {
		return ""
	}
	i, err := s.issue(r.Context(), id)
	if err != nil {
		return ""
	}
	return strconv.FormatInt(i.ID, 10)
}

func send(w http.ResponseWriter, a answer) {
	for k, v := range a.header {
		w.Header()[k] = v
	}
	if a.raw != nil {
		w.WriteHeader(a.status)
		_, _ = w.Write(a.raw)
		return
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	raw, err := json.Marshal(a.body)
	if err != nil {
		http.Error(w, "Internal server error", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json;charset=UTF-8")
	w.WriteHeader(a.status)
	_, _ = w.Write(raw)
}

// decode reads a JSON body and refuses keys it does not know.
func decode(r *http.Request, v any) error {
	if ct := r.Header.Get("Content-Type"); !strings.HasPrefix(ct, "application/json") {
		return refuse(http.StatusUnsupportedMediaType, "Unsupported Media Type")
	}
	raw, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return refuse(http.StatusBadRequest, "The request body could not be read.")
	}
	if len(raw) > maxBody {
		return refuse(http.StatusRequestEntityTooLarge, "The request body is too large.")
	}
	d := json.NewDecoder(strings.NewReader(string(raw)))
	d.DisallowUnknownFields()
	if err := d.Decode(v); err != nil {
		return refuse(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again. (%s)", strings.TrimPrefix(err.Error(), "json: "))
	}
	if d.More() {
		return refuse(http.StatusBadRequest, "Invalid request payload. Refer to the REST API documentation and try again.")
	}
	return nil
}
