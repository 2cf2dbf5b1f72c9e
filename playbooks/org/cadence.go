package org

import (
	"fmt"
	"time"
)

// tiers is how many tiers there are, the first the highest (processes.md 0.2).
const tiers = 3

// afterTry is how long it takes until a run is opened again after one that ended
// without what counts, and until one is due that a higher tier has put into the past.
var afterTry = Span{N: 10, Unit: UnitWorkingDays}

// Cadence is how often a playbook runs for a subject, by tier: each is counted
// from the last run that was completed, not from the calendar.
type Cadence struct {
	Interval [tiers]Span
	// First is the time until the first run of a new subject is due.
	First [tiers]Span
	// Lead is how long before it is due a run opens.
	Lead [tiers]Span
}

// Past is what a cadence is counted from. Zero = it has not happened.
type Past struct {
	Registered time.Time // when the subject became known
	Completed  time.Time // the end of the last run whose outcome counts
	// Tried is the end of the last run since then whose outcome does not count.
	Tried time.Time
	// TierFrom is when the subject got the tier it has.
	TierFrom time.Time
}

// Turn is the next time a playbook is due for a subject.
type Turn struct {
	Due   time.Time
	Opens time.Time // when the run is started; may lie in the past
	// BroughtForward says that a change of the tier made it due earlier: it is then
	// not late for the time before.
	BroughtForward bool
}

// Next is the turn that follows from the past, in UTC. first is a day (YYYY-MM-DD)
// that the programme names for the first time; empty = by the cadence.
func (c Cadence) Next(tier int, first string, p Past, cal Calendar, zone string) (Turn, error) {
	if tier < 1 || tier > tiers {
		return Turn{}, fmt.Errorf("there is no tier %d", tier)
	}
	t, err := c.due(tier-1, first, p, cal, zone)
	if err != nil {
		return t, err
	}
	if t.Opens, err = cal.Before(t.Due, c.Lead[tier-1], zone); err != nil {
		return t, err
	}
	if !p.Tried.IsZero() && p.Tried.After(p.Completed) {
		again, err := cal.End(p.Tried, afterTry, zone)
		if err != nil {
			return t, err
		}
		t.Opens = later(t.Opens, again)
	}
	t.Opens, err = cal.morningOf(t.Opens, zone)
	return t, err
}

// morningOf is when work begins on the day of t, or on the next working day.
func (c Calendar) morningOf(t time.Time, zone string) (time.Time, error) {
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	at, err := w.hour(w.begin(w.day(t)))
	return at.UTC(), err
}

// due is when the turn is due, without the time a run is given.
func (c Cadence) due(tier int, first string, p Past, cal Calendar, zone string) (t Turn, err error) {
	switch {
	case !p.Completed.IsZero():
		t.Due, err = cal.End(p.Completed, c.Interval[tier], zone)
	case first != "":
		t.Due, err = cal.EndOfDay(first, zone)
	default:
		t.Due, err = cal.End(p.Registered, c.First[tier], zone)
	}
	if err != nil || p.Completed.IsZero() || !p.TierFrom.After(p.Completed) || !t.Due.Before(p.TierFrom) {
		return t, err
	}
	t.BroughtForward = true
	t.Due, err = cal.End(p.TierFrom, afterTry, zone)
	return t, err
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
