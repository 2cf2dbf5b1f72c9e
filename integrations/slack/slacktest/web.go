package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"time"
)

// maxBody is the largest request the Web API reads, in bytes.
const maxBody = 4 << 20

// apiError is an answer with ok=false.
type apiError struct {
	code     string
	messages []string // response_metadata.messages
	needed   string   // the scope that is missing
}

func (e *apiError) Error() string {
	if len(e.messages) > 0 {
		return e.code + ": " + strings.Join(e.messages, "; ")
	}
	if e.needed != "" {
		return e.code + ": " + e.needed
	}
	return e.code
}

func fail(code string) error { return &apiError{code: code} }

// method is one method of the Web API.
type method struct {
	scope  string // needed scope; empty = none, or one that depends on the conversation
	perMin int    // calls per minute
	app    bool   // takes the app token instead of the bot's
	run    func(*Server, context.Context, *request) (answer, error)
}

// answer is the body of a successful call, without ok.
type answer = map[string]any

// request is one call of the Web API.
type request struct {
	method string
	prefix string // path up to /api/, with the host: for the socket's address
	token  string
	args   map[string]any // text of a form, or JSON values
}

// ServeHTTP serves <mount>/api/<method> and <mount>/socket/<ticket>, wherever
// it is mounted.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	dir, name := path.Split(r.URL.Path)
	if strings.HasSuffix(dir, "/socket/") {
		s.hub.serve(w, r, name)
		return
	}
	if !strings.HasSuffix(dir, "/api/") {
		http.NotFound(w, r)
		return
	}
	req := &request{method: name, prefix: r.Host + strings.TrimSuffix(dir, "/api/")}
	body, err := s.call(r, req)
	call := Call{Method: name, Path: r.URL.Path, Status: http.StatusOK}
	var limited *limitError
	var api *apiError
	switch {
	case err == nil:
		body["ok"] = true
	case errors.As(err, &limited):
		call.Status, call.Error, call.Reason = http.StatusTooManyRequests, "ratelimited", limited.Error()
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(limited.wait.Seconds()))))
		body = answer{"ok": false, "error": "ratelimited"}
	case errors.As(err, &api):
		call.Error, call.Reason = api.code, api.Error()
		body = s.refusal(api)
	default:
		s.opt.Logger.Error("web api", "method", name, "err", err)
		call.Status, call.Error = http.StatusInternalServerError, "internal_error"
		body = answer{"ok": false, "error": "internal_error"}
	}
	// Logged before it is sent: who has the answer finds the call.
	s.logCall(call)
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	if err == nil && !s.methods[name].app {
		w.Header().Set("X-OAuth-Scopes", strings.Join(s.opt.Scopes, ","))
	}
	w.WriteHeader(call.Status)
	if err := json.NewEncoder(w).Encode(body); err != nil {
		s.opt.Logger.Debug("answer not sent", "method", name, "err", err)
	}
}

func (s *Server) refusal(e *apiError) answer {
	body := answer{"ok": false, "error": e.code}
	if len(e.messages) > 0 {
		var tagged []string
		for _, m := range e.messages {
			tagged = append(tagged, "[ERROR] "+m)
		}
		body["errors"] = e.messages
		body["response_metadata"] = map[string]any{"messages": tagged}
	}
	if e.needed != "" {
		body["needed"], body["provided"] = e.needed, strings.Join(s.opt.Scopes, ",")
	}
	return body
}

// call reads a request, checks token, limit and scope, and runs the method.
func (s *Server) call(r *http.Request, req *request) (answer, error) {
	m, ok := s.methods[req.method]
	if !ok {
		return nil, fail("unknown_method")
	}
	if err := req.read(r); err != nil {
		return nil, err
	}
	if err := s.authenticate(req, m); err != nil {
		return nil, err
	}
	if err := s.allow(req.method, rateOf(m.perMin), m.perMin); err != nil {
		return nil, err
	}
	if m.scope != "" && !m.app && !s.scopes[m.scope] {
		return nil, &apiError{code: "missing_scope", needed: m.scope}
	}
	return m.run(s, r.Context(), req)
}

func (s *Server) authenticate(req *request, m method) error {
	want, other := s.opt.BotToken, s.opt.AppToken
	if m.app {
		want, other = other, want
	}
	switch req.token {
	case want:
		return nil
	case "":
		return fail("not_authed")
	case other:
		return fail("not_allowed_token_type")
	}
	return fail("invalid_auth")
}

// read takes arguments from the query, a form or JSON, and the token from the
// Authorization header or the body.
func (q *request) read(r *http.Request) error {
	q.args = map[string]any{}
	body, err := io.ReadAll(io.LimitReader(r.Body, maxBody+1))
	if err != nil {
		return fmt.Errorf("reading the request: %w", err)
	}
	if len(body) > maxBody {
		return fail("request_too_large")
	}
	kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case err != nil && len(body) > 0:
		return fail("missing_post_type")
	case kind == "application/json" && len(body) > 0:
		if q.args, err = decodeObject(body); err != nil {
			return fail("invalid_json")
		}
	case kind == "application/x-www-form-urlencoded":
		if err := q.form(string(body)); err != nil {
			return fail("invalid_form_data")
		}
	case len(body) > 0 && kind != "application/json":
		return fail("invalid_post_type")
	}
	if r.Method == http.MethodGet {
		if err := q.form(r.URL.RawQuery); err != nil {
			return fail("invalid_form_data")
		}
	}
	q.token = q.str("token")
	if h, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer "); ok {
		q.token = h
	}
	delete(q.args, "token")
	return nil
}

func (q *request) form(s string) error {
	vs, err := url.ParseQuery(s)
	for k := range vs {
		q.args[k] = vs.Get(k)
	}
	return err
}

// str returns an argument as text; numbers and booleans as JSON writes them.
func (q *request) str(k string) string {
	switch v := q.args[k].(type) {
	case string:
		return v
	case json.Number:
		return v.String()
	case bool:
		return strconv.FormatBool(v)
	}
	return ""
}

func (q *request) flag(k string) bool { v := q.str(k); return v == "1" || v == "true" }

// has tells whether an argument was sent, be it empty.
func (q *request) has(k string) bool { _, ok := q.args[k]; return ok }

// value returns an argument that is JSON: as such, or as text holding it.
func (q *request) value(k string) (any, error) {
	s, ok := q.args[k].(string)
	if !ok {
		return q.args[k], nil
	}
	return decodeAny([]byte(s))
}

// limitError is an answer 429.
type limitError struct {
	what string
	wait time.Duration
}

func (e *limitError) Error() string {
	return fmt.Sprintf("ratelimited: %s, retry after %s", e.what, e.wait.Round(time.Millisecond))
}
