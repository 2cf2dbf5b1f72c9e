package activities

import (
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// openForm asks people the questions of a form step. In a later round the form
// comes with the earlier answers filled in.
func (s *session) openForm(step *playbooks.Step) error {
	o, err := s.newOpening(step, step.Form.Title)
	if err != nil {
		return err
	}
	if o.open.Names, o.open.Addressees, err = s.asked(step, step.Form.Ask); err != nil {
		return err
	}
	if err := s.deadline(o); err != nil {
		return err
	}
	if o.body.Questions, err = s.questions(step.Form.Questions); err != nil {
		return fmt.Errorf("step %s: %w", step.ID, err)
	}
	if o.body.Prefill, err = s.prefill(step.ID.V, o.body.Questions); err != nil {
		return fmt.Errorf("step %s: %w", step.ID, err)
	}
	o.body.Actions = []string{port.ActionAnswer}
	o.issue.Description = "Answer this form in Slack: press Answer in the message from Aimsbot. This issue follows by itself."
	s.put(o)
	return nil
}

// questions evaluates the texts of questions, so that people read names and
// not expressions.
func (s *session) questions(qs []playbooks.Question) ([]playbooks.Question, error) {
	out := make([]playbooks.Question, len(qs))
	for i, q := range qs {
		for _, t := range []*playbooks.Str{&q.Text, &q.Help} {
			text, err := s.eval.Text(t.V, s.scope())
			if err != nil {
				return nil, fmt.Errorf("question %s: %w", q.ID, err)
			}
			t.V = text
		}
		out[i] = q
	}
	return out, nil
}

// prefill is the answers of the last round, else what the questions name.
func (s *session) prefill(step string, qs []playbooks.Question) (map[string]any, error) {
	out := map[string]any{}
	prev := s.state.FindPrevious(step, "")
	for _, q := range qs {
		if prev != nil {
			if v, ok := prev.Fields[q.ID.V]; ok {
				out[q.ID.V] = v
			}
			continue
		}
		if q.Prefill.Empty() {
			continue
		}
		v, err := s.eval.Template(q.Prefill.V, s.scope())
		if err != nil {
			return nil, fmt.Errorf("question %s: prefill: %w", q.ID, err)
		}
		out[q.ID.V] = v
	}
	return out, nil
}
