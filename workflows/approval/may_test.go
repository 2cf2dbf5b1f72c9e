package approval_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows/approval"
	"github.com/google/go-cmp/cmp"
)

func role(id, title string, seats ...port.Seat) port.Line {
	return port.Line{ID: id, Kind: port.LineRole, Title: title, Seats: seats}
}

func committee(id, rule string, seats ...port.Seat) port.Line {
	return port.Line{ID: id, Kind: port.LineCommittee, Title: "Responsible AI Committee", Rule: rule, Seats: seats}
}

func seat(p string) port.Seat             { return port.Seat{Person: p} }
func barred(p, why string) port.Seat      { return port.Seat{Person: p, Excluded: why} }
func spare(p string) port.Seat            { return port.Seat{Person: p, Alternate: true} }
func said(who, what string) port.Decision { return decision(who, what) }

// demo is the approval of the sample organisation.
func demo() []port.Line {
	return []port.Line{
		role("1", "AI Ethics Officer", seat("ethan")),
		committee("2", "majority", seat("cora"), seat("cleo"), seat("carl"), seat("cyra"), barred("olive", "You own this system, so you may not decide on it."), spare("alma")),
	}
}

func TestCanDecide(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name   string
		lines  []port.Line
		given  []port.Decision
		person string
		choice string
		role   string
		reason string // the beginning of it
	}{
		{name: "member", person: "cora", role: "Responsible AI Committee"},
		{name: "role", person: "ethan", choice: port.Reject, role: "AI Ethics Officer"},
		{name: "both", lines: append(demo(), role("3", "Chief Risk Officer", seat("cora"))), person: "cora", role: "Responsible AI Committee and Chief Risk Officer"},
		{name: "stranger", person: "gus", reason: "You are not a member of Responsible AI Committee, and you do not act as AI Ethics Officer."},
		{name: "stranger to a committee", lines: demo()[1:], person: "gus", reason: "You are not a member of Responsible AI Committee."},
		{name: "stranger to a role", lines: demo()[:1], person: "gus", reason: "This is for AI Ethics Officer to decide, not for you."},
		{name: "owner", person: "olive", reason: "You own this system, so you may not decide on it."},
		{name: "excluded on one line only", lines: []port.Line{role("1", "AI Ethics Officer", barred("cora", "never")), demo()[1]}, person: "cora", role: "Responsible AI Committee"},
		{name: "spare", person: "alma", reason: "You are an alternate of Responsible AI Committee."},
		{name: "withdrew", given: []port.Decision{said("cora", port.Recuse)}, person: "cora", reason: "You withdrew from this decision."},
		{name: "changes its vote", given: []port.Decision{said("cora", port.Approve)}, person: "cora", choice: port.Reject, role: "Responsible AI Committee"},
		{name: "after the end", given: []port.Decision{said("ethan", port.Reject)}, person: "cora", reason: "This decision is closed: rejected."},
		{name: "no such choice", person: "cora", choice: "maybe", reason: "This is not one of the choices here."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			if c.lines == nil {
				c.lines = demo()
			}
			if c.choice == "" {
				c.choice = port.Approve
			}
			as, reason := approval.CanDecide(c.lines, c.given, c.person, c.choice)
			if as != c.role || !strings.HasPrefix(reason, c.reason) || (c.reason == "") != (reason == "") {
				t.Errorf("role %q, reason %q; want %q, %q", as, reason, c.role, c.reason)
			}
		})
	}
}

func TestAlternateSitsWhenMembersAreMissing(t *testing.T) {
	t.Parallel()
	lines := []port.Line{committee("1", "number", seat("cora"), seat("cleo"), spare("alma"), spare("ada"))}
	lines[0].Votes = 2
	given := []port.Decision{said("cleo", port.Recuse)}
	if as, reason := approval.CanDecide(lines, given, "alma", port.Approve); as == "" {
		t.Errorf("the first alternate is refused: %s", reason)
	}
	if as, _ := approval.CanDecide(lines, given, "ada", port.Approve); as != "" {
		t.Error("the second alternate sits without need")
	}
	if got := approval.Compute(lines, given); got.Lines[0].TooFew || !cmp.Equal(got.Waiting, []string{"cora", "alma"}) {
		t.Errorf("waiting for %v, too few %v", got.Waiting, got.Lines[0].TooFew)
	}
}

// TestWhatTheMessageShows pins what the ask's card is built from.
func TestWhatTheMessageShows(t *testing.T) {
	t.Parallel()
	lines := demo()
	with := said("cora", port.ApproveWith)
	with.Conditions = []port.Condition{{Text: "Test again", Owner: "val", Due: "2027-01-31"}}
	given := []port.Decision{with, said("carl", port.Abstain)}
	s := approval.Compute(lines, given)
	want := approval.State{
		Status: approval.Open,
		Lines: []approval.LineState{
			{ID: "1", Title: "AI Ethics Officer", Needed: 1, Eligible: 1, Waiting: []string{"ethan"}},
			{ID: "2", Title: "Responsible AI Committee", Needed: 3, Eligible: 4, Approved: []string{"cora"}, Abstained: []string{"carl"}, Waiting: []string{"cleo", "cyra"}, Assigned: []string{"cora"}},
		},
		Waiting:    []string{"ethan", "cleo", "cyra"},
		Conditions: with.Conditions,
	}
	if d := cmp.Diff(want, s); d != "" {
		t.Error(d)
	}
	given = append(given, said("cleo", port.Approve), said("ethan", port.Approve), said("cyra", port.Approve))
	s = approval.Compute(lines, given)
	if s.Status != approval.ApprovedWith || s.ClosedBy != "by-cyra" || !cmp.Equal(s.By, []string{"ethan", "cora", "cleo", "cyra"}) || len(s.Conditions) != 1 {
		t.Errorf("%+v", s)
	}
}

// TestNeverByItself holds the cases where a mistake would approve in silence.
func TestNeverByItself(t *testing.T) {
	t.Parallel()
	strange := port.Line{ID: "1", Kind: "council", Seats: []port.Seat{seat("a")}}
	odd := committee("1", "two thirds", seat("a"), seat("b"))
	for name, lines := range map[string][]port.Line{
		"no lines": nil, "vacant role": {role("1", "AI Ethics Officer")}, "empty any_of": {{ID: "1", Kind: port.LineAnyOf}},
		"unknown kind": {strange}, "unknown rule": {odd}, "nobody left": {committee("1", "all", barred("a", "owner"))},
		"one human for two lines": {role("1", "X", seat("a")), role("2", "Y", seat("a"))},
		"absurd number":           {{ID: "1", Kind: port.LineCommittee, Rule: "number", Votes: 1 << 40, Seats: []port.Seat{seat("a")}}},
	} {
		s := approval.Compute(lines, []port.Decision{said("a", port.Approve), said("b", port.Approve)})
		if s.Status != approval.Open {
			t.Errorf("%s: %s", name, s.Status)
		}
		if len(lines) > 0 && !s.Lines[len(lines)-1].TooFew {
			t.Errorf("%s: not told that it can never be met", name)
		}
	}
}

func TestWhoWithdrewStaysOut(t *testing.T) {
	t.Parallel()
	given := []port.Decision{said("cora", port.Recuse), said("cora", port.Approve)}
	s := approval.Compute(demo(), given)
	if l := s.Lines[1]; !cmp.Equal(l.Recused, []string{"cora"}) || len(l.Approved) > 0 || l.Eligible != 3 || l.Needed != 2 {
		t.Errorf("%+v", l)
	}
}
