package port

import "github.com/aimsbot/aimsbot/playbooks/org"

// SubjectFacts is what is known of a subject now, and how it came to be so.
type SubjectFacts struct {
	Kind        string         `json:"kind"`
	ID          string         `json:"id"`
	Name        string         `json:"name"`
	Provisional bool           `json:"provisional,omitempty"` // a run made it, no file names it yet
	Values      map[string]any `json:"values"`
	History     []org.Fact     `json:"history,omitempty"` // what runs wrote, oldest first
}
