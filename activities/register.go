package activities

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// kindWritten is the kind of the record that says what a step wrote.
const kindWritten = "register.written"

// readRegister has the session see the register as its state says: what an
// earlier try has committed and could not report is not there until the step is
// reached again, and `before` never knows what the run itself wrote.
func (s *session) readRegister() error {
	facts, err := s.a.Ledger.FactsOf(s.ctx, s.state.Run.ID)
	if err != nil {
		return fmt.Errorf("read what the run wrote into the register: %w", err)
	}
	s.wrote = facts
	s.org.Register = s.org.Register.Without(s.unreported()...)
	s.began.Register = s.began.Register.Without(facts...)
	return nil
}

// unreported are the facts of steps that the state does not know as done.
func (s *session) unreported() []org.Fact {
	var out []org.Fact
	for _, f := range s.wrote {
		d := s.state.FindDone(f.Step, f.Item)
		if f.Round > s.state.Round || f.Round == s.state.Round && (d == nil || d.Round != f.Round) {
			out = append(out, f)
		}
	}
	return out
}

// writeRegister writes what a step decides. Once written it stands: a repeated
// try takes the facts of the first one, whatever it would decide now.
func (s *session) writeRegister(step *playbooks.Step) error {
	place := s.place(step)
	key := port.RecordKey(place, kindWritten, "", 0)
	facts := slices.DeleteFunc(slices.Clone(s.wrote), func(f org.Fact) bool { return f.Record != key })
	if len(facts) == 0 {
		var err error
		if facts, err = s.decide(step); err != nil {
			return fmt.Errorf("step %s: %w", step.ID, err)
		}
		for i := range facts {
			f := &facts[i]
			f.From, f.Run, f.Step, f.Item, f.Round, f.Record = s.now, place.Run, place.Step, place.Item, place.Round, key
		}
		s.batch.Facts = append(s.batch.Facts, facts...)
		s.batch.Events = append(s.batch.Events, s.eventsOf(facts)...)
	}
	fields := map[string]any{"at": stamp(s.now)}
	changes := make([]any, 0, len(facts))
	for _, f := range facts {
		changes = append(changes, change(f))
		f = whole(f)
		fields["at"], fields["on"], fields[f.Field] = stamp(f.From), f.Subject, jsonValue(f.Value)
		s.org.Register = s.org.Register.With(f)
	}
	s.finish(step, port.StepDone, fields)
	rec := port.Record{Body: map[string]any{"changes": changes}}
	if len(facts) > 0 {
		rec.Header = map[string]string{"on": facts[0].Kind + ":" + facts[0].Subject}
	}
	s.record(place, kindWritten, "", 0, rec)
	return nil
}

// change is what a record says about one fact.
func change(f org.Fact) map[string]any {
	m := map[string]any{"field": f.Field, "old": nil}
	if len(f.Before) > 0 {
		m["old"] = jsonValue(f.Before)
	}
	if f.Add {
		m["added"] = jsonValue(f.Value)
	} else {
		m["new"] = jsonValue(f.Value)
	}
	return m
}

// whole is a fact with all entries of its list.
func whole(f org.Fact) org.Fact {
	if !f.Add {
		return f
	}
	list, _ := jsonValue(f.Before).([]any)
	added, _ := jsonValue(f.Value).([]any)
	f.Value, f.Add = mustJSON(append(list, added...)), false
	return f
}

