// Package activities does what workflows may not: it reads the ledger and the
// organisation, evaluates expressions, judges what people said, and changes
// the world outside - each change once. Vendor code arrives as fields.
package activities

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// Activities holds what the activities need. Fields are set once, before the
// first worker starts.
type Activities struct {
	Ledger    port.Ledger
	Messenger port.Messenger
	Directory port.Directory
	Tracker   port.Tracker
	Engine    port.Engine
	Remote    port.Remote // nil = nothing outside is read
	Library   Library
	// Now is the wall time plus the sandbox's offset.
	Now    func() time.Time
	Logger *slog.Logger
	// Watch counts attempts at effects; nil = nobody does.
	Watch port.Watch
	// IndexAllowance is how long after an attempt gave up the outside may take
	// to show what it did (2 s in the sandbox, 2 min for Jira Cloud).
	IndexAllowance time.Duration
	// Decided is told of every condition of a playbook that is evaluated, with its
	// place; nil = nobody is. Places are there only in a playbook just read.
	Decided func(at playbooks.Pos, holds bool)
	// Given are the entries of a list that a step collects from, in place of those
	// there are; nil = none are given.
	Given func(step, name string) (entries []map[string]any, ok bool)
	// Events is StartedRun.Events of the runs started; 0 = the default.
	Events     int
	evaluators sync.Map     // definition digest -> *playbooks.Evaluator
	begins     sync.Map     // definition digest -> *playbooks.Begins
	matching   sync.Mutex   // one look at events at a time
	told       atomic.Bool  // every message that belongs to no run is out
	ticked     atomic.Int64 // wall time of the programme's last look, Unix nanoseconds
	accounted  atomic.Int64 // until when every occurrence is known to be started or a gap
}

// Library knows the playbooks and the programme in force.
type Library interface {
	// Definition pins a playbook as it is now; port.ErrNotFound with the
	// choices when there is none of that name.
	Definition(name string) (playbooks.Definition, error)
	// Programme returns the programme as it is now.
	Programme() org.Programme
	// Names lists the playbooks that have runs, in order.
	Names() []string
}

// Request is what every local activity of a run gets.
type Request struct {
	Definition playbooks.Definition
	State      port.RunState
	// Now is the workflow's time.
	Now time.Time
}

// session is one activity's view of a run: the state it changes, what it will
// commit, and the organisation at its instant.
type session struct {
	a        *Activities
	ctx      context.Context
	def      playbooks.Definition
	eval     *playbooks.Evaluator
	now      time.Time
	state    port.RunState // changed in place; a copy of the request's
	org      org.Organisation
	began    org.Organisation // as it was when the run began
	batch    port.Batch
	asks     []port.Ask    // of the run, as stored
	done     []port.Effect // effects of the run, as stored
	wrote    []org.Fact    // what the run wrote into the register, as stored
	returned bool          // the run went back: what is to be done is looked at anew
	at       at            // the entry of an each that is looked at
	held     bool          // the run is at its end, but a clock has not settled
}

// open begins a session on a copy of the state.
func (a *Activities) open(ctx context.Context, r Request) (*session, error) {
	state, err := r.State.Clone()
	if err != nil {
		return nil, err
	}
	ev, err := a.evaluator(r.Definition)
	if err != nil {
		return nil, err
	}
	o, err := a.Ledger.SnapshotAt(ctx, r.Now)
	if err != nil {
		return nil, fmt.Errorf("read the organisation: %w", err)
	}
	s := &session{a: a, ctx: ctx, def: r.Definition, eval: ev, now: r.Now, state: state, org: o}
	s.batch.Run = state.Run.ID
	if s.began, err = a.Ledger.SnapshotAt(ctx, state.Run.StartedAt); err != nil {
		return nil, fmt.Errorf("read the organisation of the run's start: %w", err)
	}
	if err := s.readRegister(); err != nil {
		return nil, err
	}
	if s.asks, err = a.Ledger.AsksOf(ctx, state.Run.ID); err != nil {
		return nil, fmt.Errorf("read the asks of the run: %w", err)
	}
	if s.done, err = a.Ledger.EffectsOf(ctx, state.Run.ID); err != nil {
		return nil, fmt.Errorf("read the effects of the run: %w", err)
	}
	return s, nil
}

