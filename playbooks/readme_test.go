package playbooks_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// rulesDoc is the page that says what each rule means, by example.
type rulesDoc struct {
	base  string // the playbook the examples stand in
	org   string // the organisation file they stand in
	rules []ruleDoc
}

type ruleDoc struct{ section, rule, wrong, right string }

var (
	ruleLine   = regexp.MustCompile("^- \\*\\*`([a-z-]+)`\\*\\*: ")
	examplesOf = regexp.MustCompile("^- \\*\\*`[a-z-]+`\\*\\*: .*? Wrong: `([^`]*)`\\. Right: `([^`]*)`\\.$")
)

// unshown are the rules whose examples are no lines: other tests show them.
var unshown = map[string]string{
	"size": "TestHostile", "expression": "a fault of the program", "digest": "a fault of the program",
	"programme-playbook": "cmd/aimsbot, lint.txt", "programme-input": "cmd/aimsbot", "programme-starter": "cmd/aimsbot, lint.txt", "programme-for": "cmd/aimsbot", "scenario": "cmd/aimsbot, test.txt",
}

func readRules(t *testing.T) rulesDoc {
	t.Helper()
	b, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	var d rulesDoc
	_, rest, _ := strings.Cut(string(b), "```yaml\n")
	d.base, _, _ = strings.Cut(rest, "```\n")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	d.org, _, _ = strings.Cut(rest, "```\n")
	section := ""
	for _, line := range strings.Split(string(b), "\n") {
		if name, ok := strings.CutPrefix(line, "## "); ok {
			section = name
		}
		m := ruleLine.FindStringSubmatch(line)
		if m == nil {
			continue
		}
		r := ruleDoc{section: section, rule: m[1]}
		if ex := examplesOf.FindStringSubmatch(line); ex != nil {
			r.wrong, r.right = ex[1], ex[2]
		} else if unshown[m[1]] == "" {
			t.Errorf("%s has no examples, or they are not written as those of the others", m[1])
		}
		d.rules = append(d.rules, r)
	}
	return d
}

// file puts an example in its place.
func (d rulesDoc) file(section, example string) string {
	lines := strings.Split(strings.NewReplacer("⏎", "\n", "[51 lines]", checklist(51), "[50 lines]", checklist(50), "[a long name]", strings.Repeat("long ", 50)).Replace(example), "\n")
	switch section {
	case "Building on another playbook":
		return "playbook: example\n" + strings.Join(lines, "\n") + "\n"
	case "Questions":
		return strings.Replace(d.base, "    due: 5 working days\n", "        - "+lines[0]+"\n    due: 5 working days\n", 1)
	case "Conditions":
		return d.base + "  - id: last\n    notify: {to: eli, text: Done}\n    when: |-\n      " + lines[0] + "\n"
	case "The programme":
		return "- " + lines[0] + "\n"
	case "Lines of the playbook", "The organisation":
		out := d.base
		if section == "The organisation" {
			out = d.org
		}
		for _, line := range lines {
			if key, _, ok := strings.Cut(line, ":"); ok && !strings.HasPrefix(lines[0], "---") {
				out = regexp.MustCompile(`(?m)^`+regexp.QuoteMeta(key)+`: .*\n`).ReplaceAllString(out, "")
			}
		}
		return out + strings.Join(lines, "\n") + "\n"
	}
	return d.base + "  - " + strings.Join(lines, "\n  - ") + "\n"
}

func checklist(n int) string {
	return "[" + strings.TrimSuffix(strings.Repeat("Line, ", n), ", ") + "]"
}

