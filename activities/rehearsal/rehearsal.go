// Package rehearsal plays scenarios: runs on the real activities and a real
// ledger, with a Slack and a Jira that only remember, and with time in its own
// hands. What a scenario shows is therefore what a run does.
package rehearsal

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

// Stage is what a scenario is played on. It serves one scenario.
type Stage struct {
	// Ledger is empty, and reads its time from Now.
	Ledger port.Ledger
	// Load brings an organisation in force.
	Load    func(ctx context.Context, o org.Organisation, at time.Time) error
	Library activities.Library
	// Decided is told of every condition that is evaluated; nil = nobody is.
	Decided func(at playbooks.Pos, holds bool)

	mu    sync.Mutex
	clock time.Time
}

// Now is the time of the scenario.
func (s *Stage) Now() time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.clock
}

func (s *Stage) set(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.After(s.clock) {
		s.clock = t
	}
}

// Seen is what happened in a scenario, for those who count what was tried.
type Seen struct {
	Playbook string
	Steps    []string // taken
	Missed   []string // whose deadline passed
	Outcome  string   // empty while the run goes on
}

// play is one scenario being played.
type play struct {
	ctx   context.Context
	stage *Stage
	acts  *activities.Activities
	out   *outside
	one   scenario.Scenario
	now   org.Organisation
	runs  []*run // the first is the scenario's own; the others it has started
	rows  int
	ps    source.Problems
}

// run is one run of the play.
type run struct {
	port.StartedRun
	state  port.RunState
	asked  map[string][]string
	due    map[string]time.Time
	missed []string
	taken  []string
	// decreed says that the scenario told how the run ends.
	decreed bool
}

// Play plays a scenario and says where it came out differently. The error is a
// ledger that cannot be used.
func (s *Stage) Play(ctx context.Context, one scenario.Scenario) (seen []Seen, ps source.Problems, err error) {
	s.set(one.At)
	p := &play{ctx: ctx, stage: s, one: one, now: one.Organisation}
	p.out = &outside{now: s.Now, launch: p.launched}
	p.acts = &activities.Activities{
		Ledger: s.Ledger, Messenger: p.out, Directory: p.out, Tracker: p.out, Engine: p.out, Library: s.Library, Now: s.Now,
		Logger: slog.New(slog.DiscardHandler), Decided: s.Decided, Given: func(step, name string) ([]map[string]any, bool) {
			entries, ok := one.Given[step+"."+name]
			return entries, ok
		},
	}
	if err := p.begin(); err != nil {
		return nil, nil, err
	}
	for _, a := range one.Do {
		if len(p.ps) > 0 {
			break // what comes after would only say the same again
		}
		if err := p.act(a); err != nil {
			return nil, nil, err
		}
	}
	for _, r := range p.runs {
		if r.decreed {
			r.state.Outcome = "" // nothing was shown of it
		}
		seen = append(seen, Seen{Playbook: r.Playbook, Steps: r.taken, Missed: stepsOf(r.missed), Outcome: r.state.Outcome})
	}
	return seen, p.ps, nil
}

func (p *play) begin() error {
	if err := p.stage.Load(p.ctx, p.one.Organisation, p.one.At); err != nil {
		return fmt.Errorf("load the organisation: %w", err)
	}
	if err := p.write(p.one.Register); err != nil {
		return err
	}
	if p.one.Begin != nil {
		return p.beginBy(p.one.Begin)
	}
	var err error
	if p.one.By == activities.ProgrammeActor {
		_, err = p.acts.StartDue(p.ctx, p.one.Playbook, p.one.Subject)
	} else {
		_, _, err = p.acts.Start(p.ctx, activities.StartRequest{Playbook: p.one.Playbook, Subject: p.one.Subject, By: p.one.By, Door: "slack", Input: p.one.Input})
	}
	var refused *activities.Refusal
	if errors.As(err, &refused) {
		p.fail(p.one.Name.Pos, "The run cannot be started: %s", refused.Reason)
		return nil
	}
	if err != nil {
		return err
	}
	if len(p.runs) == 0 {
		p.fail(p.one.Name.Pos, "The programme cannot start the run; a run of the programme takes no input that must be given.")
		return nil
	}
	return p.settle()
}

