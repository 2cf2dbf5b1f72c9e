package jira_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
)

func stub(t *testing.T, h http.HandlerFunc) *jira.Client {
	t.Helper()
	s := httptest.NewServer(saysCloud(h))
	t.Cleanup(s.Close)
	c, err := jira.New(jira.Options{URL: s.URL, Email: botEmail, Token: botToken, Project: "GOV"})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// saysCloud answers what the site is, so that h sees only what comes after.
func saysCloud(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/serverInfo") {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{"deploymentType":"Cloud"}`))
			return
		}
		h(w, r)
	}
}

// calls are the changing calls, each by the raw or the typed way through the
// client library.
var calls = map[string]func(context.Context, *jira.Client) error{
	"POST issue": func(ctx context.Context, c *jira.Client) error {
		_, err := c.CreateIssue(ctx, key, port.Place{}, port.Issue{Type: "Task", Summary: "x"}, "")
		return err
	},
	"PUT issue": func(ctx context.Context, c *jira.Client) error {
		return c.Update(ctx, "10001", port.IssueUpdate{Summary: "x"})
	},
	"GET myself": func(ctx context.Context, c *jira.Client) error { return c.Ping(ctx) },
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	type sorted struct{ definite, forever bool }
	refused, fixable, unknown := sorted{true, true}, sorted{true, false}, sorted{false, false}
	for status, want := range map[int]sorted{
		301: refused, 302: refused, 303: refused, 307: refused, 308: refused,
		400: refused, 401: fixable, 403: refused, 404: refused, 405: refused, 406: refused,
		408: unknown, 409: fixable, 410: refused, 413: refused, 414: refused, 415: refused, 422: refused,
		423: fixable, 425: fixable, 429: fixable,
		500: unknown, 501: unknown, 502: unknown, 503: unknown, 504: unknown, 520: unknown,
	} {
		for name, call := range calls {
			t.Run(fmt.Sprintf("%d %s", status, name), func(t *testing.T) {
				t.Parallel()
				c := stub(t, func(w http.ResponseWriter, r *http.Request) {
					w.Header().Set("Location", "/elsewhere")
					w.Header().Set("Content-Type", "application/json;charset=UTF-8")
					w.WriteHeader(status)
					_, _ = w.Write([]byte(`{"errorMessages":["It did not work."],"errors":{"b":"second","a":"first"}}`))
				})
				err := call(t.Context(), c)
				var o *port.OutsideError
				if !errors.As(err, &o) {
					t.Fatalf("error = %v", err)
				}
				if got := (sorted{o.Definite, o.Forever}); got != want || o.Code != fmt.Sprint(status) || o.Target != "jira" || o.Call != name {
					t.Errorf("error = %+v, want %+v", o, want)
				}
				if text := o.Err.Error(); text != "It did not work.; a: first; b: second" {
					t.Errorf("text = %q", text)
				}
			})
		}
	}
}

func TestRateLimits(t *testing.T) {
	t.Parallel()
	for reason, scope := range map[string]string{
		"jira-quota-global-based": "tenant", "jira-quota-tenant-based": "tenant", "jira-burst-based": "call",
		"jira-per-issue-on-write": "issue", "": "tenant",
	} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			c := stub(t, func(w http.ResponseWriter, _ *http.Request) {
				if reason != "" {
					w.Header().Set("RateLimit-Reason", reason)
					w.Header().Set("Retry-After", "7")
				}
				w.WriteHeader(http.StatusTooManyRequests)
			})
			err := calls["PUT issue"](t.Context(), c)
			want := 7 * time.Second
			if reason == "" {
				want = 5 * time.Second
			}
			var o *port.OutsideError
			if !errors.As(err, &o) || o.Scope != scope || o.Retry != want || !o.Definite || o.Forever {
				t.Errorf("error = %+v", o)
			}
		})
	}
}

