package port

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Record is one entry to append to the ledger. Header fields stay for ever in
// clear; Body fields are kept apart, each as a salted commitment, so that one
// can be erased without breaking the chain.
type Record struct {
	Key string // RecordKey; appending the same key again returns the first
	Place
	At      time.Time // the workflow's time, or received_at
	Kind    string    // such as "decision.accepted"
	Actor   string    // person id; the header holds its pseudonym, the body the name
	Role    string    // role or committee it acted as
	Subject string
	Header  map[string]string // further plain facts: outcome, digest, version; no personal data
	Body    map[string]any    // answers, reasons, names
}

// StoredRecord is a record as the ledger keeps it.
type StoredRecord struct {
	Index  int64           `json:"index"`
	Key    string          `json:"key"`
	Header json.RawMessage `json:"header"` // RFC 8785 JSON; the leaf is its SHA-256
	Leaf   string          `json:"leaf"`
	Body   []BodyField     `json:"body,omitempty"`
}

// BodyField is one field of a record's body with its salt. Erased fields have
// neither salt nor value.
type BodyField struct {
	Name   string          `json:"name"`
	Salt   string          `json:"salt,omitempty"`
	Value  json.RawMessage `json:"value,omitempty"`
	Erased bool            `json:"erased,omitempty"`
}

// The states of a run row.
const (
	RunStarting = "starting" // row committed, the workflow may not exist yet: the sweeper starts it
	RunOpen     = "open"
	RunClosed   = "closed"
)

// StartedRun is a run as it was started.
type StartedRun struct {
	ID         string // ULID
	WorkflowID string // aims-<8 of installation>-<playbook>-<ULID>
	Playbook   string
	SubjectID  string
	Subject    string // as people say it
	By         string // person id, or "programme"
	Door       string // cli | slack | programme
	Input      map[string]string
	Occurrence string // id of the occurrence, empty without one
	Definition playbooks.Definition
	StartedAt  time.Time
	// Parent is the run whose step started this one; empty without one.
	Parent string `json:",omitempty"`
	// Events is after how many history events the run continues as new; 0 =
	// the default. Fixed at the start, so that a replay decides the same.
	Events int `json:",omitempty"`
	// Exercise says that the run is a drill.
	Exercise bool `json:",omitempty"`
}

// RunRow is a run with its present view.
type RunRow struct {
	StartedRun
	State    string
	Outcome  string
	ClosedAt time.Time
	View     RunView
}

// Restricted tells whether only those who take part may see what the run is
// about; also before it has done anything, where its playbook always says so.
func (r RunRow) Restricted() bool {
	return r.View.Restricted || r.Definition.Playbook != nil && r.Definition.Playbook.Restricted.V == "true"
}

// Knows tells whether a person may see what the run is about.
func (r RunRow) Knows(person string) bool {
	return !r.Restricted() || person != "" && (person == r.By || slices.Contains(r.View.Participants, person))
}

// Veiled is the run as those see it who may not see what it is about.
func (r RunRow) Veiled() RunRow {
	const veil = "restricted"
	v := RunRow{State: r.State, ClosedAt: r.ClosedAt, Outcome: r.Outcome}
	v.ID, v.WorkflowID, v.StartedAt, v.Exercise = r.ID, r.WorkflowID, r.StartedAt, r.Exercise
	v.Playbook, v.SubjectID, v.Subject, v.By = veil, veil, veil, veil
	if v.Outcome != "" {
		v.Outcome = "ended"
	}
	v.View = RunView{Steps: []StepView{}, Waiting: []Waiting{}, Restricted: true}
	if len(r.View.Waiting) > 0 {
		v.View.Waiting = []Waiting{{For: "those who take part"}}
	}
	return v
}

// RunView is what `show` prints of a run's inside.
type RunView struct {
	Steps   []StepView `json:"steps"`
	Waiting []Waiting  `json:"waiting"`
	// Restricted says that only the participants may see what the run is about.
	Restricted   bool     `json:"restricted,omitempty"`
	Participants []string `json:"participants,omitempty"` // person ids; of a restricted run
}

// StepView is one step as it stands.
type StepView struct {
	Step     string         `json:"step"`
	Item     string         `json:"item,omitempty"`
	Kind     string         `json:"kind"`
	Title    string         `json:"title,omitempty"`
	Round    int            `json:"round"`
	State    string         `json:"state"` // open | done | skipped | withdrawn
	Result   map[string]any `json:"result,omitempty"`
	Issue    string         `json:"issue,omitempty"`
	OpenedAt time.Time      `json:"opened_at,omitzero"`
	DoneAt   time.Time      `json:"done_at,omitzero"`
	Due      time.Time      `json:"due,omitzero"`
	Missed   bool           `json:"missed,omitempty"`
}

// Waiting says whom a run waits for and why.
type Waiting struct {
	Step   string    `json:"step"`   // empty: the run is parked and waits for the operator
	People []string  `json:"people"` // person ids
	For    string    `json:"for"`    // what would end the wait, in words
	Due    time.Time `json:"due,omitzero"`
	Run    string    `json:"run,omitempty"` // the run that is waited for
}

