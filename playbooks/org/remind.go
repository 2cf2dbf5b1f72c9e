package org

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// The kinds of reminders.
const (
	RemindPart  = "part"  // a share of the time has gone: "50%"
	RemindDue   = "due"   // on the day it is due
	RemindEvery = "every" // again and again after it: "every 2 working days"
)

// DefaultRemind are the reminders of a human step that names none.
func DefaultRemind() []string { return []string{"50%", "80%", "due", "every 2 working days"} }

// Rung is one rung of an escalation ladder: after this long past due, to whom.
type Rung struct {
	After string // a span
	To    string // a role id, or ToDeputy
}

// ToDeputy is the rung that lets the deputies of the asked role act.
const ToDeputy = "deputy"

// DefaultEscalate is the escalation of a human step that names none. Rungs to
// roles the organisation lacks are for the caller to leave out.
func DefaultEscalate() []Rung {
	return []Rung{
		{After: "2 working days", To: ToDeputy},
		{After: "5 working days", To: AIMSManager},
		{After: "10 working days", To: "chief-risk-officer"},
	}
}

// Reminder is one reminder of a step, read.
type Reminder struct {
	Kind    string
	Percent int  // of RemindPart, 1 to 99
	Every   Span // of RemindEvery
}

// ParseReminder reads "50%", "due" or "every 2 working days".
func ParseReminder(text string) (Reminder, error) {
	if text == RemindDue {
		return Reminder{Kind: RemindDue}, nil
	}
	if share, ok := strings.CutSuffix(text, "%"); ok {
		n, ok := wholeNumber(share)
		if !ok || n < 1 || n > 99 {
			return Reminder{}, fmt.Errorf("`%s` is no reminder: a share is 1%% to 99%%; after the time, write every 2 working days", text)
		}
		return Reminder{Kind: RemindPart, Percent: n}, nil
	}
	if rest, ok := strings.CutPrefix(text, "every "); ok {
		s, err := ParseSpan(rest)
		if err != nil {
			return Reminder{}, err
		}
		return Reminder{Kind: RemindEvery, Every: s}, nil
	}
	return Reminder{}, fmt.Errorf("`%s` is no reminder: write a share of the time such as 50%%, due, or every 2 working days", text)
}

// Moment is one instant at which people are reminded.
type Moment struct {
	At      time.Time
	Kind    string // RemindPart, RemindDue or RemindEvery
	Percent int    // of RemindPart
}

// Moments are the fixed instants of a list of reminders for a step that opened
// at from and is due at due, in order and in UTC. Shares are moved forward to
// the next working hour in zone; "due" comes when work begins on the day it is
// due, or at the due instant itself where that is too late or was before the
// opening. Of several at one instant the most urgent is kept.
func (c Calendar) Moments(remind []string, from, due time.Time, zone string) ([]Moment, error) {
	w, err := c.in(zone)
	if err != nil {
		return nil, err
	}
	var moments []Moment
	for _, text := range remind {
		r, err := ParseReminder(text)
		if err != nil {
			return nil, err
		}
		switch r.Kind {
		case RemindPart:
			if at := w.part(from, due, r.Percent); due.After(from) {
				moments = append(moments, Moment{At: at, Kind: RemindPart, Percent: r.Percent})
			}
		case RemindDue:
			moments = append(moments, Moment{At: w.onTheDay(from, due), Kind: RemindDue})
		}
	}
	return mostUrgent(moments), nil
}

func mostUrgent(moments []Moment) []Moment {
	urgency := func(m Moment) int {
		if m.Kind == RemindDue {
			return 100
		}
		return m.Percent
	}
	slices.SortStableFunc(moments, func(a, b Moment) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return urgency(b) - urgency(a)
	})
	return slices.CompactFunc(moments, func(a, b Moment) bool { return a.At.Equal(b.At) })
}

// NextEvery is the next repetition after an instant: after the due instant at
// first, then after the repetition before. It falls where work begins on the
// n-th working day in zone; hours are exact. ok is false when the list has no
// repetition.
func (c Calendar) NextEvery(remind []string, after time.Time, zone string) (at time.Time, ok bool, err error) {
	w, err := c.in(zone)
	if err != nil {
		return time.Time{}, false, err
	}
	for _, text := range remind {
		r, err := ParseReminder(text)
		if err != nil {
			return time.Time{}, false, err
		}
		if r.Kind != RemindEvery {
			continue
		}
		next, err := w.again(after, r.Every)
		if err != nil {
			return time.Time{}, false, err
		}
		if !ok || next.Before(at) {
			at, ok = next, true
		}
	}
	return at, ok, nil
}

func (w *workdays) again(after time.Time, s Span) (time.Time, error) {
	end, err := w.spanEnd(after, s)
	if err != nil || s.Unit == UnitHours {
		return end, err
	}
	d := w.day(end)
	if !w.working(d) {
		if d, err = w.after(d, 1); err != nil {
			return time.Time{}, err
		}
	}
	return w.begin(d).UTC(), nil
}

// Part is the instant at which a share of the time from opening to due has
// gone, moved forward to the next working hour in zone, in UTC. Where no
// working hour is left before due, or the calendar or zone cannot be used, it
// is not moved: a reminder at a bad hour is better than one too late.
func (c Calendar) Part(from, due time.Time, percent int, zone string) time.Time {
	w, err := c.in(zone)
	if err != nil {
		return share(from, due, percent)
	}
	return w.part(from, due, percent)
}

func (w *workdays) part(from, due time.Time, percent int) time.Time {
	t := share(from, due, percent)
	if moved, err := w.hour(t); err == nil && moved.Before(due) {
		return moved.UTC()
	}
	return t
}

func share(from, due time.Time, percent int) time.Time {
	// Divided first: a hundredth of ten years times 99 fits, the reverse does not.
	d := due.Sub(from)
	gone := d/100*time.Duration(percent) + d%100*time.Duration(percent)/100
	return from.Add(gone).UTC().Truncate(time.Second)
}

func (w *workdays) onTheDay(from, due time.Time) time.Time {
	if begin := w.begin(w.day(due)); begin.After(from) && begin.Before(due) {
		return begin.UTC()
	}
	return due.UTC()
}
