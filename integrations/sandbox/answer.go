package sandbox

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"unicode/utf8"
)

// maxControl is the largest body of a control call, in bytes.
const maxControl = 4 << 20

// problem is a control call that cannot be done: what is wrong, and the
// choices there are.
type problem struct {
	status int
	text   string
	fields map[string]string // a modal's errors by block_id
}

func (p *problem) Error() string { return p.text }

// wrong is a call that says something impossible.
func wrong(format string, args ...any) error {
	return &problem{status: http.StatusBadRequest, text: fmt.Sprintf(format, args...)}
}

// missing is a call about something that is not there.
func missing(format string, args ...any) error {
	return &problem{status: http.StatusNotFound, text: fmt.Sprintf(format, args...)}
}

// action is one control call: its answer is sent as JSON.
type action func(r *http.Request) (any, error)

func (s *Sandbox) serve(a action) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		r.Body = http.MaxBytesReader(w, r.Body, maxControl)
		v, err := a(r)
		if err == nil {
			respond(w, http.StatusOK, v)
			return
		}
		var p *problem
		if !errors.As(err, &p) {
			s.log.Error("sandbox: control call failed", "path", r.URL.Path, "error", err)
			p = &problem{status: http.StatusInternalServerError, text: err.Error()}
		}
		body := map[string]any{"error": p.text}
		if len(p.fields) > 0 {
			body["errors"] = p.fields
		}
		respond(w, p.status, body)
	}
}

func respond(w http.ResponseWriter, status int, v any) {
	b, err := json.Marshal(v)
	if err != nil {
		http.Error(w, "the answer cannot be written", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write(append(b, '\n')) // who asked may be gone
}

func refuse(w http.ResponseWriter, status int, text string) {
	respond(w, status, map[string]string{"error": text})
}

// read decodes the body of a control call: one JSON object, no unknown field.
func read(r *http.Request, into any) error {
	b, err := io.ReadAll(r.Body)
	var large *http.MaxBytesError
	if errors.As(err, &large) {
		return &problem{status: http.StatusRequestEntityTooLarge, text: fmt.Sprintf("the body is larger than %d bytes", maxControl)}
	}
	if err != nil {
		return wrong("the body broke off")
	}
	if b = bytes.TrimSpace(b); len(b) == 0 {
		b = []byte("{}")
	}
	return strict(b, into)
}

// strict decodes one JSON value and refuses unknown fields by name.
func strict(b []byte, into any) error {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(into); err != nil {
		return wrong("the body: %s", strings.TrimPrefix(err.Error(), "json: "))
	}
	if d.More() {
		return wrong("the body: one JSON object, nothing after it")
	}
	return nil
}

// need refuses a call that leaves out a field.
func need(fields ...string) error {
	for i := 0; i+1 < len(fields); i += 2 {
		if fields[i+1] == "" {
			return wrong("%s is needed", fields[i])
		}
	}
	return nil
}

// short is a text from outside, quoted and cut, to be shown in an error.
func short(s string) string {
	const limit = 80 // characters
	if utf8.RuneCountInString(s) > limit {
		s = string([]rune(s)[:limit]) + "..."
	}
	return fmt.Sprintf("%q", s)
}