// write has other runs write the register now.
func (p *play) write(facts []org.Fact) error {
	if len(facts) == 0 {
		return nil
	}
	const kind = "scenario.given"
	p.rows++
	rec := port.Record{Key: port.RecordKey(port.Place{}, kind, "", p.rows), Kind: kind, At: p.stage.Now(), Actor: activities.ProgrammeActor}
	facts = slices.Clone(facts)
	for i := range facts {
		facts[i].Record, facts[i].From = rec.Key, rec.At
	}
	if err := p.stage.Ledger.Commit(p.ctx, port.Batch{Records: []port.Record{rec}, Facts: facts}); err != nil {
		return fmt.Errorf("write the register: %w", err)
	}
	return nil
}

// launched takes over a run that was started, as the engine does.
func (p *play) launched(r port.StartedRun) {
	p.runs = append(p.runs, &run{StartedRun: r, asked: map[string][]string{}, due: map[string]time.Time{}, state: port.RunState{
		Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
			ID: r.ID, WorkflowID: r.WorkflowID, Playbook: r.Playbook, SubjectID: r.SubjectID, By: r.By, Input: r.Input, StartedAt: r.StartedAt,
		},
	}})
}

func (p *play) fail(at source.Pos, format string, args ...any) {
	p.ps.Add(at, "scenario", "%s: %s", p.one.Name, fmt.Sprintf(format, args...))
}

// main is the scenario's own run.
func (p *play) main() *run { return p.runs[0] }

func (p *play) request(r *run) activities.Request {
	return activities.Request{Definition: r.Definition, State: r.state, Now: p.stage.Now()}
}

// apply takes what an activity answered into the state, through JSON as history
// does.
func (r *run) apply(d port.Delta) error {
	b, err := json.Marshal(d)
	if err != nil {
		return fmt.Errorf("keep what changed: %w", err)
	}
	var kept port.Delta
	if err := json.Unmarshal(b, &kept); err != nil {
		return fmt.Errorf("keep what changed: %w", err)
	}
	r.state = r.state.Apply(kept)
	return nil
}

// settle lets every run go as far as it can.
func (p *play) settle() error {
	for i := 0; i < len(p.runs); i++ { // a run may start another
		if err := p.goOn(p.runs[i]); err != nil {
			return err
		}
	}
	for _, r := range p.runs { // and may have told one before it that it has ended
		told, err := p.stage.Ledger.RowsAfter(p.ctx, r.ID, r.state.Cursor, 1)
		if err != nil {
			return fmt.Errorf("look for what a run was told: %w", err)
		}
		if len(told) > 0 && r.state.Outcome == "" {
			return p.settle()
		}
	}
	return nil
}

// goOn judges what was said, looks at issues again, opens steps and does the
// effects, until nothing is left, as the workflow does.
func (p *play) goOn(r *run) error {
	for more := true; more; {
		j, err := p.acts.Judge(p.ctx, p.request(r))
		if err == nil {
			err = r.apply(j.Delta)
		}
		if err != nil {
			return fmt.Errorf("judge: %w", err)
		}
		more = j.More
	}
	if len(r.state.Reread) > 0 {
		d, err := p.acts.Inspect(p.ctx, p.request(r))
		if err == nil {
			err = r.apply(d)
		}
		if err != nil {
			return fmt.Errorf("look at an issue: %w", err)
		}
	}
	if r.state.Outcome == "" {
		d, err := p.acts.Advance(p.ctx, p.request(r))
		if err == nil {
			err = r.apply(d)
		}
		if err != nil {
			return fmt.Errorf("advance: %w", err)
		}
	}
	if _, err := p.acts.Perform(p.ctx, r.ID); err != nil {
		return fmt.Errorf("do what is to be done outside: %w", err)
	}
	p.watch(r)
	if r.state.Outcome != "" {
		return p.watchLeft(r)
	}
	return nil
}

