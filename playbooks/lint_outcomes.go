package playbooks

import (
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// The words a run can end with by itself: that of its last approval, else
// completed.
var outcomeWords = []string{"approved", "approved_with_conditions", "rejected", "void", "completed"}

// lintOutcomes checks the words a run may end with.
func lintOutcomes(l *linter) {
	approvals, always := 0, false
	words := slices.Clone(outcomeWords)
	ends := map[string]bool{}
	for _, at := range l.flow {
		if at.step.Kind == KindApproval {
			approvals++
			always = always || !at.maySkip()
		}
		if e := at.step.End; e != nil && !e.Outcome.Empty() {
			l.endWord(e.Outcome)
			ends[e.Outcome.V] = true
			if !slices.Contains(words, e.Outcome.V) {
				words = append(words, e.Outcome.V)
			}
		}
	}
	for _, o := range l.p.Outcomes {
		switch w := o.Name.V; {
		case !has(words, w):
			l.ps.Add(o.Name.Pos, "outcome", "No run ends as `%s`.%s The words are: %s.", w, source.DidYouMean(w, words), strings.Join(words, ", "))
		case ends[w]:
		case w != "completed" && approvals == 0:
			l.ps.Add(o.Name.Pos, "outcome", "No run ends as `%s`, because this playbook has no approval. It ends as completed.", w)
		case w == "completed" && always:
			l.ps.Add(o.Name.Pos, "outcome", "No run ends as `completed`, because there always is an approval: its outcome is the run's.")
		}
		if w := o.Name.V; o.Counts && (w == "rejected" || w == "void") {
			l.ps.Add(o.Name.Pos, "outcome", "A run that ends as `%s` did not do what was due, so it cannot count. Remove `counts`.", w)
		}
	}
}

// endWord checks the outcome of an `end`: of its own making it is listed, so
// that it is known whether it counts.
func (l *linter) endWord(o Str) {
	if !snake.MatchString(o.V) || len(o.V) > maxID {
		l.ps.Add(o.Pos, "outcome", "`%s` is no outcome. Use up to %d small letters, digits and _, beginning with a letter, such as %s.", o.V, maxID, asID(o.V, '_', "not_an_incident"))
		return
	}
	listed := slices.ContainsFunc(l.p.Outcomes, func(x Outcome) bool { return x.Name.V == o.V })
	if !listed && !has(outcomeWords, o.V) {
		l.ps.Add(o.Pos, "outcome", "The outcome `%s` is not among the playbook's `outcomes`. Add it there: `%s: {}`, or `%s: {counts: true}` if the work is done with it.", o.V, o.V, o.V)
	}
}

// Counts tells whether a run that ended with the outcome moves the cadence on.
func (p *Playbook) Counts(outcome string) bool {
	for _, o := range p.Outcomes {
		if o.Name.V == outcome {
			return o.Counts
		}
	}
	return outcome == "completed" && len(p.Outcomes) == 0
}
