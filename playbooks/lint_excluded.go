package playbooks

import (
	"regexp"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// alwaysOut are the expressions for people who never decide about a subject.
var alwaysOut = regexp.MustCompile(`^\$\{\s*(system|model|supplier|incident|risk|finding|subject)(\.system)?\.(owner|developers(\[[0-9]+\])?)\s*\}$`)

// lintExcluded finds lines that nobody could ever meet, because everybody on
// them is excluded from deciding. Every line must be met, so one is enough for
// the step to stay open for ever.
func lintExcluded(l *linter) {
	for _, at := range l.flow {
		a := at.step.Approval
		if a == nil {
			continue
		}
		for _, n := range a.Need {
			if why := l.shutOut(n, a); why != "" {
				l.ps.Add(n.Pos, "excluded", "This line can never be met: %s. Name somebody else.", why)
			}
		}
	}
}

// shutOut says why a line can never be met; "" when it can, or when that is
// not known before a run.
func (l *linter) shutOut(n Need, a *Approval) string {
	if len(n.AnyOf) > 0 {
		var why []string
		for _, one := range n.AnyOf {
			w := l.shutOut(one, a)
			if w == "" {
				return ""
			}
			if !slices.Contains(why, w) {
				why = append(why, w)
			}
		}
		return strings.Join(why, ", and ")
	}
	name := n.Role.V + n.Person.V + n.Committee.V
	switch {
	case alwaysOut.MatchString(n.Person.V):
		return "the owner and the developers never decide about their own system"
	case n.Person.V != "" && l.firstAuthor(n.Person.V):
		return "who fills in the first form never decides on it"
	case slices.ContainsFunc(a.Never, func(s Str) bool { return s.V == name && name != "" }):
		return "`never` names `" + name + "`, who is to decide here"
	case l.o == nil || isExpr(name):
		return ""
	}
	for _, out := range l.worlds(a) {
		people, found := l.deciders(n, out)
		if !found || slices.ContainsFunc(people, func(p string) bool { return out[p] == "" }) {
			return ""
		}
	}
	return "everybody who could act as `" + name + "` is excluded from deciding, whatever the system"
}

// firstAuthor tells whether the expression is who answered the first form.
func (l *linter) firstAuthor(expr string) bool {
	for _, at := range l.flow {
		if at.step.Form != nil && !at.step.Form.Opinion {
			inner := strings.TrimSuffix(strings.TrimPrefix(expr, "${"), "}")
			return strings.TrimSpace(inner) == "steps."+at.step.ID.V+".by"
		}
	}
	return false
}

// worlds are the people excluded from an approval, with why, once per subject
// that a run may be about: of what is only known in a run, once per system it may
// belong to. Without any, once.
func (l *linter) worlds(a *Approval) []map[string]string {
	var out []map[string]string
	kind := l.p.About()
	if org.RegisterOnly(kind) {
		kind = org.KindSystem
	}
	for _, s := range l.o.Subjects(kind) {
		out = append(out, l.o.Exclusions(s))
	}
	if len(out) == 0 {
		out = append(out, map[string]string{})
	}
	for _, who := range a.Never {
		people, err := l.o.Holders(who.V)
		if isExpr(who.V) || who.V == org.Anyone || err != nil {
			continue // not known before a run, or reported already
		}
		for _, world := range out {
			for _, p := range people {
				world[p] = "named by never"
			}
		}
	}
	if author := l.author(); author != "" {
		for _, world := range out {
			world[author] = "author of the first form"
		}
	}
	return out
}

// author is who fills in the first form, when that can be only one person.
func (l *linter) author() string {
	for _, at := range l.flow {
		if at.step.Form == nil {
			continue
		}
		ask := at.step.Form.Ask.One.V
		if at.maySkip() || ask == "" || isExpr(ask) {
			return ""
		}
		if r, ok := l.o.Role(ask); ok && len(r.Deputies) > 0 {
			return ""
		}
		if people, err := l.o.Holders(ask); err == nil && len(people) == 1 {
			return people[0]
		}
		return ""
	}
	return ""
}

// deciders are the people who could act on a line with fixed names, the
// excluded ones among them; false when the organisation does not have it.
func (l *linter) deciders(n Need, out map[string]string) ([]string, bool) {
	switch {
	case n.Role.V != "":
		if _, ok := l.o.Role(n.Role.V); !ok {
			return nil, false
		}
		seats, _ := l.o.RoleSeats(n.Role.V, func(p string) string { return out[p] }, true)
		var people []string
		for _, s := range seats {
			people = append(people, s.Person)
		}
		return people, len(people) > 0 // an empty role is reported as vacant
	case n.Committee.V != "":
		c, ok := l.o.Committee(n.Committee.V)
		return append(slices.Clone(c.Members), c.Alternates...), ok && len(c.Members) > 0
	}
	_, ok := l.o.Person(n.Person.V)
	return []string{n.Person.V}, ok
}
