package org_test

import (
	"os"
	"path/filepath"
	"testing"
	_ "time/tzdata"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

func demoFile(t testing.TB, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("..", "library", "demo", name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func demo(t testing.TB) org.Organisation {
	t.Helper()
	o, problems := org.ParseOrganisation([]org.File{{Name: "organisation.yaml", Source: demoFile(t, "organisation.yaml")}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return o
}

func TestDemoOrganisationIsClean(t *testing.T) {
	t.Parallel()
	o := demo(t)
	for _, id := range []string{"olive", "dev", "eli", "val", "ethan", "cora", "cleo", "carl", "cyra", "cody", "max", "tess", "ron"} {
		p, ok := o.Person(id)
		if !ok || p.Slack.Team != "T0HOME" || p.Jira != "5b1"+id || p.OIDC.Subject != id {
			t.Errorf("%s: %+v, found %v", id, p, ok)
		}
	}
	if _, ok := o.Person("gus"); ok {
		t.Error("gus is a guest in Slack and must not be in the organisation")
	}
	if len(o.Digest) != len("sha256:")+64 {
		t.Errorf("digest %q", o.Digest)
	}
}

func TestDemoProgrammeIsClean(t *testing.T) {
	t.Parallel()
	p, problems := org.ParseProgramme("programme.yaml", demoFile(t, "programme.yaml"))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(p.Entries) != 1 || p.Entries[0].For != `system.status != "retired"` || p.Entries[0].ForPos.Line != 3 || p.Entries[0].ForPos.Col != 8 {
		t.Errorf("entries %+v", p.Entries)
	}
}
