package web

import (
	"context"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Desk is what can be asked of a running bot. Errors that are no *Error and no
// known value of package port count as Unreachable: something the bot needs
// did not work.
type Desk interface {
	// Start starts a run, or answers the open one.
	Start(ctx context.Context, q StartRequest) (StartReply, error)
	// Runs lists runs, newest first; state empty = all.
	Runs(ctx context.Context, state string) ([]port.RunRow, error)
	// Run returns one run by its whole id.
	Run(ctx context.Context, id string) (port.RunRow, error)
	// Records returns the records of a run in order.
	Records(ctx context.Context, run string) ([]port.StoredRecord, error)
	// Effects returns the effects of a run in the order they were intended.
	Effects(ctx context.Context, run string) ([]port.Effect, error)
	// Subject is what is known of a subject.
	Subject(ctx context.Context, kind, id string) (port.SubjectFacts, error)
	// Cancel asks a run to end and waits for the verdict.
	Cancel(ctx context.Context, q CancelRequest) (CancelReply, error)
	// Export writes the evidence pack of a run to an absolute path.
	Export(ctx context.Context, run, path string) (ExportReply, error)
	// Raise keeps that something happened, and says what it led to.
	Raise(ctx context.Context, q EventRequest) (EventReply, error)
	// Erase removes what people said in steps of a closed run.
	Erase(ctx context.Context, q EraseRequest) (EraseReply, error)
}

// StartRequest asks for a run.
type StartRequest struct {
	Playbook string            `json:"playbook"`
	Subject  string            `json:"subject,omitempty"`
	By       string            `json:"by"` // person id, as claimed
	Input    map[string]string `json:"input,omitempty"`
	Exercise bool              `json:"exercise,omitempty"`
}

// StartReply names the run. Open: it was open before, nothing was started.
type StartReply struct {
	Run  string `json:"run"`
	Open bool   `json:"open,omitempty"`
}

// EventRequest says that something happened.
type EventRequest struct {
	Event   string            `json:"event"`
	Kind    string            `json:"kind"` // of the subject
	Subject string            `json:"subject,omitempty"`
	By      string            `json:"by"` // person id, as claimed
	Key     string            `json:"key,omitempty"`
	Values  map[string]string `json:"values,omitempty"`
}

// EventReply says what came of an event. Known: it was kept before.
type EventReply struct {
	Event int64      `json:"event"`
	Known bool       `json:"known,omitempty"`
	Led   []EventLed `json:"led"`
}

// EventLed is what an event led to by a playbook.
type EventLed struct {
	Playbook string `json:"playbook"`
	Run      string `json:"run,omitempty"`
	How      string `json:"how"` // one of port's
	Reason   string `json:"reason,omitempty"`
}

// CancelRequest asks to end a run.
type CancelRequest struct {
	Run    string `json:"run"`
	Reason string `json:"reason"`
	By     string `json:"by"` // person id, as claimed
}

// EraseRequest asks for what people said in steps of a run to be removed.
type EraseRequest struct {
	Run    string   `json:"run"`
	Steps  []string `json:"steps"`
	Reason string   `json:"reason"`
	By     string   `json:"by"` // person id, as claimed
}

// EraseReply counts what was removed.
type EraseReply struct {
	Run       string `json:"run"`
	Fields    int    `json:"fields"`    // of records' bodies
	Documents int    `json:"documents"` // evidence documents
}

// CancelReply is the verdict on it: one of port's, and why; an empty verdict
// means that it is kept and not judged yet.
type CancelReply struct {
	Verdict string `json:"verdict"`
	Reason  string `json:"reason,omitempty"`
}

// ExportReply says what was written. Key is the verifier key of the
// installation, for whoever checks the pack.
type ExportReply struct {
	Path    string `json:"path"`
	Records int    `json:"records"`
	Key     string `json:"key"`
}
