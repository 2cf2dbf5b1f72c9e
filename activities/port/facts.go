package port

import "time"

// FactsSchema is the number of the present form of FactsDocument.
const FactsSchema = 1

// FactsDocument is all that a collect step found, kept under its digest.
type FactsDocument struct {
	Schema int                   `json:"schema"`
	Run    string                `json:"run"`
	Step   string                `json:"step"`
	Round  int                   `json:"round"`
	Facts  map[string]Collection `json:"facts"` // by the name the step gives them
}

// Collection is what was found of one list of facts.
type Collection struct {
	Items []map[string]any `json:"items"`
	// Count is how many there were before the newest, or a sample, were taken.
	Count  int       `json:"count"`
	At     time.Time `json:"at"`
	Source string    `json:"source"`
	// Missing says what is not in Items although it should be; empty = nothing.
	Missing string `json:"missing,omitempty"`
}

// RunQuery chooses runs: those started until At, and not closed before Since.
type RunQuery struct {
	Without  string // the id of a run that is left out
	Playbook string // empty = any
	Subject  string // empty = any
	Since    time.Time
	At       time.Time
	Limit    int
}

// OrganisationVersion is one version of the organisation file.
type OrganisationVersion struct {
	Version int64
	From    time.Time
}
