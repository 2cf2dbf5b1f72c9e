package playbooks

import (
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// lintReferences checks the steps named by about: those that ran before.
func lintReferences(l *linter) {
	for _, at := range l.flow {
		seen := map[string]bool{}
		for _, id := range at.step.ShownIn() {
			if seen[id.V] {
				l.ps.Add(id.Pos, "about", "`%s` is in this list already.", id.V)
				continue
			}
			seen[id.V] = true
			to, ok := l.earlier(at, id, "about")
			if in := to.each(); ok && in != nil && in != at.each() {
				l.ps.Add(id.Pos, "about", "`%s` is done once for every entry of `%s`. Write `%s`, which shows all of them.", id, in.ID, in.ID)
			}
			if ok && to.step.Clock != nil {
				l.ps.Add(id.Pos, "about", "A clock goes on by itself, so it cannot be what is decided about. To hold the decision up, write a `not_before` that asks run.clocks.")
			}
		}
	}
}

// earlier tells whether id names a step that runs before at, and reports it
// when not.
func (l *linter) earlier(at place, id Str, key string) (place, bool) {
	to, ok := l.find(id.V)
	if !ok {
		l.ps.Add(id.Pos, "unknown-step", "There is no step `%s`.%s", id.V, source.DidYouMean(id.V, l.stepIDs()))
		return to, false
	}
	switch at.orderOf(to) {
	case earlier:
		return to, true
	case later:
		l.ps.Add(id.Pos, "forward-reference", "`%s` names `%s`, which comes later, on %s. Name a step that has run by then.", key, id.V, line(to.step.Pos, id.Pos))
	case itself:
		l.ps.Add(id.Pos, "forward-reference", "`%s` names the step itself. Name a step that has run by then.", key)
	case around:
		l.ps.Add(id.Pos, "forward-reference", "`%s` names `%s`, which this step is a part of. Name a step that has run by then.", key, id.V)
	default:
		l.ps.Add(id.Pos, "forward-reference", "`%s` names `%s`, which runs at the same time, in the same group. Name a step that has run by then.", key, id.V)
	}
	return to, false
}

// lintReach finds what never happens, as far as it can be seen without
// knowing any answer.
func lintReach(l *linter) {
	for _, at := range l.flow {
		s := at.step
		if constant(s.When) == "false" {
			what := "This step never runs"
			if s.Holds() {
				what = "Nothing in this " + s.holder() + " ever runs"
			}
			l.ps.Add(s.When.Pos, "unreachable", "%s: its `when` is always false. Remove it or write a condition.", what)
		}
		if s.Approval != nil {
			for _, n := range s.Approval.Need {
				if constant(n.When) == "false" {
					l.ps.Add(n.When.Pos, "unreachable", "This line is never needed: its `when` is always false. Remove the line or write a condition.")
				}
			}
		}
		if s.Wait != nil && constant(s.Wait.Until) == "false" {
			l.ps.Add(s.Wait.Until.Pos, "unreachable", "This wait never ends: `until` is always false. Write a date or a condition that can come true.")
		}
		if s.Due != nil {
			l.rows(s.Due.Table, false)
		}
		for _, v := range s.Set {
			l.rows(v.Table, v.All)
		}
	}
}

// rows finds rows that can never be chosen.
func (l *linter) rows(rows []Row, all bool) {
	for i, row := range rows {
		switch c := constant(row.When); {
		case c == "false":
			l.ps.Add(row.When.Pos, "unreachable", "This row is never chosen: its `when` is always false.")
		case c == "true" && !all && i < len(rows)-1:
			l.ps.Add(row.When.Pos, "unreachable", "This row is always chosen, so the rows after it never are. Make it the last, as {else: ...}.")
			return
		}
	}
}

// constant is "true" or "false" when the condition is just that word.
func constant(when Str) string {
	switch s := strings.Trim(strings.TrimSpace(when.V), "()"); s {
	case "true", "!false":
		return "true"
	case "false", "!true":
		return "false"
	}
	return ""
}
