package org_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestMoments(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, remind, from, due, want string }{
		{
			"the default", strings.Join(org.DefaultRemind(), ","), "2026-03-02 10:00", "2026-03-13 23:59:59",
			"part 50: 2026-03-09 09:00:00; part 80: 2026-03-11 16:23:59; due: 2026-03-13 09:00:00",
		},
		{"a share within working hours stays", "50%", "2026-03-02 10:00", "2026-03-02 16:00", "part 50: 2026-03-02 13:00:00"},
		{"a share in the evening waits for the morning", "50%", "2026-03-02 10:00", "2026-03-03 23:59:59", "part 50: 2026-03-03 09:00:00"},
		{"a share on a holiday waits too", "50%", "2026-04-02 10:00", "2026-04-08 12:00", "part 50: 2026-04-07 09:00:00"},
		{"no working hour is left before due", "80%", "2026-03-06 10:00", "2026-03-08 10:00", "part 80: 2026-03-08 00:24:00"},
		{"two that fall together: the later share", "40%,60%", "2026-03-06 20:00", "2026-03-09 20:00", "part 60: 2026-03-09 09:00:00"},
		{"a share that falls on the day's reminder", "90%,due", "2026-03-06 20:00", "2026-03-09 12:00", "due: 2026-03-09 09:00:00"},
		{
			"order of time, not of the list", "due,80%,50%", "2026-03-02 10:00", "2026-03-13 23:59:59",
			"part 50: 2026-03-09 09:00:00; part 80: 2026-03-11 16:23:59; due: 2026-03-13 09:00:00",
		},
		{"due before work begins", "due", "2026-03-02 10:00", "2026-03-04 08:00", "due: 2026-03-04 08:00:00"},
		{"opened and due on one day", "due", "2026-03-02 10:00", "2026-03-02 14:00", "due: 2026-03-02 14:00:00"},
		{"due before it opened", "50%,due", "2026-03-02 10:00", "2026-03-01 10:00", "due: 2026-03-01 10:00:00"},
		{"repetitions are not fixed", "every 2 working days", "2026-03-02 10:00", "2026-03-13 23:59:59", ""},
		{"over the night clocks go back", "50%", "2027-10-30 00:00", "2027-11-01 23:59:59", "part 50: 2027-11-01 09:00:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			moments, err := german().Moments(strings.Split(c.remind, ","), at(t, c.from, berlin), at(t, c.due, berlin), berlin)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, m := range moments {
				kind := m.Kind
				if m.Percent > 0 {
					kind = fmt.Sprintf("%s %d", m.Kind, m.Percent)
				}
				got = append(got, kind+": "+show(t, m.At, berlin))
			}
			if s := strings.Join(got, "; "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

func TestNextEvery(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ remind, after, want string }{
		{"every 2 working days", "2026-03-13 23:59:59", "2026-03-17 09:00:00"},
		{"every 2 working days", "2026-03-17 09:00", "2026-03-19 09:00:00"},
		{"every 1 working day", "2026-04-02 09:00", "2026-04-07 09:00:00"},
		{"every 4 hours", "2026-03-13 22:00", "2026-03-14 02:00:00"},
		{"every 1 day", "2026-03-13 10:00", "2026-03-16 09:00:00"},
		{"every 3 working days,every 1 working day", "2026-03-16 10:00", "2026-03-17 09:00:00"},
	} {
		got, ok, err := german().NextEvery(strings.Split(c.remind, ","), at(t, c.after, berlin), berlin)
		if err != nil || !ok || show(t, got, berlin) != c.want {
			t.Errorf("%s after %s: %s, %v, %v; want %s", c.remind, c.after, show(t, got, berlin), ok, err, c.want)
		}
	}
	if _, ok, err := german().NextEvery([]string{"50%", "due"}, time.Unix(0, 0), berlin); ok || err != nil {
		t.Errorf("a list without repetition: %v, %v", ok, err)
	}
}

func TestAfter(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ due, span, want string }{
		{"2026-03-13 23:59:59", "2 working days", "2026-03-18 09:00:00"},
		{"2026-03-13 23:59:59", "1 day", "2026-03-16 09:00:00"},
		{"2026-03-13 23:59:59", "4 hours", "2026-03-14 03:59:59"},
		{"2026-04-01 23:59:59", "1 working day", "2026-04-07 09:00:00"},
	} {
		got, err := german().After(at(t, c.due, berlin), c.span, berlin)
		if err != nil || show(t, got, berlin) != c.want {
			t.Errorf("%s after %s: %s, %v; want %s", c.span, c.due, show(t, got, berlin), err, c.want)
		}
	}
}

func TestDefaultLadderIsReadable(t *testing.T) {
	t.Parallel()
	last := time.Time{}
	for _, rung := range org.DefaultEscalate() {
		next, err := german().After(at(t, "2026-03-13 23:59:59", berlin), rung.After, berlin)
		if err != nil || !next.After(last) || rung.To == "" {
			t.Errorf("%+v: %s, %v", rung, next, err)
		}
		last = next
	}
}

func TestPart(t *testing.T) {
	t.Parallel()
	from, due := at(t, "2026-03-02 10:00", berlin), at(t, "2026-03-03 23:59:59", berlin)
	if got := show(t, german().Part(from, due, 50, berlin), berlin); got != "2026-03-03 09:00:00" {
		t.Errorf("50%% at %s", got)
	}
	if got := show(t, german().Part(from, due, 50, "nowhere"), berlin); got != "2026-03-03 04:59:59" {
		t.Errorf("without a zone 50%% at %s", got)
	}
}

func TestParseReminderRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{"", "0%", "100%", "-5%", "50", "%", "5.5%", "Due", "every", "every day", "every 0 days", "each 2 days", "due date"} {
		if r, err := org.ParseReminder(text); err == nil {
			t.Errorf("%q was read as %+v", text, r)
		}
	}
}
