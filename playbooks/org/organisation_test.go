package org_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

const (
	settings = `organisation: {name: Example Ltd, zone: Europe/Berlin}
jira: {project: GOV, types: {run: Epic, step: Task}, done: Done, reopen: To Do}
`
	olive = `people: {olive: {name: Olive, slack: {team: T0HOME, user: U0OLIVE}}}
`
	tess = `people: {tess: {name: Tess, slack: {team: T0HOME, user: U0TESS}, manager: olive}}
`
)

func files(sources ...string) []org.File {
	var out []org.File
	for i, s := range sources {
		out = append(out, org.File{Name: string(rune('a'+i)) + ".yaml", Source: []byte(s)})
	}
	return out
}

func TestSeveralFilesAreOneOrganisation(t *testing.T) {
	t.Parallel()
	o, problems := org.ParseOrganisation(files(settings, tess, olive))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(o.People) != 2 || o.People[0].ID != "tess" || o.People[1].ID != "olive" {
		t.Errorf("people are not in the order of the files: %+v", o.People)
	}
	if o.Profile.Calendar.Hours != "09:00-17:00" || len(o.Profile.Calendar.Weekdays) != 5 {
		t.Errorf("a calendar that was left out: %+v", o.Profile.Calendar)
	}
}

func TestProblemsAcrossFiles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name    string
		sources []string
		want    []string
	}{
		{"no file", nil, []string{"organisation.yaml:1:1: There is no organisation file"}},
		{"an id in two files", []string{settings + olive, olive}, []string{"b.yaml:1:10: `olive` is given a second time; the first is at a.yaml:3:10."}},
		{"a section in two files", []string{settings + olive, settings}, []string{"b.yaml:1:1: `organisation` is given a second time", "b.yaml:2:1: `jira` is given"}},
		{"an account in two files", []string{settings + olive, strings.Replace(tess, "U0TESS", "U0OLIVE", 1)}, []string{"b.yaml:1:57: `tess` has the same Slack account as the person at a.yaml:3:59."}},
		{"a manager nobody defines", []string{settings, tess}, []string{"b.yaml:1:75: The manager of `tess` is `olive`, but no person has that id."}},
		{"a file that cannot be read hides no ids", []string{settings + tess, "people: {olive"}, []string{"b.yaml:1:"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, problems := org.ParseOrganisation(files(c.sources...))
			if len(problems) != len(c.want) {
				t.Fatalf("%d problems, want %d:\n%v", len(problems), len(c.want), problems)
			}
			for i, want := range c.want {
				if got := problems[i].String(); !strings.HasPrefix(got, want) {
					t.Errorf("got  %s\nwant %s", got, want)
				}
			}
		})
	}
}

func TestDigestIsOfTheFacts(t *testing.T) {
	t.Parallel()
	digest := func(sources ...string) string {
		o, problems := org.ParseOrganisation(files(sources...))
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return o.Digest
	}
	one := digest(settings + olive)
	if other := digest("# in two files\n"+olive, settings); other != one {
		t.Error("the layout changes the digest")
	}
	block := "people:\n  olive:\n    slack:\n      user: U0OLIVE\n      team: T0HOME\n    name: 'Olive'\n"
	if other := digest(settings + block); other != one {
		t.Error("the way YAML is written changes the digest")
	}
	if other := digest(settings + strings.Replace(olive, "U0OLIVE", "U0OTHER", 1)); other == one {
		t.Error("another Slack account has the same digest")
	}
}

// Versions are kept as JSON: what is read back has the digest it was kept under.
func TestDigestSurvivesJSON(t *testing.T) {
	t.Parallel()
	o := demo(t)
	raw, err := json.Marshal(o)
	if err != nil {
		t.Fatal(err)
	}
	var back org.Organisation
	if err := json.Unmarshal(raw, &back); err != nil {
		t.Fatal(err)
	}
	if sum, err := back.Sum(); err != nil || sum != o.Digest {
		t.Errorf("%s, %v; kept under %s", sum, err, o.Digest)
	}
}

func TestPersonZone(t *testing.T) {
	t.Parallel()
	o, problems := org.ParseOrganisation(files(settings, strings.Replace(olive, "name: Olive", "name: Olive, zone: Asia/Tokyo", 1), tess))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"olive": "Asia/Tokyo", "tess": "Europe/Berlin", "anyone": "Europe/Berlin"} {
		if got := o.ZoneOf(name); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}
