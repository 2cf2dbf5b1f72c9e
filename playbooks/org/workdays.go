package org

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/rickar/cal/v2"
)

// The week and the hours of a calendar that names none.
const (
	defaultHours = "09:00-17:00"
	dateForm     = "2006-01-02"
)

func weekdayNames() []string {
	return []string{"sun", "mon", "tue", "wed", "thu", "fri", "sat"} // as time.Weekday counts
}

func defaultWeekdays() []string { return []string{"mon", "tue", "wed", "thu", "fri"} }

// farthest is how many days ahead a working day is looked for: past any span
// a playbook may name.
const farthest = 12 * 366

// workdays is a calendar made ready to be asked in one time zone. It is used
// by one call and not shared.
type workdays struct {
	loc      *time.Location
	week     [7]bool
	open     int // minutes after midnight
	shut     int
	holidays []*cal.Holiday
	extra    map[date]bool
	years    map[int]map[date]bool
}

// in makes the calendar ready in a time zone.
func (c Calendar) in(zone string) (*workdays, error) {
	loc, err := loadZone(zone)
	if err != nil {
		return nil, err
	}
	w := &workdays{loc: loc, extra: map[date]bool{}, years: map[int]map[date]bool{}}
	if w.week, err = parseWeek(c.Weekdays); err != nil {
		return nil, err
	}
	if w.open, w.shut, err = parseHours(c.Hours); err != nil {
		return nil, err
	}
	if c.Holidays != "" {
		var ok bool
		if w.holidays, ok = holidaysOf(c.Holidays); !ok {
			return nil, fmt.Errorf("no holidays are known for `%s`: choose one of %s", c.Holidays, strings.Join(Countries(), " "))
		}
	}
	for _, day := range c.Extra {
		d, err := parseDay(day)
		if err != nil {
			return nil, err
		}
		w.extra[d] = true
	}
	return w, nil
}

func parseWeek(names []string) (week [7]bool, err error) {
	if len(names) == 0 {
		names = defaultWeekdays()
	}
	for _, n := range names {
		i := slices.Index(weekdayNames(), n)
		if i < 0 {
			return week, fmt.Errorf("`%s` is no weekday: choose of mon tue wed thu fri sat sun", n)
		}
		week[i] = true
	}
	return week, nil
}

func parseHours(text string) (open, shut int, err error) {
	if text == "" {
		text = defaultHours
	}
	from, to, ok := strings.Cut(text, "-")
	open, okFrom := clockMinutes(from)
	shut, okTo := clockMinutes(to)
	if !ok || !okFrom || !okTo {
		return 0, 0, fmt.Errorf("`%s` are no working hours: write them as 09:00-17:00", text)
	}
	if open >= shut {
		return 0, 0, fmt.Errorf("the working hours `%s` end before they begin: write them as 09:00-17:00", text)
	}
	return open, shut, nil
}

// clockMinutes reads HH:MM, up to 24:00.
func clockMinutes(text string) (int, bool) {
	h, m, ok := strings.Cut(text, ":")
	hour, okH := wholeNumber(h)
	minute, okM := wholeNumber(m)
	if !ok || !okH || !okM || len(h) != 2 || len(m) != 2 || minute > 59 || hour*60+minute > 24*60 {
		return 0, false
	}
	return hour*60 + minute, true
}

func parseDay(text string) (date, error) {
	t, err := time.Parse(dateForm, text)
	if err != nil {
		return date{}, fmt.Errorf("`%s` is no day of the calendar: write it as %s", text, "2026-12-24")
	}
	y, m, d := t.Date()
	return date{y, m, d}, nil
}

// working tells whether people work on a day.
func (w *workdays) working(d date) bool {
	day := time.Date(d.year, d.month, d.day, 12, 0, 0, 0, time.UTC)
	if !w.week[day.Weekday()] || w.extra[d] {
		return false
	}
	off, ok := w.years[d.year]
	if !ok {
		off = daysOff(w.holidays, d.year)
		w.years[d.year] = off
	}
	return !off[d]
}

// day is the day that t falls on.
func (w *workdays) day(t time.Time) date {
	y, m, d := t.In(w.loc).Date()
	return date{y, m, d}
}

// plus is the day n days after d.
func (d date) plus(n int) date {
	y, m, day := time.Date(d.year, d.month, d.day+n, 12, 0, 0, 0, time.UTC).Date()
	return date{y, m, day}
}

// after is the n-th working day after d.
func (w *workdays) after(d date, n int) (date, error) { return w.count(d, n, 1, "after") }

// before is the n-th working day before d.
func (w *workdays) before(d date, n int) (date, error) { return w.count(d, n, -1, "before") }

func (w *workdays) count(d date, n, step int, way string) (date, error) {
	for i := 1; i <= farthest; i++ {
		next := d.plus(i * step)
		if !w.working(next) {
			continue
		}
		if n--; n <= 0 {
			return next, nil
		}
	}
	return date{}, fmt.Errorf("the calendar has too few working days in the %s days %s %04d-%02d-%02d",
		strconv.Itoa(farthest), way, d.year, d.month, d.day)
}

func (w *workdays) begin(d date) time.Time { return w.at(d, w.open) }
func (w *workdays) close(d date) time.Time { return w.at(d, w.shut) }

func (w *workdays) at(d date, minute int) time.Time {
	return instant(wall{year: d.year, month: d.month, day: d.day, hour: minute / 60, min: minute % 60}, w.loc)
}

// hour is t itself within working hours, otherwise the next time they begin.
func (w *workdays) hour(t time.Time) (time.Time, error) {
	d := w.day(t)
	if w.working(d) {
		if begin := w.begin(d); t.Before(begin) {
			return begin, nil
		}
		if t.Before(w.close(d)) {
			return t, nil
		}
	}
	next, err := w.after(d, 1)
	if err != nil {
		return time.Time{}, err
	}
	return w.begin(next), nil
}
