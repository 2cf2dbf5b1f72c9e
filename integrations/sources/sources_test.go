package sources_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sources"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func secrets(name string) (string, bool) {
	if name == "USAGE_TOKEN" {
		return "s3cret", true
	}
	return "", false
}

// serve answers with a handler on this machine.
func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s
}

func TestJSON(t *testing.T) {
	t.Parallel()
	var auth atomic.Value
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		auth.Store(r.Header.Get("Authorization"))
		_, _ = fmt.Fprintf(w, `{"rows": [{"path": %q}]}`, r.URL.RequestURI())
	})
	from := org.Source{ID: "usage", Kind: org.SourceJSON, URL: s.URL + "/api", Token: "USAGE_TOKEN", Private: true}
	got, err := sources.New(secrets).JSON(t.Context(), from, "/systems/cv?days=30")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"rows": []any{map[string]any{"path": "/api/systems/cv?days=30"}}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if auth.Load() != "Bearer s3cret" {
		t.Errorf("sent %q", auth.Load())
	}
	from.User = "bot"
	if _, err := sources.New(secrets).JSON(t.Context(), from, "/"); err != nil || auth.Load() != "Basic Ym90OnMzY3JldA==" {
		t.Errorf("sent %q: %v", auth.Load(), err)
	}
}

// What is not to be read is refused, with the reason that people see.
func TestRefused(t *testing.T) {
	t.Parallel()
	var elsewhere atomic.Int32
	other := serve(t, func(w http.ResponseWriter, _ *http.Request) { elsewhere.Add(1); _, _ = fmt.Fprint(w, `{}`) })
	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/elsewhere":
			http.Redirect(w, r, other.URL, http.StatusFound)
		case "/round":
			http.Redirect(w, r, "/round", http.StatusFound)
		case "/here":
			http.Redirect(w, r, "/", http.StatusFound)
		case "/large":
			_, _ = fmt.Fprintf(w, `["%s"]`, strings.Repeat("x", 10<<20))
		case "/html":
			_, _ = fmt.Fprint(w, `<html>`)
		case "/busy":
			w.Header().Set("Retry-After", "90")
			w.WriteHeader(http.StatusServiceUnavailable)
		case "/closed":
			w.WriteHeader(http.StatusForbidden)
		case "/gone":
			w.WriteHeader(http.StatusNotFound)
		default:
			_, _ = fmt.Fprint(w, `{}`)
		}
	})
	here := org.Source{ID: "usage", Kind: org.SourceJSON, URL: s.URL, Private: true}
	open, secret, far := here, here, here
	open.Private = false
	secret.Token = "NO_SUCH_TOKEN"
	far.URL = "http://127.0.0.1:1"
	for name, c := range map[string]struct {
		from  org.Source
		path  string
		want  string
		again bool
		after time.Duration
	}{
		"another host":       {here, "/elsewhere", "which the organisation file does not name", false, 0},
		"round and round":    {here, "/round", "leads on more than 3 times", false, 0},
		"the same host":      {here, "/here", "", false, 0},
		"too large":          {here, "/large", "larger than 10 MB", false, 0},
		"no JSON":            {here, "/html", "not the JSON", false, 0},
		"busy":               {here, "/busy", "503", true, 90 * time.Second},
		"the token":          {here, "/closed", "the token does not open it", false, 0},
		"not there":          {here, "/gone", "404", false, 0},
		"a private network":  {open, "/", "belongs to a private network", false, 0},
		"no token":           {secret, "/", "NO_SUCH_TOKEN is not set", false, 0},
		"nobody answers":     {far, "/", "cannot be reached", true, 0},
		"a way above":        {here, "/../etc", "leads away", false, 0},
		"another authority":  {here, "@example.com/", "is no path", false, 0},
		"a name for a place": {here, "", "is no path", false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := sources.New(secrets).JSON(t.Context(), c.from, c.path)
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			var bad *port.RemoteError
			if !errors.As(err, &bad) || !strings.Contains(bad.Reason, c.want) || bad.Again != c.again || bad.After != c.after {
				t.Errorf("got %#v, want %q, again %v after %s", err, c.want, c.again, c.after)
			}
		})
	}
	t.Cleanup(func() {
		if elsewhere.Load() > 0 {
			t.Error("the other host was asked")
		}
	})
}

// registry answers as MLflow does: the shapes are those of its REST API.
func registry(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	switch strings.TrimPrefix(r.URL.Path, "/api/2.0/mlflow") {
	case "/model-versions/search":
		if q.Get("filter") != "name='ranker-prod'" {
			_, _ = fmt.Fprint(w, `{}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"model_versions": [
			{"name": "ranker-prod", "version": "1", "run_id": "gone", "creation_timestamp": 100},
			{"name": "ranker-prod", "version": "3", "run_id": "r3", "creation_timestamp": 300},
			{"name": "ranker-prod", "version": "2", "creation_timestamp": 200}]}`)
	case "/runs/get":
		if q.Get("run_id") == "gone" {
			w.WriteHeader(http.StatusNotFound)
			_, _ = fmt.Fprint(w, `{"error_code": "RESOURCE_DOES_NOT_EXIST"}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"run": {"info": {"run_id": "r3"}, "data": {"metrics": [
			{"key": "auc", "value": 0.91, "timestamp": 1790000000000, "step": 2}, {"key": "old", "value": 1, "timestamp": 1000, "step": 0}]}}}`)
	case "/metrics/get-history":
		if q.Get("page_token") == "" {
			_, _ = fmt.Fprint(w, `{"metrics": [{"key": "auc", "value": 0.95, "timestamp": 1000, "step": 0}, {"key": "auc", "value": "NaN", "timestamp": 1789990000000, "step": 1}], "next_page_token": "2"}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"metrics": [{"key": "auc", "value": 0.91, "timestamp": 1790000000000, "step": 2}]}`)
	}
}

func TestMetrics(t *testing.T) {
	t.Parallel()
	s := serve(t, registry)
	from := org.Source{ID: "registry", Kind: org.SourceMLflow, URL: s.URL, Private: true, Models: map[string]string{"cv-ranker": "ranker-prod"}}
	r := sources.New(secrets)
	since := time.UnixMilli(1780000000000)
	got, err := r.Metrics(t.Context(), from, "cv-ranker", since)
	if err != nil {
		t.Fatal(err)
	}
	want := []port.Metric{{Version: "3", Metric: "auc", Run: "r3", Value: 0.91, At: time.UnixMilli(1790000000000).UTC()}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	for model, want := range map[string]string{"other": `has no model "other"`, "a'b": "no name that a registry knows"} {
		if _, err := r.Metrics(t.Context(), from, model, since); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", model, err)
		}
	}
}
