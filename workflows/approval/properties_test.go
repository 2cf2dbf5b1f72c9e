package approval_test

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows/approval"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

const crowd = 7 // people of a drawn world: a to g

// drawLines makes one to three lines of any kind over the crowd.
func drawLines(t *rapid.T) []port.Line {
	n := rapid.IntRange(1, 3).Draw(t, "lines")
	out := make([]port.Line, n)
	for i := range out {
		id := fmt.Sprint(i + 1)
		out[i] = drawLeaf(t, id)
		if rapid.IntRange(0, 4).Draw(t, "any of") == 0 {
			out[i] = port.Line{ID: id, Kind: port.LineAnyOf, AnyOf: []port.Line{drawLeaf(t, id+".1"), drawLeaf(t, id+".2")}}
		}
	}
	return out
}

func drawLeaf(t *rapid.T, id string) port.Line {
	l := port.Line{ID: id, Title: "line " + id}
	l.Kind = rapid.SampledFrom([]string{port.LineRole, port.LinePerson, port.LineCommittee}).Draw(t, "kind")
	if l.Kind == port.LineCommittee {
		l.Rule = rapid.SampledFrom([]string{"majority", "all", "number"}).Draw(t, "rule")
		l.QuorumMin = rapid.IntRange(0, 3).Draw(t, "quorum")
		l.Votes = rapid.IntRange(1, 3).Draw(t, "votes")
		l.ChairRequired = rapid.Bool().Draw(t, "chair required")
		l.Chair = person(rapid.IntRange(0, crowd-1).Draw(t, "chair"))
	}
	for p := range crowd {
		s := port.Seat{Person: person(p)}
		switch rapid.SampledFrom([]int{absent, member, member, member, excluded, alternate}).Draw(t, "seat") {
		case absent:
			continue
		case excluded:
			s.Excluded = "owner"
		case alternate:
			s.Alternate = true
		}
		l.Seats = append(l.Seats, s)
	}
	return l
}

// drawDecisions lets each of some people say one of the choices.
func drawDecisions(t *rapid.T, from []string) []port.Decision {
	people := rapid.Permutation([]int{0, 1, 2, 3, 4, 5, 6}).Draw(t, "speakers")
	people = people[:rapid.IntRange(0, crowd).Draw(t, "how many")]
	out := make([]port.Decision, len(people))
	for i, p := range people {
		out[i] = decision(person(p), rapid.SampledFrom(from).Draw(t, "choice"))
	}
	return out
}

func decision(who, choice string) port.Decision {
	return port.Decision{ID: "by-" + who, Person: who, Choice: choice, At: time.Unix(0, 0)}
}

func TestOrderDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		first := drawDecisions(t, choices[1:])
		second := rapid.Permutation(first).Draw(t, "another order")
		a, b := approval.Compute(lines, first), approval.Compute(lines, second)
		if a.Status == approval.Open && b.Status == approval.Open {
			if d := cmp.Diff(a, b); d != "" {
				t.Fatalf("two orders differ:\n%s", d)
			}
		}
	})
}

func TestOrderOfApprovalsDoesNotMatter(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		first := drawDecisions(t, []string{port.Approve, port.Approve, port.Recuse})
		second := rapid.Permutation(first).Draw(t, "another order")
		if a, b := approval.Compute(lines, first), approval.Compute(lines, second); a.Status != b.Status {
			t.Fatalf("%s in one order, %s in the other", a.Status, b.Status)
		}
	})
}

// TestLastDecisionCounts puts another decision of one person before its own and
// expects the same end, as long as the first one did not close it.
func TestLastDecisionCounts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		plain := drawDecisions(t, choices[1:])
		if len(plain) == 0 {
			return
		}
		at := rapid.IntRange(0, len(plain)-1).Draw(t, "who changes")
		early := decision(plain[at].Person, rapid.SampledFrom([]string{port.Approve, port.ApproveWith, port.Reject, port.Abstain}).Draw(t, "first thought"))
		from := rapid.IntRange(0, at).Draw(t, "when")
		changed := slices.Insert(slices.Clone(plain), from, early)
		if approval.Compute(lines, changed[:at+1]).Status != approval.Open {
			return
		}
		if d := cmp.Diff(approval.Compute(lines, plain), approval.Compute(lines, changed)); d != "" {
			t.Fatalf("the vote given up still counts:\n%s", d)
		}
	})
}

// TestApprovedMeansEveryLineHasItsOwnPeople checks an approval from outside:
// nobody is used twice, nobody excluded is used, and each line has enough.
func TestApprovedMeansEveryLineHasItsOwnPeople(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		given := drawDecisions(t, []string{port.Approve, port.ApproveWith, port.Approve, port.Abstain})
		s := approval.Compute(lines, given)
		if s.Status != approval.Approved && s.Status != approval.ApprovedWith {
			return
		}
		var used []string
		for i, l := range s.Lines {
			if !l.Met || len(l.Assigned) < l.Needed || l.TooFew {
				t.Fatalf("approved, but line %s is not met: %+v", l.ID, l)
			}
			for _, p := range l.Assigned {
				if slices.Contains(used, p) {
					t.Fatalf("%s is used twice", p)
				}
				used = append(used, p)
				if !seated(lines[i], p) {
					t.Fatalf("%s decided line %s without a seat", p, l.ID)
				}
			}
		}
	})
}

func seated(l port.Line, who string) bool {
	for _, a := range l.AnyOf {
		if seated(a, who) {
			return true
		}
	}
	return slices.ContainsFunc(l.Seats, func(s port.Seat) bool { return s.Person == who && s.Excluded == "" })
}

// TestRefusedDecisionsChangeNothing ties the two functions together: whom
// CanDecide refuses could not have moved the status anyway, and whom it lets
// pass is somebody Compute listens to.
func TestRefusedDecisionsChangeNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		lines := drawLines(t)
		var accepted []port.Decision
		for _, d := range drawDecisions(t, choices[1:]) {
			role, reason := approval.CanDecide(lines, accepted, d.Person, d.Choice)
			before, after := approval.Compute(lines, accepted), approval.Compute(lines, append(slices.Clone(accepted), d))
			if (role == "") == (reason == "") {
				t.Fatalf("role %q and reason %q", role, reason)
			}
			if reason != "" && before.Status != after.Status {
				t.Fatalf("%s was refused (%s) but turned %s into %s", d.Person, reason, before.Status, after.Status)
			}
			if reason == "" {
				if cmp.Equal(before, after) {
					t.Fatalf("%s may decide as %s, but its %s does not show", d.Person, role, d.Choice)
				}
				accepted = append(accepted, d)
			}
		}
	})
}
