package activities

import (
	"encoding/json"
	"fmt"
	"slices"

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
	s.org.Register = s.org.Register.Without(s.unreported()...).With(s.state.Unwritten...)
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
		s.writeFacts(facts)
		if !s.state.Run.Exercise {
			s.batch.Events = append(s.batch.Events, s.eventsOf(facts)...)
		}
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
	s.record(place, s.writtenKind(), "", 0, rec)
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
