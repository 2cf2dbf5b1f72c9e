package schema_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	_ "time/tzdata"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/scenario"
	"github.com/aimsbot/aimsbot/playbooks/schema"
)

// compiled is a schema as a validator reads it.
func compiled(t *testing.T, kind string) *jsonschema.Schema {
	t.Helper()
	b, err := schema.Write(kind)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(kind+".json", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(kind + ".json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// value is a file as an editor hands it to a validator.
func value(t *testing.T, src []byte) any {
	t.Helper()
	var node yaml.Node
	if err := yaml.Unmarshal(src, &node); err != nil {
		t.Fatal(err)
	}
	return plain(&node)
}

func plain(n *yaml.Node) any {
	switch n.Kind {
	case yaml.DocumentNode:
		return plain(n.Content[0])
	case yaml.MappingNode:
		out := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			out[n.Content[i].Value] = plain(n.Content[i+1])
		}
		return out
	case yaml.SequenceNode:
		out := []any{}
		for _, item := range n.Content {
			out = append(out, plain(item))
		}
		return out
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return json.Number(n.Value)
	case "!!bool":
		return n.Value == "true"
	}
	return n.Value // a date is a text in JSON
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestTakesWhatIsRight: every file that is shipped or tested as right fits.
func TestTakesWhatIsRight(t *testing.T) {
	t.Parallel()
	files := map[string]map[string][]byte{}
	add := func(kind, name string, src []byte) {
		if files[kind] == nil {
			files[kind] = map[string][]byte{}
		}
		files[kind][name] = src
	}
	for _, f := range library.Playbooks() {
		add(schema.Playbook, f.Name, f.Source)
	}
	for _, f := range library.Scenarios() {
		add(schema.Scenario, f.Name, f.Source)
	}
	for _, f := range slices.Concat(library.Demo(), library.Init()) {
		switch base := filepath.Base(f.Name); {
		case strings.HasSuffix(base, ".test.yaml"):
			add(schema.Scenario, f.Name, f.Source)
		case base == "organisation.yaml":
			add(schema.Organisation, f.Name, f.Source)
		case base == "programme.yaml":
			add(schema.Programme, f.Name, f.Source)
		default:
			add(schema.Playbook, f.Name, f.Source)
		}
	}
	for _, pattern := range []string{"../testdata/*/*-good.yaml", "../graph/testdata/*.yaml", "testdata/e*.yaml"} {
		found, err := filepath.Glob(pattern)
		if err != nil || len(found) == 0 {
			t.Fatalf("%s: %v, %v", pattern, found, err)
		}
		for _, path := range found {
			add(schema.Playbook, path, read(t, path))
		}
	}
	for _, kind := range []string{schema.Organisation, schema.Programme, schema.Scenario} {
		add(kind, kind+".yaml", read(t, filepath.Join("testdata", kind+".yaml")))
	}
	for kind, all := range files {
		s := compiled(t, kind)
		for name, src := range all {
			if err := s.Validate(value(t, src)); err != nil {
				t.Errorf("the schema of a %s refuses %s:\n%v", kind, name, err)
			}
		}
	}
}

// TestRefusesWhatIsWrong: an editor sees what needs no knowledge of the rest.
func TestRefusesWhatIsWrong(t *testing.T) {
	t.Parallel()
	s := compiled(t, schema.Playbook)
	for _, name := range []string{
		"04-dash-missing", "14-percent-in-a-number", "20-key-misspelt", "21-kind-misspelt", "41-when-true", "51-title-missing", "52-steps-missing",
		"53-german-keys", "54-two-kinds-in-one-step", "55-step-without-kind", "66-text-where-a-list-is-expected", "73-list-of-people", "74-question-type-invented",
		"76-options-as-a-list", "81-approval-without-need", "84-clock-without-owner", "87-evidence-yes", "89-subject-forgotten",
	} {
		if err := s.Validate(value(t, read(t, filepath.Join("..", "testdata", "wrong", name+".yaml")))); err == nil {
			t.Errorf("the schema takes %s", name)
		}
	}
	for kind, wrong := range map[string]string{
		schema.Organisation: "people: {olive: {name: Olive, slack: {team: T0HOME, user: U0OLIVE}, boss: tess}}",
		schema.Programme:    "- {playbook: impact-assessment, crown: '0 9 1 * *'}",
		schema.Scenario:     "playbook: impact-assessment\nscenarios: [{name: A, do: [{person: olive, answer: scope}]}]",
	} {
		if err := compiled(t, kind).Validate(value(t, []byte(wrong))); err == nil {
			t.Errorf("the schema of a %s takes %s", kind, wrong)
		}
	}
}

// sample is a file with every key of its kind, and what the program finds wrong
// in a changed one.
type sample struct {
	kind, file string
	problems   func(src []byte) playbooks.Problems
}

func samples(t *testing.T) []sample {
	base := playbooks.File{Name: "everything.yaml", Source: read(t, "testdata/everything.yaml")}
	shipped := map[string]*playbooks.Playbook{}
	for _, f := range library.Playbooks() {
		p, _ := playbooks.Parse(f.Name, f.Source)
		shipped[p.Name.V] = p
	}
	var demo []org.File
	for _, f := range library.Demo() {
		if f.Name == "organisation.yaml" {
			demo = append(demo, org.File{Name: f.Name, Source: f.Source})
		}
	}
	return []sample{
		{schema.Playbook, "everything.yaml", func(src []byte) playbooks.Problems {
			_, ps := playbooks.Parse("everything.yaml", src)
			return ps
		}},
		{schema.Playbook, "extending.yaml", func(src []byte) playbooks.Problems {
			_, ps := playbooks.ParseWith(playbooks.File{Name: "extending.yaml", Source: src}, playbooks.NewBases(base))
			return ps
		}},
		{schema.Organisation, "organisation.yaml", func(src []byte) playbooks.Problems {
			_, ps := org.ParseOrganisation([]org.File{{Name: "organisation.yaml", Source: src}})
			return ps
		}},
		{schema.Programme, "programme.yaml", func(src []byte) playbooks.Problems {
			_, ps := org.ParseProgramme("programme.yaml", src)
			return ps
		}},
		{schema.Scenario, "scenario.yaml", func(src []byte) playbooks.Problems {
			_, ps := scenario.Read("scenario.yaml", src, scenario.World{Organisation: demo, Playbook: func(name string) *playbooks.Playbook { return shipped[name] }})
			return ps
		}},
	}
}

// probe is a key that nothing has; the program then says which keys there are.
const probe = "zz_no_such_key"

var mayHave = regexp.MustCompile("has no key `" + probe + "`.* It may have: (.*)\\.$")

// apart are groups that the schema shows in another way than the program reads
// them, with why.
var apart = map[string]string{
	"sequence": "a step that is nothing but steps, as an entry of a group",
	"change":   "a step of which some keys are written; ask_also is gone when it is read",
	"overlay":  "laid over the organisation file, and read as that",
}

// TestKeysAreTheReaders: each group of keys in the samples gets one more. What
// the program then says it may have is what the schema has there.
func TestKeysAreTheReaders(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{} // definitions with a sample
	for _, s := range samples(t) {
		root := raw(t, s.kind)
		doc := value(t, read(t, filepath.Join("testdata", s.file)))
		groups(root, root, doc, nil, func(path []any, def map[string]any, at string) {
			keys := slices.Sorted(maps.Keys(def["properties"].(map[string]any)))
			seen[s.kind+" "+at] = true
			read := keysAt(t, s, doc, path)
			switch {
			case apart[at] != "":
			case read == nil && slices.Contains(path, any("change")): // written into a step, and read there
			case read == nil:
				t.Errorf("%s %v: the program takes any key here, the schema only %v", s.file, path, keys)
			case !slices.Equal(keys, read):
				t.Errorf("%s %v: the schema (%q) and the program differ.\nonly the schema has:  %v\nonly the program has: %v\nWhat is read into a type comes by itself; else write it in playbooks/schema, with its words in words.go.",
					s.file, path, at, without(keys, read), without(read, keys))
			}
		})
	}
	for _, kind := range schema.Kinds() {
		for name, def := range raw(t, kind)["definitions"].(map[string]any) {
			if def.(map[string]any)["properties"] != nil && !seen[kind+" "+name] {
				t.Errorf("no sample has a %q: add one with all its keys to playbooks/schema/testdata, so that the schema of a %s is held to the program", name, kind)
			}
		}
	}
}

// TestEveryKeyIsExplained: whoever writes a playbook reads in the editor what a
// key means.
func TestEveryKeyIsExplained(t *testing.T) {
	t.Parallel()
	for _, kind := range schema.Kinds() {
		root := raw(t, kind)
		explained(t, kind, kind, root)
		for name, def := range root["definitions"].(map[string]any) {
			explained(t, kind, name, def.(map[string]any))
		}
	}
}

func explained(t *testing.T, kind, name string, def map[string]any) {
	t.Helper()
	properties, _ := def["properties"].(map[string]any)
	if def["description"] == nil {
		t.Errorf("%s: say in playbooks/schema/words.go what %q is", kind, name)
	}
	for k, p := range properties {
		if d, _ := p.(map[string]any)["description"].(string); d == "" {
			t.Errorf("%s: say in playbooks/schema/words.go what %q means", kind, fmt.Sprintf("%s.%s", name, k))
		}
	}
}
