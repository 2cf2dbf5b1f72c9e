package port

import "time"

// EvidenceSchema is the number of the present form of Evidence.
const EvidenceSchema = 1

// Evidence is the document a decision is about: what the steps named in
// `about` said. Its digest, over its RFC 8785 JSON, binds decisions to it.
type Evidence struct {
	Schema     int            `json:"schema"`
	Run        string         `json:"run"`
	Definition string         `json:"definition"`
	Subject    string         `json:"subject"`
	Round      int            `json:"round"`
	Steps      []EvidenceStep `json:"steps"`
	Exercise   bool           `json:"exercise,omitempty"` // of a drill
	// Joined is what happened since the run began that would have begun it.
	Joined []string `json:"joined,omitempty"`
}

// EvidenceStep is what one step said.
type EvidenceStep struct {
	Step   string          `json:"step"`
	Item   string          `json:"item,omitempty"` // the entry of an each
	Kind   string          `json:"kind"`
	Title  string          `json:"title"`
	By     string          `json:"by,omitempty"` // person id
	At     time.Time       `json:"at,omitzero"`  // when that person did it; absent for computed values
	Fields []EvidenceField `json:"fields"`
}

// EvidenceField is one answer or computed value.
type EvidenceField struct {
	ID    string `json:"id"`
	Label string `json:"label"`
	Value any    `json:"value"`
	// Text is the value as people are shown it; the digest covers it too.
	Text string `json:"text"`
}
