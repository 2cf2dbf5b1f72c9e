package org_test

import (
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func spans(t *testing.T, texts ...string) (out [3]org.Span) {
	t.Helper()
	for i, text := range texts {
		s, err := org.ParseSpan(text)
		if err != nil {
			t.Fatal(err)
		}
		out[i] = s
	}
	return out
}

// TestCadence: a turn is counted from the last completed run (processes.md 0.4
// and 22), and never lost.
func TestCadence(t *testing.T) {
	t.Parallel()
	const berlin = "Europe/Berlin"
	c := org.Cadence{
		Interval: spans(t, "12 months", "24 months", "36 months"), First: spans(t, "30 days", "60 days", "90 days"),
		Lead: spans(t, "30 days", "30 days", "14 days"),
	}
	at := func(day string) time.Time {
		loc, err := time.LoadLocation(berlin)
		if err != nil {
			t.Fatal(err)
		}
		when, err := time.ParseInLocation("2006-01-02 15:04", day, loc)
		if err != nil {
			t.Fatal(err)
		}
		return when.UTC()
	}
	for name, x := range map[string]struct {
		tier       int
		first      string
		past       org.Past
		due, opens string
		forward    bool
	}{
		"tier 2":               {2, "", org.Past{Completed: at("2026-03-15 10:00")}, "2028-03-15", "2028-02-14 09:00", false},
		"the month's end":      {1, "", org.Past{Completed: at("2024-02-29 10:00")}, "2025-02-28", "2025-01-29 09:00", false},
		"opens on a workday":   {3, "", org.Past{Completed: at("2026-03-15 10:00")}, "2029-03-15", "2029-03-01 09:00", false},
		"a weekend":            {1, "", org.Past{Completed: at("2026-03-16 10:00")}, "2027-03-16", "2027-02-15 09:00", false}, // 14 February is a Sunday
		"new":                  {2, "", org.Past{Registered: at("2026-03-02 08:00")}, "2026-05-01", "2026-04-01 09:00", false},
		"new, in the highest":  {1, "", org.Past{Registered: at("2026-03-02 08:00")}, "2026-04-01", "2026-03-02 09:00", false},
		"first day given":      {1, "2026-06-30", org.Past{Registered: at("2026-03-02 08:00")}, "2026-06-30", "2026-06-01 09:00", false}, // 31 May is a Sunday
		"first day is past":    {1, "2026-06-30", org.Past{Completed: at("2026-06-15 08:00")}, "2027-06-15", "2027-05-17 09:00", false},
		"tried":                {2, "", org.Past{Completed: at("2024-03-15 10:00"), Tried: at("2026-03-02 10:00")}, "2026-03-15", "2026-03-16 09:00", false},
		"tried long before":    {2, "", org.Past{Completed: at("2024-03-15 10:00"), Tried: at("2024-06-03 10:00")}, "2026-03-15", "2026-02-13 09:00", false},
		"tried, then complete": {2, "", org.Past{Completed: at("2026-03-15 10:00"), Tried: at("2026-03-02 10:00")}, "2028-03-15", "2028-02-14 09:00", false},
		"tier rose":            {1, "", org.Past{Completed: at("2024-03-15 10:00"), TierFrom: at("2026-01-05 10:00")}, "2026-01-19", "2025-12-22 09:00", true}, // due 2025-03-15
		"tier rose in time":    {1, "", org.Past{Completed: at("2025-03-14 10:00"), TierFrom: at("2026-01-05 10:00")}, "2026-03-14", "2026-02-12 09:00", false},
		"tier fell":            {3, "", org.Past{Completed: at("2024-03-15 10:00"), TierFrom: at("2026-01-05 10:00")}, "2027-03-15", "2027-03-01 09:00", false},
	} {
		turn, err := c.Next(x.tier, x.first, x.past, org.Calendar{}, berlin)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if want := at(x.due + " 23:59").Add(59 * time.Second); !turn.Due.Equal(want) || !turn.Opens.Equal(at(x.opens)) || turn.BroughtForward != x.forward {
			t.Errorf("%s: due %s, opens %s, forward %t; want %s, %s, %t", name, turn.Due, turn.Opens, turn.BroughtForward, want, at(x.opens), x.forward)
		}
	}
}
