package activities

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// RaiseRequest says that something happened.
type RaiseRequest struct {
	Event   string
	Kind    string // of the subject
	Subject string
	By      string // person id
	Door    string // port.EventDoorCLI | port.EventDoorSlack
	// Key makes a repeated delivery the same event; empty = each is another.
	Key    string
	Values map[string]string
}

// Raise keeps an event that a person tells of. Errors: a *Refusal.
func (a *Activities) Raise(ctx context.Context, q RaiseRequest) (e port.Event, fresh bool, err error) {
	now := a.Now().UTC()
	o, err := a.Ledger.SnapshotAt(ctx, now)
	if err != nil {
		return e, false, fmt.Errorf("read the organisation: %w", err)
	}
	kind, known := playbooks.EventOf(q.Event)
	if !known {
		return e, false, &Refusal{Unknown: true, Reason: fmt.Sprintf("There is no event %q. Events: %s.", q.Event, strings.Join(playbooks.EventNames(), ", "))}
	}
	if q.Kind == org.KindOrganisation {
		q.Subject = org.OrganisationID
	}
	if why := cannotBeAbout(o, kind, q); why != "" {
		return e, false, &Refusal{Unknown: true, Reason: why}
	}
	if why := mayRaise(o, kind, q); why != "" { // guard: event-right
		return e, false, a.refuseEvent(ctx, o, q, why)
	}
	values, err := kind.ReadValues(q.Values, o.Profile.Zone, now)
	if err != nil {
		return e, false, &Refusal{Unknown: true, Reason: err.Error()}
	}
	about, _ := o.Subject(q.Kind, q.Subject)
	if sys, ok := o.SystemOf(about); ok && slices.ContainsFunc(kind.Fields, func(f org.Field) bool { return f.Name == org.KindSystem }) {
		values[org.KindSystem] = sys.ID
	}
	key := q.Key
	if key == "" {
		key = ulid.Make().String()
	}
	return a.Ledger.PutEvent(ctx, port.Event{
		Key: "person:" + q.Door + ":" + key, Name: kind.Name, Kind: q.Kind, Subject: q.Subject, At: now, Values: values, By: q.By, Door: q.Door,
	})
}

// cannotBeAbout says why an event cannot be about a subject; "" = it can.
func cannotBeAbout(o org.Organisation, kind playbooks.EventKind, q RaiseRequest) string {
	switch {
	case !slices.Contains(kind.About, q.Kind):
		return fmt.Sprintf("%s is about a %s, not about %q.", kind.Name, strings.Join(kind.About, " or a "), q.Kind)
	case !subjectKnown(o, q.Kind, q.Subject):
		return fmt.Sprintf("There is no %s %q here. There are: %s.", q.Kind, q.Subject, listed(o, q.Kind))
	}
	return ""
}

// mayRaise says why a person may not say that something happened; "" = they may.
func mayRaise(o org.Organisation, kind playbooks.EventKind, q RaiseRequest) string {
	if _, ok := o.Person(q.By); !ok {
		return fmt.Sprintf("%q is no person of the organisation file.", q.By)
	}
	switch kind.By {
	case playbooks.RaisedByBot:
		return fmt.Sprintf("Nobody says by hand that %s: it is raised when it is so.", kind.What)
	case playbooks.RaisedByAnybody:
		return ""
	}
	about, _ := o.Subject(q.Kind, q.Subject)
	owner := slices.ContainsFunc(o.Stakes(about), func(s org.Stake) bool { return s.Owner && s.Person == q.By })
	if owner || slices.Contains(o.Acting(roleEthics, false), q.By) || slices.Contains(o.Acting(roleAIMSManager, false), q.By) {
		return ""
	}
	return "Only the owner of the system, the AI Ethics Officer or the AIMS manager may say that " + kind.What + "."
}

// refuseEvent records who wanted to say that something happened, and may not.
func (a *Activities) refuseEvent(ctx context.Context, o org.Organisation, q RaiseRequest, why string) error {
	const kind = "event.refused"
	rec := port.Record{
		Key: port.RecordKey(port.Place{}, kind, ulid.Make().String(), 0), Kind: kind, At: a.Now().UTC(), Subject: q.Subject,
		Header: map[string]string{"door": q.Door, "event": q.Event}, Body: map[string]any{"by": q.By, "why": why},
	}
	if p, ok := o.Person(q.By); ok {
		rec.Actor = p.ID
	}
	if err := a.Ledger.Commit(ctx, port.Batch{Records: []port.Record{rec}}); err != nil {
		return fmt.Errorf("record a refused event: %w", err)
	}
	return &Refusal{Reason: why}
}

// eventsOf are the events that follow from what a step decided.
func (s *session) eventsOf(facts []org.Fact) (out []port.Event) {
	after := s.org.Register.With(facts...)
	for _, f := range facts {
		e := port.Event{Key: "register:" + f.Record + ":" + f.Field, Kind: f.Kind, Subject: f.Subject, At: f.From, Door: port.EventDoorRun, Run: f.Run}
		switch {
		case f.Kind == org.KindSystem && f.Field == "tier":
			e.Name, e.Values = playbooks.EventTierChanged, tierChange(f)
			out = append(out, s.modelTiers(e)...)
		case f.Kind == org.KindIncident && f.Field == "state" && jsonValue(f.Value) == stateClosed && jsonValue(f.Before) != stateClosed:
			e.Name, e.Values = playbooks.EventIncidentClosed, map[string]any{}
			after.Put(e.Values, f.Kind, f.Subject)
		}
		if e.Name != "" && e.Values != nil {
			out = append(out, e)
		}
	}
	return out
}

// modelTiers says of each model of a system that its tier changed: an event begins
// one run of a playbook, and a system may have several models.
func (s *session) modelTiers(of port.Event) (out []port.Event) {
	if of.Values == nil {
		return nil
	}
	for _, m := range modelsOf(s.org, of.Subject) {
		e := of
		e.Key, e.Name, e.Kind, e.Subject = of.Key+":"+m, playbooks.EventModelTier, org.KindModel, m
		out = append(out, e)
	}
	return out
}

// stateClosed is the state of an incident that is over.
const stateClosed = "closed"

// tierChange are the values of a changed tier; nil = it is the same.
func tierChange(f org.Fact) map[string]any {
	var tier, before int64
	start, _ := org.FieldOf(org.KindSystem, "tier")
	before, _ = start.Start.(int64)
	if len(f.Before) > 0 {
		_ = json.Unmarshal(f.Before, &before) // the ledger keeps what FieldValue let through
	}
	if json.Unmarshal(f.Value, &tier) != nil || tier == before {
		return nil
	}
	return map[string]any{"tier": tier, "tier_before": before, "rose": tier < before}
}
