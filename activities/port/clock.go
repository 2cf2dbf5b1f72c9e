package port

import "time"

// RunClock is a clock of a run. It is never removed: a run that goes back, or
// whose condition for it no longer holds, keeps it.
type RunClock struct {
	ID    string `json:"id"` // the step that started it
	Title string `json:"title"`
	Rule  string `json:"rule"`
	Span  string `json:"span"`
	Round int    `json:"round"` // the round it started in
	// FromExpr is what From came from: a clock started later from the same
	// counts from the first answer too.
	FromExpr string    `json:"from_expr"`
	From     time.Time `json:"from"`
	Due      time.Time `json:"due"`
	State    string    `json:"state"`
	Owners   []string  `json:"owners"` // names, as the playbook says
	// Version counts its changes: records and messages are known by it.
	Version int `json:"version"`
	// OursAt is when a clock that runs for show becomes ours.
	OursAt time.Time `json:"ours_at,omitzero"`
	// Warned is the highest share of the time that was warned of, in percent.
	Warned int `json:"warned,omitempty"`
	// Extended is the time that a decision added; empty = none.
	Extended string `json:"extended,omitempty"`
	// By and Why are who made it longer last, and for which reason.
	By  []string `json:"by,omitempty"` // person ids
	Why string   `json:"why,omitempty"`
	// Refused is a later due instant that was asked for and does not count.
	Refused   time.Time `json:"refused,omitzero"`
	SettledAt time.Time `json:"settled_at,omitzero"`
	// LateAt is when a missed clock's step was done after all.
	LateAt time.Time `json:"late_at,omitzero"`
	NextAt time.Time `json:"next_at,omitzero"` // when to look next; zero = never
}

// FindClock returns the clock that a step started, or nil.
func (s *RunState) FindClock(id string) *RunClock {
	for i := range s.Clocks {
		if s.Clocks[i].ID == id {
			return &s.Clocks[i]
		}
	}
	return nil
}
