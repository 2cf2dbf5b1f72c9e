package activities

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// runs tells whether a clock has not settled.
func runs(c *port.RunClock) bool {
	return c.State == playbooks.ClockRunning || c.State == playbooks.ClockShadow
}

// clock starts a clock, once in a run: when the run comes here again the clock
// goes on as it was.
func (s *session) clock(step *playbooks.Step) error {
	s.finish(step, port.StepDone, nil)
	if s.state.FindClock(step.ID.V) != nil {
		return nil
	}
	c, err := s.newClock(step)
	if err != nil {
		return fmt.Errorf("step %s: %w", step.ID, err)
	}
	s.state.Clocks = append(s.state.Clocks, *c)
	started := &s.state.Clocks[len(s.state.Clocks)-1]
	s.clockRecord(started, "clock.started", s.now, map[string]string{"rule": c.Rule, "span": c.Span, "state": c.State, "from": stamp(c.From)})
	s.tellClock(started, "started", s.clockOwners(started))
	return s.settleClock(started)
}

func (s *session) newClock(step *playbooks.Step) (*port.RunClock, error) {
	k := step.Clock
	from, err := s.clockFrom(k)
	if err != nil {
		return nil, err
	}
	for _, other := range s.state.Clocks {
		if other.FromExpr == k.From.V && other.From.Before(from) {
			from = other.From
		}
	}
	rule, err := s.eval.ClockRule(k.Rule.V, s.scope())
	if err != nil {
		return nil, err
	}
	due, err := s.def.Calendar.ClockDue(from, rule.Span, s.org.Profile.Zone)
	if err != nil {
		return nil, err
	}
	owners, err := s.eval.People(playbooks.People{AnyOf: k.Owner}, s.scope())
	if err != nil {
		return nil, err
	}
	title := sentence(rule.What)
	if !step.Title.Empty() {
		if title, err = s.title(step, step.Title); err != nil {
			return nil, err
		}
	}
	c := &port.RunClock{
		ID: step.ID.V, Title: title, Rule: rule.ID, Span: rule.Span.String(), Round: s.state.Round, FromExpr: k.From.V,
		From: from, Due: due, State: playbooks.ClockRunning, Owners: owners, Version: 1,
	}
	return c, s.shade(c, k)
}

// shade lets a clock run for show where the deadline is somebody else's.
func (s *session) shade(c *port.RunClock, k *playbooks.Clock) error {
	if k.Shadow == nil {
		return nil
	}
	shadow, err := s.eval.Holds(k.Shadow.When, s.scope())
	if err != nil || !shadow {
		return err
	}
	most, err := s.eval.Length(k.Shadow.AtMost, s.scope())
	if err != nil {
		return err
	}
	if c.OursAt, err = s.def.Calendar.ClockDue(c.From, most, s.org.Profile.Zone); err != nil {
		return err
	}
	c.State = playbooks.ClockShadow
	return nil
}

func (s *session) clockFrom(k *playbooks.Clock) (time.Time, error) {
	v, err := s.eval.Value(k.From.V, s.scope())
	if err != nil {
		return time.Time{}, err
	}
	text, _ := v.(string)
	from, err := time.Parse(time.RFC3339, text)
	if err != nil {
		if from, err = s.def.Calendar.StartOfDay(text, s.org.Profile.Zone); err != nil {
			return from, fmt.Errorf("`%s` gives no date: %w", k.From, err)
		}
	}
	return from.UTC(), nil
}

// settleClocks brings every clock up to date and tells whether one changed.
func (s *session) settleClocks() (bool, error) {
	var errs []error
	before := s.clockStates()
	for i := range s.state.Clocks {
		if err := s.settleClock(&s.state.Clocks[i]); err != nil {
			errs = append(errs, fmt.Errorf("step %s: %w", s.state.Clocks[i].ID, err))
		}
	}
	return s.clockStates() != before, errors.Join(errs...)
}

func (s *session) clockStates() string {
	var b strings.Builder
	for _, c := range s.state.Clocks {
		b.WriteString(c.State + stamp(c.Due) + " ")
	}
	return b.String()
}

