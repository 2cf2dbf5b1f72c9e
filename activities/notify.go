package activities

import (
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// notify tells people something and goes on at once.
func (s *session) notify(step *playbooks.Step) error {
	text, err := s.eval.Text(step.Notify.Text.V, s.scope())
	if err != nil {
		return fmt.Errorf("step %s: text: %w", step.ID, err)
	}
	_, to, err := s.asked(step, step.Notify.To)
	if err != nil {
		return err
	}
	title, err := s.title(step, step.Title)
	if err != nil {
		return err
	}
	for _, a := range to {
		s.intend(port.Effect{Place: s.place(step), Purpose: "notify", Addressee: a.ID(), Kind: port.EffectPost}, port.Card{
			To: a, Title: s.ofItem(title), Lines: []string{text},
			Fields: []port.Field{s.subjectField(), {Label: "Run", Value: s.state.Run.ID}},
			Footer: "For your information. Nothing is left to do here.",
		})
	}
	fields := map[string]any{"at": stamp(s.now), "digest": "sha256:" + digest(text)}
	s.finish(step, port.StepDone, fields)
	s.record(s.place(step), "step.notified", "", 0, port.Record{
		Header: map[string]string{"digest": fields["digest"].(string)},
		Body:   map[string]any{"text": text, "to": s.askedNames(to)},
	})
	return nil
}
