package playbooks

import (
	"regexp"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// plainName is the form of role, committee and person ids in a playbook.
var plainName = regexp.MustCompile(`^[a-z][a-z0-9_-]*$`)

// isExpr tells whether a text holds an expression.
func isExpr(s string) bool { return strings.Contains(s, "${") }

// lintPeople checks who is asked, told, and never to decide.
func lintPeople(l *linter) {
	for _, at := range l.flow {
		switch s := at.step; {
		case s.Form != nil:
			for _, q := range s.Form.Questions {
				for _, who := range q.Never {
					l.who(who, "never")
				}
				for _, c := range q.Columns {
					for _, who := range c.Never {
						l.who(who, "never")
					}
				}
			}
			l.people(s.Form.Ask, "ask")
			l.noAskForAnyone(s.Form.Ask, "form")
		case s.Task != nil:
			l.people(s.Task.Assign, "assign")
			l.noTaskForAnyone(s.Task.Assign)
		case s.Notify != nil:
			l.people(s.Notify.To, "to")
			l.noAskForAnyone(s.Notify.To, "message")
		case s.Approval != nil:
			for _, who := range s.Approval.Never {
				l.who(who, "never")
			}
		}
	}
}

func (l *linter) people(p People, key string) {
	names := p.AnyOf
	if !p.One.Empty() {
		names = []Str{p.One}
	}
	seen := map[string]bool{}
	for _, who := range names {
		if seen[who.V] {
			l.ps.Add(who.Pos, "people", "`%s` is in this list already.", who.V)
			continue
		}
		seen[who.V] = true
		l.who(who, key)
	}
}

// who checks one name: a role, a committee, a person, anyone, or ${...} alone.
func (l *linter) who(who Str, key string) {
	text := strings.TrimSpace(who.V)
	switch {
	case isExpr(text):
		if !strings.HasPrefix(text, "${") || !strings.HasSuffix(text, "}") {
			l.ps.Add(who.Pos, "people", "`%s` names people: write either one name or one expression such as ${system.owner}, with no text around it.", key)
		}
	case !plainName.MatchString(text):
		l.ps.Add(who.Pos, "people", "`%s` names nobody.%s Write the id of a role, a committee or a person, `anyone`, or an expression such as ${system.owner}.", who.V, didYouMean(l.namedBy(who.V)))
	case text == org.Anyone && key == "never":
		l.ps.Add(who.Pos, "people", "If `anyone` may never decide, nobody is left. Name the people who may not.")
	case l.o != nil && text != org.Anyone:
		if err := l.o.CheckName(text); err != nil {
			l.ps.Add(who.Pos, "unknown-name", "%s", upperFirst(err.Error()))
			return
		}
		if key != "never" {
			l.held(who)
		}
	}
}

// noTaskForAnyone: a Jira issue has one assignee, and a task for everybody is
// nobody's.
func (l *linter) noTaskForAnyone(p People) {
	if p.One.V == org.Anyone {
		l.ps.Add(p.One.Pos, "people", "A task for `anyone` is nobody's. Assign it to a role, a person or an expression such as ${system.owner}.")
	}
}

// noAskForAnyone: a message has to go to somebody. Who may start a run by
// themselves is said by `starts`.
func (l *linter) noAskForAnyone(p People, what string) {
	if p.One.V == org.Anyone {
		l.ps.Add(p.One.Pos, "people", "A %s to `anyone` goes to nobody. Write '${run.by}' for whoever started the run - with `starts: {by: [anyone]}` that is anyone - or name a role, a committee, a person or an expression such as ${system.owner}.", what)
	}
}

// held reports a role that nobody holds and nobody could act for.
func (l *linter) held(name Str) {
	if _, isRole := l.o.Role(name.V); isRole && len(l.o.Acting(name.V, true)) == 0 {
		l.ps.Add(name.Pos, "vacant-role", "Nobody could act as `%s`: it has no holder, no deputies and no fallback role that has any. Name one in the organisation file.", name.V)
	}
}

// lintNeeds checks the names on the lines of approvals.
func lintNeeds(l *linter) {
	for _, at := range l.flow {
		if at.step.Approval == nil {
			continue
		}
		l.sameLines(at.step.Approval.Need)
		for _, n := range at.step.Approval.Need {
			for _, one := range append([]Need{n}, n.AnyOf...) {
				l.needNames(one)
			}
		}
	}
}

func (l *linter) needNames(n Need) {
	l.seat(n.Role, "role", l.roleIDs(), l.committeeIDs(), "committee")
	l.seat(n.Committee, "committee", l.committeeIDs(), l.roleIDs(), "role")
	if n.Person.V == org.Anyone {
		l.ps.Add(n.Person.Pos, "people", "`anyone` cannot approve. Name a role, a committee or a person.")
		return
	}
	if !n.Person.Empty() {
		if l.o != nil && has(l.roleIDs(), n.Person.V) {
			l.ps.Add(n.Person.Pos, "need", "`%s` is a role. Write role: %s.", n.Person.V, n.Person.V)
			return
		}
		l.who(n.Person, "person")
	}
}

// seat checks a role or committee of a line; other is where it may belong.
func (l *linter) seat(name Str, what string, ids, others []string, other string) {
	switch {
	case name.Empty():
	case isExpr(name.V):
		l.ps.Add(name.Pos, "need", "`%s` is the id of a %s, not an expression. For people found by an expression write person: %s.", what, what, name.V)
	case !kebab.MatchString(name.V):
		l.noSeat(name, what)
	case l.o == nil:
	case has(others, name.V):
		l.ps.Add(name.Pos, "need", "`%s` is a %s. Write %s: %s.", name.V, other, other, name.V)
	case !has(ids, name.V):
		l.ps.Add(name.Pos, "unknown-"+what, "The organisation has no %s `%s`.%s", what, name.V, source.DidYouMean(name.V, ids))
	case what == "role":
		l.held(name)
	}
}

func (l *linter) roleIDs() []string {
	if l.o == nil {
		return nil
	}
	var out []string
	for _, r := range l.o.Roles {
		out = append(out, r.ID)
	}
	return out
}

func (l *linter) committeeIDs() []string {
	if l.o == nil {
		return nil
	}
	var out []string
	for _, c := range l.o.Committees {
		out = append(out, c.ID)
	}
	return out
}

func upperFirst(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
