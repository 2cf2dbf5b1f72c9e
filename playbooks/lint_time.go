package playbooks

import (
	"fmt"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// lintTimes checks the lengths of time of due.
func lintTimes(l *linter) {
	for _, at := range l.flow {
		d := at.step.Due
		if d == nil {
			continue
		}
		if row, ok := l.rules.Row(d.Rule.V); !d.Rule.Empty() && l.rules != nil {
			l.dueRule(d.Rule, row, ok)
		}
		for _, s := range []Str{d.Span, d.By} {
			if !s.Empty() {
				l.span(s)
			}
		}
		for _, row := range d.Table {
			l.span(Str{V: fmt.Sprint(row.Value.V), Pos: row.Value.Pos})
		}
	}
}

// dueRule checks the rule that a due counts by.
func (l *linter) dueRule(id Str, row Rule, known bool) {
	if !known {
		l.ps.Add(id.Pos, "rule", "There is no rule `%s`.%s Rules stand in rules.yaml.", id, source.DidYouMean(id.V, l.rules.ids()))
		return
	}
	if row.Off {
		l.ps.Add(id.Pos, "rule", ruleOff, id)
		return
	}
	if _, err := row.span(1); err != nil {
		l.ps.Add(id.Pos, "rule", "%s. Name a rule that is a length of time.", upperFirst(err.Error()))
	}
}

func (l *linter) span(s Str) {
	if _, err := org.ParseSpan(s.V); err != nil {
		l.ps.Add(s.Pos, "span", "%s.", upperFirst(err.Error()))
	}
}

// lintReminders checks the words of remind.
func lintReminders(l *linter) {
	for _, at := range l.flow {
		s := at.step
		if len(s.Remind) > 0 && s.Due == nil {
			l.ps.Add(s.Remind[0].At.Pos, "no-due", "Reminders need to know by when: this step has no `due`. Add one, such as due: 5 working days.")
		}
		seen := map[org.Reminder]bool{}
		for _, r := range s.Remind {
			reminder, err := org.ParseReminder(r.At.V)
			switch {
			case err != nil:
				l.ps.Add(r.At.Pos, "remind", "%s.", upperFirst(err.Error()))
			case seen[reminder]:
				l.ps.Add(r.At.Pos, "remind", "`%s` is in this list already.", r.At.V)
			}
			seen[reminder] = true
		}
	}
}

// lintEscalation checks the rungs: when, and to whom.
func lintEscalation(l *linter) {
	for _, at := range l.flow {
		s := at.step
		if len(s.Escalate) > 0 && s.Due == nil {
			l.ps.Add(s.Escalate[0].After.Pos, "no-due", "An escalation counts from the due instant: this step has no `due`. Add one, such as due: 5 working days.")
		}
		for _, rung := range s.Escalate {
			if !rung.After.Empty() {
				l.span(rung.After)
			}
			l.rung(rung.To)
			l.sameAgain(s, rung.To)
		}
	}
}

func (l *linter) rung(to Str) {
	switch {
	case to.Empty(), to.V == org.ToDeputy:
	case !kebab.MatchString(to.V):
		l.ps.Add(to.Pos, "escalate", "An escalation goes to a role, such as aims-manager, or to deputy; `%s` is neither.%s", to.V, didYouMean(l.namedBy(to.V)))
	case l.o != nil:
		if _, ok := l.o.Role(to.V); !ok {
			l.ps.Add(to.Pos, "unknown-role", "The organisation has no role `%s`.%s", to.V, source.DidYouMean(to.V, append(l.roleIDs(), org.ToDeputy)))
			return
		}
		l.held(to)
	}
}
