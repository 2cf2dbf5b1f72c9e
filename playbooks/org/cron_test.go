package org_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestDueBetween(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, cron, zone, from, to, want string }{
		{"from is left out, to is in", "0 9 1 * *", berlin, "2026-03-01 09:00", "2026-05-01 09:00", "2026-04-01 09:00:00, 2026-05-01 09:00:00"},
		{"nothing between", "0 9 1 * *", berlin, "2026-03-01 09:00", "2026-03-31 23:59", ""},
		{"to before from", "0 9 1 * *", berlin, "2026-03-31 09:00", "2026-01-01 09:00", ""},
		{"summer and winter time", "0 9 * * mon", berlin, "2027-03-22 12:00", "2027-04-05 12:00", "2027-03-29 09:00:00, 2027-04-05 09:00:00"},
		{"a time that is left out comes when clocks jump", "30 2 * * *", berlin, "2027-03-27 12:00", "2027-03-29 12:00", "2027-03-28 03:00:00, 2027-03-29 02:30:00"},
		{"twice an hour, all left out, is once", "*/30 2 * * *", berlin, "2027-03-27 12:00", "2027-03-28 12:00", "2027-03-28 03:00:00"},
		{"hourly does not double at the jump", "0 * * * *", berlin, "2027-03-28 00:30", "2027-03-28 04:30", "2027-03-28 01:00:00, 2027-03-28 03:00:00, 2027-03-28 04:00:00"},
		{"a time shown twice is once", "30 2 * * *", berlin, "2027-10-30 12:00", "2027-11-01 12:00", "2027-10-31 02:30:00, 2027-11-01 02:30:00"},
		{"asked between the two, not again", "30 2 * * *", berlin, "2027-10-31 02:40:00 +0200", "2027-10-31 23:00", ""},
		{"midnight that is left out", "0 0 * * *", "Asia/Beirut", "2024-03-30 12:00", "2024-04-01 12:00", "2024-03-31 01:00:00, 2024-04-01 00:00:00"},
		{"midnight shown twice", "0 0 * * *", "America/Havana", "2024-11-02 12:00", "2024-11-04 12:00", "2024-11-03 00:00:00, 2024-11-04 00:00:00"},
		{"a day that was dropped comes with the next", "0 9 * * *", "Pacific/Apia", "2011-12-29 12:00", "2012-01-01 00:00", "2011-12-31 00:00:00, 2011-12-31 09:00:00"},
		{"leap day in a list, over the year 2100", "0 9 29,30 2 *", berlin, "2095-01-01 00:00", "2105-01-01 00:00", "2096-02-29 09:00:00, 2104-02-29 09:00:00"},
		{"a descriptor", "@monthly", berlin, "2026-01-15 00:00", "2026-03-15 00:00", "2026-02-01 00:00:00, 2026-03-01 00:00:00"},
		{"half an hour of summer time", "15 2 * * *", "Australia/Lord_Howe", "2026-10-03 12:00", "2026-10-05 12:00", "2026-10-04 02:30:00, 2026-10-05 02:15:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			due, err := org.DueBetween(org.Entry{Cron: c.cron}, at(t, c.from, c.zone), at(t, c.to, c.zone), c.zone)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, d := range due {
				got = append(got, show(t, d, c.zone))
			}
			if s := strings.Join(got, ", "); s != c.want {
				t.Errorf("got  %s\nwant %s", s, c.want)
			}
		})
	}
}

// However time is cut into pieces, every occurrence is found once. The two
// stretches hold the nights in which clocks change in all these zones.
func TestDueBetweenInPiecesLosesNothing(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{berlin, "America/Sao_Paulo", "Australia/Lord_Howe", "America/Havana", "UTC"} {
		for _, expr := range []string{"30 2 * * *", "0 0 * * *", "0 */6 * * *", "15 1 1 * *"} {
			pieces(t, org.Entry{Cron: expr}, zone, at(t, "2017-09-25 00:00", zone), 45)
			pieces(t, org.Entry{Cron: expr}, zone, at(t, "2018-02-10 00:00", zone), 55)
		}
	}
}

