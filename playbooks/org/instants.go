package org

import (
	"errors"
	"fmt"
	"time"
)

// loadZone reads an IANA time zone. The machine's own zone and the empty name
// are refused: a deadline must not depend on where the program runs.
func loadZone(name string) (*time.Location, error) {
	if name == "" {
		return nil, errors.New("no time zone is given")
	}
	if name == "Local" {
		return nil, errors.New("`Local` is no time zone: name one such as Europe/Berlin")
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, fmt.Errorf("`%s` is no time zone: name one such as Europe/Berlin", name)
	}
	return loc, nil
}

// wall is a reading of a clock on a wall: a day and a time of day, without a
// zone. Fields may run over (32 January); they are carried as time.Date does.
type wall struct {
	year  int
	month time.Month
	day   int
	hour  int
	min   int
}

func (w wall) in(loc *time.Location) time.Time {
	return time.Date(w.year, w.month, w.day, w.hour, w.min, 0, 0, loc)
}

// reading is what clocks in t's zone show at t, as if that were UTC: two
// readings can be compared without an offset in the way.
func reading(t time.Time) time.Time {
	y, m, d := t.Date()
	return time.Date(y, m, d, t.Hour(), t.Minute(), t.Second(), t.Nanosecond(), time.UTC)
}

// instant is the first instant at which clocks in loc show w. Where clocks go
// back and show it twice, it is the first of the two; where they go forward
// and never show it, it is the instant they jump. time.Date promises neither.
func instant(w wall, loc *time.Location) time.Time {
	want := w.in(time.UTC)
	t := w.in(loc)
	start, end := t.ZoneBounds()
	shown := reading(t)
	switch {
	case shown.After(want) && !start.IsZero():
		return start
	case shown.Before(want) && !end.IsZero():
		return end
	case start.IsZero():
		return t
	}
	_, before := start.Add(-time.Nanosecond).In(loc).Zone()
	if earlier := want.Add(-time.Duration(before) * time.Second); earlier.Before(start) {
		return earlier.In(loc)
	}
	return t
}

// startOfDay is the first instant of a day in loc.
func startOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	return instant(wall{year: year, month: month, day: day}, loc)
}

// endOfDay is the last whole second of a day in loc, 23:59:59 on its clocks;
// where clocks go back at midnight, the second time they show it.
func endOfDay(year int, month time.Month, day int, loc *time.Location) time.Time {
	return startOfDay(year, month, day+1, loc).Add(-time.Second)
}
