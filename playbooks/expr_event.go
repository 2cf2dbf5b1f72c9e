package playbooks

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// What every event has besides its own values.
const (
	eventName = "name"
	eventAt   = "at"
	eventBy   = "by"
)

// shape is what expressions read of an event. A text nobody gave is empty; other
// values are then absent.
func (k EventKind) shape() *shape {
	fields := []field{
		{name: eventName, shape: textShape},
		{name: eventAt, shape: datetimeShape},
		{name: eventBy, shape: personShape, maybe: true},
	}
	for _, f := range k.Fields {
		fields = append(fields, field{name: f.Name, shape: fieldShape(k.Name, f), filled: f.List(), maybe: f.Type != org.FieldText && !f.List()})
	}
	return objectOf("the event "+k.Name, fields...)
}

// startRoots are what the expressions of `starts.events` may begin with: there
// is no run yet, so they read the event and what it is about.
var startRoots = []string{"event", "subject", "organisation", "now", "data"}

// newStartEvaluator prepares the expressions of what begins a run by an event.
func newStartEvaluator(p *Playbook, k EventKind, rules *Rules) (*Evaluator, error) {
	sc := newSchema(&Playbook{Name: p.Name, Subject: p.Subject, Data: p.Data})
	sc.rules = rules
	sc.roots = slices.DeleteFunc(sc.roots, func(f field) bool { return f.name != p.About() && !slices.Contains(startRoots, f.name) })
	sc.roots = append([]field{{name: "event", shape: k.shape()}}, sc.roots...)
	sc.register(sc.roots[0].shape)
	env, err := newEnv(sc)
	if err != nil {
		return nil, err
	}
	return &Evaluator{env: env, schema: sc, where: map[string]string{}, data: plainData(p.Data), cache: map[string]*compiled{}}, nil
}

// Begins decides whether events begin runs of a playbook, and with what.
type Begins struct {
	p  *Playbook
	of map[string]*Evaluator // by event
}

// NewBegins prepares what a playbook says under `starts.events`. Who watches is
// told of each condition.
func NewBegins(p *Playbook, rules *Rules, decided func(at Pos, holds bool)) (*Begins, error) {
	b := &Begins{p: p, of: map[string]*Evaluator{}}
	if p.Starts == nil {
		return b, nil
	}
	for _, e := range p.Starts.Events {
		k, known := EventOf(e.Event.V)
		if !known || b.of[k.Name] != nil {
			continue
		}
		ev, err := newStartEvaluator(p, k, rules)
		if err != nil {
			return nil, err
		}
		ev.Watch(decided)
		b.of[k.Name] = ev
	}
	return b, nil
}

// EventScope is what an event is looked at with.
type EventScope struct {
	Event   map[string]any // name, at, by and its own values
	Subject map[string]any // what the run would be about
	Scope
}

func (s EventScope) scope(k EventKind) Scope {
	out := s.Scope
	out.Subject, out.Event = s.Subject, map[string]any{}
	for _, f := range k.Fields {
		if f.Type == org.FieldText {
			out.Event[f.Name] = ""
		}
	}
	for name, v := range s.Event {
		out.Event[name] = v
	}
	return out
}

// Holds tells whether the condition of a start holds for an event.
func (b *Begins) Holds(e EventStart, s EventScope) (bool, error) {
	if e.Where.Empty() {
		return true, nil
	}
	k, ev, err := b.evaluator(e)
	if err != nil {
		return false, err
	}
	return ev.Holds(e.Where, s.scope(k))
}

func (b *Begins) evaluator(e EventStart) (EventKind, *Evaluator, error) {
	k, known := EventOf(e.Event.V)
	if ev := b.of[e.Event.V]; known && ev != nil {
		return k, ev, nil
	}
	return k, nil, fmt.Errorf("this version does not know the event %q", e.Event.V)
}

// With are the values that a run is started with, as they are written at a
// start. What an event does not say is left out.
func (b *Begins) With(e EventStart, s EventScope) (map[string]string, error) {
	k, ev, err := b.evaluator(e)
	if err != nil {
		return nil, err
	}
	sc := s.scope(k)
	out := map[string]string{}
	for _, v := range e.With {
		if f := eventRead(*v.Value); f != "" && sc.Event[f] == nil {
			continue
		}
		value, err := ev.lit(*v.Value, sc)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", v.Name, err)
		}
		if text := inputText(value); text != "" {
			out[v.Name.V] = text
		}
	}
	return out, nil
}

// inputText is a value as it is written when a run is started.
func inputText(v any) string {
	switch x := v.(type) {
	case string:
		return x
	case bool:
		if x {
			return "yes"
		}
		return "no"
	case time.Time:
		return x.UTC().Format(time.RFC3339)
	case []any:
		var out []string
		for _, e := range x {
			out = append(out, inputText(e))
		}
		return strings.Join(out, ",")
	}
	return fmt.Sprint(v)
}

