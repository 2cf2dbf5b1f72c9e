package org

import (
	"fmt"
	"time"
)

// ClockDue is when a legal clock is due: hours are exact; so are days, of 24
// hours each, but never past the end of the last of them, which matters where
// the clocks on the wall go forward; months end at the same time of day. Nights,
// weekends and holidays count.
func (c Calendar) ClockDue(from time.Time, s Span, zone string) (time.Time, error) {
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
		return from.Add(time.Duration(s.N) * time.Hour).UTC(), nil
	case UnitDays:
		exact, last := from.Add(time.Duration(s.N)*24*time.Hour).UTC(), w.end(d.plus(s.N))
		if exact.After(last) {
			return last, nil
		}
		return exact, nil
	case UnitMonths:
		m, t := d.months(s.N), from.In(w.loc)
		return instant(wall{year: m.year, month: m.month, day: m.day, hour: t.Hour(), min: t.Minute()}, w.loc).UTC(), nil
	}
	return time.Time{}, fmt.Errorf("a clock cannot run in %s", s.Unit)
}
