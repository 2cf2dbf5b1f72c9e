package sandbox

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"time"
)

// maxCall is the largest body of a call to a fake, in bytes: uploads to Jira.
// The fakes have their own, smaller limits.
const maxCall = 72 << 20

// meddle stands in front of a fake: it lists every call, and lets faults meet
// it.
func (s *Sandbox) meddle(target string, fake http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := s.calls.begin(target, r)
		s.aim()
		rule, met := s.faults.pick(c)
		if !met {
			fake.ServeHTTP(&watcher{ResponseWriter: w, noted: func(status int) {
				c.Status, c.Committed = status, true
				c.limited(w.Header())
				s.settle(c)
			}}, r)
			return
		}
		c.Fault = rule.Kind
		// The whole body first: only then does the server notice that the
		// caller has gone, and a call that was cut must not reach the fake.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxCall))
		if err != nil {
			s.settle(c)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		s.meet(w, r, fake, rule, c)
	})
}

// settle lists what became of a call and wakes who waits for changes.
func (s *Sandbox) settle(c Call) {
	s.calls.note(c)
	s.past.touch()
}

// watcher notes the status of an answer before it is sent: who has the answer
// finds the call.
type watcher struct {
	http.ResponseWriter
	noted func(status int)
}

// WriteHeader implements http.ResponseWriter.
func (w *watcher) WriteHeader(status int) {
	w.note(status)
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *watcher) Write(b []byte) (int, error) {
	w.note(http.StatusOK)
	return w.ResponseWriter.Write(b)
}

func (w *watcher) note(status int) {
	if w.noted != nil {
		w.noted(status)
		w.noted = nil
	}
}

// Unwrap leads http.ResponseController to the connection.
func (w *watcher) Unwrap() http.ResponseWriter { return w.ResponseWriter }

// meet lets one fault meet one call.
func (s *Sandbox) meet(w http.ResponseWriter, r *http.Request, fake http.Handler, rule Rule, c Call) {
	switch rule.Kind {
	case dropRequest:
		s.settle(c)
		cut(w)
		return
	case http429:
		c.Status = http.StatusTooManyRequests
		w.Header().Set("Retry-After", strconv.Itoa(rule.RetryAfter))
		if c.Target == "jira" {
			w.Header().Set("RateLimit-Reason", rule.Reason)
		}
		c.limited(w.Header())
		s.settle(c)
		send(w, c, "ratelimited", "Rate limit exceeded.")
		return
	case hangBefore, delayed:
		if !s.stay(r.Context(), rule, c) {
			s.settle(c)
			cut(w)
			return
		}
	}
	if rule.Kind == http500 && !rule.Committed {
		c.Status = http.StatusInternalServerError
		s.settle(c)
		send(w, c, "internal_error", "Internal server error")
		return
	}
	kept := &shelf{header: http.Header{}, status: http.StatusOK}
	// Only the answer may be lost from here on, not the call.
	fake.ServeHTTP(kept, r.WithContext(context.WithoutCancel(r.Context())))
	c.Committed = true
	s.settle(c)
	switch rule.Kind {
	case dropResponse:
		cut(w)
		return
	case http500:
		c.Status = http.StatusInternalServerError
		s.settle(c)
		send(w, c, "internal_error", "Internal server error")
		return
	case hangAfter:
		if !s.stay(r.Context(), rule, c) {
			cut(w)
			return
		}
	}
	c.Status = kept.status
	c.limited(kept.header)
	s.settle(c)
	kept.send(w)
}

// stay holds a call, or lets it wait, and tells whether the caller still is
// there.
func (s *Sandbox) stay(ctx context.Context, rule Rule, c Call) bool {
	return s.faults.hold(c, rule, ctx.Done(), s.done)
}

// send writes the answer of a fault as the target words it.
func send(w http.ResponseWriter, c Call, code, words string) {
	if c.Target == "slack" {
		respond(w, c.Status, map[string]any{"ok": false, "error": code})
		return
	}
	respond(w, c.Status, map[string]any{"errorMessages": []string{words}, "errors": map[string]string{}})
}

// cut closes the connection without an answer.
func cut(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if errors.Is(err, http.ErrNotSupported) {
		panic(http.ErrAbortHandler) // the server then closes the connection
	}
	if err != nil {
		return
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0) // a reset, as from a peer that died
	}
	_ = conn.SetDeadline(time.Now())
	_ = conn.Close()
}

// shelf keeps an answer that may not be sent.
type shelf struct {
	header http.Header
	status int
	body   bytes.Buffer
}

func (k *shelf) Header() http.Header         { return k.header }
func (k *shelf) WriteHeader(status int)      { k.status = status }
func (k *shelf) Write(b []byte) (int, error) { return k.body.Write(b) }

func (k *shelf) send(w http.ResponseWriter) {
	for name, v := range k.header {
		w.Header()[name] = v
	}
	w.WriteHeader(k.status)
	_, _ = w.Write(k.body.Bytes()) // who asked may be gone
}
