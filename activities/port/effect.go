package port

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"encoding/json"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
)

// The kinds of effects: what is called outside.
const (
	EffectPost    = "slack.post"    // body: Card
	EffectEdit    = "slack.edit"    // body: Card; Of names the post's key
	EffectPrivate = "slack.private" // body: Private; best effort, at most once
	EffectIssue   = "jira.issue"    // body: Issue
	EffectComment = "jira.comment"  // body: Comment; Of names the issue's key
	EffectMove    = "jira.move"     // body: Move; Of names the issue's key
	EffectUpdate  = "jira.update"   // body: IssueUpdate; Of names the issue's key
)

// The states of an effect.
const (
	EffectIntent     = "intent"     // stored, not yet called
	EffectDone       = "done"       // outcome known
	EffectUnknown    = "unknown"    // called, answer lost: look outside by key before calling again
	EffectFailed     = "failed"     // refused for good; LastError says why
	EffectSuperseded = "superseded" // an edit overtaken by a newer one
)

// Effect is one change outside. It happens once: Key is unique.
type Effect struct {
	Key string // EffectKey of the fields below
	Place
	Purpose   string // epic, issue, ask, edit, remind, escalate, comment, move, private, notify, condition
	Addressee string
	N         int // rises when something deleted is made again or a reminder repeats; for edits the ask's state version
	Kind      string
	Token     string // of the ask, where there is one
	Of        string // key of the effect this one changes or belongs under
	Body      json.RawMessage
	State     string
	// ClaimedUntil is when the present attempt has given up; another may act
	// after it plus the outside's index allowance, and looks outside first.
	ClaimedUntil time.Time
	NotBefore    time.Time // Retry-After, or the allowance
	Attempts     int
	LastError    string
	Outcome      Outcome
	IntendedAt   time.Time
}

// Outcome is what a done effect left outside.
type Outcome struct {
	Channel string `json:"channel,omitempty"` // Slack channel id (D... for a direct message)
	TS      string `json:"ts,omitempty"`
	IssueID string `json:"issue_id,omitempty"` // numeric Jira id, survives moves
	Issue   string `json:"issue,omitempty"`    // Jira key
	ID      string `json:"id,omitempty"`       // comment id
	URL     string `json:"url,omitempty"`      // where people open it
	// Doubles are further copies found later: removed (Slack) or marked (Jira).
	Doubles []string `json:"doubles,omitempty"`
	// Found says that an earlier attempt had made it and this one found it. Known
	// to the attempt alone.
	Found bool `json:"-"`
}

// Digest26 hashes length-prefixed UTF-8 fields with SHA-256 and returns the
// first 26 characters of its lower-case base32: 130 bits.
func Digest26(fields ...string) string {
	h := sha256.New()
	var n [8]byte
	for _, f := range fields {
		binary.BigEndian.PutUint64(n[:], uint64(len(f)))
		h.Write(n[:])
		h.Write([]byte(f))
	}
	s := base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil))
	return strings.ToLower(s[:26])
}

// EffectKey is the key of an effect: "aims-" and 26 characters, which is also
// the Jira label and the key in Slack's message metadata.
func EffectKey(installation, workflowID string, p Place, purpose, addressee string, n int) string {
	return "aims-" + Digest26(installation, workflowID, p.Step, p.Item, strconv.Itoa(p.Round), purpose, addressee, strconv.Itoa(n))
}

// RecordKey is the deterministic key of a ledger record.
func RecordKey(p Place, kind, decisionID string, n int) string {
	return "rec-" + Digest26(p.Run, p.Step, p.Item, strconv.Itoa(p.Round), kind, decisionID, strconv.Itoa(n))
}

// Remakes tells whether the effect makes an issue again that was deleted.
func (e Effect) Remakes() bool {
	return e.Kind == EffectIssue && e.N > 0 && (e.Purpose == "issue" || e.Purpose == "epic")
}

