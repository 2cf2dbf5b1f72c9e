package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// guard is one line of the product without which an attack of the table
// succeeds, or leaves something else than it should.
type guard struct {
	Guard string `yaml:"guard"`
	Keeps string `yaml:"keeps"` // what the line does
	At    string `yaml:"at"`
	Case  string `yaml:"case"` // id of a case, with /http or /socket where it must be that door
	// With are guards that would each do alone: all fall together.
	With []string `yaml:"with"`
	// How the line falls; when none is given its condition never holds.
	Always bool   `yaml:"always"` // its condition always holds
	Skip   bool   `yaml:"skip"`   // it is left out
	Before string `yaml:"before"` // this is done before it
	After  string `yaml:"after"`  // this is done after it
	Line   string `yaml:"line"`   // this is in its place
}

// mark is a comment "guard: name" at a line of the product.
type mark struct {
	file string // below the top of the module
	line int    // from 1
}

var reMark = regexp.MustCompile(`// guard: ([a-z-]+)$`)

// marks finds the guards marked in the product.
func marks(t *testing.T) map[string]mark {
	t.Helper()
	out := map[string]mark{}
	for _, dir := range []string{"activities", "cmd", "integrations", "playbooks", "workflows"} {
		err := filepath.WalkDir(filepath.Join("../..", dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return err
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return err
			}
			for i, line := range strings.Split(string(b), "\n") {
				m := reMark.FindStringSubmatch(line)
				if m == nil {
					continue
				}
				at := mark{filepath.ToSlash(strings.TrimPrefix(path, "../../")), i + 1}
				if before, twice := out[m[1]]; twice {
					t.Errorf("the guard %s is marked at %s and at %s", m[1], before.file, at.file)
				}
				out[m[1]] = at
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return out
}

func readGuards(t *testing.T) []guard {
	t.Helper()
	return readStrict[[]guard](t, filepath.Join(attackDir, "guards.yaml"))
}

// TestGuards holds the list of guards against the marks in the product, and
// their cases against the table: a guard without a case that turns red without
// it is nobody's.
func TestGuards(t *testing.T) {
	t.Parallel()
	marked, list, cases := marks(t), readGuards(t), readAttacks(t)
	var named []string
	for _, g := range list {
		id, over, _ := strings.Cut(g.Case, "/")
		i := slices.IndexFunc(cases, func(a attack) bool { return a.ID == id })
		m, known := marked[g.Guard]
		switch {
		case g.Keeps == "":
			t.Errorf("guard %s: say what it keeps", g.Guard)
		case slices.Contains(named, g.Guard):
			t.Errorf("guard %s is listed twice", g.Guard)
		case !known:
			t.Errorf("guard %s is marked nowhere: write `// guard: %[1]s` at its line", g.Guard)
		case m.file != g.At:
			t.Errorf("guard %s is at %s, not at %s", g.Guard, m.file, g.At)
		case i < 0 || over != "" && !slices.Contains(cases[i].Over, over):
			t.Errorf("guard %s names the case %q, which is not in the table", g.Guard, g.Case)
		}
		for _, w := range g.With {
			if !slices.ContainsFunc(list, func(o guard) bool { return o.Guard == w }) {
				t.Errorf("guard %s falls with %q, which is not in the list", g.Guard, w)
			}
		}
		named = append(named, g.Guard)
	}
	for name, m := range marked {
		if !slices.Contains(named, name) {
			t.Errorf("the guard %s at %s:%d has no case: add it to guards.yaml", name, m.file, m.line)
		}
	}
	mutate(t, marked, list) // each one can be made to fall
}
