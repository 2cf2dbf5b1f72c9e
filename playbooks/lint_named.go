package playbooks

import "strings"

// namedBy is the id of the role, committee or person that people mean with a
// title, a full name, an e-mail address or a name of Slack; "" where there is
// none.
func (l *linter) namedBy(text string) string {
	if l.o == nil {
		return ""
	}
	text = strings.TrimPrefix(strings.TrimSpace(text), "@")
	text, _, _ = strings.Cut(text, "@")
	want := plainWords(text)
	if want == "" {
		return ""
	}
	same := func(id, title string) bool { return plainWords(id) == want || plainWords(title) == want }
	for _, r := range l.o.Roles {
		if same(r.ID, r.Title) {
			return r.ID
		}
	}
	for _, c := range l.o.Committees {
		if same(c.ID, c.Title) {
			return c.ID
		}
	}
	for _, p := range l.o.People {
		if same(p.ID, p.Name) {
			return p.ID
		}
	}
	return ""
}

// plainWords are the letters and digits of a name.
func plainWords(s string) string {
	return strings.Map(func(r rune) rune {
		if strings.ContainsRune(" .-_'", r) {
			return -1
		}
		return r
	}, strings.ToLower(s))
}

func didYouMean(id string) string {
	if id == "" {
		return ""
	}
	return " Did you mean `" + id + "`?"
}

// noSeat reports what is no id on a line of an approval.
func (l *linter) noSeat(name Str, what string) {
	id := l.namedBy(name.V)
	switch {
	case id == "":
		l.ps.Add(name.Pos, "need", "`%s` is no id of a %s. Ids are small letters, digits and hyphens: write such as %s.", name.V, what, asID(name.V, '-', "ai-ethics-officer"))
	case has(l.roleIDs(), id):
		l.ps.Add(name.Pos, "need", "`%s` is no id of a %s. Write role: %s.", name.V, what, id)
	case has(l.committeeIDs(), id):
		l.ps.Add(name.Pos, "need", "`%s` is no id of a %s. Write committee: %s.", name.V, what, id)
	default:
		l.ps.Add(name.Pos, "need", "`%s` is a person. Write person: %s, or the id of the role that decides, which holds when people change.", name.V, id)
	}
}

// sameAgain reports a rung of an escalation that leads to who is asked already.
func (l *linter) sameAgain(s *Step, to Str) {
	for _, who := range asked(s) {
		switch {
		case who == "" || isExpr(who) || to.Empty():
		case who == to.V:
			l.ps.Add(to.Pos, "escalate", "This escalates to `%s`, who is asked already. Name somebody else, such as the role above.", to.V)
			return
		case l.onlyHolder(to.V) != "" && l.onlyHolder(to.V) == l.onlyHolder(who):
			l.ps.Add(to.Pos, "escalate", "This escalates to `%s`, and that is the same person as `%s`, who is asked already. Name somebody else.", to.V, who)
			return
		}
	}
}

// asked are the names of who must answer a step, where that is one each.
func asked(s *Step) []string {
	switch {
	case s.Form != nil:
		return []string{s.Form.Ask.One.V}
	case s.Task != nil:
		return []string{s.Task.Assign.One.V}
	case s.Approval != nil && len(s.Approval.Need) == 1:
		return []string{s.Approval.Need[0].Role.V + s.Approval.Need[0].Person.V}
	}
	return nil
}

// onlyHolder is the one person behind a role or a person's id; "" where nobody
// or several are.
func (l *linter) onlyHolder(name string) string {
	if l.o == nil {
		return ""
	}
	if p, ok := l.o.Person(name); ok {
		return p.ID
	}
	r, ok := l.o.Role(name)
	if !ok || len(r.Deputies) > 0 {
		return ""
	}
	return r.Holder
}

// sameLines reports a role or a committee that always stands on two lines: one
// human counts for one of them, and the others do not act beside the holder.
func (l *linter) sameLines(lines []Need) {
	seen := map[string]Pos{}
	for _, n := range lines {
		name := n.Role.V + n.Committee.V
		if name == "" || !n.When.Empty() || !n.Pattern.Empty() {
			continue
		}
		if first, dup := seen[name]; dup {
			l.ps.Add(n.Pos, "need", "`%s` decides on %s already, and one person counts for one line. Name another role, or write votes for a committee.", name, line(first, n.Pos))
			continue
		}
		seen[name] = n.Pos
	}
}
