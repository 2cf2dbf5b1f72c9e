package slack

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// TestRefusedRequests: whatever is wrong, the answer is the same to the byte,
// nothing comes in, and only the log knows why.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	good := signed("interactions", pressed("A0APP", "T0HOME"))
	change := func(f func(*sent)) sent { s := good; f(&s); return s }
	now := strconv.FormatInt(time.Now().Unix(), 10)
	cases := []struct {
		name   string
		in     sent
		reason Reason
	}{
		{"unsigned", change(func(s *sent) { s.secret = "" }), ReasonUnsigned},
		{"wrong secret", change(func(s *sent) { s.secret = "another-secret" }), ReasonSignature},
		{"stale", change(func(s *sent) { s.age = 6 * time.Minute }), ReasonStale},
		{"future", change(func(s *sent) { s.age = -6 * time.Minute }), ReasonFuture},
		{"body changed after signing", change(func(s *sent) {
			s.header = http.Header{headerTime: {now}, headerSignature: {slacktest.Sign(secret, now, s.body)}}
			s.body = strings.Replace(s.body, "U0CORA", "U0EVIL", 1)
		}), ReasonSignature},
		{"signed without its time", change(func(s *sent) { s.header = http.Header{headerTime: nil} }), ReasonTime},
		{"two signatures", change(func(s *sent) { s.header = http.Header{headerSignature: {"v0=00", "v0=11"}} }), ReasonUnsigned},
		{"payload in the address", change(func(s *sent) { s.path += "?" + s.body; s.body = "" }), ReasonUnknown},
		{"wrong content type", change(func(s *sent) { s.content = "application/json" }), ReasonType},
		{"form for events", sent{http.MethodPost, "/events", good.content, good.body, secret, 0, nil, false}, ReasonType},
		{"no content type", change(func(s *sent) { s.content = "" }), ReasonType},
		{"oversize", change(func(s *sent) { s.body = strings.Repeat("x", maxRequest+1) }), ReasonSize},
		{"oversize without a length", change(func(s *sent) { s.body, s.unsized = strings.Repeat("x", maxRequest+1), true }), ReasonSize},
		{"far oversize", change(func(s *sent) { s.body = strings.Repeat("x", 3*maxRequest) }), ReasonSize},
		{"GET", change(func(s *sent) { s.method = http.MethodGet }), ReasonMethod},
		{"PUT", change(func(s *sent) { s.method = http.MethodPut }), ReasonMethod},
		{"another door", change(func(s *sent) { s.path = "/options" }), ReasonPath},
		{"wrong team", signed("interactions", pressed("A0APP", "T0EVIL")), ReasonForeign},
		{"no team", signed("interactions", pressed("A0APP", "")), ReasonForeign},
		{"wrong app", signed("interactions", pressed("A0EVIL", "T0HOME")), ReasonForeign},
		{"command of another team", signed("commands", form("team_id", "T0EVIL", "api_app_id", "A0APP", "command", "/aims", "text", "help", "trigger_id", "1")), ReasonForeign},
		{"event of another app", signed("events", `{"type":"event_callback","api_app_id":"A0EVIL","team_id":"T0HOME","event":{}}`), ReasonForeign},
		{"ssl_check is no way round", sent{http.MethodPost, "/commands", good.content, "ssl_check=1", "", 0, nil, false}, ReasonUnsigned},
		{"no form", signed("interactions", "%zz"), ReasonUnreadable},
		{"two payloads", signed("interactions", good.body+"&"+good.body), ReasonUnreadable},
		{"no JSON", signed("interactions", form("payload", "{")), ReasonUnknown},
		{"events without JSON", signed("events", "{"), ReasonUnknown},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			gate := &homeGate{}
			address, _ := w.serve(gate)
			want := "HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 13\r\nContent-Type: text/plain; charset=utf-8\r\nX-Content-Type-Options: nosniff\r\n\r\nunauthorized\n"
			if got := w.send(address, c.in); got != want {
				t.Errorf("answered %q, want %q", got, want)
			}
			if n := gate.took.Load(); n != 0 {
				t.Errorf("%d deliveries came in", n)
			}
			if !strings.Contains(w.log.String(), "reason="+string(c.reason)+" ") {
				t.Errorf("the log does not say %q: %s", c.reason, w.log)
			}
			for _, no := range []string{secret, "v0=", token} {
				if strings.Contains(w.log.String(), no) {
					t.Errorf("the log says %q", no)
				}
			}
			if c.in.method == http.MethodGet {
				return // has no body to compare
			}
			if got := w.send(address, good); !strings.HasPrefix(got, "HTTP/1.1 200 OK\r\n") || gate.took.Load() != 1 {
				t.Errorf("a good request afterwards: %q, %d came in", got, gate.took.Load())
			}
		})
	}
}

// TestBrokenBody: a body that breaks off is refused like the rest.
func TestBrokenBody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	address, _ := w.serve(&homeGate{})
	conn, err := net.Dial("tcp", strings.TrimSuffix(strings.TrimPrefix(address, "http://"), "/slack"))
	w.must(err)
	defer func() { _ = conn.Close() }()
	_, err = conn.Write([]byte("POST /slack/events HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 10\r\n\r\n{"))
	w.must(err)
	w.must(conn.(*net.TCPConn).CloseWrite())
	b, err := io.ReadAll(conn)
	if err != nil || !strings.HasPrefix(string(b), "HTTP/1.1 401 ") || !strings.HasSuffix(string(b), "\r\n\r\nunauthorized\n") {
		t.Errorf("answered %q, %v", b, err)
	}
	if !strings.Contains(w.log.String(), "reason=cut ") {
		t.Errorf("log %s", w.log)
	}
}

// FuzzRequests: whatever Slack would sign, the answer is one of three.
func FuzzRequests(f *testing.F) {
	corpustest.Add(f, "requests", func(c corpustest.File) []any { return []any{c.Kind, string(c.Body)} })
	f.Add("interactions", pressed("A0APP", "T0HOME"))
	f.Add("commands", form("team_id", "T0HOME", "api_app_id", "A0APP", "command", "/aims"))
	f.Add("events", `{"type":"url_verification","challenge":"c"}`)
	f.Add("events", `{"type":"event_callback","team_id":"T0HOME","api_app_id":"A0APP","event":{}}`)
	c, err := New(Options{BotToken: botToken, AppToken: appToken})
	if err != nil {
		f.Fatal(err)
	}
	hooks, err := NewHooks(NewReceiver(c, &homeGate{}), secret, time.Now)
	if err != nil {
		f.Fatal(err)
	}
	hooks.set(true)
	f.Fuzz(func(t *testing.T, door, body string) {
		at := strconv.FormatInt(time.Now().Unix(), 10)
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/slack/x", strings.NewReader(body))
		r.URL.Path = "/slack/" + door
		r.Header.Set("Content-Type", doors[door].content)
		r.Header.Set(headerTime, at)
		r.Header.Set(headerSignature, slacktest.Sign(secret, at, body))
		w := httptest.NewRecorder()
		hooks.ServeHTTP(w, r)
		if w.Code != http.StatusOK && w.Code != http.StatusUnauthorized && w.Code != http.StatusServiceUnavailable {
			t.Errorf("answered %d", w.Code)
		}
	})
}
