package org_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

var update = flag.Bool("update", false, "write the .out files anew; read the difference before committing it")

// Each .yaml of testdata has its problems, as people see them, in the .out
// beside it.
func TestProblems(t *testing.T) {
	t.Parallel()
	for folder, parse := range map[string]func(string, []byte) source.Problems{
		"organisation": func(name string, src []byte) source.Problems {
			_, problems := org.ParseOrganisation([]org.File{{Name: name, Source: src}})
			return problems
		},
		"programme": func(name string, src []byte) source.Problems {
			_, problems := org.ParseProgramme(name, src)
			return problems
		},
	} {
		files, err := filepath.Glob(filepath.Join("testdata", folder, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no examples in %s: %v", folder, err)
		}
		for _, file := range files {
			t.Run(file, func(t *testing.T) {
				t.Parallel()
				golden(t, file, parse)
			})
		}
	}
}

func golden(t *testing.T, file string, parse func(string, []byte) source.Problems) {
	t.Helper()
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var got strings.Builder
	name := filepath.Base(file)
	for _, p := range parse(name, src) {
		got.WriteString(p.String() + "\n")
	}
	out := strings.TrimSuffix(file, ".yaml") + ".out"
	if *update {
		if err := os.WriteFile(out, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if got.String() != string(want) {
		t.Errorf("got\n%s\nwant\n%s", got.String(), want)
	}
}
