package scenario

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// World is what scenarios are about: the files of the organisation, and the
// playbooks there are.
type World struct {
	Organisation []org.File
	// Playbook returns a playbook by name, nil when there is none.
	Playbook func(name string) *playbooks.Playbook
	Names    []string
}

// start is when a run begins that no instant is given for: a Monday morning in
// winter time.
const start = "2027-03-01 09:00"

// Read reads the scenarios of a file, with every problem found. A scenario with a
// problem is not returned.
func Read(file string, src []byte, w World) ([]Scenario, source.Problems) {
	root, ps := source.Parse(file, src)
	r := &reader{ps: ps, world: w}
	if root == nil {
		return nil, r.ps
	}
	m := root.Map(&r.ps, "a file of scenarios", "playbook", "subject", "by", "answers", "scenarios")
	m.Require("playbook", "scenarios")
	r.playbook(m.Text("playbook"))
	base, problems := org.ParseOrganisation(w.Organisation)
	if len(problems) > 0 || r.book == nil {
		return nil, append(r.ps, problems...)
	}
	r.base = base
	r.readAnswers(m)
	var out []Scenario
	seen := map[string]bool{}
	for _, n := range m.List("scenarios") {
		before := len(r.ps)
		s := r.scenario(n, m)
		if seen[s.Name.V] {
			r.ps.Add(s.Name.Pos, "scenario", "There are two scenarios `%s` in this file. Give each a name of its own.", s.Name)
		}
		seen[s.Name.V] = true
		if len(r.ps) == before {
			out = append(out, s)
		}
	}
	r.ps.Sort()
	return out, r.ps
}

type reader struct {
	ps    source.Problems
	world World
	book  *playbooks.Playbook
	base  org.Organisation
	// now is the organisation of the scenario being read, as files.
	now    []org.File
	orgAt  org.Organisation
	byName map[string]*source.Node // answers that `with` gives by name
}

func (r *reader) playbook(name source.Str) {
	if name.Empty() {
		return
	}
	if r.book = r.world.Playbook(name.V); r.book == nil {
		r.ps.Add(name.Pos, "scenario", "There is no playbook `%s`.%s Playbooks: %s.", name, source.DidYouMean(name.V, r.world.Names), strings.Join(r.world.Names, ", "))
	}
}

func (r *reader) scenario(n *source.Node, file *source.Map) Scenario {
	m := n.Map(&r.ps, "a scenario", "name", "subject", "by", "at", "input", "begin", "organisation", "register", "given", "do")
	m.Require("name", "do")
	r.now, r.orgAt = r.world.Organisation, r.base
	if over := m.Node("organisation"); over != nil {
		r.change(over)
	}
	s := Scenario{Name: m.Text("name"), Playbook: r.book.Name.V, Organisation: r.orgAt, Input: map[string]string{}}
	s.Subject = r.either(m, file, "subject").V
	if m.OK() {
		r.subject(s, m.Pos, r.either(m, file, "subject"))
	}
	s.By = "aims-manager"
	if by := r.either(m, file, "by"); !by.Empty() {
		s.By = by.V
		r.known(by)
	}
	if role, ok := s.Organisation.Role(s.By); ok {
		s.By = role.Holder
	}
	s.At = r.instant(cmp.Or(m.Text("at"), source.Str{V: start, Pos: m.Pos}))
	for _, e := range m.Pairs("input") {
		s.Input[e.Key.V] = e.Value.Str().V
	}
	s.Register = r.register(m.Pairs("register"), s.At)
	if m.Has("begin") {
		s.Begin = r.happens(m.Node("begin").Map(&r.ps, "`begin`", happensKeys...))
		for _, key := range []string{"by", "input"} {
			if m.Has(key) {
				r.ps.Add(m.KeyPos(key), "scenario", "A run that an event begins is started by nobody: remove `%s`, or `begin`. What it is started with is said in the playbook.", key)
			}
		}
	}
	s.Given = r.given(m)
	for _, item := range m.List("do") {
		if a, ok := r.act(item); ok {
			s.Do = append(s.Do, a)
		}
	}
	return s
}

func (r *reader) either(m, file *source.Map, key string) source.Str {
	if m.Has(key) {
		return m.Text(key)
	}
	return file.Text(key)
}

// subject checks what the run is about. A run about an incident begins without
// one, and there is one organisation.
func (r *reader) subject(s Scenario, pos source.Pos, at source.Str) {
	kind := r.book.About()
	if at.Empty() && (org.RegisterOnly(kind) || kind == org.KindOrganisation) {
		return
	}
	if !at.Empty() {
		pos = at.Pos
	}
	if _, known := s.Organisation.Subject(kind, s.Subject); known && !at.Empty() {
		return
	}
	var ids []string
	for _, subject := range s.Organisation.Subjects(kind) {
		ids = append(ids, subject.ID)
	}
	switch {
	case org.RegisterOnly(kind):
		r.ps.Add(pos, "scenario", "A scenario about a new %s has no `subject`: the run gives it an id. Remove it.", kind)
	case len(ids) == 0:
		r.ps.Add(pos, "scenario", "A scenario needs the `subject` its run is about, and the organisation has no %s.", kind)
	default:
		r.ps.Add(pos, "scenario", "A scenario needs the `subject` its run is about: one of %s.", strings.Join(ids, ", "))
	}
}

