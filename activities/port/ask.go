// Package port holds the values and interfaces through which the activities
// reach the outside: the ledger, Slack, Jira and the engine. It is pure, and
// integrations implement it; none of them may import package activities.
package port

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
)

// Place is where in a run something happens. Item is the path of an item of an
// each step, empty elsewhere. Round counts from 1.
type Place struct {
	Run   string `json:"run"`
	Step  string `json:"step,omitempty"`
	Item  string `json:"item,omitempty"`
	Round int    `json:"round,omitempty"`
}

// The states of an ask.
const (
	AskOpen       = "open"       // people may answer
	AskSettled    = "settled"    // answered; late clicks get a kind answer
	AskSuperseded = "superseded" // its evidence changed; a newer version asks again
	AskWithdrawn  = "withdrawn"  // no longer needed, or the run was cancelled
)

// Ask is what a step puts before people: one row per version, one token for
// all its addressees. Unique by place and version.
type Ask struct {
	Token string // 26 characters of lower-case base32: 128 random bits
	Place
	Version  int // rises when the evidence changes; from 1
	Kind     playbooks.Kind
	State    string
	OpenedAt time.Time
	ClosedAt time.Time // zero while open
	// StateVersion rises with every change people can see; edits carry it.
	StateVersion int
	Body         AskBody
}

// AskBody is the content of an ask; stored as JSON.
type AskBody struct {
	Playbook  string               `json:"playbook"`
	Title     string               `json:"title"`
	Subject   string               `json:"subject"`    // what the run is about, as people say it
	SubjectID string               `json:"subject_id"` // id in the organisation file
	Questions []playbooks.Question `json:"questions,omitempty"`
	Prefill   map[string]any       `json:"prefill,omitempty"`
	// Rows are the entries a form goes through; the questions of the n-th have
	// ids that begin with RowID(n).
	Rows       []AskRow    `json:"rows,omitempty"`
	Addressees []Addressee `json:"addressees"`
	Due        time.Time   `json:"due,omitzero"`
	// Digest is that of the evidence document shown, "sha256:" + hex; the
	// document itself is kept under it.
	Digest  string   `json:"digest,omitempty"`
	Actions []string `json:"actions,omitempty"` // action ids an addressee may press
	// Choose is what whoever approves also chooses; in the window the ids begin
	// with ChooseID.
	Choose  []playbooks.Question `json:"choose,omitempty"`
	Changes string               `json:"changes,omitempty"` // title of the step 'ask for changes' goes back to
	Lines   []Line               `json:"lines,omitempty"`   // approval: who is needed, as of the opening
	// Exercise says that the run is a drill.
	Exercise bool `json:"exercise,omitempty"`
}

// AskRow is one entry of what a form goes through.
type AskRow struct {
	Title string `json:"title"` // as people read it
	Item  any    `json:"item"`  // as expressions read it
}

// ChooseID begins the ids under which an approval's choices are answered.
const ChooseID = "choose."

// RowID begins the ids of the questions of the n-th row, which counts from 1.
func RowID(n int) string { return fmt.Sprintf("r%d.", n) }

// Addressee is one person or channel an ask goes to. Exactly one of Person
// and Channel is set.
type Addressee struct {
	Person  string `json:"person,omitempty"`  // person id of the organisation file
	Channel string `json:"channel,omitempty"` // Slack channel id
	Why     string `json:"why,omitempty"`     // "you are the AI Ethics Officer"
}

// ID names the addressee in effect keys: "person:olive" or "channel:C0RAIC".
func (a Addressee) ID() string {
	if a.Person != "" {
		return "person:" + a.Person
	}
	return "channel:" + a.Channel
}

// AddresseeOf is the addressee of an ID, without the reason.
func AddresseeOf(id string) Addressee {
	if person, ok := strings.CutPrefix(id, "person:"); ok {
		return Addressee{Person: person}
	}
	return Addressee{Channel: strings.TrimPrefix(id, "channel:")}
}