func TestRetryAfterOfAnOutage(t *testing.T) {
	t.Parallel()
	c := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "3")
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	var o *port.OutsideError
	if err := calls["POST issue"](t.Context(), c); !errors.As(err, &o) || o.Definite || o.Retry != 3*time.Second || o.Scope != "" {
		t.Errorf("error = %+v", o)
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = closed.Close()
	nobody, err := jira.New(jira.Options{URL: "http://" + closed.Addr().String(), Email: botEmail, Token: botToken, Project: "GOV"})
	if err != nil {
		t.Fatal(err)
	}
	release := make(chan struct{})
	hung := stub(t, func(http.ResponseWriter, *http.Request) { <-release })
	t.Cleanup(func() { close(release) }) // before the stub is closed, which waits for its handlers
	for name, tc := range map[string]struct {
		client   *jira.Client
		code     string
		definite bool
	}{
		"refused before sending": {nobody, "unreachable", true},
		"hung":                   {hung, "timeout", false},
		"cut after the request": {stub(t, func(w http.ResponseWriter, _ *http.Request) {
			panic(http.ErrAbortHandler)
		}), "cut", false},
		"cut inside the answer": {stub(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			w.WriteHeader(http.StatusCreated)
			_, _ = w.Write([]byte(`{"id":`))
		}), "broken_answer", false},
		"a login page": {stub(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "text/html;charset=UTF-8")
			_, _ = w.Write([]byte("<html>sign in"))
		}), "not_jira", false},
		"an empty answer": {stub(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			_, _ = w.Write([]byte(`{}`))
		}), "broken_answer", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithTimeout(t.Context(), 300*time.Millisecond)
			defer cancel()
			err := calls["POST issue"](ctx, tc.client)
			var o *port.OutsideError
			if !errors.As(err, &o) || o.Code != tc.code || o.Definite != tc.definite || o.Forever {
				t.Errorf("error = %+v", o)
			}
		})
	}
}

// Whatever Jira answers, no secret and no person stands in an error.
func TestNoSecretInErrors(t *testing.T) {
	t.Parallel()
	echo := stub(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusBadRequest)
		auth := r.Header.Get("Authorization")
		_, _ = fmt.Fprintf(w, `{"errorMessages":["%s %s for %s","User 'Olive Owens' cannot be assigned."],"errors":{"assignee":"olive@example.com is %s"}}`,
			strings.TrimPrefix(auth, "Basic "), botToken, botEmail, botToken)
	})
	page := stub(t, func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("<p>" + botToken))
	})
	for name, call := range calls {
		for _, c := range []*jira.Client{echo, page} {
			err := call(t.Context(), c)
			if err == nil {
				t.Fatal("no error")
			}
			for _, secret := range []string{botToken, botEmail, "Olive", "olive@"} {
				if strings.Contains(err.Error(), secret) || strings.Contains(fmt.Sprintf("%+v", err), secret) {
					t.Errorf("%s: %q in %v", name, secret, err)
				}
			}
		}
	}
}

func TestNoTokenToOtherHosts(t *testing.T) {
	t.Parallel()
	other := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		t.Errorf("the redirect was followed: %s", r.URL)
	}))
	t.Cleanup(other.Close)
	c := stub(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	for name, call := range calls {
		if err := call(t.Context(), c); !port.Definite(err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestNew(t *testing.T) {
	t.Parallel()
	good := jira.Options{URL: "https://example.atlassian.net/", Email: botEmail, Token: botToken, Project: "GOV"}
	for name, tc := range map[string]struct {
		change func(*jira.Options)
		ok     bool
	}{
		"complete":       {func(*jira.Options) {}, true},
		"loopback":       {func(o *jira.Options) { o.URL = "http://127.0.0.1:8080/sandbox/jira" }, true},
		"plain http":     {func(o *jira.Options) { o.URL = "http://jira.example.com" }, false},
		"no host":        {func(o *jira.Options) { o.URL = "jira" }, false},
		"password in it": {func(o *jira.Options) { o.URL = "https://u:" + botToken + "@example.com" }, false},
		"no e-mail":      {func(o *jira.Options) { o.Email = "" }, false},
		"no token":       {func(o *jira.Options) { o.Token = "" }, false},
		"two ways in":    {func(o *jira.Options) { o.PAT = botPAT }, false},
		"PAT": {func(o *jira.Options) {
			o.URL, o.Email, o.Token, o.PAT = "https://jira.example.com/jira", "", "", botPAT
		}, true},
		"PAT for Cloud": {func(o *jira.Options) { o.Email, o.Token, o.PAT = "", "", botPAT }, false},
		"no project":    {func(o *jira.Options) { o.Project = "" }, false},
	} {
		o := good
		tc.change(&o)
		_, err := jira.New(o)
		if (err == nil) != tc.ok || (err != nil && (strings.Contains(err.Error(), botToken) || strings.Contains(err.Error(), botPAT))) {
			t.Errorf("%s: %v", name, err)
		}
	}
}