// known reports a name that is no person and no role.
func (r *reader) known(name source.Str) {
	if _, ok := r.orgAt.Person(name.V); ok || name.V == "programme" {
		return
	}
	if role, ok := r.orgAt.Role(name.V); ok && role.Holder != "" {
		return
	}
	ids := r.people()
	r.ps.Add(name.Pos, "scenario", "There is no person `%s` in the organisation.%s People: %s.", name, source.DidYouMean(name.V, ids), strings.Join(ids, ", "))
}

func (r *reader) people() []string {
	var ids []string
	for _, p := range r.orgAt.People {
		ids = append(ids, p.ID)
	}
	return ids
}

func (r *reader) instant(at source.Str) time.Time {
	zone, err := time.LoadLocation(r.orgAt.Profile.Zone)
	if err != nil {
		zone = time.UTC
	}
	for _, layout := range []string{"2006-01-02 15:04", time.DateOnly, time.RFC3339} {
		if t, err := time.ParseInLocation(layout, at.V, zone); err == nil {
			return t.UTC()
		}
	}
	r.ps.Add(at.Pos, "scenario", "`%s` is no instant. Write it as 2027-03-01 09:00, which is the time in the organisation's zone.", at)
	return time.Time{}
}

// step reads the id of a step of the playbook.
func (r *reader) step(id source.Str, kind playbooks.Kind) {
	if id.Empty() {
		return
	}
	name, item := playbooks.ReadStepRef(id.V)
	s := r.book.Step(name)
	var ids []string
	for _, one := range r.book.All() {
		if one.ID.V != "" && (kind == "" || one.Kind == kind) {
			ids = append(ids, one.ID.V)
		}
	}
	switch {
	case s == nil:
		r.ps.Add(id.Pos, "scenario", "The playbook %s has no step `%s`.%s Steps: %s.", r.book.Name, id, source.DidYouMean(id.V, ids), strings.Join(ids, ", "))
	case kind != "" && r.ofNoEntry(id):
	case item != "" && r.book.EachOf(name) == nil:
		r.ps.Add(id.Pos, "scenario", "The step `%s` stands in no each, so it has no entries: write %s.", name, name)
	case kind != "" && s.Kind != kind:
		r.ps.Add(id.Pos, "scenario", "The step `%s` is a %s, and this is done to a %s: %s.", id, s.Kind, kind, strings.Join(ids, ", "))
	}
}

// change lays changes over the organisation of the scenario.
func (r *reader) change(over *source.Node) {
	next := slices.Clone(r.now)
	if err := r.lay(over, next); !err {
		return
	}
	o, problems := org.ParseOrganisation(next)
	for _, p := range problems {
		r.ps.Add(over.Pos, "scenario", "With this change the organisation is wrong: %s", p.Message)
	}
	if len(problems) == 0 {
		r.now, r.orgAt = next, o
	}
}

// lay puts each section of the change into the file that has it.
func (r *reader) lay(over *source.Node, files []org.File) bool {
	if over.Kind != source.Mapping {
		over.Map(&r.ps, "a change of the organisation", "people", "roles", "committees", "systems", "organisation")
		return false
	}
	for _, e := range over.Entries {
		at := 0
		for i, f := range files {
			if node, _ := source.Parse(f.Name, f.Source); node != nil && slices.ContainsFunc(node.Entries, func(x source.Entry) bool { return x.Key.V == e.Key.V }) {
				at = i
			}
		}
		node, _ := source.Parse(files[at].Name, files[at].Source)
		one := &source.Node{Kind: source.Mapping, Pos: over.Pos, Entries: []source.Entry{e}}
		files[at] = org.File{Name: files[at].Name, Source: []byte(one.Over(node).YAML())}
	}
	return true
}

// oneStep checks the name of a step of which one value is asked.
func (r *reader) oneStep(id source.Str) {
	r.step(id, "")
	if s := r.book.Step(id.V); s != nil && s.Each != nil {
		r.ps.Add(id.Pos, "scenario", "The step `%s` is a list and has no value of its own. Name a step of one of its entries, such as %s[1].", id, s.Each.Steps[0].ID)
		return
	}
	r.ofNoEntry(id)
}

// ofNoEntry reports a step of an each that does not say of which entry.
func (r *reader) ofNoEntry(id source.Str) bool {
	name, item := playbooks.ReadStepRef(id.V)
	each := r.book.EachOf(name)
	if item != "" || each == nil {
		return false
	}
	r.ps.Add(id.Pos, "scenario", "The step `%s` is done for every entry of `%s`. Say of which, by its id or its number from 1: %s[1].", id, each.ID, id)
	return true
}
