package playbooks_test

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// bases are the playbooks of testdata/extend/files.
func bases(t testing.TB) (*playbooks.Bases, map[string]playbooks.File) {
	t.Helper()
	names, err := filepath.Glob(filepath.Join("testdata", "extend", "files", "*.yaml"))
	if err != nil || len(names) == 0 {
		t.Fatal("no playbooks", err)
	}
	var files []playbooks.File
	byName := map[string]playbooks.File{}
	for _, name := range names {
		b, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		f := playbooks.File{Name: filepath.Base(name), Source: b}
		files = append(files, f)
		byName[f.Name] = f
	}
	return playbooks.NewBases(files...), byName
}

// Every playbook of testdata/extend/files, as it is once it is resolved, or what is
// wrong in it.
func TestExtend(t *testing.T) {
	t.Parallel()
	all, files := bases(t)
	for name, f := range files {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, problems := playbooks.CheckWith(f, all, demo(t), rules(t))
			texts := map[string][]byte{}
			for _, f := range files {
				texts[f.Name] = f.Source
			}
			var out bytes.Buffer
			if err := problems.Print(&out, texts); err != nil {
				t.Fatal(err)
			}
			if len(problems) == 0 {
				b, err := json.MarshalIndent(p, "", "  ")
				if err != nil {
					t.Fatal(err)
				}
				out.Write(append(b, '\n'))
			}
			golden(t, filepath.Join("testdata", "extend", "files", strings.TrimSuffix(name, ".yaml")+".out"), out.String())
		})
	}
}

// A Definition holds all that was written, and another base is another digest.
func TestExtendedDigest(t *testing.T) {
	t.Parallel()
	_, files := bases(t)
	define := func(spine playbooks.File) playbooks.Definition {
		t.Helper()
		p, problems := playbooks.CheckWith(files["good.yaml"], playbooks.NewBases(spine), demo(t), rules(t))
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		d, err := playbooks.NewDefinition(p, files["good.yaml"].Source, nil, org.Calendar{})
		if err != nil {
			t.Fatal(err)
		}
		return d
	}
	one := define(files["spine.yaml"])
	want := string(files["good.yaml"].Source) + "\n--- # spine.yaml\n" + string(files["spine.yaml"].Source)
	if one.Source != want {
		t.Errorf("source:\n%s", one.Source)
	}
	other := files["spine.yaml"]
	other.Source = bytes.ReplaceAll(other.Source, []byte("Look at the data"), []byte("Look at all data"))
	if define(other).Digest == one.Digest {
		t.Error("the digest is the same with another base")
	}
}

// An own playbook may extend the shipped one of its name.
func TestExtendsItsShippedNamesake(t *testing.T) {
	t.Parallel()
	_, src := example(t)
	own := playbooks.File{Name: "playbooks/impact-assessment.yaml", Source: []byte("playbook: impact-assessment\nextends: impact-assessment\ntitle: Ours\nchange: {scope: {due: 3 working days}}\n")}
	p, problems := playbooks.CheckWith(own, playbooks.NewBases(own, playbooks.File{Name: "library/impact-assessment.yaml", Source: src}), demo(t), rules(t))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if p.Title.V != "Ours" || p.Step("scope").Due.Span.V != "3 working days" || p.Step("sign_off") == nil {
		t.Errorf("resolved: %+v", p)
	}
}
