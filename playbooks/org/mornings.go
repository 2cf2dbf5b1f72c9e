package org

import "time"

// StartOfDay is the first instant of a day written as 2026-01-31, in UTC.
func (c Calendar) StartOfDay(day, zone string) (time.Time, error) {
	d, err := parseDay(day)
	if err != nil {
		return time.Time{}, err
	}
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	return startOfDay(d.year, d.month, d.day, w.loc).UTC(), nil
}

// NextMorning is the next time after t that the clocks show when work begins, in
// UTC: on any day, since what is looked at then need not be anybody's work.
func (c Calendar) NextMorning(t time.Time, zone string) (time.Time, error) {
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, err
	}
	d := w.day(t)
	if at := w.begin(d); at.After(t) {
		return at.UTC(), nil
	}
	return w.begin(d.plus(1)).UTC(), nil
}
