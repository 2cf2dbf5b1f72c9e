package org

import (
	"fmt"
	"time"
)

// End is the instant a span that opened at from ends, in UTC. "5 working days"
// is the end (23:59:59) of the fifth working day after the day of opening, as
// clocks in zone show it; days and months end likewise at the end of their
// last day, a month without that day at its last one (31 January + 1 month).
// Hours are exact.
func (c Calendar) End(from time.Time, s Span, zone string) (time.Time, error) {
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	return w.spanEnd(from, s)
}

// Before is the instant a span before from, in UTC: the end (23:59:59 in zone)
// of the last day on which there are still so many days until the day of from.
// Hours are exact.
func (c Calendar) Before(from time.Time, s Span, zone string) (time.Time, error) {
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	if s.N < 1 || s.N > maxSpan(s.Unit) {
		return time.Time{}, fmt.Errorf("a span of %d %s is not between 1 and %d", s.N, s.Unit, maxSpan(s.Unit))
	}
	d := w.day(from)
	switch s.Unit {
	case UnitHours:
		return from.Add(-time.Duration(s.N) * time.Hour).UTC(), nil
	case UnitDays:
		return w.end(d.plus(-s.N)), nil
	case UnitMonths:
		return w.end(d.months(-s.N)), nil
	case UnitWorkingDays:
		first, err := w.before(d, s.N)
		if err != nil {
			return time.Time{}, err
		}
		return w.end(first), nil
	}
	return time.Time{}, fmt.Errorf("`%s` is no unit of time", s.Unit)
}

// EndOfDay is the end (23:59:59 in zone) of a day written as 2026-01-31, in UTC.
func (c Calendar) EndOfDay(day, zone string) (time.Time, error) {
	d, err := parseDay(day)
	if err != nil {
		return time.Time{}, err
	}
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	return w.end(d), nil
}

// WorkingDaysAfter is the end (23:59:59 in zone) of the n-th working day after
// the day of t, in UTC; with n = 0 the end of that day itself. n is at most
// 2,600, ten years.
func (c Calendar) WorkingDaysAfter(t time.Time, n int, zone string) (time.Time, error) {
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	if n == 0 {
		return w.end(w.day(t)), nil
	}
	return w.spanEnd(t, Span{N: n, Unit: UnitWorkingDays})
}

// After is when a rung of an escalation is due: the span counted from the
// missed deadline, then moved forward to the next working hour in zone, since
// it is a person who is told. Hours are exact: who counts in hours means
// nights too.
func (c Calendar) After(due time.Time, span, zone string) (time.Time, error) {
	s, err := ParseSpan(span)
	if err != nil {
		return time.Time{}, err
	}
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	t, err := w.spanEnd(due, s)
	if err != nil || s.Unit == UnitHours {
		return t, err
	}
	if t, err = w.hour(t); err != nil {
		return time.Time{}, err
	}
	return t.UTC(), nil
}

func (w *workdays) spanEnd(from time.Time, s Span) (time.Time, error) {
	if s.N < 1 || s.N > maxSpan(s.Unit) {
		return time.Time{}, fmt.Errorf("a span of %d %s is not between 1 and %d", s.N, s.Unit, maxSpan(s.Unit))
	}
	d := w.day(from)
	switch s.Unit {
	case UnitHours:
		return from.Add(time.Duration(s.N) * time.Hour).UTC(), nil
	case UnitDays:
		return w.end(d.plus(s.N)), nil
	case UnitMonths:
		return w.end(d.months(s.N)), nil
	case UnitWorkingDays:
		last, err := w.after(d, s.N)
		if err != nil {
			return time.Time{}, err
		}
		return w.end(last), nil
	}
	return time.Time{}, fmt.Errorf("`%s` is no unit of time", s.Unit)
}

func (w *workdays) end(d date) time.Time {
	return endOfDay(d.year, d.month, d.day, w.loc).UTC()
}

// months is the same day n months later, or that month's last day.
func (d date) months(n int) date {
	first := time.Date(d.year, d.month+time.Month(n), 1, 12, 0, 0, 0, time.UTC)
	last := first.AddDate(0, 1, -1).Day()
	return date{first.Year(), first.Month(), min(d.day, last)}
}
