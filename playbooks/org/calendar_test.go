package org_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

const (
	berlin = "Europe/Berlin"
	stamp  = "2006-01-02 15:04:05"
)

// at reads a wall clock in a zone; times shown twice carry their offset.
func at(t testing.TB, clock, zone string) time.Time {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	for _, form := range []string{stamp, "2006-01-02 15:04", "2006-01-02 15:04:05 -0700"} {
		if got, err := time.ParseInLocation(form, clock, loc); err == nil {
			return got
		}
	}
	t.Fatalf("no time: %q", clock)
	return time.Time{}
}

func show(t testing.TB, got time.Time, zone string) string {
	t.Helper()
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	return got.In(loc).Format(stamp)
}

func span(t testing.TB, text string) org.Span {
	t.Helper()
	s, err := org.ParseSpan(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func german(extra ...string) org.Calendar {
	return org.Calendar{Weekdays: []string{"mon", "tue", "wed", "thu", "fri"}, Hours: "09:00-17:00", Holidays: "de", Extra: extra}
}

func TestEnd(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, zone, from, span, want string
		cal                          org.Calendar
	}{
		{"five working days skip the weekend", berlin, "2026-03-02 10:00", "5 working days", "2026-03-09 23:59:59", german()},
		{"opened late at night counts from that day", berlin, "2026-03-02 23:59:59", "1 working day", "2026-03-03 23:59:59", german()},
		{"opened on a Saturday", berlin, "2026-03-07 10:00", "1 working day", "2026-03-09 23:59:59", german()},
		{"Good Friday and Easter Monday", berlin, "2026-04-02 10:00", "1 working day", "2026-04-07 23:59:59", german()},
		{"no holidays named", berlin, "2026-04-02 10:00", "1 working day", "2026-04-03 23:59:59", org.Calendar{}},
		{"extra day off", berlin, "2026-12-23 10:00", "1 working day", "2026-12-28 23:59:59", german("2026-12-24")},
		{"clocks go forward within", berlin, "2027-03-26 10:00", "1 working day", "2027-03-30 23:59:59", german()},
		{"hours are exact over the jump forward", berlin, "2027-03-27 12:00", "24 hours", "2027-03-28 13:00:00", german()},
		{"hours are exact over the jump back", berlin, "2027-10-30 12:00", "24 hours", "2027-10-31 11:00:00", german()},
		{"72 hours ignore the weekend", berlin, "2027-12-03 16:30", "72 hours", "2027-12-06 16:30:00", german()},
		{"days end at the end of the day", berlin, "2028-03-25 23:30", "2 days", "2028-03-27 23:59:59", german()},
		{"days end on a weekend", berlin, "2026-03-02 10:00", "5 days", "2026-03-07 23:59:59", german()},
		{"a month that is shorter", berlin, "2026-01-31 10:00", "1 month", "2026-02-28 23:59:59", german()},
		{"a month of a leap year", berlin, "2028-01-31 10:00", "1 month", "2028-02-29 23:59:59", german()},
		{"a year from a leap day", berlin, "2028-02-29 10:00", "12 months", "2029-02-28 23:59:59", german()},
		{"over the turn of the year", berlin, "2026-11-30 10:00", "3 months", "2027-02-28 23:59:59", german()},
		{"the leap day is a day", berlin, "2028-02-28 10:00", "1 day", "2028-02-29 23:59:59", german()},
		{"another zone, another day", "Asia/Tokyo", "2026-03-03 01:00", "1 working day", "2026-03-04 23:59:59", german()},
		{"a day with 23:59:59 twice ends at the second", "America/Sao_Paulo", "2018-02-16 12:00", "1 day", "2018-02-17 23:59:59", org.Calendar{}},
		{"a day that was dropped", "Pacific/Apia", "2011-12-29 12:00", "1 day", "2011-12-29 23:59:59", org.Calendar{}},
		{"a week from Sunday to Thursday", "Asia/Dubai", "2026-03-05 12:00", "1 working day", "2026-03-08 23:59:59", org.Calendar{Weekdays: []string{"sun", "mon", "tue", "wed", "thu"}}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got, err := c.cal.End(at(t, c.from, c.zone), span(t, c.span), c.zone)
			if err != nil {
				t.Fatal(err)
			}
			if s := show(t, got, c.zone); s != c.want {
				t.Errorf("%s + %s = %s, want %s", c.from, c.span, s, c.want)
			}
			if got.Location() != time.UTC {
				t.Errorf("not in UTC but %s", got.Location())
			}
		})
	}
}

