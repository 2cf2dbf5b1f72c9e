package playbooks

import (
	"slices"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Organisation is what a playbook is checked against.
type Organisation = org.Organisation

// Lint judges what a parsed playbook says, beyond its form. With an
// organisation it also checks that the roles, committees and people named are
// there and could decide, and with rules that those named are there. All problems are returned, sorted.
func Lint(p *Playbook, o *Organisation, rules *Rules) Problems {
	if ps := tooLarge(p); len(ps) > 0 {
		return ps
	}
	l := &linter{p: p, o: o, rules: rules, flow: flow(p)}
	for _, check := range []func(*linter){
		lintName, lintSubject, lintIDs, lintQuestions, lintFollowing, lintInput, lintData, lintEach, lintItems, lintRegister, lintCollect, lintClauses, lintOutcomes,
		lintReferences, lintAbout, lintHolds, lintWay, lintEnds, lintReach,
		lintTimes, lintReminders, lintEscalation, lintClocks,
		lintPeople, lintStarts, lintNeeds, lintExcluded, lintQuorum, lintOneVote,
		lintTexts, lintWords,
	} {
		check(l)
	}
	if l.namesClear() {
		l.ps = append(l.ps, checkExpressions(p, o, rules)...)
		l.ps = append(l.ps, checkStarts(p, o, rules)...)
	}
	l.ps.Sort()
	return l.ps
}

// linter is what the rules look at. Each rule is one function lint<Rule>, and
// reports under one kebab-case name.
type linter struct {
	p     *Playbook
	o     *Organisation // may be nil: then nothing is said about who there is
	rules *Rules        // may be nil: then nothing is said about which there are
	flow  []place
	ps    Problems
}

// namesClear tells whether an expression can be judged: what it names must
// mean one thing.
func (l *linter) namesClear() bool {
	return has(org.Kinds(), l.p.Subject.V) && !slices.ContainsFunc(l.ps, func(p Problem) bool {
		return p.Rule == "id" || p.Rule == "duplicate-id" || p.Rule == "reserved-id" || p.Rule == "option-id"
	})
}

// find returns the first step of that id.
func (l *linter) find(id string) (place, bool) {
	for _, at := range l.flow {
		if at.step.ID.V == id && id != "" {
			return at, true
		}
	}
	return place{}, false
}

// stepIDs are the ids of all steps, for 'did you mean'.
func (l *linter) stepIDs() []string {
	var out []string
	for _, at := range l.flow {
		if !at.step.ID.Empty() {
			out = append(out, at.step.ID.V)
		}
	}
	return out
}
