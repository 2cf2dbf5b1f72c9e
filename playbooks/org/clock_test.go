package org

import (
	"testing"
	"time"
)

// TestClockDue has the worked examples of a serious incident.
func TestClockDue(t *testing.T) {
	t.Parallel()
	loc, err := time.LoadLocation("Europe/Berlin")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, span, want string }{
		{"2027-12-03 16:30:00", "2 days", "2027-12-05 16:30:00"},
		{"2027-12-03 16:30:00", "10 days", "2027-12-13 16:30:00"},
		{"2027-12-03 16:30:00", "24 hours", "2027-12-04 16:30:00"},
		{"2027-12-03 16:30:00", "72 hours", "2027-12-06 16:30:00"},
		{"2028-03-25 23:30:00", "2 days", "2028-03-27 23:59:59"},
		{"2028-03-25 12:00:00", "2 days", "2028-03-27 13:00:00"},
		{"2028-01-31 10:00:00", "1 month", "2028-02-29 10:00:00"},
	} {
		from, err := time.ParseInLocation(time.DateTime, c.from, loc)
		if err != nil {
			t.Fatal(err)
		}
		span, err := ParseSpan(c.span)
		if err != nil {
			t.Fatal(err)
		}
		due, err := Calendar{}.ClockDue(from, span, "Europe/Berlin")
		if got := due.In(loc).Format(time.DateTime); err != nil || got != c.want {
			t.Errorf("%s and %s: %s, want %s (%v)", c.from, c.span, got, c.want, err)
		}
	}
	if _, err := (Calendar{}).ClockDue(time.Now(), Span{N: 1, Unit: UnitWorkingDays}, "Europe/Berlin"); err == nil {
		t.Error("a clock that stands still at night")
	}
}
