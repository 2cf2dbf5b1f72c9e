package playbooks

import "regexp"

var readsAnswer = regexp.MustCompile(`\banswers\.([a-z][a-z0-9_]*)`)

// Reads are the ids of the questions of the same form whose answers decide
// whether the question is asked.
func (q Question) Reads() (ids []string) {
	for _, m := range readsAnswer.FindAllStringSubmatch(q.When.V, -1) {
		ids = append(ids, m[1])
	}
	return ids
}

// Follows tells whether other answers of the same form decide whether the question
// is asked.
func (q Question) Follows() bool { return readsAnswer.MatchString(q.When.V) }

// lintFollowing checks what questions read whose being asked follows from answers:
// an answer is there only to what was asked before.
func lintFollowing(l *linter) {
	for _, at := range l.flow {
		before := map[string]bool{}
		for _, q := range at.step.Questions() {
			switch {
			case q.Follows() && at.step.Form == nil:
				l.ps.Add(q.When.Pos, "question-when", "A question may follow from other answers in a form only. Make it optional here, and say in `help` when it is needed.")
			case q.Follows():
				for _, id := range q.Reads() {
					if !before[id] && asksFor(at.step, id) {
						l.ps.Add(q.When.Pos, "question-when", "`%s` is asked no earlier than `%s`, so its answer is not there yet. Put `%s` after it.", id, q.ID, q.ID)
					}
				}
			}
			before[q.ID.V] = true
		}
	}
}

func asksFor(s *Step, id string) bool {
	for _, q := range s.Questions() {
		if q.ID.V == id {
			return true
		}
	}
	return false
}
