package activities

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// openForm asks people the questions of a form step. In a later round the form
// comes with the earlier answers filled in. It answers true when there is
// nothing to ask.
func (s *session) openForm(step *playbooks.Step) (bool, error) {
	if empty, err := s.nothingToAsk(step); empty || err != nil {
		return empty, err
	}
	o, err := s.newOpening(step, step.Form.Title)
	if err != nil {
		return false, err
	}
	if o.open.Names, o.open.Addressees, err = s.asked(step, step.Form.Ask); err != nil {
		return false, err
	}
	if err := s.deadline(o); err != nil {
		return false, err
	}
	if err := s.fill(o); err != nil {
		return false, fmt.Errorf("step %s: %w", step.ID, err)
	}
	o.body.Actions = []string{port.ActionAnswer}
	o.issue.Description = "Answer this form in Slack: press Answer in the message from Aimsbot. This issue follows by itself."
	s.put(o)
	return false, nil
}

// fill puts the questions into the ask, with what they are filled with: once or,
// for a form that goes through a list, for each of its entries.
func (s *session) fill(o *opening) (err error) {
	f := o.step.Form
	if !f.Each.Empty() {
		return s.fillRows(o)
	}
	if o.body.Questions, err = s.questions(f.Questions, s.scope()); err != nil {
		return err
	}
	var before map[string]any
	if prev := s.state.FindPrevious(o.step.ID.V, o.open.Item); prev != nil {
		before = prev.Fields
	}
	o.body.Prefill, err = s.prefill(before, o.body.Questions, s.scope())
	return err
}

// questions evaluates the texts of the questions that are asked, so that people
// read names and not expressions.
func (s *session) questions(qs []playbooks.Question, scope playbooks.Scope) ([]playbooks.Question, error) {
	out := make([]playbooks.Question, 0, len(qs))
	for _, q := range qs {
		if !q.When.Empty() && !q.Follows() { // what follows from answers shows with them
			asked, err := s.eval.Holds(q.When, scope)
			if err != nil {
				return nil, fmt.Errorf("question %s: when: %w", q.ID, err)
			}
			if !asked {
				continue
			}
		}
		if err := s.wording(&q, scope); err != nil {
			return nil, err
		}
		out = append(out, q)
	}
	return out, nil
}

// wording evaluates the texts of a question and of its columns, and what they
// offer.
func (s *session) wording(q *playbooks.Question, scope playbooks.Scope) error {
	for _, t := range []*playbooks.Str{&q.Text, &q.Help} {
		text, err := s.eval.Text(t.V, scope)
		if err != nil {
			return fmt.Errorf("question %s: %w", q.ID, err)
		}
		t.V = text
	}
	q.Columns = slices.Clone(q.Columns)
	for i := range q.Columns {
		if err := s.wording(&q.Columns[i], scope); err != nil {
			return fmt.Errorf("question %s: %w", q.ID, err)
		}
	}
	return s.offer(q)
}

// prefill is the answers of the last round, nil for none, else what the
// questions name.
func (s *session) prefill(before map[string]any, qs []playbooks.Question, scope playbooks.Scope) (map[string]any, error) {
	out := map[string]any{}
	for _, q := range qs {
		if before != nil {
			if v, ok := before[q.ID.V]; ok {
				out[q.ID.V] = v
			}
			continue
		}
		if q.Prefill.Empty() {
			continue
		}
		v, err := s.eval.Template(q.Prefill.V, scope)
		if err != nil {
			return nil, fmt.Errorf("question %s: prefill: %w", q.ID, err)
		}
		if at, ok := v.(string); ok && q.Type.V == playbooks.TypeDate {
			v = s.dayText(at) // what was worked out from now is an instant
		}
		out[q.ID.V] = v
	}
	return out, nil
}