func pieces(t *testing.T, e org.Entry, zone string, from time.Time, days int) {
	t.Helper()
	to := from.AddDate(0, 0, days)
	whole, err := org.DueBetween(e, from, to, zone)
	if err != nil {
		t.Fatal(err)
	}
	n, next := 0, from
	for begin := from; begin.Before(to); begin = begin.Add(97 * time.Minute) {
		end := begin.Add(97 * time.Minute)
		if end.After(to) {
			end = to
		}
		part, err := org.DueBetween(e, begin, end, zone)
		if err != nil {
			t.Fatal(err)
		}
		n += len(part)
	}
	if n != len(whole) {
		t.Errorf("%s in %s: %d in pieces, %d at once", e.Cron, zone, n, len(whole))
	}
	for _, want := range whole {
		if next, err = org.Next(e, next, zone); err != nil || !next.Equal(want) {
			t.Fatalf("%s in %s: Next gives %s, %v; DueBetween %s", e.Cron, zone, next, err, want)
		}
	}
}

func TestCronRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		cron string
		col  int // where the problem is shown, from the expression's first character
		want string
	}{
		{"0 9 1 * 1", 4, "weekday are both set"},
		{"0 9 */2 * mon", 4, "begins anew"},
		{"@every 36h", 0, "counts from the moment"},
		{"@dayly", 0, "Did you mean `@daily`?"},
		{"0 9 ? * 1", 4, "`?`"},
		{"0 0 9 * * *", 0, "Six fields"},
		{"0 9 * *", 0, "This has 4 fields"},
		{"0 9 * * 7", 8, "Write 0 or sun"},
		{"0 9 * * 5-7", 8, "Write 0 or sun"},
		{"0 9 L * *", 4, "L, W or #"},
		{"0 9 15W * *", 4, "L, W or #"},
		{"0 9 * * 1#2", 8, "L, W or #"},
		{"0 9 * * 5L", 8, "L, W or #"},
		{"CRON_TZ=Asia/Tokyo 0 9 * * *", 0, "no time zone of its own"},
		{"*/45 * * * *", 0, "begins anew with each hour"},
		{"0 */5 * * *", 2, "begins anew with each day"},
		{"0 9 31 * *", 4, "Day 31 is missing in February"},
		{"0 9 29 2 *", 4, "Day 29 is missing in February"},
		{"0 9 31 4,5 *", 4, "Day 31 is missing in April"},
		{"0 9 30,31 2 *", 0, "never comes"},
		{"60 9 * * *", 0, "no cron expression"},
		{"x y * * b", 0, "no cron expression"},
		{"0\t9 * * *", 0, "one line with single spaces"},
	} {
		_, problems := org.ParseProgramme("p.yaml", []byte("- playbook: a\n  cron: '"+c.cron+"'\n"))
		if len(problems) != 1 || !strings.Contains(problems[0].Message, c.want) || problems[0].Line != 2 || problems[0].Col != 10+c.col {
			t.Errorf("%s: %v; want one at 2:%d with %q", c.cron, problems, 10+c.col, c.want)
		}
		if _, err := org.Next(org.Entry{Cron: c.cron}, time.Unix(0, 0), "UTC"); err == nil {
			t.Errorf("%s: Next computes what the lint refuses", c.cron)
		}
	}
}

func TestCronAccepts(t *testing.T) {
	t.Parallel()
	for _, expr := range []string{
		"0 9 1 * *", "0 9 * * mon-fri", "*/15 8-17 * * *", "0 9 * jul *", "0 9 * * wed", "0 9 1 */3 *",
		"0 9 31 1,3,5 *", "0 9 15,31 * *", "30 8 1 1 *", "@weekly", "0  9 1 * *",
	} {
		if _, err := org.Next(org.Entry{Cron: expr}, time.Unix(0, 0), "UTC"); err != nil {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestNextRefusesAnUnknownZone(t *testing.T) {
	t.Parallel()
	if _, err := org.Next(org.Entry{Cron: "0 9 * * *"}, time.Unix(0, 0), ""); err == nil {
		t.Error("computed without a zone")
	}
}
