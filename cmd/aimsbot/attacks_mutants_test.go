package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
)

var attackMutants = flag.Int("attack-mutants", 0, "take the guards away one after another, every n-th of them; each time a case of the attack table must turn red")

// mutantVariable names the guards that are taken away, separated by commas, in
// a program that was built with all of them on a switch.
const mutantVariable = "AIMSBOT_MUTANT"

// switchSource is added to each package with guards.
const switchSource = `package %s

import mutantenv "os"

func guardOff(name string) bool {
	list := "," + mutantenv.Getenv(%q) + ","
	for i := 0; i+len(name)+2 <= len(list); i++ {
		if list[i:i+len(name)+2] == ","+name+"," {
			return true
		}
	}
	return false
}
`

// TestAttackMutants builds the program once with a switch at each guard, and
// takes the guards away one after another: the case that the list names must
// turn red, and must be green with all guards in place.
func TestAttackMutants(t *testing.T) {
	if *attackMutants <= 0 {
		t.Skip("NOT TRIED: `make attacks` takes the guards away (-attack-mutants N)")
	}
	list := readGuards(t)
	program := buildMutants(t, mutate(t, marks(t), list))
	var chosen []guard
	var cases []string
	for i, g := range list {
		if i%*attackMutants == 0 {
			chosen, cases = append(chosen, g), append(cases, g.Case)
		}
	}
	var taken atomic.Int64
	t.Run("guards", func(t *testing.T) {
		t.Run("all in place", func(t *testing.T) {
			if out, err := tryCase(t, program, nil, cases...); err != nil {
				t.Errorf("a case is red with all guards in place: %v\n%s", err, tailOf(out))
			}
		})
		for _, g := range chosen {
			t.Run(g.Guard, func(t *testing.T) {
				t.Parallel()
				taken.Add(1)
				out, err := tryCase(t, program, append([]string{g.Guard}, g.With...), g.Case)
				var exit *exec.ExitError
				id, _, _ := strings.Cut(g.Case, "/")
				switch {
				case err == nil:
					t.Errorf("%s: the case %s is green without it\n%s", g.At, g.Case, tailOf(out))
				case !errors.As(err, &exit) || !strings.Contains(out, "--- FAIL: TestAttacks/cases/"+id):
					t.Errorf("%s: failed for another reason than its case %s: %v\n%s", g.At, g.Case, err, tailOf(out))
				}
			})
		}
	})
	if !t.Failed() {
		t.Logf("%d of %d guards were taken away, and each time the case named for it was red", taken.Load(), len(list))
	}
}

// tryCase runs cases in a process of its own without some guards.
func tryCase(t *testing.T, program string, without []string, cases ...string) (string, error) {
	t.Helper()
	table := readAttacks(t)
	var ids []string
	var add func(id string)
	add = func(id string) {
		ids = append(ids, regexp.QuoteMeta(id))
		for _, a := range table {
			if a.ID == id {
				for _, before := range a.After {
					add(before)
				}
			}
		}
	}
	over := ""
	for _, c := range cases {
		id, door, _ := strings.Cut(c, "/")
		add(id)
		if len(cases) == 1 && door != "" {
			over = "/^" + door + "$"
		}
	}
	cmd := exec.CommandContext(t.Context(), program, "-test.run", "^TestAttacks$/^cases$/^("+strings.Join(ids, "|")+")$"+over, "-test.v", "-test.timeout", "3m")
	cmd.Env = append(os.Environ(), mutantVariable+"="+strings.Join(without, ","))
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// tailOf is the end of what a program said.
func tailOf(out string) string { return out[max(0, len(out)-tailSize/8):] }

// buildMutants builds this package's tests with changed sources.
func buildMutants(t *testing.T, changed map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	replace := map[string]string{}
	for name, text := range changed {
		kept, err := filepath.Abs(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(dir, strings.ReplaceAll(name, "/", "_"))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		replace[kept] = file
	}
	overlay := filepath.Join(dir, "overlay.json")
	b, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(overlay, b, 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(dir, "attacks.test")
	cmd := exec.CommandContext(t.Context(), "go", "test", "-c", "-overlay", overlay, "-o", program, ".")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("the program with switches cannot be built: %v\n%s", err, out)
	}
	return program
}

// mutate puts a switch at each guard. It returns the changed files, and one
// more for each package.
func mutate(t *testing.T, marked map[string]mark, list []guard) map[string]string {
	t.Helper()
	files := map[string][]guard{}
	for _, g := range list {
		if m, ok := marked[g.Guard]; ok {
			files[m.file] = append(files[m.file], g)
		}
	}
	out := map[string]string{}
	for name, guards := range files {
		src, err := os.ReadFile(filepath.Join("../..", name))
		if err != nil {
			t.Fatal(err)
		}
		pkg, text, err := withSwitches(src, guards, marked)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		out[name] = text
		out[filepath.ToSlash(filepath.Join(filepath.Dir(name), "guard_switch.go"))] = fmt.Sprintf(switchSource, pkg, mutantVariable)
	}
	return out
}

// edit puts text at an offset of a source.
type edit struct {
	at   int
	text string
}

// withSwitches changes one file, from its end to its beginning.
func withSwitches(src []byte, guards []guard, marked map[string]mark) (pkg, text string, err error) {
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, "", src, parser.ParseComments)
	if err != nil {
		return "", "", err
	}
	lines := fset.File(f.Pos())
	var edits []edit
	for _, g := range guards {
		line := marked[g.Guard].line
		begin := lines.Offset(lines.LineStart(line))
		end := begin + bytes.Index(src[begin:], []byte(" // guard: "))
		off := fmt.Sprintf("guardOff(%q)", g.Guard)
		switch {
		case g.Skip:
			edits = append(edits, edit{begin, "if !" + off + " { "}, edit{end, " }"})
		case g.Line != "":
			edits = append(edits, edit{begin, "if " + off + " { " + g.Line + " } else { "}, edit{end, " }"})
		case g.Before != "":
			edits = append(edits, edit{begin, "if " + off + " { " + g.Before + " }; "})
		case g.After != "":
			edits = append(edits, edit{end, "; if " + off + " { " + g.After + " }"})
		default:
			conditions := conditionsAt(f, lines, line)
			if len(conditions) == 0 {
				return "", "", fmt.Errorf("line %d (%s) has no condition; say how it falls", line, g.Guard)
			}
			op := " && !"
			if g.Always {
				op = " || "
			}
			for _, c := range conditions {
				edits = append(edits, edit{lines.Offset(c.Pos()), "("}, edit{lines.Offset(c.End()), ")" + op + off})
			}
		}
	}
	slices.SortStableFunc(edits, func(a, b edit) int { return b.at - a.at })
	for _, e := range edits {
		src = slices.Concat(src[:e.at], []byte(e.text), src[e.at:])
	}
	if _, err := parser.ParseFile(token.NewFileSet(), "", src, 0); err != nil {
		return "", "", fmt.Errorf("with switches: %w", err)
	}
	return f.Name.Name, string(src), nil
}

// conditionsAt are the conditions of the if or the case that ends its head on a
// line.
func conditionsAt(f *ast.File, lines *token.File, line int) (found []ast.Expr) {
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.IfStmt:
			if lines.Line(n.Body.Lbrace) == line {
				found = []ast.Expr{n.Cond}
			}
		case *ast.CaseClause:
			if lines.Line(n.Colon) == line {
				found = n.List
			}
		}
		return true
	})
	return found
}
