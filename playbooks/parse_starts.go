package playbooks

import (
	"maps"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Starts says how runs begin besides the programme.
type Starts struct {
	// By are the people who may start a run: ids of roles and committees, `anyone`, or one of the
	// expressions of StartsOf, such as ${system.owner}.
	By []Str `json:"by,omitempty"`
	// Events are what begins a run by itself.
	Events []EventStart `json:"events,omitempty"`
	// Commands are the words after `/aims` by which people start it without
	// knowing its name.
	Commands []Str `json:"commands,omitempty"`
}

// EventStart begins a run when something happens.
type EventStart struct {
	Event Str `json:"event"`
	Where Str `json:"where,omitzero"` // an expression over the event; empty = always
	// Count is how many of them it takes, within the length of time Within.
	Count  int `json:"count,omitempty"`
	Within Str `json:"within,omitzero"`
	// With are the values that the run is started with.
	With []SetVar `json:"with,omitempty"`
}

// startCommands are the words after `/aims` that playbooks can be started by.
var startCommands = []string{CommandIncident}

// CommandIncident is the word by which people report an incident.
const CommandIncident = "incident"

// startsOf are the people of the subject who may be named under `starts.by`, as
// written and as the fields that name them. They are no expressions in general: a
// run that could give others a value is not there yet.
func startsOf(kind string) map[string][]string {
	out := map[string][]string{}
	for _, name := range []string{"owner", "developers"} {
		if _, ok := org.FieldOf(kind, name); ok {
			out["${"+kind+"."+name+"}"] = []string{name}
		}
		if f, ok := org.FieldOf(kind, org.KindSystem); ok && f.Type == org.FieldSubject {
			out["${"+kind+".system."+name+"}"] = []string{org.KindSystem, name}
		}
	}
	return out
}

// StartsOf says which fields of a subject name the people that an entry of
// `starts.by` means; nil when it means nobody of the subject.
func StartsOf(kind, who string) []string { return startsOf(kind)[who] }

func (r *reader) starts(n *source.Node) *Starts {
	if n == nil {
		return nil
	}
	m := r.fields(n, "`starts`", []string{"by", "events", "commands"}, nil)
	if m.OK() && !m.Has("by") && !m.Has("events") && !m.Has("commands") && !m.Meant("by") && !m.Meant("events") && !m.Meant("commands") {
		r.ps.Add(m.Pos, "required", "`starts` says nothing. Write `by` with those who may start a run, such as starts: {by: [anyone]}, or `events` with what begins one, such as starts: {events: [{event: alert.received}]}.")
		return nil
	}
	if by := m.Node("by"); by != nil && by.Kind == source.Sequence && len(by.Items) == 0 {
		r.ps.Add(by.Pos, "empty", "`by` is an empty list: nobody could start a run. Name roles or `anyone`, or remove `starts`: then the owner, the AI Ethics Officer and the AIMS manager may start it.")
	}
	s := &Starts{By: m.Texts("by"), Commands: m.Texts("commands")}
	events := m.Node("events")
	if events != nil && events.Kind == source.Sequence && len(events.Items) == 0 {
		r.ps.Add(events.Pos, "empty", "`events` is an empty list. Write at least one, such as {event: alert.received}, or remove it.")
	}
	for _, item := range events.List(&r.ps) {
		if e, ok := r.eventStart(item); ok {
			s.Events = append(s.Events, e)
		}
	}
	return s
}

func (r *reader) eventStart(n *source.Node) (EventStart, bool) {
	m := r.fields(n, "an entry of `events`", []string{"event", "where", "count", "within", "with"}, nil)
	if !m.OK() {
		return EventStart{}, false
	}
	m.Require("event")
	e := EventStart{Event: m.Text("event"), Where: m.Text("where"), Count: m.Int("count"), Within: m.Text("within")}
	switch {
	case m.Has("count") && !m.Has("within") && !m.Meant("within"):
		r.ps.Add(m.KeyPos("count"), "required", "`count` needs to know within what time. Add it, such as within: 90 days.")
	case m.Has("within") && !m.Has("count") && !m.Meant("count"):
		r.ps.Add(m.KeyPos("within"), "required", "`within` says within what time several must come. Add how many, such as count: 3, or remove it.")
	case m.Has("count") && e.Count < 2:
		r.ps.Add(m.KeyPos("count"), "count", "`count` is how many it takes, from 2 on. Without `count` and `within` each one begins a run.")
	case e.Count > maxCount:
		r.ps.Add(m.KeyPos("count"), "count", "`count` is %d; at most %d are counted.", e.Count, maxCount)
	}
	for _, p := range m.Pairs("with") {
		v := SetVar{Name: p.Key}
		if lit, ok := r.lit(p.Value); ok {
			v.Value = &lit
			e.With = append(e.With, v)
		}
	}
	return e, true
}

// maxCount is how many events one start may count. Ours: more is a metric.
const maxCount = 100

// startWords are what may stand under `starts.by` beside role ids.
func startWords(kind string) []string {
	words := []string{"`anyone`"}
	if !org.RegisterOnly(kind) {
		words = append(words, slices.SortedFunc(maps.Keys(startsOf(kind)), func(a, b string) int { return strings.Compare(b, a) })...)
	}
	last := len(words) - 1
	for i := range words {
		sep := ", "
		if i == last && last > 0 {
			sep = " or "
		}
		words[i] = sep + words[i]
	}
	return words
}

// lintStarts checks who may start a run, and what begins one.
func lintStarts(l *linter) {
	if l.p.Starts == nil {
		return
	}
	seen := map[string]bool{}
	for _, who := range l.p.Starts.By {
		switch {
		case seen[who.V]:
			l.ps.Add(who.Pos, "people", "`%s` is in this list already.", who.V)
		case who.V == org.Anyone:
		case StartsOf(l.p.About(), who.V) != nil:
			if org.RegisterOnly(l.p.About()) {
				l.ps.Add(who.Pos, "people", "A run about %s begins before anything is known of it, so `%s` is nobody yet. Name roles, or `anyone`.", withArticle(l.p.About()), who.V)
			}
		case isExpr(who.V):
			l.ps.Add(who.Pos, "people", "`by` says who may start a run: role ids%s. Other expressions have no value before the run is there.", strings.Join(startWords(l.p.About()), ""))
		case !kebab.MatchString(who.V):
			l.ps.Add(who.Pos, "people", "`%s` is no id of a role. Ids are small letters, digits and hyphens, such as ai-ethics-officer.", who.V)
		case l.o != nil && !has(l.roleIDs(), who.V) && !has(l.committeeIDs(), who.V):
			l.ps.Add(who.Pos, "unknown-role", "The organisation has no role `%s`.%s Runs are started by roles and committees, not by single people: %s.", who.V, source.DidYouMean(who.V, append(l.roleIDs(), l.committeeIDs()...)), strings.Join(l.roleIDs(), ", "))
		}
		seen[who.V] = true
	}
	for _, c := range l.p.Starts.Commands {
		if !has(startCommands, c.V) {
			l.ps.Add(c.Pos, "command", "`/aims %s` starts nothing.%s The words are: %s.", c, source.DidYouMean(c.V, startCommands), strings.Join(startCommands, ", "))
		}
	}
	l.eventStarts()
}

// eventStarts checks the events that begin a run, as far as no expression has to
// be understood for it.
func (l *linter) eventStarts() {
	for _, e := range l.p.Starts.Events {
		kind, known := EventOf(e.Event.V)
		switch {
		case e.Event.Empty():
		case !known:
			l.ps.Add(e.Event.Pos, "event", "There is no event `%s`.%s The events are: %s.", e.Event, source.DidYouMean(e.Event.V, EventNames()), strings.Join(EventNames(), ", "))
		case has(org.Kinds(), l.p.About()) && !has(kind.For, l.p.About()):
			l.ps.Add(e.Event.Pos, "event", "`%s` is about a %s, so it can begin no run about %s. It begins runs about: %s.", e.Event, strings.Join(kind.About, " or a "), withArticle(l.p.About()), strings.Join(kind.For, ", "))
		}
		if !e.Within.Empty() {
			l.span(e.Within)
		}
	}
}
