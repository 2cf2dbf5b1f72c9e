package playbooks

import (
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// AlertReceived is the event of an alert that a monitoring system sent.
const AlertReceived = "alert.received"

// The events that the bot raises by itself.
const (
	EventSystemRegistered = "system.registered"
	EventSystemChanged    = "system.changed"
	EventTierChanged      = "system.tier_changed"
	EventModelChanged     = "model.changed"
	EventModelTier        = "model.tier_changed"
	EventIncidentClosed   = "incident.closed"
	EventOccurrenceLate   = "occurrence.late"
	EventRoleVacant       = "role.vacant"
	EventRoleAppointed    = "role.appointed"
	EventPersonLeft       = "person.left"
)

// The events that anybody in the organisation file may raise.
const (
	EventComplaintFiled = "complaint.filed"
	EventConcernRaised  = "concern.raised"
)

// WhoRaises says who an event comes from.
type WhoRaises int

// Who raises events.
const (
	RaisedByOffice  WhoRaises = iota // the owner of its subject, the AIMS manager or the AI Ethics Officer
	RaisedByAnybody                  // everybody in the organisation file
	RaisedByBot                      // nobody by hand: it follows from a file or a run
)

// EventKind is an event that playbooks may name under `starts.events`
// (processes.md 0.3).
type EventKind struct {
	Name string
	// What says to people what has happened, and when.
	What string
	// About are the kinds of subjects it may be about.
	About []string
	// For are the kinds of subjects of the runs it may begin: those of About, and
	// what they belong to.
	For    []string
	Fields []org.Field
	By     WhoRaises
}

// Short ways to write the catalogue. A text that is not known is empty, any
// other value is then absent.
func eventText(names ...string) (out []org.Field) {
	for _, n := range names {
		out = append(out, org.Field{Name: n, Type: org.FieldText})
	}
	return out
}

func eventNumbers(names ...string) (out []org.Field) {
	for _, n := range names {
		out = append(out, org.Field{Name: n, Type: org.FieldNumber})
	}
	return out
}

func eventField(name string, t org.FieldType, options ...string) []org.Field {
	return []org.Field{{Name: name, Type: t, Options: options}}
}

func event(name, what string, by WhoRaises, about, runs []string, fields ...[]org.Field) EventKind {
	return EventKind{Name: name, What: what, By: by, About: about, For: append(slices.Clone(about), runs...), Fields: slices.Concat(fields...)}
}

// The kinds of subjects that events are about, and of the runs that may follow.
var (
	aboutSystem   = []string{"system", "model"}
	aboutSupplier = []string{"supplier", "system", "model"}
	aboutOffice   = []string{"organisation"}
	aboutAnything = []string{"system", "model", "supplier", "risk", "role", "person", "organisation"}
	orIncident    = []string{"incident", "organisation"}
	orOffice      = []string{"organisation"}
	orFinding     = []string{"finding", "organisation"}
	toFinding     = []string{"finding"}
)

// metricFields are what is known of a metric that moved.
var metricFields = slices.Concat(eventText("metric", "window", "version"), eventNumbers("value", "baseline", "threshold", "psi", "override_rate"))

// tierFields are what is known of a tier that changed.
var tierFields = slices.Concat(eventField("tier", org.FieldInt), eventField("tier_before", org.FieldInt), eventField("rose", org.FieldBool))

// Events are all events, in the order people know.
func Events() []EventKind {
	return []EventKind{
		event(EventSystemRegistered, "the organisation file names a new system", RaisedByBot, []string{"system"}, orOffice),
		event(EventSystemChanged, "the organisation file says something else about a system", RaisedByBot, []string{"system"}, orOffice, eventField("changed", org.FieldTexts)),
		event(EventTierChanged, "a run gave a system another tier", RaisedByBot, []string{"system"}, orOffice, tierFields),
		event(EventModelChanged, "a system got or lost a model, or a model changed", RaisedByBot, aboutSystem, orOffice, eventText("model"), eventField("changed", org.FieldTexts)),
		event(EventModelTier, "the system of a model got another tier", RaisedByBot, []string{"model"}, orOffice, tierFields),
		event("metric.acted", "a metric crossed the limit at which something must be done", RaisedByOffice, aboutSystem, orIncident, metricFields),
		event("metric.watched", "a metric crossed the limit from which on it is watched", RaisedByOffice, aboutSystem, orIncident, metricFields),
		event(AlertReceived, "a monitoring system sent an alert", RaisedByOffice, aboutSystem, orIncident,
			eventText("alert"), metricFields, eventText("severity", "summary", "description", "link", "system", "model"),
			eventField("status", org.FieldChoice, "firing", "resolved"), eventField("began_at", org.FieldInstant)),
		event("alert.silent", "a monitoring system has sent nothing for too long", RaisedByOffice, aboutSystem, orIncident, eventText("metric", "window"), eventField("since", org.FieldInstant)),
		event(EventComplaintFiled, "somebody says that they were treated unfairly", RaisedByAnybody, aboutSystem, orIncident, eventText("what", "from"), eventField("aware_at", org.FieldInstant)),
		event(EventConcernRaised, "somebody sees that a system could hurt people", RaisedByAnybody, aboutSystem, orIncident, eventText("what"), eventField("aware_at", org.FieldInstant)),
		event(EventIncidentClosed, "a run closed an incident", RaisedByBot, []string{"incident"}, []string{"system", "model", "organisation"},
			eventField("severity", org.FieldInt), eventField("flags", org.FieldTexts), eventText("cause", "system", "model")),
		event("risk.changed", "a risk got another band", RaisedByOffice, []string{"risk"}, []string{"system", "organisation"}, eventText("band", "band_before", "system")),
		event("finding.opened", "an audit or a review found something", RaisedByOffice, []string{"system", "supplier", "organisation"}, toFinding,
			eventField("grade", org.FieldChoice, "observation", "minor", "major"), eventText("what", "clause", "system")),
		event("condition.lapsed", "a condition of a decision was not met in time", RaisedByOffice, aboutSupplier, orFinding, eventText("what", "owner", "system"), eventField("due", org.FieldInstant)),
		event("control.flagged", "a control does not work", RaisedByOffice, []string{"organisation", "system"}, toFinding, eventText("control", "what", "system")),
		event(EventOccurrenceLate, "a day passed by which a run should have been completed", RaisedByBot, aboutAnything, toFinding,
			eventText("playbook", "about", "system"), eventField("due", org.FieldInstant), eventField("days", org.FieldInt), eventField("tier", org.FieldInt)),
		event("objective.missed", "an objective was missed", RaisedByOffice, []string{"organisation", "system"}, toFinding, eventText("objective", "what", "system"), eventField("times", org.FieldInt)),
		event("supplier.changed", "something about a supplier changed", RaisedByOffice, []string{"supplier"}, orOffice, eventField("changed", org.FieldTexts), eventText("what")),
		event("supplier.notice", "a supplier gave notice of something", RaisedByOffice, aboutSupplier, orIncident, eventText("what", "link"), eventField("aware_at", org.FieldInstant)),
		event("rule.changed", "a rule of rules.yaml changed", RaisedByOffice, aboutOffice, nil, eventText("rule", "what")),
		event("rule.stale", "a rule was not checked for too long", RaisedByOffice, aboutOffice, nil, eventText("rule", "what")),
		event("law.noticed", "a law was passed, changed or explained", RaisedByOffice, aboutOffice, nil, eventText("law", "what", "link")),
		event("date.near", "a day comes near", RaisedByOffice, aboutAnything, nil, eventText("what"), eventField("date", org.FieldInstant), eventField("days", org.FieldInt)),
		event("scope.changed", "the scope of the management system changed", RaisedByOffice, aboutOffice, nil, eventText("what")),
		event("policy.changed", "a policy changed", RaisedByOffice, aboutOffice, nil, eventText("policy", "what", "version")),
		event("review.decided", "a management review decided something", RaisedByOffice, aboutOffice, nil, eventText("decision", "what")),
		event(EventRoleVacant, "nobody holds a role any more", RaisedByBot, []string{"role"}, orOffice, eventText("title")),
		event(EventRoleAppointed, "somebody holds a role who did not before", RaisedByBot, []string{"role"}, []string{"person", "organisation"}, eventText("title"), eventField("person", org.FieldPerson)),
		event(EventPersonLeft, "the organisation file does not name somebody any more", RaisedByBot, []string{"person"}, orOffice),
	}
}

// EventOf is the event of that name.
func EventOf(name string) (EventKind, bool) {
	all := Events()
	i := slices.IndexFunc(all, func(e EventKind) bool { return e.Name == name })
	if i < 0 {
		return EventKind{}, false
	}
	return all[i], true
}

// EventNames are the names of all events.
func EventNames() []string {
	var out []string
	for _, e := range Events() {
		out = append(out, e.Name)
	}
	return out
}

// field is the field of that name.
func (k EventKind) field(name string) (org.Field, bool) {
	i := slices.IndexFunc(k.Fields, func(f org.Field) bool { return f.Name == name })
	if i < 0 {
		return org.Field{}, false
	}
	return k.Fields[i], true
}
