package org

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// The kinds of sources.
const (
	SourceJSON   = "json"   // answers JSON
	SourceMLflow = "mlflow" // a model registry with MLflow's REST API
)

// Source is a place outside that steps may read facts from. No other place is
// ever read.
type Source struct {
	ID   string `json:"id"`
	Kind string `json:"kind"`
	URL  string `json:"url"` // https; http only on this machine
	// Token is the name of the environment variable with the token; with User, it
	// is the password of that account.
	Token string `json:"token,omitempty"`
	User  string `json:"user,omitempty"`
	// Private allows addresses that only this network knows.
	Private bool `json:"private,omitempty"`
	// Models are the names of models in the registry, where they are other than ours.
	Models map[string]string `json:"models,omitempty"`
}

// environmentName is the name of a variable as shells take it.
var environmentName = regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`)

func (r *reader) source(e source.Entry) {
	m := r.subject("sources", "a source", e, "kind", "url", "token", "user", "private", "models")
	if m == nil {
		return
	}
	m.Require("kind", "url")
	s := Source{
		ID: e.Key.V, Kind: m.Text("kind").V, URL: strings.TrimSuffix(m.Text("url").V, "/"),
		Token: m.Text("token").V, User: m.Text("user").V, Private: m.Bool("private"),
	}
	if at := m.Text("kind"); !at.Empty() && !slices.Contains([]string{SourceJSON, SourceMLflow}, at.V) {
		r.add(at.Pos, "source", "There is no kind of source `%s`.%s Choose %s or %s.", at.V, source.DidYouMean(at.V, []string{SourceJSON, SourceMLflow}), SourceJSON, SourceMLflow)
	}
	if at := m.Text("url"); !at.Empty() && !strings.HasPrefix(at.V, "https://") && !loopback(at.V) {
		r.add(at.Pos, "source", "The address of a source begins with https://, because what it answers is evidence.")
	}
	if at := m.Text("url"); strings.ContainsAny(at.V, "?#@ ") {
		r.add(at.Pos, "source", "The address of a source is only where it is, such as https://data.example.com/api. Accounts and tokens go under `user` and `token`, what is asked for goes into the playbook.")
	}
	if at := m.Text("token"); !at.Empty() && !environmentName.MatchString(at.V) {
		r.add(at.Pos, "source", "`token` is the name of the environment variable that holds it, such as USAGE_TOKEN. The token itself must not stand in this file.")
	}
	if at := m.Text("user"); !at.Empty() && s.Token == "" {
		r.add(at.Pos, "source", "An account needs its password. Name the environment variable that holds it, such as token: USAGE_PASSWORD.")
	}
	for _, x := range m.Pairs("models") {
		if name := x.Value.Text(&r.problems); !name.Empty() {
			if s.Models == nil {
				s.Models = map[string]string{}
			}
			s.Models[r.link(x.Key, KindModel, "a model of `"+s.ID+"`")] = name.V
		}
	}
	r.org.Sources = append(r.org.Sources, s)
}

// SourceFor is where a list from outside is read: the source of that name, or
// without one the first of the kind.
func (o Organisation) SourceFor(name, kind string) (Source, bool) {
	return find(o.Sources, func(s Source) bool { return s.Kind == kind && (name == "" || s.ID == name) })
}
