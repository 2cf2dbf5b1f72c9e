package ledger

import (
	"fmt"
	"slices"
)

// How far a pack's signer is known.
const (
	SignerProven   = "proven"   // by the key or checkpoint given
	SignerUnproven = "unproven" // the pack only agrees with itself
)

// Finding is one thing that is wrong with a pack.
type Finding struct {
	File    string `json:"file"`
	Record  *int64 `json:"record,omitempty"` // ledger index, where it is about one
	Message string `json:"message"`
}

// String prints file, record and message.
func (f Finding) String() string {
	if f.Record != nil {
		return fmt.Sprintf("%s: record %d: %s", f.File, *f.Record, f.Message)
	}
	return f.File + ": " + f.Message
}

// Report is what Verify found. The facts below Signer are what the pack says
// of itself; they count when there is no finding.
type Report struct {
	// OK means: no finding, and the signer proven or not asked for.
	OK bool `json:"ok"`
	// Verdict is the result in one line.
	Verdict string `json:"verdict"`
	Signer  string `json:"signer"`
	// Key is the verifier key whose signature was found good.
	Key          string `json:"key,omitempty"`
	Installation string `json:"installation,omitempty"`
	Run          string `json:"run,omitempty"`
	Playbook     string `json:"playbook,omitempty"`
	Definition   string `json:"definition,omitempty"` // digest
	Records      int    `json:"records"`
	Decisions    int    `json:"decisions"`
	Documents    int    `json:"documents"`
	Erased       int    `json:"erased"` // body fields, each with its record
	Size         int64  `json:"size"`
	Root         string `json:"root,omitempty"`
	// FirstBad is the lowest ledger index a finding is about.
	FirstBad *int64    `json:"first_bad,omitempty"`
	Findings []Finding `json:"findings"`
	// Notes say what the check does not cover.
	Notes []string `json:"notes,omitempty"`
}

// conclude sorts the findings, records first, and puts the result in words.
func (r *Report) conclude(self bool) {
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		switch {
		case a.Record == nil && b.Record == nil:
			return 0
		case a.Record == nil:
			return 1
		case b.Record == nil:
			return -1
		case *a.Record < *b.Record:
			return -1
		case *a.Record > *b.Record:
			return 1
		}
		return 0
	})
	if len(r.Findings) > 0 {
		r.FirstBad = r.Findings[0].Record
		r.Verdict = fmt.Sprintf("not consistent: %s", r.Findings[0])
		if n := len(r.Findings) - 1; n > 0 {
			r.Verdict += fmt.Sprintf(" (and %d more)", n)
		}
		return
	}
	r.OK = self || r.Signer == SignerProven
	if r.Signer == SignerProven {
		r.Verdict = fmt.Sprintf("consistent, signer proven: %d records of run %s", r.Records, r.Run)
		return
	}
	r.Verdict = "consistent, signer unproven: " + unprovenAdvice
}

const unprovenAdvice = "check it against the verifier key or a checkpoint that you got on another way"
