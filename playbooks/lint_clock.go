package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// lintClocks checks that a clock has a length, an owner, and something that
// stops it, and that no end silences it.
func lintClocks(l *linter) {
	for _, at := range l.flow {
		c := at.step.Clock
		if c == nil {
			continue
		}
		for _, id := range c.rules() {
			l.clockRule(id)
		}
		l.people(People{AnyOf: c.Owner}, "owner")
		for _, who := range c.Owner {
			if who.V == org.Anyone {
				l.ps.Add(who.Pos, "people", "A clock that is `anyone`'s is nobody's. Name a role or a person who answers for it.")
			}
		}
		for _, w := range c.Warn {
			if r, err := org.ParseReminder(w.V); err != nil || r.Kind != org.RemindPart {
				l.ps.Add(w.Pos, "warn", "`%s` is no warning: write the share of the time that has gone by then, such as 75%%.", w)
			}
		}
		for _, id := range c.Stop {
			l.stops(at, id)
		}
		if c.Shadow != nil {
			l.stops(at, c.Shadow.Until)
		}
		l.longer(c)
		l.silences(at)
	}
	l.dueClocks()
}

func (l *linter) clockRule(id Str) {
	row, ok := l.rules.Row(id.V)
	if l.rules == nil || id.Empty() {
		return
	}
	before := len(l.ps)
	if l.dueRule(id, row, ok); len(l.ps) == before && row.Unit.V == unitWorkingDay {
		l.ps.Add(id.Pos, "rule", "The rule `%s` is counted in working days, and a clock runs through nights and weekends. Name a rule in hours, calendar days or months.", id)
	}
}

// stops checks a step that settles a clock: one that somebody does.
func (l *linter) stops(at place, id Str) {
	if id.Empty() {
		return
	}
	to, ok := l.find(id.V)
	switch {
	case !ok:
		l.ps.Add(id.Pos, "unknown-step", "There is no step `%s`.%s", id, source.DidYouMean(id.V, l.stepIDs()))
	case l.notInEach(id, to, "settle a clock"):
	case !to.step.WaitsForPeople():
		l.ps.Add(id.Pos, "clock", "Nobody does the step `%s`, so it cannot settle a clock. Name a form, a task or an approval, such as the task that sends the report.", id)
	}
}

// silences finds an end that comes while the clock runs, as far as the order of
// the steps tells.
func (l *linter) silences(at place) {
	c := at.step.Clock
	for _, end := range l.flow {
		if end.step.End == nil || end.orderOf(at) != earlier {
			continue
		}
		if !l.settledBefore(end, c) {
			var names []string
			for _, id := range c.Stop {
				names = append(names, "`"+id.V+"`")
			}
			l.ps.Add(end.step.Pos, "clock", "This end comes while the clock `%s` on line %d may run, and would silence it. Put it after %s, which stops the clock, or after the step that its `stand_down` asks about.", at.step.ID, at.step.Pos.Line, strings.Join(names, " or "))
		}
	}
}

// settledBefore tells whether a step that settles the clock comes before.
func (l *linter) settledBefore(end place, c *Clock) bool {
	for _, id := range c.Stop {
		if to, ok := l.find(id.V); ok && end.orderOf(to) == earlier && to.step.WaitedFor() {
			return true
		}
	}
	for _, other := range l.flow {
		if !other.step.ID.Empty() && strings.Contains(c.StandDown.V, "steps."+other.step.ID.V+".") && end.orderOf(other) == earlier {
			return true
		}
	}
	return false
}

// AnyClock stands for the clock that is due first.
const AnyClock = "any"

// dueClocks checks deadlines that are a share of a clock's time.
func (l *linter) dueClocks() {
	for _, at := range l.flow {
		d := at.step.Due
		if d == nil || d.Clock.Empty() {
			continue
		}
		if d.Clock.V != AnyClock {
			if to, ok := l.earlier(at, d.Clock, "clock"); ok && !slices.ContainsFunc(to.step.All(), func(s *Step) bool { return s.Clock != nil }) {
				l.ps.Add(d.Clock.Pos, "clock", "`%s` is no clock. Name a step that is one, a group with clocks for the one of them that is due first, or `any` for the first of all.", d.Clock)
			}
		} else if !l.hasClock() {
			l.ps.Add(d.Clock.Pos, "clock", "This playbook has no clock that this could be due by.")
		}
		if r, err := org.ParseReminder(d.Part.V); err != nil || r.Kind != org.RemindPart {
			l.ps.Add(d.Part.Pos, "span", "`%s` is no share of a clock's time. Write it as 75%%.", d.Part)
		}
	}
}

func (l *linter) hasClock() bool {
	for _, at := range l.flow {
		if at.step.Clock != nil {
			return true
		}
	}
	return false
}
