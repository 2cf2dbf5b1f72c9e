package playbooks_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
)

// The example of what the language can do besides the impact assessment, completed,
// has nothing wrong in it.
func TestSecondExample(t *testing.T) {
	t.Parallel()
	read := func(name string) playbooks.File {
		b, err := os.ReadFile(filepath.Join("testdata", "second", "files", name))
		if err != nil {
			t.Fatal(err)
		}
		return playbooks.File{Name: name, Source: b}
	}
	own, problems := playbooks.ParseRules("rules.yaml", read("rules.yaml").Source)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	base := read("incident-spine.yaml")
	p, problems := playbooks.CheckWith(read("incident-example.yaml"), playbooks.NewBases(base), demo(t), own.Over(rules(t)))
	for _, problem := range problems {
		t.Error(problem)
	}
	if p.Step("other") != nil || p.Step("spread") == nil || p.Step("freeze").When.Empty() {
		t.Error("the playbook is not what it says of its base")
	}
}
