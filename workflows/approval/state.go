// Package approval holds the rules of a decision: who sits on a line, how many
// approvals it needs, and what the decisions given so far make of it. It is
// pure and deterministic: workflow code and activities call the same functions
// and get the same answer for the same input.
package approval

import (
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Status is where an approval stands.
type Status string

// The states of an approval. All but Open are final.
const (
	Open         Status = "open"
	Approved     Status = port.OutcomeApproved
	ApprovedWith Status = port.OutcomeApprovedWith
	Rejected     Status = port.OutcomeRejected
	Changes      Status = port.RequestChanges // somebody asked for changes: the round ends
)

// LineState is one line as it stands. People are listed in seat order.
type LineState struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	// Needed is how many approvals the line takes now. For any_of it is the
	// smallest number of its alternatives.
	Needed int `json:"needed"`
	// Eligible is how many may decide on it: seated, not excluded, not withdrawn.
	Eligible  int      `json:"eligible"`
	Approved  []string `json:"approved,omitempty"` // with or without conditions
	Rejected  []string `json:"rejected,omitempty"`
	Abstained []string `json:"abstained,omitempty"`
	Recused   []string `json:"recused,omitempty"`
	// Waiting are those whose decision could still move the line. On a role or
	// person line somebody who abstained stays among them: nobody else can end it.
	Waiting []string `json:"waiting,omitempty"`
	Met     bool     `json:"met"`
	// Dead says that the approvals still possible are too few: final.
	Dead bool `json:"dead,omitempty"`
	// Assigned are the approvers this line uses: one human counts for one line.
	Assigned []string `json:"assigned,omitempty"`
	// TooFew says that the line can never be met with the people it has. It
	// stays open until other people sit on it.
	TooFew bool        `json:"too_few,omitempty"`
	AnyOf  []LineState `json:"any_of,omitempty"` // each alternative by itself
}

// State is an approval as the decisions so far make it.
type State struct {
	Status Status      `json:"status"`
	Lines  []LineState `json:"lines"`
	// Waiting are the people who can still move it; empty once closed.
	Waiting []string `json:"waiting,omitempty"`
	// Split says that there are approvals enough, but that they choose differently:
	// nothing is decided until enough choose the same.
	Split bool `json:"split,omitempty"`
	// Choice is what was chosen; set when it is approved and something was to choose.
	Choice map[string]any `json:"choice,omitempty"`
	// Conditions are those of everybody whose approval counts, in line order.
	Conditions []port.Condition `json:"conditions,omitempty"`
	// By are the people who brought the final state; empty while open.
	By []string `json:"by,omitempty"`
	// ClosedBy is the id of the decision that closed it; empty while open.
	ClosedBy string `json:"closed_by,omitempty"`
}

// Compute tells where an approval stands after the accepted decisions, given in
// row order. The last decision of a person counts, except that who withdrew
// stays out; what comes after the closing decision changes nothing. Decisions
// of people who may not decide count nowhere.
func Compute(lines []port.Line, decisions []port.Decision) State {
	votes := ballots{}
	if len(decisions) == 0 {
		return evaluate(lines, votes)
	}
	var s State
	for _, d := range decisions {
		if votes.choice(d.Person) == port.Recuse {
			continue
		}
		votes[d.Person] = d
		s = evaluate(lines, votes)
		if s.Status != Open {
			s.ClosedBy = d.ID
			if len(s.By) == 0 { // an abstention or a withdrawal left too few
				s.By = []string{d.Person}
			}
			break
		}
	}
	return s
}

// ballots is the decision that counts of each person. It is only looked up,
// never ranged over.
type ballots map[string]port.Decision

func (b ballots) choice(person string) string { return b[person].Choice }

func approves(choice string) bool { return choice == port.Approve || choice == port.ApproveWith }

// evaluate judges one set of decisions, whatever their order.
func evaluate(lines []port.Line, votes ballots) State {
	benches := make([]bench, len(lines))
	for i, l := range lines {
		benches[i] = newBench(l, votes)
	}
	s := State{Status: Open, Lines: make([]LineState, len(lines))}
	for i, b := range benches {
		s.Lines[i] = b.state(votes)
	}
	assign(benches, s.Lines, votes)
	counted := agreed(benches, s.Lines, votes)
	s.Status, s.By = verdict(benches, s.Lines, votes, counted)
	if s.Status == Approved || s.Status == ApprovedWith {
		s.Conditions, s.Choice = conditions(s.Lines, counted), chosen(s.By, counted)
		return s
	}
	s.Conditions = conditions(s.Lines, votes)
	if s.Status != Open {
		return s
	}
	s.Split = counted == nil && allMet(s.Lines)
	for _, l := range s.Lines {
		if !l.Met || s.Split {
			s.Waiting = union(s.Waiting, l.Waiting)
		}
		if s.Split { // who has decided can choose anew
			s.Waiting = union(s.Waiting, l.Approved)
		}
	}
	return s
}

// verdict draws the status from the lines. Asking for changes and the reject
// of a single role or person end it at once; nothing approves an empty list.
func verdict(benches []bench, lines []LineState, votes, counted ballots) (Status, []string) {
	if by := whoever(benches, votes, port.RequestChanges, false); len(by) > 0 {
		return Changes, by
	}
	if by := whoever(benches, votes, port.Reject, true); len(by) > 0 {
		return Rejected, by
	}
	var by, against []string
	dead, with := false, false
	for _, l := range lines {
		by = union(by, counted.approvers(l.Approved))
		if l.Dead {
			dead = true
			against = union(against, l.Rejected)
		}
	}
	switch {
	case dead:
		return Rejected, against
	case counted == nil:
		return Open, nil
	}
	for _, p := range by {
		with = with || counted.choice(p) == port.ApproveWith
	}
	if with {
		return ApprovedWith, by
	}
	return Approved, by
}

// whoever lists the sitting people who made the choice; with alone set, only
// those of role and person lines.
func whoever(benches []bench, votes ballots, choice string, alone bool) []string {
	var out []string
	for _, b := range benches {
		out = union(out, whoever(b.alternatives, votes, choice, alone))
		if alone && !b.single() {
			continue
		}
		for _, p := range b.sitting {
			if votes.choice(p) == choice {
				out = union(out, []string{p})
			}
		}
	}
	return out
}

// conditions collects what the approvers attached, in line order.
func conditions(lines []LineState, votes ballots) []port.Condition {
	var people []string
	for _, l := range lines {
		people = union(people, l.Approved)
	}
	var out []port.Condition
	for _, p := range people {
		if votes.choice(p) == port.ApproveWith {
			out = append(out, votes[p].Conditions...)
		}
	}
	return out
}

// union appends those of b that a lacks, keeping the order.
func union(a, b []string) []string {
	for _, p := range b {
		if !slices.Contains(a, p) {
			a = append(a, p)
		}
	}
	return a
}
