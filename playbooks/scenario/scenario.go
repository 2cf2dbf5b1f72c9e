// Package scenario reads the scenarios of playbooks (*.test.yaml): what a run is
// given, who says what and when, and what must have come of it. It is pure: who
// plays them is package activities/rehearsal.
package scenario

import (
	"time"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Scenario is one run that is played through.
type Scenario struct {
	Name     source.Str
	Playbook string
	Subject  string
	By       string // person id, or "programme"
	At       time.Time
	Input    map[string]string
	// Begin is what happened before the run; nil = somebody starts it.
	Begin *Happens
	// Organisation is in force when the run begins.
	Organisation org.Organisation
	// Register is what runs have decided before.
	Register []org.Fact
	// Given are the entries of lists that are collected from, by step.name.
	Given map[string][]map[string]any
	Do    []Act
}

// Happens is an event about the subject of the scenario.
type Happens struct {
	Pos   source.Pos
	Event string
	// Kind and Subject are what it is about; empty = what the scenario is about.
	Kind, Subject string
	Person        string // who tells of it; empty = nobody
	Values        map[string]any
	// Times is how often it happens, at one instant.
	Times int
}

// Act is one thing that happens: somebody acts, something is told, time passes, the organisation
// or the register changes, or it is looked what has come of all before. Exactly one is set.
type Act struct {
	Pos          source.Pos
	Says         *Says
	Happens      *Happens
	Until        *Moment
	Organisation *org.Organisation
	// Register is what other runs decide meanwhile.
	Register []org.Fact
	Ends     *Ends
	Expect   *Expect
}

// Ends is the end of the run that a step waits for. What happens in that run is
// for the scenarios of its own playbook to show.
type Ends struct {
	Step    string
	Outcome string
}

// Says is what a person does.
type Says struct {
	Person string
	// Verb is what is done: one of Verbs.
	Verb string
	Step string
	// With holds answers by question; for a form that goes through a list, those
	// of an entry by the id of the entry, and under EveryEntry those of all others.
	With       map[string]any
	Reason     string
	Conditions []Condition
	// Evidence is a link put on the issue of a task.
	Evidence string
	// Refused is a part of the words it must be refused with; empty = it counts.
	Refused source.Str
}

// Condition is what an approval with conditions asks for.
type Condition struct{ Text, Owner, Due string }

// Moment is when time has come to: an instant, or a length of time from now.
type Moment struct {
	At    time.Time
	Later org.Span
	Zone  string
}

// EveryEntry stands for each entry of a list.
const EveryEntry = "every"

// The verbs.
const (
	Answers   = "answers"
	Finishes  = "finishes"
	Approves  = "approves"
	Rejects   = "rejects"
	SendsBack = "sends_back"
	Abstains  = "abstains"
	Recuses   = "recuses"
	Cancels   = "cancels"
)

// Verbs are what a person can do, and the kind of step it is done to; a run is
// cancelled without a step.
var Verbs = []struct {
	Word string
	Kind playbooks.Kind
}{
	{Answers, playbooks.KindForm},
	{Finishes, playbooks.KindTask},
	{Approves, playbooks.KindApproval},
	{Rejects, playbooks.KindApproval},
	{SendsBack, playbooks.KindApproval},
	{Abstains, playbooks.KindApproval},
	{Recuses, playbooks.KindApproval},
	{Cancels, ""},
}

// Expect is what must have come of all before. What is not named is not looked
// at; an empty list says that there is none.
type Expect struct {
	Pos     source.Pos
	Outcome source.Str
	Round   int
	// Lists of step ids: taken in this order, skipped, open now, missed.
	Steps, Skipped, Open, Held, Missed *List
	// Asked are the person and committee ids a step was put to.
	Asked []Named
	// Due is when a step is or was due, as YYYY-MM-DD hh:mm in the
	// organisation's zone.
	Due []Named
	// Values are results by step.field.
	Values []Value
	// Told are parts of texts that a person or committee has got.
	Told []Named
	// Records counts the records of a kind.
	Records []Value
	// Started are the playbooks that steps have started, in this order.
	Started *List
}

// List is a list that is expected as a whole.
type List struct {
	Pos   source.Pos
	Items []string
}

// Named is something expected under a name.
type Named struct {
	Name  source.Str
	Items []string
}

// Value is a plain value expected under a name.
type Value struct {
	Name source.Str
	Want any
}
