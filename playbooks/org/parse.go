package org

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// File is one file of the organisation: organisation.yaml, or one of
// organisation/*.yaml.
type File struct {
	Name   string // as problems name it
	Source []byte
}

// ParseOrganisation reads one or several files as one organisation. People,
// roles, committees and systems of all files are put together in the order of
// the files; an id may be given once, and organisation, slack and jira once.
// All problems come at once, sorted; the organisation is of use, and has its
// digest, only when there are none.
func ParseOrganisation(files []File) (Organisation, source.Problems) {
	r := &reader{seen: map[string]source.Pos{}}
	if len(files) == 0 {
		r.add(source.Pos{File: "organisation.yaml", Line: 1, Col: 1}, "required", "There is no organisation file. Write one: who the people are, which roles they hold, and which systems there are.")
		return r.org, r.problems
	}
	for _, f := range files {
		node, problems := source.Parse(f.Name, f.Source)
		r.problems = append(r.problems, problems...)
		if node == nil {
			r.unread = true
			continue
		}
		r.file(node)
	}
	if !r.unread {
		r.complete()
		r.check()
	}
	r.problems.Sort()
	if len(r.problems) > 0 {
		return r.org, r.problems
	}
	digest, err := r.org.Sum()
	if err != nil {
		r.add(r.whole, "digest", "The organisation has no digest: %v.", err)
	}
	r.org.Digest = digest
	return r.org, r.problems
}

// reader collects the organisation, the places of what it read and the
// problems.
type reader struct {
	org      Organisation
	problems source.Problems
	// seen holds the place of every section and id: "people", "people olive".
	seen  map[string]source.Pos
	refs  []ref
	links []link
	// unread says that a file could not be read at all: what it holds is
	// unknown, so that no id may be called missing.
	unread bool
	whole  source.Pos // where problems of the whole are shown
}

// ref is a person id that stood somewhere, to be looked up when all are read.
type ref struct {
	source.Str
	of string // what names the person: "the owner of `cv-screener`"
}

func (r *reader) add(pos source.Pos, rule, format string, args ...any) {
	r.problems.Add(pos, rule, format, args...)
}

func (r *reader) file(node *source.Node) {
	m := node.Map(&r.problems, "the organisation file",
		"organisation", "people", "roles", "committees", "systems", "models", "suppliers", "sources", "slack", "jira")
	if r.whole.File == "" {
		r.whole = node.Pos
	}
	if !m.OK() {
		r.unread = true
		return
	}
	r.once(m, "organisation", r.profile)
	for _, e := range m.Pairs("people") {
		r.person(e)
	}
	for _, e := range m.Pairs("roles") {
		r.role(e)
	}
	for _, e := range m.Pairs("committees") {
		r.committee(e)
	}
	for _, e := range m.Pairs("systems") {
		r.system(e)
	}
	for _, e := range m.Pairs("models") {
		r.model(e)
	}
	for _, e := range m.Pairs("suppliers") {
		r.supplier(e)
	}
	for _, e := range m.Pairs("sources") {
		r.source(e)
	}
	r.once(m, "slack", r.slack)
	r.once(m, "jira", r.jira)
}

// once reads a section that stands in one of the files only.
func (r *reader) once(m *source.Map, section string, read func(*source.Node)) {
	if !m.Has(section) {
		return
	}
	if r.new(section, m.KeyPos(section)) {
		read(m.Node(section))
	}
}

// new notes a section or an id and reports one that was there before.
func (r *reader) new(name string, pos source.Pos) bool {
	if first, dup := r.seen[name]; dup {
		short := name[strings.LastIndexByte(name, ' ')+1:]
		r.add(pos, "duplicate", "`%s` is given a second time; the first is at %s. Keep one.", short, first)
		return false
	}
	r.seen[name] = pos
	return true
}

// complete reports sections that no file has.
func (r *reader) complete() {
	for _, section := range []string{"organisation", "jira"} {
		if _, ok := r.seen[section]; !ok {
			r.add(r.whole, "required", "The organisation needs the section `%s`, and it is missing.", section)
		}
	}
	if len(r.org.People) == 0 {
		r.add(r.whole, "required", "The organisation needs `people`, and there are none.")
	}
}

// subject reads one entry of people, roles, committees or systems: a checked
// id and a mapping with the keys given. Fields that only runs may decide are
// refused by name. nil when the entry cannot be used.
func (r *reader) subject(section, what string, e source.Entry, keys ...string) *source.Map {
	r.id(what, e.Key)
	if !r.new(section+" "+e.Key.V, e.Key.Pos) {
		return nil
	}
	m := r.withoutRegister(section, what, e.Value).Map(&r.problems, what, keys...)
	if !m.OK() {
		return nil
	}
	return m
}

// withoutRegister reports and leaves out the fields the register owns.
func (r *reader) withoutRegister(section, what string, n *source.Node) *source.Node {
	if n == nil || n.Kind != source.Mapping {
		return n
	}
	kept := *n
	kept.Entries = nil
	for _, e := range n.Entries {
		field, _, _ := strings.Cut(e.Key.V, ".")
		if slices.Contains(registerFields(section), field) {
			r.add(e.Key.Pos, "register-owned", "`%s` of %s is decided by runs and kept in the register; this file may not set it. Remove it.", e.Key.V, what)
			continue
		}
		kept.Entries = append(kept.Entries, e)
	}
	return &kept
}

// registerFields are the facts about a subject that runs decide.
func registerFields(section string) []string {
	var owned []string
	for _, k := range kinds {
		for _, f := range k.Fields {
			if k.Section == section && section != "" && f.Register {
				owned = append(owned, f.Name)
			}
		}
	}
	return owned
}
