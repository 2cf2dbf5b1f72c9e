package playbooks

import (
	"slices"
	"strconv"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// lintQuorum finds committee lines that can never have enough approvals.
func lintQuorum(l *linter) {
	if l.o == nil {
		return
	}
	for _, at := range l.flow {
		if at.step.Approval == nil {
			continue
		}
		need := slices.Clone(at.step.Approval.Need)
		for _, r := range at.step.Approval.Raise {
			need = append(need, r.Need...)
		}
		for _, n := range need {
			for _, one := range append([]Need{n}, n.AnyOf...) {
				if c, ok := l.o.Committee(one.Committee.V); ok {
					l.quorum(at.step.Approval, one, c)
					l.chaired(at.step.Approval, one, c)
				}
			}
		}
	}
}

func (l *linter) quorum(a *Approval, n Need, c org.Committee) {
	seats := len(c.Members) + len(c.Alternates)
	if n.Votes > seats {
		l.ps.Add(n.Pos, "quorum", "`%s` has %d seats, alternates included, so %d of it can never approve. Lower `votes`.", c.ID, seats, n.Votes)
		return
	}
	best, fewest := 0, 0
	for i, out := range l.worlds(a) {
		members, all := eligible(c.Members, out), eligible(append(slices.Clone(c.Members), c.Alternates...), out)
		need := votesNeeded(c, n.Votes, len(members))
		if need <= len(all) {
			return
		}
		if i == 0 || len(all) > best {
			best, fewest = len(all), need
		}
	}
	if best > 0 { // with nobody left at all the line is reported as excluded
		l.ps.Add(n.Pos, "quorum", "`%s` can never approve this: %d approvals are needed, but at most %d of its people may decide. Change the committee or its rule.", c.ID, fewest, best)
	}
}

func eligible(people []string, out map[string]string) []string {
	var in []string
	for _, p := range people {
		if out[p] == "" && !has(in, p) {
			in = append(in, p)
		}
	}
	return in
}

// votesNeeded is how many approvals the committee takes with so many eligible
// members: the votes of the line, or else the committee's rule.
func votesNeeded(c org.Committee, votes, members int) int {
	if votes > 0 {
		return votes
	}
	switch c.Rule {
	case org.RuleMajority, "":
		return max(members/2+1, c.QuorumMin)
	case org.RuleAll:
		return max(members, c.QuorumMin, 1)
	}
	if n, err := strconv.Atoi(c.Rule); err == nil {
		return max(n, 1)
	}
	return 1 // an unknown rule is the organisation file's problem
}

// lintOneVote finds approvals that need more people than there are: one human
// is used for one line, whatever the roles held.
func lintOneVote(l *linter) {
	if l.o == nil {
		return
	}
	for _, at := range l.flow {
		if at.step.Approval != nil {
			l.oneVote(at.step.Approval)
		}
	}
}

func (l *linter) oneVote(a *Approval) {
	var clash *Need
	for _, out := range l.worlds(a) {
		n := l.firstClash(a, out)
		if n == nil {
			return
		}
		clash = n
	}
	if clash != nil {
		l.ps.Add(clash.Pos, "one-vote", "One person counts for one line, and too few people are left for this one: those who could act here are all needed for the lines above. Name somebody else.")
	}
}

// firstClash seats one person on each line that always needs exactly one, by
// augmenting paths, and returns the first line left without.
func (l *linter) firstClash(a *Approval, out map[string]string) *Need {
	taken := map[string]int{} // person -> line
	options := make([][]string, len(a.Need))
	var seat func(line int, tried map[string]bool) bool
	seat = func(line int, tried map[string]bool) bool {
		for _, p := range options[line] {
			if tried[p] {
				continue
			}
			tried[p] = true
			if held, ok := taken[p]; !ok || seat(held, tried) {
				taken[p] = line
				return true
			}
		}
		return false
	}
	for i, n := range a.Need {
		if n.When.Empty() {
			options[i] = l.single(n, out)
		}
		if len(options[i]) > 0 && !seat(i, map[string]bool{}) {
			return &a.Need[i]
		}
	}
	return nil
}

// single lists the people who may decide on a line of one seat; nothing when
// it has several seats or they are not known before a run.
func (l *linter) single(n Need, out map[string]string) []string {
	entries := n.AnyOf
	if len(entries) == 0 {
		entries = []Need{n}
	}
	var people []string
	for _, e := range entries {
		found, ok := l.deciders(e, out)
		if e.Committee.V != "" { // of its seats only that of a chair who must be among them is one person's
			c, _ := l.o.Committee(e.Committee.V)
			found, ok = Chairs(c, e.Chair.V), c.ChairRequired || !e.Chair.Empty()
		}
		if !ok || isExpr(e.Person.V) {
			return nil
		}
		people = append(people, found...)
	}
	return eligible(people, out)
}