// settleClock looks what became of a clock. What cannot be worked out holds up
// nothing else: a deadline passes all the same.
func (s *session) settleClock(c *port.RunClock) error {
	step := s.def.Playbook.Step(c.ID)
	if step == nil || step.Clock == nil {
		return nil
	}
	var err error
	if runs(c) {
		err = s.measure(c, step.Clock)
	}
	s.stopClock(c, step.Clock)
	if e := s.standDown(c, step.Clock); e != nil {
		err = e
	}
	s.shadowOver(c, step.Clock)
	if c.State == playbooks.ClockRunning && !c.Due.After(s.now) {
		s.missClock(c)
	}
	if e := s.nextLook(c, step.Clock); e != nil {
		err = e
	}
	return err
}

// stopClock stops a clock when one of the steps is done that it names. The
// step's own instant counts: what was done in time and read later was in time.
func (s *session) stopClock(c *port.RunClock, k *playbooks.Clock) {
	if c.State == playbooks.ClockStopped || c.State == playbooks.ClockStoodDown || !c.LateAt.IsZero() {
		return
	}
	at, by := s.doneFirst(k.Stop)
	switch {
	case by == "":
	case !at.After(c.Due):
		s.settle(c, playbooks.ClockStopped, at)
		s.clockRecord(c, "clock.stopped", at, map[string]string{"by_step": by})
		s.tellClock(c, "stopped", s.clockOwners(c))
	default:
		s.missClock(c)
		c.LateAt = at
		c.Version++
		s.clockRecord(c, "clock.late", at, map[string]string{"by_step": by})
	}
}

// doneFirst is the step among those named that was done first.
func (s *session) doneFirst(steps []playbooks.Str) (at time.Time, id string) {
	for _, d := range append(slices.Clone(s.state.Previous), s.state.Done...) {
		named := slices.ContainsFunc(steps, func(x playbooks.Str) bool { return x.V == d.Step })
		if named && d.State == port.StepDone && settles(d) && (id == "" || d.At.Before(at)) {
			at, id = d.At, d.Step
		}
	}
	return at, id
}

// settles tells whether a finished step did what it was for: an approval that
// was refused or sent back did not.
func settles(d port.StepResult) bool {
	return d.Kind != string(playbooks.KindApproval) || d.Fields["outcome"] == port.OutcomeApproved || d.Fields["outcome"] == port.OutcomeApprovedWith
}

// decidedAt is when the last of the steps was finished that a condition names;
// now where it names none.
func (s *session) decidedAt(condition string) time.Time {
	var at time.Time
	for _, id := range s.eval.StepsNamed(condition) {
		if d := s.state.FindDone(id, ""); d != nil && d.At.After(at) {
			at = d.At
		}
	}
	if at.IsZero() {
		return s.now
	}
	return at
}

// standDown stands a clock down while its condition holds. When the decision
// falls away that it asks about, the clock runs again, from its beginning.
func (s *session) standDown(c *port.RunClock, k *playbooks.Clock) error {
	if k.StandDown.Empty() || c.State == playbooks.ClockStopped || !c.LateAt.IsZero() {
		return nil
	}
	v, _, err := s.eval.ValueSoFar(k.StandDown.V, s.scope())
	if err != nil {
		return err
	}
	switch down := v == true; {
	case down && c.State != playbooks.ClockStoodDown && !s.decidedAt(k.StandDown.V).After(c.Due):
		at := s.decidedAt(k.StandDown.V)
		s.settle(c, playbooks.ClockStoodDown, at)
		s.clockRecord(c, "clock.stood_down", at, map[string]string{"because": k.StandDown.V})
		s.tellClock(c, "stood_down", s.clockOwners(c))
	case !down && c.State == playbooks.ClockStoodDown && s.shadowedBy(c, k) == "":
		s.settle(c, playbooks.ClockRunning, time.Time{})
		s.clockRecord(c, "clock.armed_again", s.now, nil)
		s.tellClock(c, "armed_again", s.clockOwners(c))
	}
	return nil
}