// The actions of an ask: the action_id of its buttons, and the callback_id of
// the modals they open.
const (
	ActionAnswer     = "answer"     // form: opens the questions
	ActionApprove    = "approve"    // at once
	ActionConditions = "conditions" // opens a modal for conditions
	ActionReject     = "reject"     // opens a modal for the reason
	ActionChanges    = "changes"    // opens a modal for what to change
	ActionAbstain    = "abstain"    // opens a modal for the reason
	ActionRecuse     = "recuse"     // opens a modal for the reason
	ActionEvidence   = "evidence"   // opens the evidence document; decides nothing
	// ActionOrganisation is that of a hint: the organisation has changed.
	ActionOrganisation = "organisation"
	// ActionEvent is that of a hint: something happened that would have begun this
	// run, which is open already.
	ActionEvent = "event_joined"
	// ActionRunEnded is that of a hint: a run has ended that this one may wait for.
	ActionRunEnded = "run_ended"
)

// The kinds of inbox rows.
const (
	InboxClick   = "click"
	InboxSubmit  = "submit"
	InboxCommand = "command"
	InboxHint    = "hint"
)

// InboxRow is one delivery that may change a run, kept before it is
// acknowledged. ID is dense in commit order: rows are judged in it.
type InboxRow struct {
	ID         int64
	DecisionID string // ULID, made by intake
	Kind       string
	// DeliveryKey makes a repeated delivery the same row (facts/slack.md 7).
	DeliveryKey string
	Token       string // of the ask; empty for a command about the run
	Run         string
	Action      string // action id, command word ("cancel") or "changed" for a hint
	Person      string // person id; empty when nobody could be found: refused, still recorded
	Values      json.RawMessage
	Origin      Origin
	ReceivedAt  time.Time
	Verdict     *Verdict // nil until judged
	// Apart are the protected answers among Values, kept in the same commit. A row
	// that is read back comes without them.
	Apart []Apart
}

// Origin is where a delivery came from.
type Origin struct {
	Door    string `json:"door"` // slack | jira | cli | page
	Team    string `json:"team,omitempty"`
	User    string `json:"user,omitempty"` // Slack user id, Jira account id, or the claimed person
	Channel string `json:"channel,omitempty"`
	TS      string `json:"ts,omitempty"`
}

// The verdicts of Judge on an inbox row.
const (
	VerdictAccepted   = "accepted"
	VerdictRefused    = "refused"    // not eligible, or not valid
	VerdictLate       = "late"       // the step was closed already
	VerdictSuperseded = "superseded" // the evidence changed since
	VerdictReread     = "reread"     // a hint: look at the outside again
	VerdictIgnored    = "ignored"    // our own echo, or about nothing open
)

// Verdict is what Judge made of an inbox row. The first one stands.
type Verdict struct {
	Row        int64           `json:"row"`
	DecisionID string          `json:"decision_id"`
	Token      string          `json:"token,omitempty"`
	Step       string          `json:"step,omitempty"`
	Item       string          `json:"item,omitempty"`
	Round      int             `json:"round,omitempty"` // of the ask
	Role       string          `json:"role,omitempty"`  // line or lines an accepted decision was made as
	Kind       string          `json:"kind"`            // of the row
	Action     string          `json:"action"`
	Person     string          `json:"person,omitempty"`
	Verdict    string          `json:"verdict"`
	Reason     string          `json:"reason,omitempty"` // why refused, in words for the person
	Decision   *Decision       `json:"decision,omitempty"`
	Values     json.RawMessage `json:"values,omitempty"` // accepted answers
	At         time.Time       `json:"at"`               // received_at
	// Raised is the pattern whose lines this decision asks for by what it chose.
	Raised string `json:"raised,omitempty"`
	// Closes is set on the verdict that closed the step: the outcome of an
	// approval, "changes", or "done". Fields is then the step's result.
	Closes string         `json:"closes,omitempty"`
	Fields map[string]any `json:"fields,omitempty"`
}