// Occurrence is one due instant of one programme entry for one subject.
type Occurrence struct {
	ID       string // Digest26(playbook, subject, due in RFC 3339 UTC)
	Playbook string
	Subject  string
	Due      time.Time
	State    string
	Reason   string // of a gap, and of one that is late
	Run      string
	Exercise bool // of a drill: it stands for nothing that is due
	// Event is what begins the run instead of a day of the programme; nil = nothing
	// does.
	Event *BegunBy
}

// BegunBy is the event that begins a run, and those before it that were counted.
type BegunBy struct {
	Event   int64
	Counted []int64
}

// The states of an occurrence.
const (
	OccurrenceStarted = "started"
	OccurrenceGap     = "gap"  // no run was started for it
	OccurrenceLate    = "late" // its due instant passed without a run whose outcome counts
)

// RemakeLimit allows Most issues to be made again from Since on.
type RemakeLimit struct {
	Since time.Time
	Most  int
}

// Batch is what one judgement or advance writes, in one transaction.
type Batch struct {
	Records   []Record
	Documents map[string]json.RawMessage // digest -> evidence document
	Asks      []Ask                      // inserted; the same place and version again must hold the same token, else ErrConflict
	AskStates []AskState
	Effects   []Effect // inserted where the key is new
	// Remakes is the limit that the effects have to keep, else ErrConflict; nil
	// where none of them makes an issue again.
	Remakes  *RemakeLimit
	Verdicts []Verdict
	// Facts are written into the register; the first of a record stand.
	Facts []org.Fact
	// Events have happened by this, each with its record; EventRuns is what events
	// led to; Settled are those that every playbook was looked at with; Released
	// are taken back from runs that ended before they took them in.
	Events    []Event
	EventRuns []EventRun
	Settled   []int64
	Released  []EventRun
	Run       string // whose view and state change; empty = none
	View      *RunView
	Close     *RunClose
}

// AskState changes an ask already there. Body is replaced where it is given.
type AskState struct {
	Token        string
	State        string
	StateVersion int
	ClosedAt     time.Time
	Body         *AskBody
}

// RunClose ends a run.
type RunClose struct {
	Outcome string
	At      time.Time
}

// ErrConflict says that somebody else wrote the same place first; reading
// again and repeating will succeed.
var ErrConflict = errors.New("conflict")

// OpenRunError says that a run of the playbook for the subject is open already.
type OpenRunError struct{ Run string }

// Error names the open run.
func (e *OpenRunError) Error() string { return "run " + e.Run + " is already open" }

// Inbox is what intake needs of the ledger.
type Inbox interface {
	// AskByToken returns ErrNotFound for a token never made here.
	AskByToken(ctx context.Context, token string) (Ask, error)
	// AskOfIssue finds the newest ask whose Jira issue has the numeric id; the
	// run's epic gives an Ask with only its Place.Run set. ErrNotFound: not ours.
	AskOfIssue(ctx context.Context, issueID string) (Ask, error)
	// HintedSince tells whether a hint about the issue of an ask came at t or
	// later.
	HintedSince(ctx context.Context, run, token string, t time.Time) (bool, error)
	// IssuesInUse lists the numeric ids of the issues of runs not closed.
	IssuesInUse(ctx context.Context) ([]string, error)
	// UnderWay tells whether key is that of an effect of this installation whose
	// outcome is not stored yet.
	UnderWay(ctx context.Context, key string) (bool, error)
	// MessageOf tells whether channel and ts are a message of the ask, or may
	// be one whose outcome is not stored yet.
	MessageOf(ctx context.Context, token, channel, ts string) (bool, error)
	// Document returns an evidence document by its digest.
	Document(ctx context.Context, digest string) (json.RawMessage, error)
	// Draft returns what a person typed into the form of an ask and did not send
	// yet; nil for nothing.
	Draft(ctx context.Context, token, person string) (json.RawMessage, error)
	// KeepDraft keeps what a person typed so far. It goes when the ask is over.
	KeepDraft(ctx context.Context, token, person string, body json.RawMessage, at time.Time) error
	// Put commits a row and returns it with its ID; a row with the same
	// delivery key is returned instead, with fresh = false.
	Put(ctx context.Context, row InboxRow) (stored InboxRow, fresh bool, err error)
	// Run returns one run row.
	Run(ctx context.Context, id string) (RunRow, error)
	// WorkflowOf returns the workflow id of a run.
	WorkflowOf(ctx context.Context, run string) (string, error)
	// Unsettled returns rows of runs not closed without a verdict received before
	// t, oldest first.
	Unsettled(ctx context.Context, t time.Time, limit int) ([]InboxRow, error)
}

