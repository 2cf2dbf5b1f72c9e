package main

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// alert is one rule of deploy/alerts.
type alert struct {
	Alert       string
	Expr        string
	For         string
	Labels      map[string]string
	Annotations map[string]string
}

// readYAML reads all files of a folder below deploy.
func readYAML[T any](t *testing.T, folder string) []T {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("../../deploy", folder, "*.yaml"))
	if err != nil || len(paths) == 0 {
		t.Fatal("no files", folder, err)
	}
	var all []T
	for _, path := range paths {
		b, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var v T
		if err := yaml.Unmarshal(b, &v); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		all = append(all, v)
	}
	return all
}

func alerts(t *testing.T) []alert {
	t.Helper()
	var all []alert
	for _, f := range readYAML[struct{ Groups []struct{ Rules []alert } }](t, "alerts") {
		for _, g := range f.Groups {
			all = append(all, g.Rules...)
		}
	}
	return all
}

// TestAlerts: each alert says how bad it is, what is wrong and what to do about
// it, is in the table of deploy/README.md, and has a test for promtool of when
// it fires and of when it does not (make alerts runs them).
func TestAlerts(t *testing.T) {
	t.Parallel()
	fires, quiet := map[string]bool{}, map[string]bool{}
	type file struct {
		Tests []struct {
			Name string
			Expr []struct {
				Expr    string
				Samples []any `yaml:"exp_samples"`
			} `yaml:"promql_expr_test"`
		}
	}
	for _, f := range readYAML[file](t, "alerts/test") {
		for _, c := range f.Tests {
			for _, e := range c.Expr {
				if e.Expr != `ALERTS{alertname="`+c.Name+`", alertstate="firing"}` {
					t.Errorf("the test of %s asks for %s", c.Name, e.Expr)
				}
				if len(e.Samples) > 0 {
					fires[c.Name] = true
				} else {
					quiet[c.Name] = true
				}
			}
		}
	}
	readme, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range alerts(t) {
		if !slices.Contains([]string{"critical", "warning", "info"}, a.Labels["severity"]) {
			t.Errorf("%s has the severity %q", a.Alert, a.Labels["severity"])
		}
		if a.For == "" || a.Annotations["summary"] == "" || len(strings.Fields(a.Annotations["what_to_do"])) < 10 {
			t.Errorf("%s lacks its for, its summary or what to do", a.Alert)
		}
		if !fires[a.Alert] || !quiet[a.Alert] {
			t.Errorf("%s has no test of when it fires (there: %v) or of when it does not (there: %v)", a.Alert, fires[a.Alert], quiet[a.Alert])
		}
		if !strings.Contains(string(readme), "`"+a.Alert+"`") {
			t.Errorf("deploy/README.md does not list %s", a.Alert)
		}
		delete(fires, a.Alert)
	}
	for name := range fires {
		t.Errorf("a test is about %s, which is no alert", name)
	}
}

// reMetric finds the metrics in an expression: their prefixes are ours,
// Temporal's, and those of the Go and process collectors.
var reMetric = regexp.MustCompile(`\b(?:aimsbot|temporal|process|go|target)_[a-z0-9_]+`)

// knowsAlerts holds what the alerts look at against what is shown, and the
// table of deploy/README.md against both.
func (w *world) knowsAlerts() {
	w.t.Helper()
	have := map[string]bool{}
	for series := range w.scrape() {
		name, _, _ := strings.Cut(series, "{")
		have[name] = true
	}
	for _, a := range alerts(w.t) {
		for _, name := range reMetric.FindAllString(a.Expr, -1) {
			if !have[name] {
				w.t.Errorf("%s looks at %s, which is not shown", a.Alert, name)
			}
		}
	}
	readme, err := os.ReadFile("../../deploy/README.md")
	if err != nil {
		w.t.Fatal(err)
	}
	for name := range have {
		name = strings.TrimSuffix(strings.TrimSuffix(strings.TrimSuffix(name, "_bucket"), "_sum"), "_count")
		if strings.HasPrefix(name, "aimsbot_") && !strings.Contains(string(readme), "`"+name+"`") {
			w.t.Errorf("deploy/README.md does not list %s", name)
		}
	}
	for _, name := range regexp.MustCompile("`(aimsbot_[a-z_]+)`").FindAllStringSubmatch(string(readme), -1) {
		if !have[name[1]] && !have[name[1]+"_count"] {
			w.t.Errorf("deploy/README.md lists %s, which is not shown", name[1])
		}
	}
}
