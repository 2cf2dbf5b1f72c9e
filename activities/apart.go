package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// sayProtected is what is said, and recorded, of a protected answer that does not
// fit: words about it could tell what it is.
const sayProtected = "This answer does not fit. Open the form again: it says there what is wrong."

// protects tells whether some answer to the questions is kept apart.
func protects(qs []playbooks.Question) bool {
	return slices.ContainsFunc(qs, func(q playbooks.Question) bool { return len(q.Protected) > 0 })
}

// together puts the protected answers into what a row holds, so that they can be
// judged. They go no further than that. It answers false when one is not there as
// it was given.
func (s *session) together(ask port.Ask, raw map[string]any) (whole map[string]any, ok bool, err error) {
	if !protects(ask.Body.Questions) {
		return raw, true, nil
	}
	kept, err := s.a.Ledger.ApartOf(s.ctx, s.state.Run.ID)
	if err != nil {
		return nil, false, fmt.Errorf("read protected answers: %w", err)
	}
	out := maps.Clone(raw)
	for _, q := range ask.Body.Questions {
		v, answered := raw[q.ID.V]
		if len(q.Protected) == 0 || !answered {
			continue
		}
		ref, _ := port.ApartRef(v)
		i := slices.IndexFunc(kept, func(k port.Apart) bool { return k.Ref == ref && k.Question == q.ID.V && k.Whole() })
		if i < 0 {
			return nil, false, nil
		}
		var value any
		if json.Unmarshal(kept[i].Value, &value) != nil { // the error would quote it
			return nil, false, nil
		}
		out[q.ID.V] = value
	}
	return out, true, nil
}

// apart puts the references back in the place of protected answers. One that is
// left open keeps what was answered before.
func (s *session) apart(ask port.Ask, raw, clean map[string]any, asked []playbooks.Question) {
	var before map[string]any
	for _, r := range []*port.StepResult{s.state.FindPrevious(ask.Step, ask.Item), s.state.FindDone(ask.Step, ask.Item)} {
		if r != nil {
			before = r.Fields
		}
	}
	for _, q := range asked {
		if len(q.Protected) == 0 {
			continue
		}
		if _, answered := clean[q.ID.V]; answered {
			clean[q.ID.V] = raw[q.ID.V]
		} else if _, kept := port.ApartRef(before[q.ID.V]); kept {
			clean[q.ID.V] = before[q.ID.V]
		}
	}
}

// hidden are answers as expressions read them: of a protected one only that it is
// there.
func hidden(qs []playbooks.Question, answers map[string]any) map[string]any {
	if !protects(qs) {
		return answers
	}
	out := maps.Clone(answers)
	for _, q := range qs {
		if _, answered := out[q.ID.V]; answered && len(q.Protected) > 0 {
			out[q.ID.V] = map[string]any{}
		}
	}
	return out
}

// askedAgain are questions as they are put to people who may change answers:
// protected ones begin empty, and left open they keep what was said.
func askedAgain(qs []playbooks.Question, before map[string]any) []playbooks.Question {
	out := slices.Clone(qs)
	for i := range out {
		if _, kept := port.ApartRef(before[out[i].ID.V]); kept && !strings.HasPrefix(out[i].Help.V, sayKeep) {
			out[i].Optional = true
			out[i].Help.V = strings.TrimSpace(sayKeep + " " + out[i].Help.V)
		}
	}
	return out
}

const sayKeep = "There is an answer, and it is kept apart. Leave this open to keep it."

// apartText is what everybody reads in the place of a protected answer.
func (s *session) apartText(q playbooks.Question) string {
	titles := make([]string, 0, len(q.Protected))
	for _, id := range q.Protected {
		title := id.V
		if r, ok := s.org.Role(id.V); ok && r.Title != "" {
			title = r.Title
		}
		titles = append(titles, title)
	}
	return "kept apart for " + strings.Join(titles, " and ")
}

// The kinds of records of looks at what is kept apart.
const (
	recordShown   = "apart.shown"
	recordRefused = "apart.refused"
)

// Apart is what a person is told of what is kept apart in a run: the answers that
// a role of theirs may read. Each look is on record before anything is shown.
// delivery makes a repeated look the same one.
func (a *Activities) Apart(ctx context.Context, run, person, delivery string) (string, error) {
	nothing := "Nothing is kept apart for you in run " + run + "."
	row, err := a.Ledger.Run(ctx, run)
	if errors.Is(err, port.ErrNotFound) {
		return nothing, nil
	}
	if err != nil {
		return "", fmt.Errorf("read the run: %w", err)
	}
	kept, err := a.Ledger.ApartOf(ctx, row.ID)
	if err != nil {
		return "", fmt.Errorf("read protected answers: %w", err)
	}
	s, err := a.open(ctx, Request{Definition: row.Definition, State: port.RunState{Run: port.RunInfo{ID: row.ID, SubjectID: row.SubjectID, Playbook: row.Playbook}}, Now: a.Now()})
	if err != nil {
		return "", err
	}
	var lines []string
	var looks []port.Record
	for i, k := range kept {
		newer := func(o port.Apart) bool { return o.Settled && o.Step == k.Step && o.Question == k.Question }
		if !k.Settled || slices.ContainsFunc(kept[i+1:], newer) {
			continue
		}
		q, role := s.reader(k, person)
		look := s.lookRecord(k, person, role, delivery)
		looks = append(looks, look)
		if look.Kind == recordShown {
			text, err := s.answerApart(k, q)
			if err != nil {
				return "", err
			}
			lines = append(lines, "• "+q.Text.V+" (“"+s.stepTitle(k.Step)+"”): "+text)
		}
	}
	if len(looks) > 0 {
		if err := a.Ledger.Commit(ctx, port.Batch{Records: looks}); err != nil {
			return "", fmt.Errorf("record a look: %w", err)
		}
	}
	if len(lines) == 0 {
		return nothing, nil
	}
	return "Kept apart in run " + row.ID + ", for you alone. That you looked is on record.\n" + strings.Join(lines, "\n"), nil
}

// reader is the question of what is kept apart, and the role as which a person may
// read it; "" = they may not.
func (s *session) reader(k port.Apart, person string) (q playbooks.Question, role string) {
	for _, q = range s.questionsOf(k.Step) {
		if q.ID.V != k.Question {
			continue
		}
		for _, r := range q.Protected {
			if slices.Contains(s.org.Acting(r.V, false), person) {
				return q, r.V
			}
		}
		return q, ""
	}
	return q, "" // a question that is none any more is nobody's to read
}

// lookRecord is the record of a look: who looked at which question, never what it says.
func (s *session) lookRecord(k port.Apart, person, role, delivery string) port.Record {
	kind := recordShown
	if role == "" {
		kind = recordRefused
	}
	place := port.Place{Run: k.Run, Step: k.Step, Round: 1}
	return port.Record{
		Key: port.RecordKey(place, kind, port.Digest26(delivery, k.Question), 0), Place: place, Kind: kind, At: s.now, Actor: person, Role: role, Subject: s.state.Run.SubjectID,
		Header: map[string]string{"question": k.Question, "ref": k.Ref}, Body: map[string]any{"name": s.name(person)},
	}
}

// answerApart is a protected answer as people read it.
func (s *session) answerApart(k port.Apart, q playbooks.Question) (string, error) {
	var v any
	if err := json.Unmarshal(k.Value, &v); err != nil || !k.Whole() {
		return "", fmt.Errorf("what is kept apart in step %s is not what was given", k.Step)
	}
	return s.answerText(q, v), nil
}