// watchLeft keeps which tasks the run did not wait for: they go on after its end.
func (p *play) watchLeft(r *run) error {
	asks, err := p.stage.Ledger.AsksOf(p.ctx, r.ID)
	if err != nil {
		return fmt.Errorf("read what was asked: %w", err)
	}
	for _, a := range asks {
		if step := r.Definition.Playbook.Step(a.Step); step == nil || step.WaitedFor() {
			continue
		}
		r.taken, r.due[playbooks.StepRef(a.Step, a.Item)] = with(r.taken, a.Step), a.Body.Due
		p.askedOf(r, a.Step, a.Item, a.Body.Addressees)
	}
	return nil
}

// stepsOf are the steps that are named, whatever the entry.
func stepsOf(refs []string) []string {
	var out []string
	for _, ref := range refs {
		step, _ := playbooks.ReadStepRef(ref)
		out = with(out, step)
	}
	return out
}

// askedOf keeps to whom a step was put: of one of an each for the entry, and for
// all entries together.
func (p *play) askedOf(r *run, step, item string, to []port.Addressee) {
	for _, a := range to {
		name := a.Person
		if name == "" {
			name = p.committee(a.Channel)
		}
		for _, ref := range []string{step, playbooks.StepRef(step, item)} {
			r.asked[ref] = with(r.asked[ref], name)
		}
	}
}

// watch keeps what the state shows only for a while.
func (p *play) watch(r *run) {
	for _, o := range r.state.Open {
		ref := playbooks.StepRef(o.Step, o.Item)
		p.askedOf(r, o.Step, o.Item, o.Addressees)
		r.due[ref] = o.Due
		if o.Missed {
			r.missed = with(r.missed, ref)
		}
	}
	for _, c := range r.state.Clocks {
		r.taken, r.due[c.ID] = with(r.taken, c.ID), c.Due
		if c.State == playbooks.ClockMissed {
			r.missed = with(r.missed, c.ID)
		}
	}
	for _, d := range r.state.Done {
		if d.State == port.StepDone || d.Kind == string(playbooks.KindEach) && d.State == port.StepEntered {
			r.taken = with(r.taken, d.Step)
		}
	}
}

func (p *play) committee(channel string) string {
	for _, c := range p.now.Committees {
		if c.Channel == channel {
			return c.ID
		}
	}
	return channel
}

func with(list []string, s string) []string {
	for _, x := range list {
		if x == s {
			return list
		}
	}
	return append(list, s)
}

// until lets time pass: whatever comes due on the way happens at its instant.
func (p *play) until(t time.Time) error {
	for {
		next, at := p.next(t)
		if next == nil {
			break
		}
		p.stage.set(at)
		d, err := p.acts.Tick(p.ctx, p.request(next))
		if err == nil {
			err = next.apply(d)
		}
		if err != nil {
			return fmt.Errorf("do what has come due: %w", err)
		}
		if err := p.settle(); err != nil {
			return err
		}
		if again := next.state.NextAt; !again.IsZero() && !again.After(at) {
			return fmt.Errorf("run %s of %s is due again at %s", next.ID, next.Playbook, at)
		}
	}
	p.stage.set(t)
	return p.settle()
}

// next is the open run that comes due first, at t or before.
func (p *play) next(t time.Time) (first *run, at time.Time) {
	for _, r := range p.runs {
		n := r.state.NextAt
		if r.state.Outcome != "" || n.IsZero() || n.After(t) {
			continue
		}
		if first == nil || n.Before(at) {
			first, at = r, n
		}
	}
	return first, at
}

// sentence joins what is read one after another.
func sentence(parts ...string) string { return strings.Join(parts, "\n") }
