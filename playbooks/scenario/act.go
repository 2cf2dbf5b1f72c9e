package scenario

import (
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// act reads one entry of `do`.
func (r *reader) act(n *source.Node) (Act, bool) {
	keys := []string{"person", "with", "reason", "conditions", "evidence", "refused", "pass", "until", "organisation", "register", "expect", "event", "about", "values", "times", "ended", "outcome"}
	for _, v := range Verbs {
		keys = append(keys, v.Word)
	}
	m := n.Map(&r.ps, "a line of `do`", keys...)
	if !m.OK() {
		return Act{}, false
	}
	a := Act{Pos: m.Pos}
	switch {
	case m.Has("event"):
		a.Happens = r.happens(m)
		return a, a.Happens != nil
	case m.Has("person"):
		a.Says = r.says(m)
		return a, a.Says != nil
	case m.Has("pass"):
		a.Until = r.pass(m.Text("pass"))
		return a, a.Until != nil
	case m.Has("until"):
		a.Until = &Moment{At: r.instant(m.Text("until"))}
	case m.Has("organisation"):
		before := r.orgAt.Digest
		r.change(m.Node("organisation"))
		if o := r.orgAt; o.Digest != before {
			a.Organisation = &o
		}
		return a, a.Organisation != nil
	case m.Has("register"):
		a.Register = r.register(m.Pairs("register"), time.Time{}) // From is when it happens
		return a, len(a.Register) > 0
	case m.Has("ended"):
		a.Ends = r.ends(m)
		return a, a.Ends != nil
	case m.Has("expect"):
		a.Expect = r.expect(m.Node("expect"))
	default:
		r.ps.Add(m.Pos, "scenario", "Say what happens: a `person` with one of %s, an `event`, time with `pass` or `until`, a change of the `organisation` or the `register`, `ended` with a step that waits for a run, or what to `expect`.", strings.Join(words(), ", "))
		return a, false
	}
	return a, true
}

func words() []string {
	var out []string
	for _, v := range Verbs {
		out = append(out, "`"+v.Word+"`")
	}
	return out
}

func (r *reader) pass(text source.Str) *Moment {
	span, err := org.ParseSpan(text.V)
	if err != nil {
		r.ps.Add(text.Pos, "scenario", "%v", err)
		return nil
	}
	return &Moment{Later: span, Zone: r.orgAt.Profile.Zone}
}

func (r *reader) says(m *source.Map) *Says {
	person := m.Text("person")
	if person.Empty() {
		return nil
	}
	r.known(person)
	s := &Says{Person: person.V, Reason: m.Text("reason").V, Evidence: m.Text("evidence").V, Refused: m.Text("refused")}
	if role, ok := r.orgAt.Role(s.Person); ok {
		s.Person = role.Holder
	}
	for _, v := range Verbs {
		if !m.Has(v.Word) {
			continue
		}
		if s.Verb != "" {
			r.ps.Add(m.KeyPos(v.Word), "scenario", "One line is one deed, but this one has `%s` and `%s`. Make two lines of it.", s.Verb, v.Word)
			return nil
		}
		text := m.Text(v.Word)
		s.Verb, s.Step = v.Word, text.V
		if v.Kind == "" {
			s.Step, s.Reason = "", text.V
			continue
		}
		r.step(text, v.Kind)
	}
	if s.Verb == "" {
		r.ps.Add(m.Pos, "scenario", "Say what %s does: one of %s.", person, strings.Join(words(), ", "))
		return nil
	}
	if with := r.with(m.Node("with")); with != nil {
		s.With, _ = r.value(with).(map[string]any)
		id, _ := playbooks.ReadStepRef(s.Step)
		r.questions(with, r.book.Step(id))
	}
	for _, c := range m.List("conditions") {
		one := c.Map(&r.ps, "a condition", "text", "owner", "due")
		one.Require("text", "owner", "due")
		s.Conditions = append(s.Conditions, Condition{Text: one.Text("text").V, Owner: one.Text("owner").V, Due: one.Text("due").V})
	}
	return s
}

// questions reports answers that nobody asks for.
func (r *reader) questions(with *source.Node, step *playbooks.Step) {
	if step == nil || (step.Form == nil && step.Task == nil) {
		return
	}
	entries := with.Entries
	if step.Form != nil && !step.Form.Each.Empty() { // by entry, then by question
		entries = nil
		for _, e := range with.Entries {
			entries = append(entries, e.Value.Entries...)
		}
	}
	var ids []string
	for _, q := range step.Questions() {
		ids = append(ids, q.ID.V)
	}
	for _, e := range entries {
		if !slices.Contains(ids, e.Key.V) {
			r.ps.Add(e.Key.Pos, "scenario", "The step `%s` has no question `%s`.%s Questions: %s.", step.ID, e.Key, source.DidYouMean(e.Key.V, ids), strings.Join(ids, ", "))
		}
	}
}

// value is a plain value: a text, a number, true or false, or lists and groups
// of them.
func (r *reader) value(n *source.Node) any {
	switch n.Kind {
	case source.Mapping:
		out := map[string]any{}
		for _, e := range n.Entries {
			out[e.Key.V] = r.value(e.Value)
		}
		return out
	case source.Sequence:
		out := []any{}
		for _, item := range n.Items {
			out = append(out, r.value(item))
		}
		return out
	}
	v, _ := n.Value(&r.ps)
	return v
}
