package port

import "time"

// The choices of a decision.
const (
	Approve        = "approve"
	ApproveWith    = "approve_with_conditions"
	Reject         = "reject"
	RequestChanges = "request_changes"
	Abstain        = "abstain"
	Recuse         = "recuse"
)

// The outcomes of an approval.
const (
	OutcomeApproved     = "approved"
	OutcomeApprovedWith = "approved_with_conditions"
	OutcomeRejected     = "rejected"
	OutcomeVoid         = "void"
)

// The kinds of approval lines.
const (
	LineRole      = "role"
	LinePerson    = "person"
	LineCommittee = "committee"
	LineAnyOf     = "any_of"
)

// Line is one line of an approval resolved to people at an instant. Every line
// must be met.
type Line struct {
	ID    string `json:"id"` // "1", "2", ...; inside any_of "2.1"
	Kind  string `json:"kind"`
	Name  string `json:"name"`  // role, person or committee id
	Title string `json:"title"` // as people say it
	Seats []Seat `json:"seats,omitempty"`
	// Committee only.
	Rule          string `json:"rule,omitempty"`  // majority | all | number
	Votes         int    `json:"votes,omitempty"` // for rule number
	QuorumMin     int    `json:"quorum_min,omitempty"`
	Chair         string `json:"chair,omitempty"`
	ChairRequired bool   `json:"chair_required,omitempty"`
	DeputyChair   string `json:"deputy_chair,omitempty"` // will do in the chair's place
	AnyOf         []Line `json:"any_of,omitempty"`
}

// Seat is one person who sits on a line. Excluded says why the person may not
// decide here; empty means eligible. Alternates are last and sit only when the
// members left are fewer than needed.
type Seat struct {
	Person    string `json:"person"`
	Excluded  string `json:"excluded,omitempty"`
	Alternate bool   `json:"alternate,omitempty"`
}

// Decision is what one person said to an approval. The last one of a person
// counts while the step is open.
type Decision struct {
	ID         string      `json:"id"` // decision id of the inbox row
	Person     string      `json:"person"`
	Choice     string      `json:"choice"`
	Reason     string      `json:"reason,omitempty"`
	Conditions []Condition `json:"conditions,omitempty"`
	Digest     string      `json:"digest,omitempty"` // of the evidence shown
	// Chosen is what an approval chose, by name, as JSON has it.
	Chosen map[string]any `json:"chosen,omitempty"`
	At     time.Time      `json:"at"`
}

// Condition is attached to an approval; it becomes a task.
type Condition struct {
	Text  string `json:"text"`
	Owner string `json:"owner"` // person id
	Due   string `json:"due"`   // YYYY-MM-DD
}
