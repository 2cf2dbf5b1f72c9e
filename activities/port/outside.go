package port

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// OutsideError is a failed call outside, sorted at the border: was it refused
// for sure, or is its outcome unknown? Errors that are not an *OutsideError
// count as unknown.
type OutsideError struct {
	Target   string        // slack | jira
	Call     string        // method or "POST issue"
	Code     string        // error code or HTTP status
	Definite bool          // nothing happened outside: calling again cannot double it
	Forever  bool          // calling again cannot help: bad request, missing permission
	Retry    time.Duration // Retry-After; 0 = not said
	// Scope is what a rate limit pauses: "" (no limit), "call", "issue", "tenant".
	Scope string
	Err   error
}

// Error names the target, the call and the code; it holds no secret.
func (e *OutsideError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("%s: %s: %s: %v", e.Target, e.Call, e.Code, e.Err)
	}
	return fmt.Sprintf("%s: %s: %s", e.Target, e.Call, e.Code)
}

// Unwrap returns the cause.
func (e *OutsideError) Unwrap() error { return e.Err }

// Definite tells whether the call is known to have done nothing.
func Definite(err error) bool {
	var o *OutsideError
	return errors.As(err, &o) && o.Definite
}

// ErrNotFound says that what was looked for is not there.
var ErrNotFound = errors.New("not found")

// Messenger posts and edits messages in Slack. Every method makes at most one
// changing call and never retries by itself.
type Messenger interface {
	// Post sends a card and returns where it stands. key travels in the
	// message's metadata. thread is the ts to answer under, empty for none.
	Post(ctx context.Context, key string, c Card, user, thread string) (Outcome, error)
	// Edit replaces the card at a known place.
	Edit(ctx context.Context, at Outcome, c Card) error
	// Private shows a text to one person in a channel; it cannot be found again.
	Private(ctx context.Context, p Private) error
	// Find looks in the conversation for messages with the key, no older than
	// since, oldest first. user opens the direct message where Channel is empty.
	Find(ctx context.Context, key string, c Card, user, thread string, since time.Time) ([]Outcome, error)
	// Remove deletes a message of ours.
	Remove(ctx context.Context, at Outcome) error
}

// Tracker makes and changes Jira issues. Every method makes at most one
// changing call and never retries by itself.
type Tracker interface {
	// CreateIssue makes an issue whose label and property carry key. parent is
	// the key of the epic, empty for none.
	CreateIssue(ctx context.Context, key string, p Place, i Issue, parent string) (Outcome, error)
	// FindIssues returns the issues that carry key, lowest id first.
	FindIssues(ctx context.Context, key string) ([]Outcome, error)
	// Comment adds a comment whose property carries key.
	Comment(ctx context.Context, key, issueID string, c Comment) (Outcome, error)
	// FindComments returns the comments of the issue that carry key.
	FindComments(ctx context.Context, key, issueID string) ([]Outcome, error)
	// Move brings the issue into the category; already there is success.
	Move(ctx context.Context, issueID string, m Move) error
	// Update sets fields.
	Update(ctx context.Context, issueID string, u IssueUpdate) error
	// Read returns the issue as it is now; ErrNotFound when it is gone.
	Read(ctx context.Context, issueID string) (IssueState, error)
	// MaySee tells whether our account may see and create issues in a project:
	// only then an issue that is not found is gone.
	MaySee(ctx context.Context, project string) (bool, error)
}

// IssueState is what a task's issue looks like now.
type IssueState struct {
	ID, Key    string
	Summary    string
	Category   string // status category key
	Status     string
	Resolution string
	Assignee   string // account id
	Created    time.Time
	// DoneBy is the account that last moved it into the done category, DoneAt when.
	DoneBy string
	DoneAt time.Time
	// Evidence is what people put on it, in a stable order: attachments (with
	// the hash of their bytes), remote links, links in comments. Never ours.
	Evidence []EvidenceItem
}

// EvidenceItem is one piece of task evidence.
type EvidenceItem struct {
	Kind   string    `json:"kind"` // attachment | link | comment_link
	Name   string    `json:"name"`
	URL    string    `json:"url,omitempty"`    // links: shown as 'not bound'
	SHA256 string    `json:"sha256,omitempty"` // attachments: of the bytes
	By     string    `json:"by"`               // Jira account id, empty = unknown; in a run's results the person id
	At     time.Time `json:"at,omitzero"`
}

// Account is what Slack says of a person's account at the moment of asking.
type Account struct {
	OK     bool   // a full, active member of our workspace
	Reason string // why not: deactivated, guest, other workspace, bot, stranger
}

// Directory asks Slack about accounts.
type Directory interface {
	// Account reads the account fresh. An error means it could not be read:
	// identity then fails closed.
	Account(ctx context.Context, team, user string) (Account, error)
}

// Engine starts and signals runs.
type Engine interface {
	// StartRun starts the workflow of a run once: a second call with the same
	// id is success.
	StartRun(ctx context.Context, r StartedRun) error
	// Signal tells the run that an inbox row waits. A closed run is success:
	// its rows are answered from the ledger.
	Signal(ctx context.Context, workflowID, decisionID string) error
}
