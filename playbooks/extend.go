package playbooks

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// extendKeys are the keys with which a playbook says what it takes from
// another. They are gone when the playbook is read to its end: what stands then
// is one plain playbook, each value with the file and line it came from.
var extendKeys = []string{"extends", "place", "change", "remove"}

// extender writes a playbook and those it extends into one.
type extender struct {
	bases *Bases
	ps    *Problems
	files []File // read so far, the extending one first
}

// resolve returns the playbook with what it extends; whole is false when a part
// is missing, so that nobody is told of steps that only the missing part has.
func (x *extender) resolve(n *source.Node) (out *source.Node, whole bool) {
	extends := n.Get("extends")
	if extends == nil {
		for _, key := range extendKeys[1:] {
			if e, ok := n.Entry(key); ok {
				x.ps.Add(e.Key.Pos, "extends", "`%s` says how another playbook is changed, and this one extends none. Add `extends` with its name, or remove `%s`.", key, key)
			}
		}
		return n.Without(extendKeys...), true
	}
	name := extends.Text(x.ps)
	if name.Empty() {
		return n.Without(extendKeys...), false
	}
	base, ok := x.base(name)
	if !ok {
		return n.Without(extendKeys...), false
	}
	base, whole = x.resolve(base)
	if whole {
		x.change(base, n)
	}
	return x.merge(base, n), whole
}

// base reads the playbook of that name: the first file of that name that is not
// read yet. So an organisation's own playbook may extend the shipped one of the
// same name.
func (x *extender) base(name Str) (*source.Node, bool) {
	f, ok, known := x.bases.find(name.V, x.files)
	switch {
	case ok:
	case known:
		x.ps.Add(name.Pos, "extends", "`%s` extends itself in the end: %s. Each playbook must build on one that is complete without it.", name.V, chain(x.files))
		return nil, false
	default:
		names := x.bases.Names()
		choices := " Playbooks: " + strings.Join(names, ", ") + "."
		if len(names) == 0 {
			choices = " No other playbook is at hand."
		}
		x.ps.Add(name.Pos, "extends", "There is no playbook `%s` to extend.%s%s", name.V, source.DidYouMean(name.V, names), choices)
		return nil, false
	}
	if len(x.files) >= maxExtended {
		x.ps.Add(name.Pos, "size", "At most %d playbooks build on each other, and here are more: %s. Build on one of the first.", maxExtended, chain(x.files))
		return nil, false
	}
	root, problems := parseFile(f)
	*x.ps = append(*x.ps, problems...)
	if root == nil || root.Kind != source.Mapping {
		x.ps.Add(name.Pos, "extends", "`%s` cannot be extended, because its file %s cannot be read.", name.V, f.Name)
		return nil, false
	}
	x.files = append(x.files, f)
	return root, true
}

// chain names the files in the order in which they extend each other.
func chain(files []File) string {
	var names []string
	for _, f := range files {
		names = append(names, f.Name)
	}
	return strings.Join(append(names, names[0]), " extends ")
}

// added are the keys of which an extending playbook has its own in addition; of
// all others it has its own instead.
var added = []string{"satisfies", "outcomes", "input", "data", "steps"}

// merge puts the extending playbook's own keys over those of its base. That the
// base is abstract says nothing of it.
func (x *extender) merge(base, own *source.Node) *source.Node {
	out := base.Without("abstract")
	out.Pos = own.Pos
	for _, e := range own.Without(extendKeys...).Entries {
		old, ok := out.Entry(e.Key.V)
		if ok && slices.Contains(added, e.Key.V) && old.Value.Kind == e.Value.Kind {
			e = source.Entry{Key: e.Key, Value: x.both(old.Value, e.Value)}
		}
		out.Set(e)
	}
	return out
}

// both is two lists one after the other without repeats, or two groups of keys
// in which the second one's win. A step of a name that is there takes the place
// of that one.
func (x *extender) both(base, own *source.Node) *source.Node {
	out := *base
	switch base.Kind {
	case source.Mapping:
		for _, e := range own.Entries {
			out.Set(e)
		}
	case source.Sequence:
		for _, item := range own.Items {
			if item.Kind == source.Scalar && slices.ContainsFunc(out.Items, func(old *source.Node) bool { return old.Kind == source.Scalar && old.Str().V == item.Str().V }) {
				continue
			}
			x.takeOver(&out, item)
			out.Items = append(slices.Clone(out.Items), item)
		}
	}
	return &out
}

// ownOutcomes forgets the outcomes of a playbook that it builds on where none of its
// steps ends so any more: it may end in other words.
func (p *Playbook) ownOutcomes(file string) {
	p.Outcomes = slices.DeleteFunc(p.Outcomes, func(o Outcome) bool {
		ends := func(s *Step) bool { return s.End != nil && s.End.Outcome.V == o.Name.V }
		return o.Name.Pos.File != file && !has(outcomeWords, o.Name.V) && !slices.ContainsFunc(p.All(), ends)
	})
}

// causedHere says of each problem in a file that the playbook builds on, and that
// is none there alone, who is the cause: its author would look in vain.
func (p *Playbook) causedHere(file string, ps, alone Problems) Problems {
	out := slices.Clone(ps)
	for i, x := range out {
		if x.File != file && x.Rule != "extends" && !slices.Contains(alone, x) {
			out[i].Message += " This comes from what `" + p.Name.V + "` (" + file + ") changes."
		}
	}
	return out
}

// line names a line for a message about another place, with its file when that
// is another one.
func line(at, from Pos) string {
	s := "line " + strconv.Itoa(at.Line)
	if at.File != from.File {
		s += " of " + at.File
	}
	return s
}
