package playbooks_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

var update = flag.Bool("update", false, "write the .out files anew; read the difference")

// Every testdata/<folder>/<name>.yaml has beside it what its author is told:
// <name>.out. A new case is two files. A playbook that begins with the comment
// "# no organisation" is checked alone, others against the demo organisation.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d cases found: is this the right folder?", len(files))
	}
	o := demo(t)
	for _, file := range files {
		if filepath.Base(filepath.Dir(file)) == "wrong" {
			continue // TestWrong
		}
		t.Run(strings.TrimSuffix(filepath.ToSlash(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".out", check(filepath.Base(file), src, o, rules(t)))
		})
	}
}

func check(name string, src []byte, o *org.Organisation, r *playbooks.Rules) string {
	if strings.HasPrefix(string(src), "# no organisation") {
		o = nil
	}
	_, problems := playbooks.Check(name, src, o, r)
	var b strings.Builder
	_ = problems.Print(&b, map[string][]byte{name: src}) // a Builder never fails
	return b.String()
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the words changed (-want +got); if that is meant, run with -update:\n%s", diff)
	}
}

func rules(t testing.TB) *playbooks.Rules {
	t.Helper()
	r, problems := playbooks.ParseRules("rules.yaml", library.Rules())
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return r
}

func demo(t testing.TB) *org.Organisation {
	t.Helper()
	for _, f := range library.Demo() {
		if f.Name != "organisation.yaml" {
			continue
		}
		o, problems := org.ParseOrganisation([]org.File{{Name: f.Name, Source: f.Source}})
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		return &o
	}
	t.Fatal("the demo has no organisation.yaml")
	return nil
}