// decide works out the facts that a step writes.
func (s *session) decide(step *playbooks.Step) ([]org.Fact, error) {
	r, scope := step.Register, s.scope()
	id, err := s.writtenOn(r, scope)
	if err != nil {
		return nil, err
	}
	set, err := s.eval.Values(r.Set, scope)
	if err != nil {
		return nil, err
	}
	add, err := s.eval.Values(r.Add, scope)
	if err != nil {
		return nil, err
	}
	var facts []org.Fact
	for _, name := range slices.Sorted(maps.Keys(set)) {
		f, err := s.fact(id, name, set[name], false)
		if err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	for _, name := range slices.Sorted(maps.Keys(add)) {
		list, isList := add[name].([]any)
		if !isList {
			list = []any{add[name]}
		}
		f, err := s.fact(id, name, list, true)
		if err != nil {
			return nil, err
		}
		facts = append(facts, f)
	}
	if r.Valid.Empty() {
		return facts, nil
	}
	f, err := s.validUntil(r, id, facts)
	return append(facts, f), err
}

// writtenOn is the id of the system that a step writes about.
func (s *session) writtenOn(r *playbooks.Register, scope playbooks.Scope) (string, error) {
	if r.On.Empty() {
		return s.state.Run.SubjectID, nil
	}
	v, err := s.eval.Template(r.On.V, scope)
	if err != nil {
		return "", err
	}
	if m, ok := v.(map[string]any); ok {
		v = m["id"]
	}
	id, _ := v.(string)
	if _, known := s.org.System(id); !known {
		return "", fmt.Errorf("on: the organisation has no system %q", id)
	}
	return id, nil
}

// fact checks one value and remembers what it takes the place of.
func (s *session) fact(id, name string, v any, add bool) (org.Fact, error) {
	f, known := org.FieldOf(org.KindSystem, name)
	if !known || !f.Register {
		return org.Fact{}, fmt.Errorf("%s of a system is no field that runs decide", name)
	}
	v, err := playbooks.FieldValue(org.KindSystem, f, v)
	if err != nil {
		return org.Fact{}, err
	}
	if err := s.peopleKnown(f, v); err != nil {
		return org.Fact{}, err
	}
	return s.over(org.Fact{Kind: org.KindSystem, Subject: id, Field: name, Value: mustJSON(v), Add: add}), nil
}

// peopleKnown refuses ids of people whom nobody could find later.
func (s *session) peopleKnown(f org.Field, v any) error {
	if f.Type != org.FieldPerson && f.Type != org.FieldPersons {
		return nil
	}
	list, isList := v.([]any)
	if !isList {
		list = []any{v}
	}
	for _, e := range list {
		id, _ := e.(string)
		if _, known := s.org.Person(id); !known {
			return fmt.Errorf("%s: the organisation has no person %q", f.Name, id)
		}
	}
	return nil
}

// over fills in the value that a fact takes the place of.
func (s *session) over(f org.Fact) org.Fact {
	for _, old := range s.org.Register.Of(f.Kind, f.Subject) {
		if old.Field == f.Field {
			f.Before = old.Value
		}
	}
	return f
}

// validUntil is until when what was decided holds: the length of time that the
// rule has for the tier, which the same step may have written.
func (s *session) validUntil(r *playbooks.Register, id string, facts []org.Fact) (org.Fact, error) {
	sys, known := s.org.System(id)
	if !known {
		return org.Fact{}, fmt.Errorf("the organisation has no system %q", id)
	}
	after := s.org
	after.Register = after.Register.With(facts...)
	scope := s.scope()
	scope.Subject = playbooks.SubjectOf(after, sys)
	text, err := s.eval.RuleSpan(r.Valid.V, scope)
	if err != nil {
		return org.Fact{}, fmt.Errorf("valid: %w", err)
	}
	span, err := org.ParseSpan(text)
	if err != nil {
		return org.Fact{}, fmt.Errorf("valid: %w", err)
	}
	at, err := s.def.Calendar.End(s.now, span, s.org.Profile.Zone)
	if err != nil {
		return org.Fact{}, fmt.Errorf("valid: %w", err)
	}
	return s.over(org.Fact{
		Kind: org.KindSystem, Subject: id, Field: org.FieldValidUntil + "." + s.def.Playbook.Name.V, Value: mustJSON(at.UTC().Format(time.RFC3339)),
	}), nil
}

func jsonValue(raw json.RawMessage) (v any) {
	if err := json.Unmarshal(raw, &v); err != nil {
		return nil
	}
	return v
}

// mustJSON writes a plain value; those that FieldValue lets through always can be.
func mustJSON(v any) json.RawMessage {
	b, err := json.Marshal(v)
	if err != nil {
		panic(fmt.Sprintf("register value %T: %v", v, err))
	}
	return b
}