// Ledger is what the activities need of the ledger. All writes are durable
// when the method returns.
type Ledger interface {
	Inbox
	// Installation is the random id of this installation.
	Installation() string
	// Commit writes a batch in one transaction. Records, asks and effects that
	// are there already stay as they are; verdicts already given stand.
	Commit(ctx context.Context, b Batch) error
	// RowsAfter returns the inbox rows of a run with ID > after in ID order,
	// judged or not, at most limit.
	RowsAfter(ctx context.Context, run string, after int64, limit int) ([]InboxRow, error)
	// Late returns rows of closed runs without a verdict received before t.
	Late(ctx context.Context, t time.Time, limit int) ([]InboxRow, error)
	// ApartOf returns the protected answers of a run, those received last at the end.
	ApartOf(ctx context.Context, run string) ([]Apart, error)
	// Effect returns one effect with its body; ErrNotFound.
	Effect(ctx context.Context, key string) (Effect, error)
	// RemadeSince counts the issues intended at t or later that are made again
	// because they were deleted.
	RemadeSince(ctx context.Context, t time.Time) (int, error)
	// AsksOf returns all asks of a run, oldest first.
	AsksOf(ctx context.Context, run string) ([]Ask, error)
	// EffectsOf returns all effects of a run in the order they were intended,
	// the finished ones without their bodies.
	EffectsOf(ctx context.Context, run string) ([]Effect, error)
	// Claim takes an effect for one attempt until t. It returns the effect as
	// it was before, and ErrConflict while another attempt holds it or
	// NotBefore has not come.
	Claim(ctx context.Context, key string, now, until time.Time) (Effect, error)
	// Hasten has the claims and pauses of a run's unfinished effects that end
	// after latest end at t: the clock was set back since they were stored.
	Hasten(ctx context.Context, run string, latest, t time.Time) error
	// Settle stores what became of an attempt: State, Outcome, NotBefore,
	// LastError of e. A done effect appends rec (may be nil) with it.
	Settle(ctx context.Context, e Effect, rec *Record) error
	// SnapshotAt returns the organisation version in force at t with the register
	// as it was then.
	SnapshotAt(ctx context.Context, t time.Time) (org.Organisation, error)
	// FactsOf returns what a run wrote into the register, in that order.
	FactsOf(ctx context.Context, run string) ([]org.Fact, error)
	// CreateRun commits a run in state starting with its record, and its
	// occurrence where there is one. *OpenRunError when one is open; ErrConflict
	// when the occurrence is taken.
	CreateRun(ctx context.Context, r StartedRun, o *Occurrence, rec Record) error
	// MarkStarted moves a run from starting to open.
	MarkStarted(ctx context.Context, id string) error
	// Starting returns runs still in state starting that were made before t.
	Starting(ctx context.Context, t time.Time) ([]StartedRun, error)
	// Runs lists runs, newest first; state empty = all.
	Runs(ctx context.Context, state string, limit int) ([]RunRow, error)
	// RunsAbout lists the runs of a playbook about a subject, the newest first.
	RunsAbout(ctx context.Context, playbook, subject string, limit int) ([]RunRow, error)
	// RunsOf lists the runs of a query, the newest first.
	RunsOf(ctx context.Context, q RunQuery) ([]RunRow, error)
	// MissedBetween lists the occurrences without a run that counts whose due
	// instants are between two instants, both inclusive, the newest first.
	MissedBetween(ctx context.Context, from, to time.Time, limit int) ([]Occurrence, error)
	// FactsBetween lists what was written into the register between two instants,
	// both inclusive, the newest first.
	FactsBetween(ctx context.Context, from, to time.Time, limit int) ([]org.Fact, error)
	// VersionsBetween lists the versions of the organisation that came into force
	// between two instants, both inclusive, the newest first.
	VersionsBetween(ctx context.Context, from, to time.Time, limit int) ([]OrganisationVersion, error)
	// NamedSince is when the organisation file first named a subject of a kind;
	// ErrNotFound.
	NamedSince(ctx context.Context, kind, id string) (time.Time, error)
	// PutOccurrence stores a gap; a row that is there stays.
	PutOccurrence(ctx context.Context, o Occurrence, rec Record) error
	// LastOccurrence returns the newest occurrence of a playbook and subject, of
	// its exercises or of all else.
	LastOccurrence(ctx context.Context, playbook, subject string, exercise bool) (Occurrence, error)
	// PutEvent commits an event with its record and returns it with its ID; one
	// with the same key is returned instead, with fresh = false.
	PutEvent(ctx context.Context, e Event) (stored Event, fresh bool, err error)
	// WaitingEvents returns events not settled yet, oldest first.
	WaitingEvents(ctx context.Context, limit int) ([]Event, error)
	// EventsLike returns the events of the name and subject of e that came after
	// since, up to e itself, and led to nothing by the playbook yet, oldest first.
	EventsLike(ctx context.Context, e Event, playbook string, since time.Time) ([]Event, error)
	// OpenRunLike is the open run of a playbook that an event of the name and
	// subject of e began; "" = there is none.
	OpenRunLike(ctx context.Context, e Event, playbook string) (string, error)
	// EventRuns returns what an event led to.
	EventRuns(ctx context.Context, event int64) ([]EventRun, error)
	// EventOf returns the event that began a run, or ErrNotFound.
	EventOf(ctx context.Context, run string) (Event, error)
	// RecordsOf returns the records of a run in index order.
	RecordsOf(ctx context.Context, run string) ([]StoredRecord, error)
}
