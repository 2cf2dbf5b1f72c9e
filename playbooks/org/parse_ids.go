package org

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

var (
	kebab        = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)
	slackTeam    = regexp.MustCompile(`^[TE][A-Z0-9]{2,}$`)
	slackUser    = regexp.MustCompile(`^[UW][A-Z0-9]{2,}$`)
	slackChannel = regexp.MustCompile(`^[CG][A-Z0-9]{2,}$`)
	jiraAccount  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9:._-]*$`)
	jiraProject  = regexp.MustCompile(`^[A-Z][A-Z0-9_]+$`)
)

// Limits of what stands in the file, in characters.
const (
	maxName        = 120 // ours: a name fits a line of a message
	maxID          = 64  // ours: ids are parts of workflow and file names
	maxJiraAccount = 128 // Jira Cloud REST API, user accountId
	maxSubject     = 255 // OpenID Connect Core 1.0, section 2, sub
)

// id checks the id of a person, role, committee or system.
func (r *reader) id(what string, key source.Str) {
	switch {
	case !kebab.MatchString(key.V):
		r.add(key.Pos, "id", "`%s` cannot be the id of %s: use small letters, digits and single hyphens, beginning with a letter, such as `cv-screener`.", key.V, what)
	case len(key.V) > maxID:
		r.add(key.Pos, "id", "The id of %s has more than %d letters. Choose a shorter one.", what, maxID)
	case key.V == Anyone || key.V == ToDeputy:
		r.add(key.Pos, "id", "`%s` has a meaning of its own in playbooks and cannot be the id of %s. Choose another.", key.V, what)
	}
}

// name reads a text people see, of a bounded length.
func (r *reader) name(m *source.Map, key string) string {
	s := m.Text(key)
	if n := len([]rune(s.V)); n > maxName {
		r.add(s.Pos, "length", "`%s` has %d characters; at most %d fit a message.", key, n, maxName)
	}
	return s.V
}

// outside reads an id given by Slack or Jira and refuses what looks like a
// name or an address: those can change hands.
func (r *reader) outside(m *source.Map, key string, form *regexp.Regexp, want string) string {
	s := m.Text(key)
	if s.Empty() || form.MatchString(s.V) {
		return s.V
	}
	found := "is not one"
	switch {
	case strings.HasPrefix(s.V, "@"), strings.HasPrefix(s.V, "#"), strings.Contains(s.V, " "):
		found = "is a display name, which anybody can take"
	case strings.Contains(s.V, "@"):
		found = "is an e-mail address, which can change hands"
	}
	r.add(s.Pos, "outside-id", "`%s` needs %s, but `%s` %s.", key, want, s.V, found)
	return s.V
}

// ref reads a person id to be looked up later.
func (r *reader) ref(s source.Str, of string) string {
	if !s.Empty() {
		r.refs = append(r.refs, ref{s, of})
	}
	return s.V
}

// list reads a list of person ids without repeats.
func (r *reader) list(m *source.Map, key, of string) []string {
	var out []string
	for _, s := range r.texts(m, key) {
		out = append(out, r.ref(s, of))
	}
	return out
}

// words reads a list of texts without repeats.
func (r *reader) words(m *source.Map, key string) []string {
	return ids(r.texts(m, key), func(s source.Str) string { return s.V })
}

func (r *reader) texts(m *source.Map, key string) []source.Str {
	var out []source.Str
	for _, s := range m.Texts(key) {
		if slices.ContainsFunc(out, func(t source.Str) bool { return t.V == s.V }) {
			r.add(s.Pos, "duplicate", "`%s` stands twice in `%s`. Keep one.", s.V, key)
			continue
		}
		out = append(out, s)
	}
	return out
}

// zone checks a time zone.
func (r *reader) zone(s source.Str) string {
	if s.Empty() {
		return ""
	}
	if _, err := loadZone(s.V); err != nil {
		r.add(s.Pos, "zone", "%s.", err)
	}
	return s.V
}
