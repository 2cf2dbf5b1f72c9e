package scenario

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// expect reads what must have come of all before.
func (r *reader) expect(n *source.Node) *Expect {
	m := n.Map(&r.ps, "what to `expect`", "outcome", "round", "steps", "skipped", "open", "held", "missed", "asked", "due", "values", "told", "records", "started")
	e := &Expect{Pos: m.Pos, Outcome: m.Text("outcome"), Round: m.Int("round")}
	r.outcome(e.Outcome)
	e.Steps, e.Skipped, e.Open, e.Missed = r.list(m, "steps"), r.list(m, "skipped"), r.list(m, "open"), r.list(m, "missed")
	e.Held = r.list(m, "held")
	e.Asked, e.Due, e.Told = r.named(m, "asked", true), r.named(m, "due", true), r.named(m, "told", false)
	for _, p := range m.Pairs("values") {
		step, _, dotted := playbooks.ReadValueRef(p.Key.V)
		if !dotted {
			r.ps.Add(p.Key.Pos, "scenario", "Name a value by its step and its name in the step, such as `rating.level`.")
			continue
		}
		r.oneStep(source.Str{V: step, Pos: p.Key.Pos})
		e.Values = append(e.Values, Value{Name: p.Key, Want: r.value(p.Value)})
	}
	for _, p := range m.Pairs("records") {
		n, _ := p.Value.Int(&r.ps)
		e.Records = append(e.Records, Value{Name: p.Key, Want: int(n)})
	}
	e.Started = r.started(m.Node("started"))
	return e
}

// ends are the outcomes that need not be listed by a playbook.
var ends = []string{"completed", "approved", "approved_with_conditions", "rejected", "void", "cancelled", "open"}

func (r *reader) outcome(o source.Str) { r.outcomeOf(r.book, o) }

func (r *reader) outcomeOf(book *playbooks.Playbook, o source.Str) {
	known := slices.Clone(ends)
	for _, one := range book.Outcomes {
		if !slices.Contains(known, one.Name.V) {
			known = append(known, one.Name.V)
		}
	}
	if !o.Empty() && !slices.Contains(known, o.V) {
		r.ps.Add(o.Pos, "scenario", "No run of %s ends as `%s`.%s Outcomes: %s. A run that goes on is `open`.", book.Name, o, source.DidYouMean(o.V, known), strings.Join(slices.DeleteFunc(known, func(k string) bool { return k == "open" }), ", "))
	}
}

// list reads a list of steps; nil when it is not there.
func (r *reader) list(m *source.Map, key string) *List {
	n := m.Node(key)
	if n == nil {
		return nil
	}
	l := &List{Pos: n.Pos, Items: []string{}}
	for _, s := range n.Texts(&r.ps) {
		r.step(s, "")
		l.Items = append(l.Items, s.V)
	}
	return l
}

// started reads a list of playbooks; nil when it is not there.
func (r *reader) started(n *source.Node) *List {
	if n == nil {
		return nil
	}
	l := &List{Pos: n.Pos, Items: []string{}}
	for _, name := range n.Texts(&r.ps) {
		if r.world.Playbook(name.V) == nil {
			r.ps.Add(name.Pos, "scenario", "There is no playbook `%s`.%s Playbooks: %s.", name, source.DidYouMean(name.V, r.world.Names), strings.Join(r.world.Names, ", "))
		}
		l.Items = append(l.Items, name.V)
	}
	return l
}

// named reads a text or a list of texts under names, which are those of steps or
// of people and committees.
func (r *reader) named(m *source.Map, key string, ofStep bool) []Named {
	var out []Named
	for _, p := range m.Pairs(key) {
		one := Named{Name: p.Key}
		if key == "due" {
			r.oneStep(p.Key)
		} else if ofStep {
			r.step(p.Key, "")
		} else if _, ok := r.orgAt.Committee(p.Key.V); !ok {
			r.known(p.Key)
		}
		if p.Value.Kind == source.Sequence {
			for _, s := range p.Value.Texts(&r.ps) {
				one.Items = append(one.Items, s.V)
			}
		} else {
			one.Items = []string{p.Value.Str().V}
		}
		out = append(out, one)
	}
	return out
}