// shadowedBy is the step by which somebody else took the deadline over in time,
// or empty.
func (s *session) shadowedBy(c *port.RunClock, k *playbooks.Clock) string {
	if k.Shadow == nil || c.OursAt.IsZero() {
		return ""
	}
	if at, by := s.doneFirst([]playbooks.Str{k.Shadow.Until}); by != "" && !at.After(c.OursAt) {
		return by
	}
	return ""
}

// shadowOver ends the time in which a clock runs for show.
func (s *session) shadowOver(c *port.RunClock, k *playbooks.Clock) {
	if c.State != playbooks.ClockShadow {
		return
	}
	if by := s.shadowedBy(c, k); by != "" {
		s.settle(c, playbooks.ClockStoodDown, s.now)
		s.clockRecord(c, "clock.stood_down", s.now, map[string]string{"by_step": by})
		s.tellClock(c, "stood_down", s.clockOwners(c))
		return
	}
	if !c.OursAt.After(s.now) || !c.Due.After(s.now) {
		s.settle(c, playbooks.ClockRunning, time.Time{})
		s.clockRecord(c, "clock.ours", s.now, map[string]string{"not_done": k.Shadow.Until.V})
		s.tellClock(c, "ours", s.clockOwners(c))
	}
}

func (s *session) missClock(c *port.RunClock) {
	if c.State == playbooks.ClockMissed {
		return
	}
	s.settle(c, playbooks.ClockMissed, c.Due)
	s.clockRecord(c, "clock.missed", c.Due, map[string]string{"due": stamp(c.Due)})
	told := s.clockOwners(c)
	for _, a := range s.addressees(s.org, []string{roleRisk}) {
		if !slices.ContainsFunc(told, func(b port.Addressee) bool { return a.ID() == b.ID() }) {
			told = append(told, a)
		}
	}
	s.tellClock(c, "missed", told)
}

func (s *session) settle(c *port.RunClock, state string, at time.Time) {
	c.State, c.SettledAt = state, at
	c.Version++
}

// nextLook is when the clock is looked at next: a warning, its deadline, or the
// next morning, when the organisation or a rule may have changed.
func (s *session) nextLook(c *port.RunClock, k *playbooks.Clock) error {
	c.NextAt = time.Time{}
	if !runs(c) {
		return nil
	}
	next, err := s.def.Calendar.NextMorning(s.now, s.org.Profile.Zone)
	if err != nil {
		return err
	}
	at := []time.Time{c.Due}
	if c.State == playbooks.ClockShadow {
		at = append(at, c.OursAt)
	}
	for _, w := range warnings(k) {
		at = append(at, share(c, w))
	}
	for _, t := range at {
		if t.After(s.now) && t.Before(next) {
			next = t
		}
	}
	c.NextAt = next
	return nil
}

// warnings are the shares of a clock's time at which it warns, in percent.
func warnings(k *playbooks.Clock) (out []int) {
	for _, w := range k.Warn {
		if r, err := org.ParseReminder(w.V); err == nil {
			out = append(out, r.Percent)
		}
	}
	slices.Sort(out)
	return out
}

// share is when so many percent of a clock's time have gone.
func share(c *port.RunClock, percent int) time.Time {
	return c.From.Add(c.Due.Sub(c.From) * time.Duration(percent) / 100)
}

func (s *session) clockRecord(c *port.RunClock, kind string, at time.Time, header map[string]string) {
	if header == nil {
		header = map[string]string{}
	}
	header["due"] = stamp(c.Due)
	s.record(s.clockPlace(c), kind, "", c.Version, port.Record{At: at, Header: header, Body: map[string]any{"title": c.Title, "version": strconv.Itoa(c.Version)}})
}

// clockPlace is where a clock stands: always in the round it started in.
func (s *session) clockPlace(c *port.RunClock) port.Place {
	return port.Place{Run: s.state.Run.ID, Step: c.ID, Round: c.Round}
}
