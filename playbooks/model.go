// Package playbooks is the playbook language: what a process definition may
// say, how it is read from YAML with positions, checked, and evaluated. It is
// pure: it opens no file and no connection.
package playbooks

import (
	"encoding/json"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Pos is a place in a source file.
type Pos = source.Pos

// Str is a text with the place it was read from.
type Str = source.Str

// Playbook is one process definition.
type Playbook struct {
	Name      Str       `json:"playbook"`
	Title     Str       `json:"title,omitzero"`
	Purpose   Str       `json:"purpose,omitzero"`
	Subject   Str       `json:"subject"`
	Satisfies []Str     `json:"satisfies,omitempty"`
	Outcomes  []Outcome `json:"outcomes,omitempty"`
	// Input is what a run is started with, read as run.input.<id>.
	Input []Question `json:"input,omitempty"`
	Data  []List     `json:"data,omitempty"`
	Steps []*Step    `json:"steps"`
	// Starts says who may start a run; nil = those who always may.
	Starts *Starts `json:"starts,omitempty"`
	// Restricted is a condition: from when it holds the run never speaks in
	// channels. "true" = always.
	Restricted Str `json:"restricted,omitzero"`
	// Abstract says that the playbook is there to be extended: it has no runs.
	Abstract bool `json:"abstract,omitempty"`
	// Extended are the files it builds on, nearest first. What they say is in the
	// fields above already.
	Extended []File `json:"-"`
}

// List is a fixed list of a playbook, which expressions read as data.<name>.
type List struct {
	Name    Str     `json:"name"`
	Entries []Entry `json:"entries"`
}

// Entry is one entry of a list: the same names in each, and id among them.
type Entry struct {
	Fields []EntryField `json:"fields"`
	Pos    Pos          `json:"-"`
}

// EntryField is one value of an entry.
type EntryField struct {
	Name  Str `json:"name"`
	Value Lit `json:"value"`
}

// Outcome is a word a run of the playbook may end with.
type Outcome struct {
	Name Str `json:"name"`
	// Counts says that a run with this outcome moves the cadence on.
	Counts bool `json:"counts,omitempty"`
}

// Kind is the kind of a step.
type Kind string

// The step kinds of the language that runs today.
const (
	KindForm     Kind = "form"
	KindTask     Kind = "task"
	KindApproval Kind = "approval"
	KindNotify   Kind = "notify"
	KindSet      Kind = "set"
	KindGroup    Kind = "group"
	KindSteps    Kind = "steps" // a block: steps in sequence under one condition
	KindBack     Kind = "back"
	KindEnd      Kind = "end"
	KindRegister Kind = "register"
)

// Step is one unit of a run. Exactly the field of its Kind is set. Only a block
// that is an entry of a group and has no key but its steps may have no ID.
type Step struct {
	ID        Str         `json:"id"`
	Kind      Kind        `json:"kind"`
	Title     Str         `json:"title,omitzero"`
	When      Str         `json:"when,omitzero"` // expression; empty = always
	Due       *Due        `json:"due,omitempty"`
	Remind    []Remind    `json:"remind,omitempty"`
	Escalate  []Ladder    `json:"escalate,omitempty"`
	Satisfies []Str       `json:"satisfies,omitempty"`
	Form      *Form       `json:"form,omitempty"`
	Task      *Task       `json:"task,omitempty"`
	Approval  *Approval   `json:"approval,omitempty"`
	Notify    *Notify     `json:"notify,omitempty"`
	Set       []SetVar    `json:"set,omitempty"`
	Group     []*Step     `json:"group,omitempty"`
	Steps     []*Step     `json:"steps,omitempty"`
	Back      *Back       `json:"back,omitempty"`
	End       *End        `json:"end,omitempty"`
	Wait      *Wait       `json:"wait,omitempty"`
	Clock     *Clock      `json:"clock,omitempty"`
	Register  *Register   `json:"register,omitempty"`
	Collect   []Collected `json:"collect,omitempty"`
	Start     *Start      `json:"start,omitempty"`
	Each      *Each       `json:"each,omitempty"`
	Pos       Pos         `json:"-"`
}

// Due is a length of time, fixed or chosen by the first condition that holds,
// or an instant that an expression gives: itself, or a length of time before or
// after it.
type Due struct {
	Span  Str   `json:"span,omitzero"` // "5 working days", "72 hours", "15 days", "12 months"
	Table []Row `json:"table,omitempty"`
	// Exactly one of At, Before and After, expressions that give a date or an
	// instant; By is the length of time of Before and After.
	At     Str `json:"at,omitzero"`
	Before Str `json:"before,omitzero"`
	After  Str `json:"after,omitzero"`
	By     Str `json:"by,omitzero"`
	// Rule is the id of a rule that gives the length of time, counted from From.
	Rule Str `json:"rule,omitzero"`
	From Str `json:"from,omitzero"`
	// Part is the share of the time of Clock, the id of a clock or "any".
	Clock Str `json:"clock,omitzero"`
	Part  Str `json:"part,omitzero"`
}

// Moment is the expression the due instant is counted from; empty where it is
// counted from the opening of the step.
func (d *Due) Moment() Str {
	for _, s := range []Str{d.At, d.Before, d.After, d.From} {
		if !s.Empty() {
			return s
		}
	}
	return Str{}
}

// Remind is one reminder: a part of the time ("50%"), the due instant ("due")
// or a repetition after it ("every 2 working days").
type Remind struct {
	At Str `json:"at"`
}

// Ladder is one rung of an escalation: after this long past due, to whom: a
// role id or the word "deputy".
type Ladder struct {
	After Str `json:"after"`
	To    Str `json:"to"`
}

// People names who is asked: one text (a role id, a committee id, "anyone" or
// "${...}"), or any of several.
type People struct {
	One   Str   `json:"one,omitzero"`
	AnyOf []Str `json:"any_of,omitempty"`
}

// Form asks people questions in Slack.
type Form struct {
	Ask       People     `json:"ask"`
	Title     Str        `json:"title,omitzero"`
	Questions []Question `json:"questions"`
	// Opinion says that the answer is recorded and is no vote: who gives it is
	// not the author of what is decided.
	Opinion bool `json:"opinion,omitempty"`
	// Again says that the answers may be changed until the run ends; what depends
	// on them is then evaluated anew.
	Again bool `json:"again,omitempty"`
	// Each is an expression that gives a list: all questions are asked once for
	// every entry, as one ask. In the texts of the form an entry is called As.
	Each Str `json:"each,omitzero"`
	As   Str `json:"as,omitzero"`
}

// EntryName is what an entry of Each is called in the texts of the form.
func (f *Form) EntryName() string {
	if f.As.Empty() {
		return "item"
	}
	return f.As.V
}

// Task is work tracked as a Jira issue.
type Task struct {
	Assign    People     `json:"assign"`
	Title     Str        `json:"title"`
	Checklist []Str      `json:"checklist,omitempty"`
	Evidence  Str        `json:"evidence,omitzero"` // required | optional | empty
	Questions []Question `json:"questions,omitempty"`
	// NoWait says that the run goes on, and may end, while the task is open.
	NoWait bool `json:"no_wait,omitempty"`
	// Hold keeps other steps from being opened; nil = none.
	Hold *Hold `json:"hold,omitempty"`
	// StandDown is a condition: while it holds nobody needs to do the task.
	StandDown Str `json:"stand_down,omitzero"`
}

// Approval asks named roles, people or committees to decide.
type Approval struct {
	About []Str  `json:"about,omitempty"`
	Need  []Need `json:"need"`
	// Pattern names further lines of the rules; Expand writes them into Need.
	Pattern *Choice `json:"pattern,omitempty"`
	Never   []Str   `json:"never,omitempty"`
	Changes Str     `json:"changes,omitzero"` // step id that 'ask for changes' goes back to
	// Choose is what whoever approves also chooses; every line that decides must
	// choose the same.
	Choose []Question `json:"choose,omitempty"`
	// Raise asks more lines when an approval chooses something.
	Raise []Raise `json:"raise,omitempty"`
	// NotBefore must all hold before anybody can approve.
	NotBefore []Gate `json:"not_before,omitempty"`
	// OnReject is what a rejection leads to; nil = the run ends as rejected.
	OnReject *OnReject `json:"on_reject,omitempty"`
}

// Raise puts the lines of a pattern in the place of those asked, once an approval
// chose what the condition says. Expand writes the lines into Need.
type Raise struct {
	When Str    `json:"when"` // an expression that also reads choice.<name>
	To   Str    `json:"to"`
	Need []Need `json:"need,omitempty"`
}

// Gate is a condition that holds an approval up, and what is said meanwhile.
type Gate struct {
	Check Str `json:"check"`
	Say   Str `json:"say"`
}

// Choice is a name, or a table that gives one.
type Choice struct {
	Name  Str   `json:"name,omitzero"`
	Table []Row `json:"table,omitempty"`
}

// OnReject is what a rejected approval leads to: the run goes back to a step, or
// does the steps and then ends as rejected. Exactly one is set.
type OnReject struct {
	Back  Str     `json:"back,omitzero"`
	Steps []*Step `json:"steps,omitempty"`
}

// Back goes back to an earlier step, from which on everything is done again.
type Back struct {
	To     Str     `json:"to"`
	Say    Str     `json:"say,omitzero"`      // tells those who are asked again why
	AtMost int     `json:"at_most,omitempty"` // how often; 0 = as often as its condition holds
	Then   []*Step `json:"then,omitempty"`    // done instead when it has gone back that often
}

// End ends the run.
type End struct {
	Outcome Str `json:"outcome"`
}

// Need is one line of an approval. Exactly one of Role, Person, Committee and
// AnyOf is set.
type Need struct {
	Role      Str    `json:"role,omitzero"`
	Person    Str    `json:"person,omitzero"`
	Committee Str    `json:"committee,omitzero"`
	AnyOf     []Need `json:"any_of,omitempty"`
	Votes     int    `json:"votes,omitempty"` // committee: this many approvals instead of its rule
	Chair     Str    `json:"chair,omitzero"`  // committee: who must be among those who approve
	When      Str    `json:"when,omitzero"`
	Pattern   Str    `json:"pattern,omitzero"` // the pattern the line was written in by
	Pos       Pos    `json:"-"`
}

// Notify tells people something and waits for nobody.
type Notify struct {
	To    People `json:"to"`
	Text  Str    `json:"text"`
	About []Str  `json:"about,omitempty"`
}

// SetVar computes one named value: a text or "${expr}" in Value, or a table.
type SetVar struct {
	Name  Str   `json:"name"`
	Value *Lit  `json:"value,omitempty"`
	Table []Row `json:"table,omitempty"`
	All   bool  `json:"all,omitempty"` // the list of all rows that match, not the first
	// Group are values that stand together, such as an entry of system.holds.
	Group []SetVar `json:"group,omitempty"`
}

// Row is one row of a table. When is empty for the else row.
type Row struct {
	When  Str  `json:"when,omitzero"`
	Value Lit  `json:"value"`
	Else  bool `json:"else,omitempty"`
}

// Pos is where the row is known by: its condition, or its value where it has none.
func (r Row) Pos() Pos {
	if r.When.Empty() {
		return r.Value.Pos
	}
	return r.When.Pos
}

// Lit is a literal of a table or set: a text (which may hold ${...}), a bool,
// an integer or a number, as YAML says it.
type Lit struct {
	V   any // string, bool, int64 or float64
	Pos Pos
}

// MarshalJSON writes the bare value.
func (l Lit) MarshalJSON() ([]byte, error) { return json.Marshal(l.V) }

// UnmarshalJSON reads the bare value; whole numbers become int64.
func (l *Lit) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &l.V); err != nil {
		return err
	}
	if _, ok := l.V.(float64); ok {
		var n int64
		if json.Unmarshal(b, &n) == nil {
			l.V = n
		}
	}
	return nil
}
