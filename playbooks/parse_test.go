package playbooks_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestLibraryIsClean(t *testing.T) {
	t.Parallel()
	o := demo(t)
	files := library.Playbooks()
	if len(files) == 0 {
		t.Fatal("no playbook is shipped")
	}
	var all []playbooks.File
	for _, f := range files {
		all = append(all, playbooks.File{Name: f.Name, Source: f.Source})
	}
	bases := playbooks.NewBases(all...)
	for _, f := range all {
		t.Run(f.Name, func(t *testing.T) {
			t.Parallel()
			p, problems := playbooks.CheckWith(f, bases, o, rules(t))
			if err := problems.Err(); err != nil {
				t.Fatalf("%v", err)
			}
			if p.Name.V+".yaml" != f.Name {
				t.Errorf("%s holds the playbook %s", f.Name, p.Name)
			}
		})
	}
}

// example is the small playbook of the demo and the README.
func example(t testing.TB) (*playbooks.Playbook, []byte) {
	t.Helper()
	for _, f := range library.Demo() {
		if f.Name == "playbooks/impact-assessment.yaml" {
			p, problems := playbooks.Parse("impact-assessment.yaml", f.Source)
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			return p, f.Source
		}
	}
	t.Fatal("the demo has no playbook")
	return nil, nil
}

// The model of the example, as a Definition carries it.
func TestParseModel(t *testing.T) {
	t.Parallel()
	p, _ := example(t)
	got, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "impact-assessment.json"), string(got)+"\n")
}

func TestWalk(t *testing.T) {
	t.Parallel()
	p, _ := example(t)
	var got []string
	for _, s := range p.All() {
		got = append(got, s.ID.V)
		if p.Step(s.ID.V) != s {
			t.Errorf("Step(%q) is another one", s.ID)
		}
	}
	want := []string{"scope", "analysis", "bias_test", "safety_test", "rating", "sign_off"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if s := p.Step("nothing"); s != nil {
		t.Errorf("found %v", s)
	}
	if got, want := p.Step("bias_test").Name(), "Test ${system.name} for bias"; got != want {
		t.Errorf("Name() = %q, want %q", got, want)
	}
}

// A playbook with blocks in groups, with and without ids, as a Definition
// carries it, and back.
func TestParseBlocks(t *testing.T) {
	t.Parallel()
	src, err := os.ReadFile(filepath.Join("testdata", "parse", "blocks-good.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	p, problems := playbooks.Parse("blocks-good.yaml", src)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "blocks.json"), string(got)+"\n")
	d, err := playbooks.NewDefinition(p, src, nil, org.Calendar{Weekdays: []string{"mon"}, Hours: "09:00-17:00"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, filepath.Join("testdata", "blocks.digest"), d.Digest+"\n")
	b, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	var back playbooks.Definition
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if err := back.Verify(); err != nil {
		t.Error(err)
	}
	ids := func(p *playbooks.Playbook) (out []string) {
		for _, s := range p.All() {
			out = append(out, s.ID.V)
		}
		return out
	}
	want := []string{"lanes", "", "one", "two", "named", "three", "sometimes", "inner", "more", "", "four", "five"}
	for _, p := range []*playbooks.Playbook{p, back.Playbook} {
		if diff := cmp.Diff(want, ids(p)); diff != "" {
			t.Error(diff)
		}
		if s := p.Step(""); s != nil {
			t.Errorf("no id names the step %v", s)
		}
		if s := p.Step("four"); s == nil || s.Kind != playbooks.KindTask {
			t.Errorf("four is %v", s)
		}
	}
}

// FuzzParse: whatever is written, Parse and Lint answer, and every problem
// stands inside the file.
func FuzzParse(f *testing.F) {
	corpustest.Add(f, "parse", corpustest.Bytes)
	files, _ := filepath.Glob(filepath.Join("testdata", "*", "*.yaml"))
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	_, src := example(f)
	f.Add(src)
	o := demo(f)
	f.Fuzz(func(t *testing.T, src []byte) {
		p, problems := playbooks.Parse("f", src)
		if p == nil && len(problems) == 0 {
			t.Fatal("nothing read, and nothing said about it")
		}
		if len(problems) == 0 {
			problems = append(playbooks.Lint(p, nil, nil), playbooks.Lint(p, o, rules(t))...)
		}
		lines := strings.Count(string(src), "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Col < 1 || p.Message == "" || p.Rule == "" {
				t.Fatalf("misplaced: %+v in %d lines", p, lines)
			}
		}
	})
}
