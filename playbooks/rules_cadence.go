package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// The rules that every cadence has beside its interval (processes.md 0.4).
const (
	ruleFirst = "cad-first"
	ruleLead  = "cad-lead"
)

// Cadence is what `every` of an entry of the programme means: a length of time
// for all tiers, or the id of a rule that has one for each.
func (r *Rules) Cadence(every Str) (c org.Cadence, ps Problems) {
	span, err := org.ParseSpan(every.V)
	switch {
	case err == nil:
		for i := range c.Interval {
			c.Interval[i] = span
		}
	case strings.Contains(every.V, " "):
		ps.Add(every.Pos, "programme-every", "%v; or write the id of a rule of rules.yaml, such as cad-impact.", err)
		return c, ps
	default:
		r.spans(every, c.Interval[:], &ps)
	}
	r.spans(Str{V: ruleFirst, Pos: every.Pos}, c.First[:], &ps)
	r.spans(Str{V: ruleLead, Pos: every.Pos}, c.Lead[:], &ps)
	return c, ps
}

// spans fills in the length of time that a rule has for each tier.
func (r *Rules) spans(id Str, out []org.Span, ps *Problems) {
	row, ok := r.Row(id.V)
	switch {
	case !ok:
		ps.Add(id.Pos, "programme-every", "There is no rule `%s`.%s Write the id of a rule of rules.yaml, such as cad-impact, or a length of time, such as 12 months.", id, source.DidYouMean(id.V, r.ids()))
		return
	case row.Off:
		ps.Add(id.Pos, "programme-every", ruleOff, id)
		return
	}
	for i := range out {
		text, err := row.span(i + 1)
		if err == nil {
			out[i], err = org.ParseSpan(text)
		}
		if err != nil {
			ps.Add(id.Pos, "programme-every", "This cannot say how often: %v.", err)
			return
		}
	}
}
