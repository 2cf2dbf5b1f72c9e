package approval_test

import (
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// TestDeputyChair: of all sets of approvals of five members, beside an officer who
// may be a member too, exactly those meet the line in which the chair or the deputy
// is one of enough whom the other line does not use.
func TestDeputyChair(t *testing.T) {
	people := []string{"chair", "deputy", "c", "d", "e"}
	for _, officer := range append([]string{"other"}, people...) {
		lines := []port.Line{
			{ID: "1", Kind: port.LineRole, Name: "officer", Seats: []port.Seat{{Person: officer}}},
			{ID: "2", Kind: port.LineCommittee, Name: "board", Rule: approval.RuleNumber, Votes: 2, Chair: "chair", DeputyChair: "deputy", ChairRequired: true},
		}
		for _, p := range people {
			lines[1].Seats = append(lines[1].Seats, port.Seat{Person: p})
		}
		for set := range 1 << len(people) {
			decisions := []port.Decision{{ID: "0", Person: "other", Choice: port.Approve}}
			free, chairs := 0, 0
			for i, p := range people {
				if set>>i&1 == 0 {
					continue
				}
				decisions = append(decisions, port.Decision{ID: p, Person: p, Choice: port.Approve})
				if p == officer {
					continue // used for the other line
				}
				free++
				if i < 2 {
					chairs++
				}
			}
			st := approval.Compute(lines, decisions)
			if want := free >= 2 && chairs > 0; st.Lines[1].Met != want {
				t.Errorf("officer %s, approvals %05b: met %v, want %v", officer, set, st.Lines[1].Met, want)
			}
		}
	}
}