// The second 23:59:59 of the night clocks go back at midnight is an hour after
// the first: wall clocks alone cannot tell them apart.
func TestEndOfADayThatEndsTwice(t *testing.T) {
	t.Parallel()
	got, err := org.Calendar{}.End(at(t, "2018-02-16 12:00", "America/Sao_Paulo"), span(t, "1 day"), "America/Sao_Paulo")
	if want := "2018-02-18T02:59:59Z"; err != nil || got.Format(time.RFC3339) != want {
		t.Errorf("got %s, %v; want %s", got.Format(time.RFC3339), err, want)
	}
}

func TestWorkingDaysAfter(t *testing.T) {
	t.Parallel()
	for n, want := range map[int]string{0: "2026-03-06 23:59:59", 1: "2026-03-09 23:59:59", 6: "2026-03-16 23:59:59"} {
		got, err := german().WorkingDaysAfter(at(t, "2026-03-06 16:00", berlin), n, berlin)
		if err != nil || show(t, got, berlin) != want {
			t.Errorf("%d: %s, %v; want %s", n, show(t, got, berlin), err, want)
		}
	}
	if _, err := german().WorkingDaysAfter(time.Unix(0, 0), -1, berlin); err == nil {
		t.Error("-1 working days were accepted")
	}
}

func TestHolidaysOfCountries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ country, day string }{
		{"de", "2026-10-03"},
		{"de", "2026-05-14"},
		{"at", "2026-10-26"},
		{"ch", "2026-08-01"},
		{"fr", "2026-07-14"},
		{"gb", "2027-12-27"},
		{"ie", "2026-03-17"},
		{"nl", "2026-04-27"},
		{"us", "2026-07-03"},
		{"us", "2026-11-26"},
		{"us", "2021-12-31"},
		{"pl", "2026-11-11"},
	} {
		every := org.Calendar{Weekdays: strings.Fields("mon tue wed thu fri sat sun"), Holidays: c.country}
		eve := at(t, c.day+" 12:00", "UTC").AddDate(0, 0, -1)
		got, err := every.WorkingDaysAfter(eve, 1, "UTC")
		if err != nil {
			t.Fatal(err)
		}
		if got.Format("2006-01-02") == c.day {
			t.Errorf("%s: %s counts as a working day", c.country, c.day)
		}
	}
	for _, want := range strings.Fields("de at ch fr gb ie nl us") {
		if !strings.Contains(strings.Join(org.Countries(), " "), want) {
			t.Errorf("no holidays for %s", want)
		}
	}
}

func TestCalendarRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cal  org.Calendar
		zone string
		want string
	}{
		{german(), "", "no time zone"},
		{german(), "Local", "no time zone"},
		{german(), "Europe/Berlinn", "no time zone"},
		{org.Calendar{Holidays: "xx"}, berlin, "choose one of"},
		{org.Calendar{Weekdays: []string{"Monday"}}, berlin, "no weekday"},
		{org.Calendar{Hours: "9-17"}, berlin, "working hours"},
		{org.Calendar{Hours: "17:00-09:00"}, berlin, "end before they begin"},
		{org.Calendar{Hours: "09:00-24:01"}, berlin, "working hours"},
		{org.Calendar{Extra: []string{"2026-02-29"}}, berlin, "no day of the calendar"},
	} {
		_, err := c.cal.End(time.Unix(0, 0), org.Span{N: 1, Unit: org.UnitDays}, c.zone)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v in %q: %v, want %q", c.cal, c.zone, err, c.want)
		}
	}
}

// A day on which no time is left to work must not make the search endless.
func TestCalendarWithoutWorkingDays(t *testing.T) {
	t.Parallel()
	c := org.Calendar{Weekdays: []string{"sat"}}
	for d := at(t, "2026-01-03 12:00", "UTC"); d.Year() < 2040; d = d.AddDate(0, 0, 7) {
		c.Extra = append(c.Extra, d.Format("2006-01-02"))
	}
	if _, err := c.WorkingDaysAfter(at(t, "2026-01-01 12:00", "UTC"), 1, "UTC"); err == nil {
		t.Error("a working day was found where there is none")
	}
}

func TestParseSpan(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"5 working days": "5 working days", "1 working day": "1 working day", "72 hours": "72 hours",
		"1 hours": "1 hour", "15 days": "15 days", "12 months": "12 months", " 3  working   days ": "3 working days",
	} {
		if s, err := org.ParseSpan(text); err != nil || s.String() != want {
			t.Errorf("%q: %v, %v", text, s, err)
		}
	}
	for _, text := range []string{
		"", "5", "days", "5days", "-1 days", "+1 days", "0 days", "1.5 hours", "5 weeks", "5 Working Days",
		"5 working", "5 working dayss", "five days", "3651 days", "99999999999999999999 hours", "5 days 3 hours",
	} {
		if s, err := org.ParseSpan(text); err == nil {
			t.Errorf("%q was read as %v", text, s)
		}
	}
}
