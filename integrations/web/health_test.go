package web_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/integrations/web"
)

func ready(t *testing.T, h http.Handler) (int, map[string]string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", nil))
	var texts map[string]string
	if err := json.Unmarshal(w.Body.Bytes(), &texts); err != nil {
		t.Fatalf("readyz answered %q: %v", w.Body, err)
	}
	return w.Code, texts
}

func check(name string, err error) web.Check {
	return web.Check{Name: name, Probe: func(context.Context) error { return err }}
}

func TestReadyTellsEachDependency(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		checks []web.Check
		code   int
		texts  map[string]string
	}{
		"nothing to check": {nil, 200, map[string]string{}},
		"all work":         {[]web.Check{check("ledger", nil), check("slack", nil)}, 200, map[string]string{"ledger": "ok", "slack": "ok"}},
		"one does not": {
			[]web.Check{check("ledger", nil), check("slack", errors.New("slack: auth.test: invalid_auth"))},
			503,
			map[string]string{"ledger": "ok", "slack": "slack: auth.test: invalid_auth"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, texts := ready(t, web.Health(c.checks))
			if code != c.code {
				t.Errorf("status %d, want %d", code, c.code)
			}
			if d := cmp.Diff(c.texts, texts); d != "" {
				t.Error(d)
			}
		})
	}
}

// A check with a rest asks again only after it, whatever the answer was.
func TestReadyAsksOutsideSeldom(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var asked atomic.Int64
		h := web.Health([]web.Check{{Name: "jira", Rest: 2 * time.Second, Probe: func(context.Context) error {
			if asked.Add(1) == 1 {
				return errors.New("down")
			}
			return nil
		}}})
		for _, want := range []struct {
			code  int
			asked int64
		}{{503, 1}, {503, 1}, {200, 2}, {200, 2}} {
			if code, _ := ready(t, h); code != want.code || asked.Load() != want.asked {
				t.Errorf("%d after %d times, want %d after %d", code, asked.Load(), want.code, want.asked)
			}
			time.Sleep(time.Second)
		}
	})
}

func TestLiveAsksNoDependency(t *testing.T) {
	t.Parallel()
	h := web.Health([]web.Check{check("slack", errors.New("down"))})
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", nil))
	if w.Code != http.StatusOK || strings.TrimSpace(w.Body.String()) != "ok" {
		t.Errorf("livez answered %d %q", w.Code, w.Body)
	}
	w = httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/readyz", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST /readyz answered %d", w.Code)
	}
}

func TestReadyShowsNoSecret(t *testing.T) {
	t.Parallel()
	const secret = "s3cr3t"
	for _, text := range []string{
		"dial postgres://aims:" + secret + "@db.example.com/aims: refused",
		"GET https://api.example.com/?token=" + secret + ": 401",
		`reply {"password":"` + secret + `"}`,
		"header Authorization: Bearer " + secret,
		"header Authorization: Basic " + secret,
		"xoxb-" + secret + " is revoked",
		"xapp-" + secret + " is revoked",
		"first line\napi_key = " + secret,
		strings.Repeat("long ", 100),
	} {
		_, texts := ready(t, web.Health([]web.Check{check("outside", errors.New(text))}))
		got := texts["outside"]
		if strings.Contains(got, secret) || strings.Contains(got, "\n") || len([]rune(got)) > 300 {
			t.Errorf("%q is shown as %q", text, got)
		}
		if want, _, _ := strings.Cut(text, " "); !strings.HasPrefix(text, "x") && !strings.HasPrefix(got, want) {
			t.Errorf("%q is shown as %q: too little is left", text, got)
		}
	}
}

// A dependency that hangs is reported after its budget, and is not asked again
// while the first attempt is still out.
func TestReadyDoesNotWaitForASilentDependency(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var attempts atomic.Int64
		wake := make(chan struct{})
		h := web.Health([]web.Check{
			{Name: "deaf", Probe: func(context.Context) error { attempts.Add(1); <-wake; return nil }},
			{Name: "slow", Probe: func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }},
			check("ledger", nil),
		})
		began := time.Now()
		want := map[string]string{"deaf": "no answer within 2s", "slow": "no answer within 2s", "ledger": "ok"}
		for range 2 {
			code, texts := ready(t, h)
			if code != http.StatusServiceUnavailable {
				t.Errorf("status %d", code)
			}
			if d := cmp.Diff(want, texts); d != "" {
				t.Error(d)
			}
		}
		if spent := time.Since(began); spent != 2*web.CheckBudget {
			t.Errorf("two readings took %s of the clock, want %s", spent, 2*web.CheckBudget)
		}
		if n := attempts.Load(); n != 1 {
			t.Errorf("the deaf dependency was asked %d times at once", n)
		}
		close(wake)
		synctest.Wait()
		if _, texts := ready(t, h); texts["deaf"] != "ok" {
			t.Errorf("after it woke: %q", texts["deaf"])
		}
	})
}
