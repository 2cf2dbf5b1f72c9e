package graph_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/graph"
)

var update = flag.Bool("update", false, "write the .mmd files anew; read the difference, and look at the pictures")

// Every testdata/<name>.yaml has beside it how it is drawn: <name>.mmd.
func TestMermaid(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatal(err, files)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, problems := playbooks.Check(filepath.Base(file), src, nil, nil)
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			got, golden := graph.Mermaid(p), strings.TrimSuffix(file, ".yaml")+".mmd"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("it is drawn otherwise (-want +got); if that is meant, run with -update:\n%s", diff)
			}
		})
	}
}
