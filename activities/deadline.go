package activities

import (
	"fmt"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// dueAt is when a step that opens is due; zero for never.
func (s *session) dueAt(o *opening, zone string) (time.Time, error) {
	d := o.step.Due
	if d == nil {
		return time.Time{}, nil
	}
	if !d.Clock.Empty() {
		part, err := org.ParseReminder(d.Part.V)
		return s.clockPart(d.Clock.V, part.Percent), err
	}
	if m := d.Moment(); !m.Empty() {
		return s.dueFrom(d, zone)
	}
	text, err := s.span(d)
	if err != nil || text == "" {
		return time.Time{}, err
	}
	span, err := org.ParseSpan(text)
	if err != nil {
		return time.Time{}, err
	}
	return s.def.Calendar.End(o.open.OpenedAt, span, zone)
}

// span is the length of time a step has, "" for none.
func (s *session) span(d *playbooks.Due) (string, error) {
	if len(d.Table) == 0 {
		return d.Span.V, nil
	}
	v, matched, err := s.eval.Table(d.Table, s.scope())
	text, _ := v.(string)
	if err != nil || !matched {
		return "", err
	}
	return text, nil
}

// dueFrom counts from a date or an instant. A day means its end.
func (s *session) dueFrom(d *playbooks.Due, zone string) (time.Time, error) {
	v, err := s.eval.Value(d.Moment().V, s.scope())
	if err != nil {
		return time.Time{}, err
	}
	text, _ := v.(string)
	from, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if from, err = s.def.Calendar.EndOfDay(text, zone); err != nil {
			return time.Time{}, fmt.Errorf("`%s` gives no date: %w", d.Moment(), err)
		}
	}
	if !d.At.Empty() {
		return from.UTC(), nil
	}
	by := d.By.V
	if !d.Rule.Empty() {
		if by, err = s.eval.RuleSpan(d.Rule.V, s.scope()); err != nil {
			return time.Time{}, err
		}
	}
	span, err := org.ParseSpan(by)
	if err != nil {
		return time.Time{}, err
	}
	if !d.Before.Empty() {
		return s.def.Calendar.Before(from, span, zone)
	}
	return s.def.Calendar.End(from, span, zone)
}