// TestRulesShown: of each rule the wrong example breaks that rule alone, and the
// right one none.
func TestRulesShown(t *testing.T) {
	t.Parallel()
	d, r := readRules(t), rules(t)
	o := demo(t)
	o.Roles = append(slices.Clone(o.Roles), org.Role{ID: "vacant-role", Title: "Nobody's role"})
	var shipped []playbooks.File
	for _, f := range library.Playbooks() {
		shipped = append(shipped, playbooks.File{Name: "library/" + f.Name, Source: f.Source})
	}
	lint := func(section, example string) playbooks.Problems {
		src := []byte(d.file(section, example))
		switch section {
		case "The organisation":
			_, ps := org.ParseOrganisation([]org.File{{Name: "organisation.yaml", Source: src}})
			return ps
		case "The programme":
			p, ps := org.ParseProgramme("programme.yaml", src)
			for _, e := range p.Entries {
				if e.Every != "" {
					_, more := r.Cadence(playbooks.Str{V: e.Every, Pos: e.EveryPos})
					ps = append(ps, more...)
				}
			}
			return ps
		}
		_, ps := playbooks.CheckWith(playbooks.File{Name: "example.yaml", Source: src}, playbooks.NewBases(shipped...), o, r)
		return ps
	}
	if ps := lint("Lines of the playbook", "title: An example"); len(ps) > 0 {
		t.Fatalf("the playbook of the examples is wrong itself:\n%v", ps)
	}
	for _, x := range d.rules {
		if unshown[x.rule] != "" {
			continue
		}
		t.Run(x.rule, func(t *testing.T) {
			t.Parallel()
			found := lint(x.section, x.wrong)
			if len(found) == 0 || slices.ContainsFunc(found, func(p playbooks.Problem) bool { return p.Rule != x.rule }) {
				t.Errorf("wrong example:\n%s\ngives\n%v", x.wrong, found)
			}
			if found := lint(x.section, x.right); len(found) > 0 {
				t.Errorf("right example:\n%s\ngives\n%v", x.right, found)
			}
		})
	}
}

// TestRulesComplete: every rule in the code is on the page, once, and no other.
func TestRulesComplete(t *testing.T) {
	t.Parallel()
	var written []string
	for _, r := range readRules(t).rules {
		if slices.Contains(written, r.rule) {
			t.Errorf("%s is there twice", r.rule)
		}
		written = append(written, r.rule)
	}
	coded := rulesInCode(t, ".", "source", "org", "scenario", "../cmd/aimsbot")
	if len(coded) < 60 {
		t.Fatalf("only %d rules found in the code: is it read rightly?", len(coded))
	}
	for rule, where := range coded {
		if !slices.Contains(written, rule) {
			t.Errorf("the rule %q of %s is not in playbooks/README.md: add a line with a wrong and a right example", rule, where)
		}
	}
	for _, rule := range written {
		if coded[rule] == "" {
			t.Errorf("no message has the rule %q of playbooks/README.md: remove its line", rule)
		}
	}
}

// rulesInCode are the names of rules in the calls that report a problem, each
// with a place. A rule is a text of its own, followed by what is said.
func rulesInCode(t *testing.T, dirs ...string) map[string]string {
	t.Helper()
	name := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	out := map[string]string{"unknown-committee": "unknown-…", "yaml": "ruleYAML"}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(dir, "*.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			fset := token.NewFileSet()
			f, err := parser.ParseFile(fset, file, nil, 0)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(f, func(n ast.Node) bool {
				switch n := n.(type) {
				case *ast.KeyValueExpr: // Problem{..., Rule: "expression"}
					if key, ok := n.Key.(*ast.Ident); ok && key.Name == "Rule" {
						if rule, ok := quotedLit(n.Value); ok && ofFiles(dir, rule) {
							out[rule] = fset.Position(n.Pos()).String()
						}
					}
				case *ast.CallExpr:
					sel, ok := n.Fun.(*ast.SelectorExpr)
					if !ok || !slices.Contains([]string{"Add", "add", "addAt", "report", "tell"}, sel.Sel.Name) {
						return true
					}
					for i, arg := range n.Args[:max(len(n.Args)-1, 0)] {
						if rule, ok := quotedLit(arg); ok && name.MatchString(rule) && said(n.Args[i+1]) && ofFiles(dir, rule) {
							out[rule] = fset.Position(arg.Pos()).String()
						}
					}
				}
				return true
			})
		}
	}
	return out
}

// ofFiles tells whether a rule is about a file; the program has others, such as
// those of --cover.
func ofFiles(dir, rule string) bool {
	return dir != "../cmd/aimsbot" || strings.HasPrefix(rule, "programme-")
}

func quotedLit(e ast.Expr) (string, bool) {
	lit, ok := e.(*ast.BasicLit)
	if !ok || lit.Kind != token.STRING {
		return "", false
	}
	s, err := strconv.Unquote(lit.Value)
	return s, err == nil
}

// said tells whether an argument is a message: a text, or a name for one.
func said(e ast.Expr) bool {
	switch e := e.(type) {
	case *ast.BasicLit:
		return e.Kind == token.STRING
	case *ast.Ident, *ast.BinaryExpr:
		return true
	}
	return false
}