// Card is the content of a Slack message, free of Block Kit. All texts are
// plain and untrusted: the adapter escapes and cuts them.
type Card struct {
	To Addressee `json:"to"`
	// LinkIssue adds the address of the issue made by the effect this one names
	// in Of, once it is known.
	LinkIssue bool `json:"link_issue,omitempty"`
	// ThreadOf is the key of a post whose thread this one joins; empty = none.
	ThreadOf string    `json:"thread_of,omitempty"`
	Title    string    `json:"title"`
	Lines    []string  `json:"lines,omitempty"`  // paragraphs
	Fields   []Field   `json:"fields,omitempty"` // label and value pairs
	Facts    []Field   `json:"facts,omitempty"`  // the evidence in short: what the decision is about
	Links    []Link    `json:"links,omitempty"`
	Buttons  []Button  `json:"buttons,omitempty"` // none once the ask is settled
	Token    string    `json:"token,omitempty"`   // buttons carry "v1." + Token
	Footer   string    `json:"footer,omitempty"`
	People   []Mention `json:"people,omitempty"` // whom to notify in a channel
	Exercise bool      `json:"exercise,omitempty"`
}

// Field is a labelled value.
type Field struct {
	Label string `json:"label"`
	Value string `json:"value"`
}

// Link is a labelled address.
type Link struct {
	Label string `json:"label"`
	URL   string `json:"url"`
}

// Mention is a person to mention by Slack user id.
type Mention struct {
	User string `json:"user"`
}

// Button is one action of a card.
type Button struct {
	Action string `json:"action"` // action id
	Label  string `json:"label"`
	Style  string `json:"style,omitempty"` // primary | danger
	// Confirm asks once more before the press counts; empty = no.
	Confirm string `json:"confirm,omitempty"`
}

// Private is an answer only one person sees.
type Private struct {
	Person  string `json:"person,omitempty"`
	User    string `json:"user"` // Slack user id
	Channel string `json:"channel"`
	Text    string `json:"text"`

	Exercise bool `json:"exercise,omitempty"`
}

// Modal is a form in a window, free of Block Kit.
type Modal struct {
	Callback  string               `json:"callback"` // action id the submission carries
	Token     string               `json:"token"`    // private_metadata is "v1." + Token
	Title     string               `json:"title"`
	Submit    string               `json:"submit"` // empty = read only
	Lines     []string             `json:"lines,omitempty"`
	Fields    []Field              `json:"fields,omitempty"`
	Questions []playbooks.Question `json:"questions,omitempty"`
	Prefill   map[string]any       `json:"prefill,omitempty"`
	Marks     []ModalMark          `json:"marks,omitempty"` // between the questions, in order
	// Page is which page of a form this is, from 1; the submission says it again.
	Page int `json:"page,omitempty"`
}

// Issue is a Jira issue to make. Description is plain text; the adapter
// escapes it for wiki markup.
type Issue struct {
	Type        string `json:"type"` // name of the issue type
	Project     string `json:"project"`
	Summary     string `json:"summary"`
	Description string `json:"description"`
	Assignee    string `json:"assignee,omitempty"` // account id
	Due         string `json:"due,omitempty"`      // YYYY-MM-DD
	Process     string `json:"process"`            // playbook name, kept in the issue property
	// Exercise puts LabelExercise on it.
	Exercise bool `json:"exercise,omitempty"`
}

// LabelExercise is the Jira label of all issues of exercises.
const LabelExercise = "aimsbot-exercise"

// Comment is a Jira comment in plain text.
type Comment struct {
	Text     string `json:"text"`
	Exercise bool   `json:"exercise,omitempty"`
}

// Move moves an issue to a status category.
type Move struct {
	Category string `json:"category"` // CategoryToDo | CategoryDone
	Status   string `json:"status"`   // the status name preferred where several fit
	Exercise bool   `json:"exercise,omitempty"`
}

// IssueUpdate sets fields of an issue; empty fields stay as they are.
type IssueUpdate struct {
	Assignee string `json:"assignee,omitempty"`
	Due      string `json:"due,omitempty"`
	Summary  string `json:"summary,omitempty"`
	// Description takes the place of the whole text.
	Description string `json:"description,omitempty"`

	Exercise bool `json:"exercise,omitempty"`
}

// Jira's status category keys.
const (
	CategoryToDo       = "new"
	CategoryInProgress = "indeterminate"
	CategoryDone       = "done"
)
