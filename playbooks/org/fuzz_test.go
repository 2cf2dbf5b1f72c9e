package org_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

func seeds(f *testing.F, pattern, demo string) {
	f.Helper()
	names, err := filepath.Glob(pattern)
	if err != nil || len(names) == 0 {
		f.Fatalf("no seeds at %s: %v", pattern, err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add(demoFile(f, demo))
}

// placed fails for a problem that stands nowhere in the file.
func placed(t *testing.T, problems source.Problems, src []byte) {
	t.Helper()
	// YAML knows more line breaks than \n.
	lines := 1
	for _, r := range string(src) {
		if strings.ContainsRune("\n\r\u0085\u2028\u2029", r) {
			lines++
		}
	}
	for _, p := range problems {
		if p.Line < 1 || p.Line > lines || p.Col < 1 || p.Rule == "" {
			t.Errorf("no place in a file of %d lines: %s", lines, p)
		}
	}
}

// Never panics; what passes can be asked anything.
func FuzzParseOrganisation(f *testing.F) {
	corpustest.Add(f, "organisation", corpustest.Bytes)
	seeds(f, "testdata/organisation/*.yaml", "organisation.yaml")
	f.Fuzz(func(t *testing.T, src []byte) {
		o, problems := org.ParseOrganisation([]org.File{{Name: "o.yaml", Source: src}})
		placed(t, problems, src)
		if len(problems) > 0 {
			return
		}
		if sum, err := o.Sum(); err != nil || sum != o.Digest {
			t.Errorf("digest %s, then %s, %v", o.Digest, sum, err)
		}
		for _, p := range o.People {
			if found, err := o.PersonBySlack(p.Slack.Team, p.Slack.User); err != nil || found.ID != p.ID {
				t.Errorf("%s is found as %s, %v", p.ID, found.ID, err)
			}
			if _, err := o.Profile.Calendar.End(time.Unix(0, 0), org.Span{N: 3, Unit: org.UnitDays}, o.ZoneOf(p.ID)); err != nil {
				t.Errorf("%s: %v", p.ID, err)
			}
		}
		for _, r := range o.Roles {
			o.RoleSeats(r.ID, func(string) string { return "x" }, true)
		}
	})
}

// Never panics; what the lint accepts can be computed.
func FuzzParseProgramme(f *testing.F) {
	corpustest.Add(f, "programme", corpustest.Bytes)
	seeds(f, "testdata/programme/*.yaml", "programme.yaml")
	for _, cron := range []string{"@every 1s", "*/7 1-5,9 * feb-apr 1", "0 0 31 * *", "TZ=UTC * * * * *", "0 0 29 2 *", "1-59/2 0 L * 7"} {
		f.Add([]byte("- {playbook: a, cron: '" + cron + "'}"))
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		p, problems := org.ParseProgramme("p.yaml", src)
		placed(t, problems, src)
		if len(problems) > 0 {
			return
		}
		from := time.Date(2027, 3, 27, 0, 0, 0, 0, time.UTC)
		for _, e := range p.Entries {
			next, err := org.Next(e, from, "Europe/Berlin")
			if err != nil || !next.After(from) {
				t.Errorf("%s: next %s, %v", e.Cron, next, err)
			}
			due, err := org.DueBetween(e, from, from.AddDate(0, 0, 3), "Europe/Berlin")
			if err != nil || (len(due) > 0 && !due[0].Equal(next)) {
				t.Errorf("%s: due %v, next %s, %v", e.Cron, due, next, err)
			}
		}
	})
}

func FuzzSpansAndReminders(f *testing.F) {
	corpustest.Add(f, "spans", corpustest.Text)
	for _, s := range []string{"5 working days", "72 hours", "50%", "due", "every 2 working days", "9999999999999 days"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if s, err := org.ParseSpan(text); err == nil {
			if again, err := org.ParseSpan(s.String()); err != nil || again != s {
				t.Errorf("%q: %v, then %v, %v", text, s, again, err)
			}
			from := time.Date(2027, 3, 27, 12, 0, 0, 0, time.UTC)
			if end, err := german().End(from, s, berlin); err != nil || !end.After(from) {
				t.Errorf("%q ends %s, %v", text, end, err)
			}
		}
		if r, err := org.ParseReminder(text); err == nil && r.Kind == "" {
			t.Errorf("%q has no kind", text)
		}
	})
}
