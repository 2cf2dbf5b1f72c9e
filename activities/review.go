package activities

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// reviewEvidence builds the evidence of every open approval again. Where it
// changed, the decisions given are void and a new version of the ask, with the
// difference in words, takes the place of the old one.
func (s *session) reviewEvidence() error {
	for i := 0; i < len(s.state.Open); i++ {
		o := s.state.Open[i]
		step := s.def.Playbook.Step(o.Step)
		if step == nil || step.Approval == nil {
			continue
		}
		back := s.within(o.Step, o.Item)
		doc, err := s.document(step, o.Round)
		back()
		if err != nil {
			return err
		}
		if doc.digest == o.Digest {
			continue
		}
		difference, err := s.difference(o.Digest, doc)
		if err != nil {
			return err
		}
		if len(difference) == 0 {
			continue // said the same way in other words: somebody's name, say
		}
		if err := s.askAgain(i, doc, difference); err != nil {
			return err
		}
		i-- // the new version went to the end of the list
	}
	return nil
}

// askAgain supersedes the i-th open step by a new version of itself.
func (s *session) askAgain(i int, doc *evidence, difference []string) error {
	old := s.state.Open[i]
	defer s.within(old.Step, old.Item)()
	step := s.def.Playbook.Step(old.Step)
	place := old.Place(s.state.Run.ID)
	for _, d := range old.Decisions {
		s.record(place, "decision.voided", d.ID, old.Version, port.Record{
			Actor: d.Person, Header: map[string]string{"choice": d.Choice, "digest": d.Digest, "why": "the evidence changed"},
		})
	}
	s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: old.Token, State: port.AskSuperseded, StateVersion: old.StateVersion + 1, ClosedAt: s.now})
	s.state.Open = slices.Delete(s.state.Open, i, i+1)
	card := settled("Superseded: "+old.Title,
		append([]string{"The evidence changed, so the decisions given on it do not count. A new message asks again."}, difference...))
	s.editAll(old, old.StateVersion+1, card)
	s.editNotices(old, card, "remind", purposeSplit) // who was told that it is overdue is not told again, and it still is

	next := old
	next.Version, next.StateVersion = old.Version+1, old.StateVersion+2
	next.Decisions, next.OpenedAt, next.Moments = nil, s.now, nil
	// Who decides may hang on what changed, and what raised it is void.
	var err error
	if next.Needs, err = s.needs(step.Approval.Need, ""); err != nil {
		return fmt.Errorf("step %s: need: %w", step.ID, err)
	}
	next.Raised = ""
	o := &opening{step: step, open: next}
	o.body.Prefill = map[string]any{"difference": difference}
	if err := s.putApproval(o); err != nil {
		return err
	}
	s.comment(s.issueOf(old.Step, old.Item), "evidence", next.Version, "The evidence changed; decisions given before do not count and people are asked again:\n"+joinLines(difference))
	return nil
}

// difference says in words what changed between the kept document and the new
// one.
func (s *session) difference(digest string, now *evidence) ([]string, error) {
	raw, err := s.a.Ledger.Document(s.ctx, digest)
	if err != nil {
		return nil, &ledgerError{fmt.Errorf("read the evidence %s: %w", digest, err)}
	}
	var was, is port.Evidence
	if err := json.Unmarshal(raw, &was); err != nil {
		return nil, fmt.Errorf("read the evidence %s: %w", digest, err)
	}
	if err := json.Unmarshal(now.raw, &is); err != nil {
		return nil, fmt.Errorf("read the new evidence: %w", err)
	}
	var out []string
	for _, what := range is.Joined {
		if !slices.Contains(was.Joined, what) {
			out = append(out, "Since then: "+what)
		}
	}
	for _, st := range is.Steps {
		i := slices.IndexFunc(was.Steps, func(w port.EvidenceStep) bool { return w.Step == st.Step && w.Item == st.Item })
		if i < 0 {
			out = append(out, st.Title+": new")
			continue
		}
		out = append(out, s.fieldChanges(st, was.Steps[i])...)
	}
	for _, w := range was.Steps {
		if !slices.ContainsFunc(is.Steps, func(st port.EvidenceStep) bool { return st.Step == w.Step && st.Item == w.Item }) {
			out = append(out, w.Title+": no longer part of it")
		}
	}
	return out, nil
}

func (s *session) fieldChanges(is, was port.EvidenceStep) []string {
	var out []string
	if is.By != was.By {
		out = append(out, fmt.Sprintf("%s: by %s, was %s", is.Title, s.name(is.By), s.name(was.By)))
	}
	for _, f := range is.Fields {
		i := slices.IndexFunc(was.Fields, func(w port.EvidenceField) bool { return w.ID == f.ID })
		switch {
		case i < 0:
			out = append(out, fmt.Sprintf("%s: %s is now %s", is.Title, f.Label, f.Text))
		case reflect.DeepEqual(f.Value, was.Fields[i].Value):
		case f.ID == "evidence":
			out = append(out, listChanges(is.Title, f.Value, was.Fields[i].Value)...)
		default:
			out = append(out, fmt.Sprintf("%s: %s is now %s, was %s", is.Title, f.Label, f.Text, was.Fields[i].Text))
		}
	}
	return out
}

func listChanges(title string, is, was any) []string {
	a, _ := is.([]any)
	b, _ := was.([]any)
	text := func(v any) string {
		m, _ := v.(map[string]any)
		return evidenceText(m)
	}
	var out []string
	for _, v := range a {
		if !slices.ContainsFunc(b, func(w any) bool { return reflect.DeepEqual(v, w) }) {
			out = append(out, title+": evidence added: "+text(v))
		}
	}
	for _, v := range b {
		if !slices.ContainsFunc(a, func(w any) bool { return reflect.DeepEqual(v, w) }) {
			out = append(out, title+": evidence removed: "+text(v))
		}
	}
	return out
}
