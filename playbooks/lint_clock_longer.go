package playbooks

import (
	"regexp"
	"slices"
)

// longer checks that only people make a clock longer: who they are, and that they
// say why.
func (l *linter) longer(c *Clock) {
	if c.Later != nil {
		l.later(c)
	}
	if c.Extend == nil || c.Extend.When.Empty() {
		return
	}
	decides := func(s *Step) bool { return s.Approval != nil }
	if !slices.ContainsFunc(l.named(c.Extend.When), decides) {
		l.ps.Add(c.Extend.When.Pos, "clock", "`extend` asks about no approval, and only a decision of people makes a clock longer. Ask what an approval decided or chose, such as steps.longer.outcome == \"approved\".")
	}
}

// later checks who may move the beginning of a clock, and where they say why.
func (l *linter) later(c *Clock) {
	for _, who := range c.Later.By {
		if slices.Contains(l.committeeIDs(), who.V) {
			l.ps.Add(who.Pos, "clock", "`%s` is a committee, and nobody answers a form for it alone. Name a role, or let the committee decide in an approval that `extend` asks about.", who)
			continue
		}
		l.seat(who, "role", l.roleIDs(), l.committeeIDs(), "committee")
	}
	steps := l.named(c.From)
	if len(steps) == 0 {
		l.ps.Add(c.From.Pos, "clock", "`later` says whose answer may move the beginning of this clock, but `from` reads no answer. Count the clock from the answer to a question, or remove `later`.")
	}
	for _, s := range steps {
		if s.Form == nil || !s.Form.Each.Empty() {
			l.ps.Add(c.From.Pos, "clock", "`later` needs to know who moved the beginning of this clock, but `%s` is no form that one person answers. Count the clock from the answer to a question of a form.", s.ID)
			continue
		}
		if !s.Form.Again {
			l.ps.Add(c.From.Pos, "clock", "The answers of `%s` cannot be changed, so nobody can move the beginning of this clock. Add `again: true` to that form.", s.ID)
		}
		i := slices.IndexFunc(s.Form.Questions, func(q Question) bool { return q.ID.V == c.Later.Why.V })
		if i < 0 && !c.Later.Why.Empty() {
			l.ps.Add(c.Later.Why.Pos, "clock", "The form `%s` has no question `%s`. Name in `why` the question of that form in which the reason stands, a text that is `optional: true`.", s.ID, c.Later.Why)
		} else if i >= 0 && !slices.Contains([]string{TypeText, TypeLong}, s.Form.Questions[i].Type.V) {
			l.ps.Add(c.Later.Why.Pos, "clock", "`%s` is no text, so it cannot say why the clock begins later. Name a question of type text or long.", c.Later.Why)
		}
	}
}

var namedStep = regexp.MustCompile(`\bsteps\.([a-z][a-z0-9_]*)`)

// named are the steps that an expression names, as far as they exist.
func (l *linter) named(expr Str) (out []*Step) {
	for _, m := range namedStep.FindAllStringSubmatch(expr.V, -1) {
		if at, ok := l.find(m[1]); ok && !slices.Contains(out, at.step) {
			out = append(out, at.step)
		}
	}
	return out
}
