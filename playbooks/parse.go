package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// Problem is one thing wrong in a playbook.
type Problem = source.Problem

// Problems is everything found wrong in one pass.
type Problems = source.Problems

// Parse reads a playbook. It returns every problem found, sorted; the playbook
// is nil only when the file cannot be read at all, and incomplete when there is
// any problem. What the language has but cannot do yet is refused by its name.
// Parse looks at the file alone, without anything it could extend: Lint and
// Check judge what it says.
func Parse(file string, src []byte) (*Playbook, Problems) {
	return ParseWith(File{Name: file, Source: src}, nil)
}

// ParseWith is Parse of a playbook that may extend others.
func ParseWith(f File, bases *Bases) (*Playbook, Problems) {
	root, problems := parseFile(f)
	r := &reader{ps: problems}
	var p *Playbook
	if root != nil {
		x := &extender{bases: bases, ps: &r.ps, files: []File{f}}
		whole := true
		if root.Kind == source.Mapping {
			root, whole = x.resolve(root)
		}
		p = r.playbook(root, whole)
		p.Extended = x.files[1:]
		p.ownOutcomes(f.Name)
	}
	r.ps.Sort()
	return p, r.ps
}

// Check is Parse and, when that finds nothing wrong, Expand and Lint.
func Check(file string, src []byte, o *Organisation, rules *Rules) (*Playbook, Problems) {
	return CheckWith(File{Name: file, Source: src}, nil, o, rules)
}

// CheckWith is Check of a playbook that may extend others.
func CheckWith(f File, bases *Bases, o *Organisation, rules *Rules) (*Playbook, Problems) {
	p, ps := check(f, bases, o, rules)
	if p != nil && len(p.Extended) > 0 && len(ps) > 0 {
		_, alone := check(p.Extended[0], bases, o, rules)
		ps = p.causedHere(f.Name, ps, alone)
	}
	return p, ps
}

func check(f File, bases *Bases, o *Organisation, rules *Rules) (*Playbook, Problems) {
	p, ps := ParseWith(f, bases)
	if len(ps) == 0 {
		ps = Expand(p, rules)
	}
	if len(ps) == 0 {
		ps = Lint(p, o, rules)
	}
	return p, told(ps)
}

// reader turns nodes into the model and collects what is wrong.
type reader struct{ ps Problems }

// fields reads a mapping with known keys; the keys in later belong to the
// language but do nothing yet, so each is refused by name.
func (r *reader) fields(n *source.Node, what string, keys, later []string) *source.Map {
	if n == nil || n.Kind != source.Mapping {
		return n.Map(&r.ps, what, keys...)
	}
	now := *n
	now.Entries = nil
	for _, e := range n.Entries {
		if has(later, e.Key.V) {
			r.notYet(e.Key.Pos, "`"+e.Key.V+"` in "+what)
			continue
		}
		now.Entries = append(now.Entries, e)
	}
	return now.Map(&r.ps, what, keys...)
}

func (r *reader) notYet(pos Pos, what string) {
	r.ps.Add(pos, "not-yet", "%s does not work yet. Remove it for now.", what)
}

var playbookKeys = []string{"playbook", "title", "purpose", "subject", "satisfies", "outcomes", "input", "data", "starts", "restricted", "abstract", "extends", "place", "change", "remove", "steps"}

// playbook reads a playbook. When it is not whole, what it should have from the
// one it extends is not missed.
func (r *reader) playbook(n *source.Node, whole bool) *Playbook {
	m := r.fields(n, "a playbook", playbookKeys, nil)
	m.Require("playbook")
	if whole {
		m.Require("title", "subject", "steps")
	}
	p := &Playbook{
		Name:      m.Text("playbook"),
		Title:     m.Text("title"),
		Purpose:   m.Text("purpose"),
		Subject:   m.Text("subject"),
		Satisfies: m.Texts("satisfies"),
		Abstract:  m.Bool("abstract"),
		Starts:    r.starts(m.Node("starts")),
	}
	p.Restricted = r.restricted(m.Node("restricted"))
	for _, e := range m.Pairs("outcomes") {
		o := e.Value.Map(&r.ps, "an outcome", "counts")
		p.Outcomes = append(p.Outcomes, Outcome{Name: e.Key, Counts: o.Bool("counts")})
	}
	for _, e := range m.Pairs("input") {
		if q, ok := r.input(e); ok {
			p.Input = append(p.Input, q)
		}
	}
	for _, e := range m.Pairs("data") {
		p.Data = append(p.Data, r.list(e))
	}
	p.Steps = r.steps(m.Node("steps"), nil)
	return p
}

// steps reads the steps of a playbook or, with the step they stand in, of a
// group or a block.
func (r *reader) steps(n *source.Node, in *Step) []*Step {
	items := n.List(&r.ps)
	if n != nil && n.Kind == source.Sequence && len(items) == 0 {
		r.ps.Add(n.Pos, "empty", "%s is an empty list. Write at least one step.", n.Name)
	}
	var out []*Step
	for _, item := range items {
		if s := r.step(item, in); s != nil {
			out = append(out, s)
		}
	}
	return out
}

func has(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
