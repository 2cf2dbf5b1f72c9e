package graph_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/graph"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// TestLibrary: the README of the shipped playbooks shows each as it is drawn,
// under a heading with its name.
func TestLibrary(t *testing.T) {
	t.Parallel()
	name := filepath.Join("..", "library", "README.md")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	readme := string(b)
	rules, problems := playbooks.ParseRules("rules.yaml", library.Rules())
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	var all []playbooks.File
	for _, f := range library.Playbooks() {
		all = append(all, playbooks.File{Name: f.Name, Source: f.Source})
	}
	for _, f := range all {
		p, problems := playbooks.CheckWith(f, playbooks.NewBases(all...), nil, rules)
		if err := problems.Err(); err != nil {
			t.Fatal(err)
		}
		if p.Abstract {
			continue // what extends it shows it
		}
		shown := regexp.MustCompile("(?s)(\n## " + p.Name.V + "\n.*?\n```mermaid\n)(.*?)(```\n)")
		m := shown.FindStringSubmatch(readme)
		if m == nil {
			t.Fatalf("%s has no heading `## %s` with a mermaid block below it", name, p.Name)
		}
		want := graph.Mermaid(p)
		readme = strings.Replace(readme, m[0], m[1]+want+m[3], 1)
		if diff := cmp.Diff(want, m[2]); diff != "" && !*update {
			t.Errorf("%s shows %s as it was; run with -update (-drawn +shown):\n%s", name, p.Name, diff)
		}
		if !strings.Contains(readme, "| ["+p.Name.V+"]("+f.Name+") |") {
			t.Errorf("%s does not list %s in its table", name, p.Name)
		}
	}
	if *update {
		if err := os.WriteFile(name, []byte(readme), 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