// catchUp takes the organisation as it is by the clock: the workflow's time
// stands still while an activity is tried again, and who loses a right meanwhile
// has lost it.
func (s *session) catchUp() error {
	at := s.a.Now()
	if at.Before(s.now) {
		at = s.now // a clock set back must not bring rights back
	}
	o, err := s.a.Ledger.SnapshotAt(s.ctx, at)
	if err != nil {
		return fmt.Errorf("read the organisation: %w", err)
	}
	o.Register = o.Register.Without(s.unreported()...).With(s.state.Unwritten...)
	s.org = o // guard: judge-live-organisation
	return nil
}

// commit writes the batch with the run's new view and answers the delta.
func (s *session) commit(before port.RunState) (port.Delta, error) {
	s.state.NextAt = s.nextAt()
	view := s.view()
	s.batch.View = &view
	if err := s.a.Ledger.Commit(s.ctx, s.batch); err != nil {
		return port.Delta{}, fmt.Errorf("write to the ledger: %w", err)
	}
	return port.Diff(before, s.state)
}

// evaluator compiles a definition's expressions once per process.
func (a *Activities) evaluator(d playbooks.Definition) (*playbooks.Evaluator, error) {
	if e, ok := a.evaluators.Load(d.Digest); ok {
		return e.(*playbooks.Evaluator), nil
	}
	rules, err := playbooks.ReadRules(d.Rules)
	if err != nil {
		return nil, err
	}
	e, err := playbooks.NewEvaluator(d.Playbook, rules)
	if err != nil {
		return nil, fmt.Errorf("compile the expressions of %s: %w", d.Playbook.Name, err)
	}
	e.Watch(a.Decided)
	a.evaluators.Store(d.Digest, e)
	return e, nil
}

// beginsOf prepares what a definition says about events, once per process.
func (a *Activities) beginsOf(d playbooks.Definition) (*playbooks.Begins, error) {
	if b, ok := a.begins.Load(d.Digest); ok {
		return b.(*playbooks.Begins), nil
	}
	rules, err := playbooks.ReadRules(d.Rules)
	if err != nil {
		return nil, err
	}
	b, err := playbooks.NewBegins(d.Playbook, rules, a.Decided)
	if err != nil {
		return nil, fmt.Errorf("compile the expressions of %s: %w", d.Playbook.Name, err)
	}
	a.begins.Store(d.Digest, b)
	return b, nil
}

// record adds a record about a place of the run.
func (s *session) record(p port.Place, kind, decisionID string, n int, r port.Record) {
	r.Place, r.Kind, r.Subject = p, kind, s.state.Run.SubjectID
	r.Key = port.RecordKey(p, kind, decisionID, n)
	if r.At.IsZero() {
		r.At = s.now
	}
	markRecord(&r, s.state.Run.Exercise)
	s.batch.Records = append(s.batch.Records, r)
}

// runPlace is the place of the run itself.
func (s *session) runPlace() port.Place { return port.Place{Run: s.state.Run.ID} }

// nextAt is the earliest moment of any open step; zero = none.
func (s *session) nextAt() time.Time {
	var next time.Time
	for _, o := range s.state.Open {
		for _, m := range o.Moments {
			if next.IsZero() || m.At.Before(next) {
				next = m.At
			}
		}
	}
	for _, c := range s.state.Clocks {
		if !c.NextAt.IsZero() && (next.IsZero() || c.NextAt.Before(next)) {
			next = c.NextAt
		}
	}
	return next
}
