package playbooks

import (
	"fmt"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// ClockRule is what a rule says to a clock.
type ClockRule struct {
	ID, What, Source string
	Span             org.Span
}

// ClockRule is the rule of that id for the subject in the scope. Clocks count in
// calendar time alone.
func (e *Evaluator) ClockRule(id string, s Scope) (ClockRule, error) {
	return e.schema.rules.clockRule(id, tierOf(s))
}

// ClockRule is the rule of that id for a tier.
func (r *Rules) ClockRule(id string, s Scope) (ClockRule, error) { return r.clockRule(id, tierOf(s)) }

func (r *Rules) clockRule(id string, tier int) (ClockRule, error) {
	row, ok := r.Row(id)
	if !ok {
		return ClockRule{}, fmt.Errorf("there is no rule %q", id)
	}
	text, err := row.span(tier)
	if err != nil {
		return ClockRule{}, err
	}
	span, err := org.ParseSpan(text)
	if err == nil && span.Unit == org.UnitWorkingDays {
		err = fmt.Errorf("rule %s is counted in working days, and a clock runs through nights and weekends", id)
	}
	return ClockRule{ID: id, What: row.What.V, Source: row.Source.V, Span: span}, err
}

// Length is a length of time that is written out, or that of a rule.
func (e *Evaluator) Length(text Str, s Scope) (org.Span, error) {
	if span, err := org.ParseSpan(text.V); err == nil {
		return span, nil
	}
	r, err := e.ClockRule(text.V, s)
	return r.Span, err
}

// clockRules are the ids of the rules that a clock uses.
func (c *Clock) rules() []Str {
	out := []Str{c.Rule}
	if c.Shadow != nil && !c.Shadow.AtMost.Empty() {
		if _, err := org.ParseSpan(c.Shadow.AtMost.V); err != nil {
			out = append(out, c.Shadow.AtMost)
		}
	}
	if c.Extend != nil {
		out = append(out, c.Extend.Rule)
	}
	return out
}
