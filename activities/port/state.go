package port

import (
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// StateSchema is the number of the present form of RunState. A decoder for
// every older number stays for as long as a run may carry it.
const StateSchema = 1

// RunState is all that a run knows: one value that can be printed and is
// carried over when the workflow continues as new. Local activities get it and
// answer with a Delta, so that history holds changes and not copies.
type RunState struct {
	Schema int     `json:"schema"`
	Run    RunInfo `json:"run"`
	// Round counts from 1; 'ask for changes' raises it.
	Round int `json:"round"`
	// RoundWhy tells people why the round began, unless changes were asked for.
	RoundWhy string `json:"round_why,omitempty"`
	// Done holds the finished, skipped and entered steps that stand now.
	Done []StepResult `json:"done,omitempty"`
	// Previous holds results of earlier rounds: forms are pre-filled from them
	// and unchanged tasks keep them.
	Previous []StepResult `json:"previous,omitempty"`
	Open     []OpenStep   `json:"open,omitempty"`
	// Clocks are the clocks that have started.
	Clocks []RunClock `json:"clocks,omitempty"`
	// Holds are the holds that were placed, lifted ones too.
	Holds []RunHold `json:"holds,omitempty"`
	// Cursor is the id of the last inbox row judged: rows after it are new.
	Cursor int64 `json:"cursor"`
	// Reread lists steps whose issue a hint says has changed.
	Reread []string `json:"reread,omitempty"`
	// NextAt is the next instant at which something is due; zero = none.
	NextAt time.Time `json:"next_at,omitzero"`
	// Look asks for an advance, because what steps wait for may have come.
	Look bool `json:"look,omitempty"`
	// Revision counts how often answers were changed after they were given.
	Revision int `json:"revision,omitempty"`
	// Revised are the steps whose answers were changed since the last advance.
	Revised []string `json:"revised,omitempty"`
	// Joined is what happened that would have begun the run, in words without what
	// anybody said; Reopen says that decisions made before are to be looked at.
	Joined []string `json:"joined,omitempty"`
	Reopen bool     `json:"reopen,omitempty"`
	// Change asks the next advance for a new round.
	Change *Change `json:"change,omitempty"`
	// Cancel asks the next advance to end the run.
	Cancel *Cancel `json:"cancel,omitempty"`
	// Unwritten is what an exercise would have written into the register; the run
	// itself reads it as written.
	Unwritten []org.Fact `json:"unwritten,omitempty"`
	// Restricted says that the run never speaks in channels; it stays so.
	Restricted bool `json:"restricted,omitempty"`
	// Parked says why the run cannot go on by itself; it is tried again.
	Parked string `json:"parked,omitempty"`
	// Outcome is set when the run has ended.
	Outcome string    `json:"outcome,omitempty"`
	EndedAt time.Time `json:"ended_at,omitzero"`
}

// RunInfo is what a run is, fixed at its start.
type RunInfo struct {
	ID         string            `json:"id"`
	WorkflowID string            `json:"workflow_id"`
	Playbook   string            `json:"playbook"`
	SubjectID  string            `json:"subject_id"`
	By         string            `json:"by"` // person id, or "programme"
	Input      map[string]string `json:"input,omitempty"`
	StartedAt  time.Time         `json:"started_at"`
	Exercise   bool              `json:"exercise,omitempty"`
}

// Change is an accepted 'ask for changes'.
type Change struct {
	Step   string `json:"step"`   // the approval that asked
	Target string `json:"target"` // the step to go back to
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// Cancel is an accepted cancellation.
type Cancel struct {
	By     string `json:"by"`
	Reason string `json:"reason"`
}

// The states of a step result.
const (
	StepDone      = "done"
	StepSkipped   = "skipped"   // its condition did not hold
	StepEntered   = "entered"   // a group or a block whose condition held
	StepWithdrawn = "withdrawn" // still open when the run ended
	StepLeft      = "left"      // still open when the run ended, and to be finished all the same
)

// StepResult is a finished step. Fields are what expressions read as
// steps.<id>.<field>.
type StepResult struct {
	Step    string         `json:"step"`
	Item    string         `json:"item,omitempty"`
	Kind    string         `json:"kind"`
	Round   int            `json:"round"`
	Version int            `json:"version,omitempty"`
	State   string         `json:"state"`
	Fields  map[string]any `json:"fields,omitempty"`
	By      string         `json:"by,omitempty"`
	At      time.Time      `json:"at"`
	// Inputs is the digest of a task's text and people: equal in a later
	// round, the task keeps its result.
	Inputs string `json:"inputs,omitempty"`
	Token  string `json:"token,omitempty"`
	// Reclosed counts how often its issue was opened by hand and closed again.
	Reclosed int `json:"reclosed,omitempty"`
}

// OpenStep is a step that waits for people.
type OpenStep struct {
	Step         string    `json:"step"`
	Item         string    `json:"item,omitempty"`
	Kind         string    `json:"kind"`
	Title        string    `json:"title"`
	Round        int       `json:"round"`
	Version      int       `json:"version"`
	StateVersion int       `json:"state_version"`
	Token        string    `json:"token"`
	OpenedAt     time.Time `json:"opened_at"`
	// Names are the roles, committees and people asked, as the playbook says;
	// who they are is read from the snapshot whenever it matters.
	Names      []string    `json:"names,omitempty"`
	Addressees []Addressee `json:"addressees"`
	Inputs     string      `json:"inputs,omitempty"`
	// Deadline.
	Due       time.Time `json:"due,omitzero"`
	Moments   []Moment  `json:"moments,omitempty"` // still to come, in order
	Reminders int       `json:"reminders,omitempty"`
	Missed    bool      `json:"missed,omitempty"`
	Escalated []string  `json:"escalated,omitempty"` // to whom, role ids or "deputy"
	// DeputiesFrom is since when deputies act beside the holders; zero = they do not.
	DeputiesFrom time.Time `json:"deputies_from,omitzero"`
	// Approval.
	Needs     []NeedLine `json:"needs,omitempty"`
	Never     []string   `json:"never,omitempty"` // person ids
	Lines     []Line     `json:"lines,omitempty"`
	Decisions []Decision `json:"decisions,omitempty"`
	// Raised is the pattern whose lines took the place of those of the playbook.
	Raised string `json:"raised,omitempty"`
	Digest string `json:"digest,omitempty"`
	// Answers are those to the questions of a task; nil = none yet.
	Answers map[string]any `json:"answers,omitempty"`
	// Reopened counts how often a task closed too early was reopened.
	Reopened int `json:"reopened,omitempty"`
	// Until is the instant a wait goes on at; zero = when its condition holds.
	Until time.Time `json:"until,omitzero"`
	// Child is the run that a start waits for.
	Child string `json:"child,omitempty"`
}

// NeedLine is a line of an approval with its expressions evaluated: names, not
// yet people.
type NeedLine struct {
	ID    string     `json:"id"`
	Kind  string     `json:"kind"`
	Name  string     `json:"name,omitempty"`
	Votes int        `json:"votes,omitempty"`
	Chair string     `json:"chair,omitempty"` // committee: as playbooks.Need has it
	AnyOf []NeedLine `json:"any_of,omitempty"`
}

// The kinds of moments.
const (
	MomentRemind   = "remind"
	MomentMissed   = "missed" // the due instant itself has passed
	MomentEvery    = "every"
	MomentEscalate = "escalate"
	MomentLook     = "look" // a wait looks whether it is over
)

// Moment is an instant at which an open step reminds or escalates.
type Moment struct {
	At   time.Time `json:"at"`
	Kind string    `json:"kind"`
	To   string    `json:"to,omitempty"` // escalate: "deputy" or a role id
}

// FindOpen returns the open step, or nil.
func (s *RunState) FindOpen(step, item string) *OpenStep {
	for i := range s.Open {
		if s.Open[i].Step == step && s.Open[i].Item == item {
			return &s.Open[i]
		}
	}
	return nil
}

// Fetching tells whether an open step waits for facts from outside.
func (s *RunState) Fetching() bool {
	return slices.ContainsFunc(s.Open, func(o OpenStep) bool { return o.Kind == "collect" })
}

// FindDone returns the result that stands, or nil.
func (s *RunState) FindDone(step, item string) *StepResult { return findResult(s.Done, step, item) }

// FindPrevious returns the result of an earlier round, or nil.
func (s *RunState) FindPrevious(step, item string) *StepResult {
	return findResult(s.Previous, step, item)
}

func findResult(list []StepResult, step, item string) *StepResult {
	for i := range list {
		if list[i].Step == step && list[i].Item == item {
			return &list[i]
		}
	}
	return nil
}

// Place returns the place of the step in the run.
func (o OpenStep) Place(run string) Place {
	return Place{Run: run, Step: o.Step, Item: o.Item, Round: o.Round}
}

// Persons returns the person ids among the addressees, in order.
func (o OpenStep) Persons() []string {
	var out []string
	for _, a := range o.Addressees {
		if a.Person != "" {
			out = append(out, a.Person)
		}
	}
	return out
}
