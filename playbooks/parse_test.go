package playbooks_test

import (
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestLibraryIsClean(t *testing.T) {
	t.Parallel()
	for _, f := range library.Playbooks() {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			p, problems := playbooks.Check(f.Name, f.Source, nil)
			if err := problems.Err(); err != nil {
				t.Fatalf("%v", err)
			}
			d, err := playbooks.NewDefinition(p, f.Source, nil, org.Calendar{})
			if err != nil {
				t.Fatal(err)
			}
			t.Log(d.Digest)
		})
	}
}
