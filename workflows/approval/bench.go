package approval

import (
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// The quorum rules of a committee line.
const (
	RuleMajority = "majority" // more than half of the eligible, at least QuorumMin
	RuleAll      = "all"      // every eligible person, at least QuorumMin
	RuleNumber   = "number"   // Votes approvals
)

// bench is a line with the people who sit on it now.
type bench struct {
	line    port.Line
	sitting []string // eligible, in seat order
	recused []string
	needed  int
	chairs  []string // one of them must be among the approvers, where one is required
	// alternatives are those of any_of, nested ones flattened; such a bench has
	// no people of its own.
	alternatives []bench
}

// single tells whether one reject closes the whole approval.
func (b bench) single() bool {
	return b.line.Kind == port.LineRole || b.line.Kind == port.LinePerson
}

func newBench(l port.Line, votes ballots) bench {
	b := bench{line: l}
	if l.Kind == port.LineAnyOf {
		b.alternatives = alternatives(l, votes)
		return b
	}
	members, alternates := seats(l)
	for _, p := range members {
		b.seat(p, votes)
	}
	b.needed = needed(l, len(b.sitting))
	for _, p := range alternates {
		if len(b.sitting) < b.needed || votes.choice(p) == port.Recuse {
			b.seat(p, votes)
			b.needed = needed(l, len(b.sitting))
		}
	}
	if l.Kind == port.LineCommittee && l.ChairRequired {
		for _, p := range []string{l.Chair, l.DeputyChair} {
			if p != "" {
				b.chairs = append(b.chairs, p)
			}
		}
	}
	return b
}

func (b *bench) seat(person string, votes ballots) {
	if votes.choice(person) == port.Recuse {
		b.recused = append(b.recused, person)
		return
	}
	b.sitting = append(b.sitting, person)
}

func alternatives(l port.Line, votes ballots) []bench {
	var out []bench
	for _, a := range l.AnyOf {
		if a.Kind == port.LineAnyOf {
			out = append(out, alternatives(a, votes)...)
			continue
		}
		out = append(out, newBench(a, votes))
	}
	return out
}

// seats splits the seats that may decide into members and alternates, each
// person once. An exclusion anywhere on the line holds for all its seats, and
// who is a member is no alternate.
func seats(l port.Line) (members, alternates []string) {
	var out []string
	for _, s := range l.Seats {
		if s.Excluded != "" {
			out = append(out, s.Person)
		}
	}
	for _, s := range l.Seats {
		if !s.Alternate && !slices.Contains(out, s.Person) {
			members = union(members, []string{s.Person})
		}
	}
	for _, s := range l.Seats {
		if s.Alternate && !slices.Contains(out, s.Person) && !slices.Contains(members, s.Person) {
			alternates = union(alternates, []string{s.Person})
		}
	}
	return members, alternates
}

// needed is how many approvals a line takes with so many eligible people. A
// rule it does not know can never be met.
func needed(l port.Line, eligible int) int {
	switch {
	case l.Kind == port.LineRole || l.Kind == port.LinePerson:
		return 1
	case l.Kind != port.LineCommittee:
		return eligible + 1
	case l.Rule == RuleMajority:
		return max(eligible/2+1, l.QuorumMin)
	case l.Rule == RuleAll:
		return max(eligible, l.QuorumMin, 1)
	case l.Rule == RuleNumber:
		return max(l.Votes, 1)
	}
	return eligible + 1
}

// state counts the bench by itself. Met, Dead, TooFew and Assigned of the
// approval's own lines are set by assign, which sees all of them together.
func (b bench) state(votes ballots) LineState {
	s := LineState{ID: b.line.ID, Title: b.line.Title, Needed: b.needed, Eligible: len(b.sitting), Recused: b.recused}
	if b.line.Kind == port.LineAnyOf {
		return b.anyOfState(votes, s)
	}
	for _, p := range b.sitting {
		switch c := votes.choice(p); {
		case approves(c):
			s.Approved = append(s.Approved, p)
		case c == port.Reject:
			s.Rejected = append(s.Rejected, p)
		case c == port.Abstain:
			s.Abstained = append(s.Abstained, p)
		}
		if c := votes.choice(p); c == "" || c == port.Abstain && b.single() {
			s.Waiting = append(s.Waiting, p)
		}
	}
	chair := func(people []string) bool { return b.chairAmong(people) }
	possible := append(slices.Clone(s.Approved), s.Waiting...)
	s.Met = len(s.Approved) >= s.Needed && chair(s.Approved)
	s.TooFew = len(b.sitting) < s.Needed || !chair(b.sitting)
	s.Dead = !s.TooFew && (len(possible) < s.Needed || !chair(possible))
	return s
}

// chaired tells whether the chair, or who will do in that place, must approve.
func (b bench) chaired() bool { return b.line.Kind == port.LineCommittee && b.line.ChairRequired }

// chairAmong tells whether the chair is there where it must be.
func (b bench) chairAmong(people []string) bool {
	return !b.chaired() || len(b.chairsOf(people)) > 0
}

// chairsOf are those among people who can take the chair's own place.
func (b bench) chairsOf(people []string) []string {
	var out []string
	for _, p := range b.chairs {
		if slices.Contains(people, p) {
			out = append(out, p)
		}
	}
	return out
}

func (b bench) anyOfState(votes ballots, s LineState) LineState {
	var eligible []string
	for i, a := range b.alternatives {
		as := a.state(votes)
		s.AnyOf = append(s.AnyOf, as)
		if i == 0 || as.Needed < s.Needed {
			s.Needed = as.Needed
		}
		eligible = union(eligible, a.sitting)
		s.Approved = union(s.Approved, as.Approved)
		s.Rejected = union(s.Rejected, as.Rejected)
		s.Abstained = union(s.Abstained, as.Abstained)
		s.Recused = union(s.Recused, as.Recused)
		s.Waiting = union(s.Waiting, as.Waiting)
	}
	s.Eligible = len(eligible)
	if s.Title == "" {
		s.Title = titles(b.line)
	}
	return s
}
