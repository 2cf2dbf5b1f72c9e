package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// lintProtected checks the questions whose answers are kept apart: who may read
// them, and that they stand where that works.
func lintProtected(l *linter) {
	for _, at := range l.flow {
		for _, q := range at.step.Questions() {
			if len(q.Protected) > 0 {
				l.protected(at, q)
			}
		}
	}
}

func (l *linter) protected(at place, q Question) {
	pos := q.Protected[0].Pos
	switch {
	case at.step.Form == nil:
		l.ps.Add(pos, "protected", "Only a question of a form can be protected. Ask it in a form of its own before this task.")
	case !at.step.Form.Each.Empty() || at.each() != nil:
		l.ps.Add(pos, "protected", "A question that is put for each entry of a list cannot be protected. Ask it once, in a form of its own.")
	case q.Type.V == TypeRows:
		l.ps.Add(pos, "protected", "A question of type rows cannot be protected. Ask for the same as a text of type long.")
	}
	if !q.Prefill.Empty() {
		l.ps.Add(q.Prefill.Pos, "protected", "A protected question begins empty: what it is filled in with would stand where everybody can read it. Remove `prefill`.")
	}
	seen := map[string]bool{}
	for _, role := range q.Protected {
		switch {
		case seen[role.V]:
			l.ps.Add(role.Pos, "protected", "`%s` is in this list already.", role.V)
		case !kebab.MatchString(role.V) || l.o != nil && !has(l.roleIDs(), role.V):
			l.ps.Add(role.Pos, "unknown-role", "`protected` names the roles that may read the answer, and there is no role `%s`.%s", role.V, source.DidYouMean(role.V, l.roleIDs()))
		case l.o != nil:
			l.held(role)
		}
		seen[role.V] = true
	}
}
