package slack

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// TestErrors sorts every way a post can fail.
func TestErrors(t *testing.T) {
	t.Parallel()
	answer := func(status int, body string, head ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i+1 < len(head); i += 2 {
				w.Header().Set(head[i], head[i+1])
			}
			w.WriteHeader(status)
			_, _ = w.Write([]byte(body))
		}
	}
	said := func(code string) http.HandlerFunc { return answer(200, `{"ok":false,"error":"`+code+`"}`) }
	cut := func(w http.ResponseWriter, _ *http.Request) {
		conn, _, err := w.(http.Hijacker).Hijack()
		if err == nil {
			_ = conn.Close()
		}
	}
	hang := func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body) // only then is the end of the connection seen
		<-r.Context().Done()
	}
	unknown := port.OutsideError{}
	later := port.OutsideError{Definite: true, Scope: "call"}
	never := port.OutsideError{Definite: true, Forever: true}
	with := func(o port.OutsideError, code string, retry time.Duration) port.OutsideError {
		o.Code, o.Retry = code, retry
		return o
	}
	cases := []struct {
		name   string
		answer http.HandlerFunc
		want   port.OutsideError
	}{
		{"429 with a delay", answer(429, `{"ok":false,"error":"ratelimited"}`, "Retry-After", "7"), with(later, "ratelimited", 7*time.Second)},
		{"429 without a delay", answer(429, ""), with(later, "ratelimited", 0)},
		{"429 with a delay that is no number", answer(429, "", "Retry-After", "soon"), with(later, "ratelimited", 0)},
		{"ratelimited with status 200", said("ratelimited"), with(later, "ratelimited", 0)},
		{"rate_limited with status 200", answer(200, `{"ok":false,"error":"rate_limited"}`, "Retry-After", "3"), with(later, "ratelimited", 3*time.Second)},
		{"500", answer(500, "<html>"), with(unknown, "500", 0)},
		{"503 with a delay", answer(503, "", "Retry-After", "30"), with(unknown, "503", 30*time.Second)},
		{"fatal_error", said("fatal_error"), with(unknown, "fatal_error", 0)},
		{"internal_error", said("internal_error"), with(unknown, "internal_error", 0)},
		{"service_unavailable", said("service_unavailable"), with(unknown, "service_unavailable", 0)},
		{"answer that is no JSON", answer(200, "<html>"), with(unknown, "bad_answer", 0)},
		{"answer without a ts", answer(200, `{"ok":true}`), with(unknown, "bad_answer", 0)},
		{"refusal without a code", answer(200, `{"ok":false}`), with(unknown, "bad_answer", 0)},
		{"connection cut", cut, with(unknown, "no_answer", 0)},
		{"no answer in time", hang, with(unknown, "timeout", 0)},
		{"invalid_auth", said("invalid_auth"), with(never, "invalid_auth", 0)},
		{"missing_scope", answer(200, `{"ok":false,"error":"missing_scope","needed":"chat:write"}`), with(never, "missing_scope", 0)},
		{"channel_not_found", said("channel_not_found"), with(never, "channel_not_found", 0)},
		{"invalid_blocks", said("invalid_blocks"), with(never, "invalid_blocks", 0)},
		{"403", answer(403, ""), with(never, "403", 0)},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			server := httptest.NewServer(c.answer)
			defer server.Close()
			client := newClient(t, server.URL, &logs{})
			ctx, cancel := context.WithTimeout(t.Context(), 500*time.Millisecond)
			defer cancel()
			_, err := client.Post(ctx, "key", port.Card{To: port.Addressee{Channel: "C0RAIC"}, Title: "secret answer"}, "", "")
			check(t, err, c.want)
		})
	}
}

func check(t *testing.T, err error, want port.OutsideError) {
	t.Helper()
	var got *port.OutsideError
	if !errors.As(err, &got) {
		t.Fatalf("error %v is not sorted", err)
	}
	if got.Code != want.Code || got.Definite != want.Definite || got.Forever != want.Forever || got.Retry != want.Retry || got.Scope != want.Scope {
		t.Errorf("got %+v, want %+v", *got, want)
	}
	for _, secret := range []string{botToken, appToken, "secret answer", "xoxb"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error tells %q: %v", secret, err)
		}
	}
	if got.Target != "slack" || got.Call == "" {
		t.Errorf("error without target or call: %v", err)
	}
}

// TestNotSent: what never left us certainly did nothing.
func TestNotSent(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := "http://" + l.Addr().String()
	_ = l.Close()
	client := newClient(t, address, &logs{})
	_, err = client.Post(t.Context(), "key", port.Card{To: port.Addressee{Channel: "C0RAIC"}}, "", "")
	check(t, err, port.OutsideError{Code: "not_sent", Definite: true})

	done, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = client.Post(done, "key", port.Card{To: port.Addressee{Channel: "C0RAIC"}}, "", "")
	check(t, err, port.OutsideError{Code: "not_sent", Definite: true})
	_, err = client.Post(t.Context(), "key", port.Card{}, "", "")
	check(t, err, port.OutsideError{Code: "no_user", Definite: true, Forever: true})
}

// TestNoRedirect: a redirect would carry token and answers elsewhere.
func TestNoRedirect(t *testing.T) {
	t.Parallel()
	var reached atomic.Int64
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached.Add(1) }))
	defer elsewhere.Close()
	server := httptest.NewServer(http.RedirectHandler(elsewhere.URL, http.StatusTemporaryRedirect))
	defer server.Close()
	_, err := newClient(t, server.URL, &logs{}).Post(t.Context(), "key", port.Card{To: port.Addressee{Channel: "C0RAIC"}}, "", "")
	check(t, err, port.OutsideError{Code: "307", Definite: true, Forever: true})
	if reached.Load() != 0 {
		t.Error("the redirect was followed")
	}
}

// TestOpeningIsHarmless: a lost answer to conversations.open has posted nothing.
func TestOpeningIsHarmless(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(500) }))
	defer server.Close()
	_, err := newClient(t, server.URL, &logs{}).Post(t.Context(), "key", port.Card{Title: "x"}, "U0CORA", "")
	check(t, err, port.OutsideError{Code: "500", Definite: true})
}

func TestNewRefuses(t *testing.T) {
	t.Parallel()
	cases := map[string]Options{
		"SLACK_BOT_TOKEN is not set":                            {AppToken: appToken},
		"the app token (SLACK_APP_TOKEN) is no app-level token": {BotToken: botToken, AppToken: "xoxb-1-A0APP-1"},
		"SLACK_API_URL must be https unless":                    {BotToken: botToken, APIURL: "http://slack.example/api/"},
		"SLACK_API_URL must be https unless it is loopback":     {BotToken: botToken, APIURL: "http://127.0.0.1.evil.example/"},
		"SLACK_API_URL is not an address":                       {BotToken: botToken, APIURL: "slack"},
	}
	for want, o := range cases {
		if _, err := New(o); err == nil || !strings.Contains(err.Error(), strings.TrimSuffix(want, " it is loopback")) {
			t.Errorf("%+v: %v, want %q", o, err, want)
		}
	}
	if _, err := New(Options{BotToken: botToken, APIURL: "https://slack.example/api"}); err != nil {
		t.Error(err)
	}
}
