package activities

import (
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// notify tells people something and goes on at once. What it is about is shown with
// it and kept under its digest, as that of a decision: who was told can prove what.
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
	card := port.Card{
		Title: s.ofItem(title), Lines: []string{text},
		Fields: []port.Field{s.subjectField(), {Label: "Run", Value: s.state.Run.ID}},
		Footer: "For your information. Nothing is left to do here.",
	}
	sum := "sha256:" + digest(text)
	if len(step.ShownIn()) > 0 {
		doc, err := s.document(step, s.state.Round)
		if err != nil {
			return err
		}
		s.addDocument(doc)
		sum, card.Facts = doc.digest, s.facts(doc)
		card.Footer += " What is shown stays as it is now. Evidence " + shortDigest(sum) + "."
	}
	for _, a := range to {
		card.To = a
		s.intend(port.Effect{Place: s.place(step), Purpose: "notify", Addressee: a.ID(), Kind: port.EffectPost}, card)
	}
	fields := map[string]any{"at": stamp(s.now), "digest": sum}
	s.finish(step, port.StepDone, fields)
	s.record(s.place(step), "step.notified", "", 0, port.Record{
		Header: map[string]string{"digest": fields["digest"].(string)},
		Body:   map[string]any{"text": text, "to": s.askedNames(to)},
	})
	return nil
}