// eventValue is ${event.name} and nothing else.
var eventValue = regexp.MustCompile(`^\$\{\s*event\.([a-z_]+)\s*\}$`)

// eventRead is the value of the event that a literal is; "" = it is more than that.
func eventRead(l Lit) string {
	text, _ := l.V.(string)
	if m := eventValue.FindStringSubmatch(strings.TrimSpace(text)); m != nil {
		return m[1]
	}
	return ""
}

// startExprs are the expressions of what begins a run by an event.
func startExprs(p *Playbook) (out []string) {
	if p.Starts == nil {
		return nil
	}
	for _, e := range p.Starts.Events {
		if !e.Where.Empty() {
			out = append(out, e.Where.V)
		}
		for _, v := range e.With {
			if text, ok := v.Value.V.(string); ok {
				out = append(out, site{kind: siteValue, str: Str{V: text}}.exprs()...)
			}
		}
	}
	return out
}

// checkStarts checks the expressions of `starts.events`.
func checkStarts(p *Playbook, o *Organisation, rules *Rules) (ps Problems) {
	if p.Starts == nil {
		return nil
	}
	for _, e := range p.Starts.Events {
		k, known := EventOf(e.Event.V)
		if !known {
			continue // reported already
		}
		ev, err := newStartEvaluator(p, k, rules)
		if err != nil {
			ps.Add(e.Event.Pos, "expression", "The expressions cannot be checked: %v.", err)
			continue
		}
		c := &exprChecker{ev: ev, o: o, rules: rules, subject: p.About()}
		here := place{step: &Step{ID: Str{V: "starts"}}}
		if !e.Where.Empty() {
			c.site(site{place: here, kind: siteWhen, key: "where", str: e.Where})
		}
		for _, v := range e.With {
			c.with(p, k, here, v)
		}
		c.missing(p, e)
		ps = append(ps, c.ps...)
	}
	return ps
}

// with checks one value that a run is started with.
func (c *exprChecker) with(p *Playbook, k EventKind, here place, v SetVar) {
	i := slices.IndexFunc(p.Input, func(q Question) bool { return q.ID.V == v.Name.V })
	if i < 0 {
		var names []string
		for _, q := range p.Input {
			names = append(names, q.ID.V)
		}
		can := "This playbook is started without any value: add `input`, or remove this."
		if len(names) > 0 {
			can = "It is started with: " + strings.Join(names, ", ") + "."
		}
		c.ps.Add(v.Name.Pos, "input", "`%s` is nothing that this playbook is started with.%s %s", v.Name, source.DidYouMean(v.Name.V, names), can)
		return
	}
	q := p.Input[i]
	want := questionShape(&Step{ID: Str{V: "run.input"}}, q)
	text, isText := v.Value.V.(string)
	before := len(c.ps)
	if name := eventRead(*v.Value); name != "" {
		if f := k.shape().field(name); f != nil {
			if f.maybe && !q.Optional {
				c.ps.Add(v.Value.Pos, "maybe-absent", "`event.%s` may have no value, and `%s` is needed to start this. Make it optional under `input`.", name, q.ID)
			}
			c.fits(*v.Value, q, f.shape, want)
			return
		}
	}
	if isText {
		c.site(site{place: here, kind: siteValue, key: "value", str: Str{V: text, Pos: v.Value.Pos}})
	}
	if len(c.ps) == before {
		c.fits(*v.Value, q, c.ev.schema.litShape("with."+q.ID.V, *v.Value, c.ev.env), want)
	}
}

// fits checks that a value can be an answer.
func (c *exprChecker) fits(l Lit, q Question, got, want *shape) {
	switch {
	case want.kind == shapeChoice && got.kind == shapeChoice && !containsAll(want.options, got.options):
		c.ps.Add(l.Pos, "option", "`%s` is one of %s, but this is %s.", q.ID, strings.Join(want.options, ", "), got.described())
	case !want.takes(got):
		c.ps.Add(l.Pos, "type", "`%s` is %s, but this is %s.", q.ID, want.words(), got.described())
	}
}

// missing reports what a run needs at its start and an event does not give.
func (c *exprChecker) missing(p *Playbook, e EventStart) {
	for _, q := range p.Input {
		given := slices.ContainsFunc(e.With, func(v SetVar) bool { return v.Name.V == q.ID.V })
		if !given && !q.Optional {
			c.ps.Add(e.Event.Pos, "input", "This playbook is started with `%s`, and the event does not give it. Add it, such as with: {%s: '${event.%s}'}, or make it optional under `input`.", q.ID, q.ID, first(c.ev.schema.root("event").fieldNames()[3:]))
		}
	}
}
