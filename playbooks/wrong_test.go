package playbooks_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
)

// Every testdata/wrong/NN-<name>.yaml is a playbook as somebody in compliance
// would get it wrong; NN-<name>.txt is what lint then says. Whoever changes a
// message reads it aloud: it must tell what to write next.
func TestWrong(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "wrong", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 50 {
		t.Fatalf("only %d wrong playbooks found: is this the right folder?", len(files))
	}
	o, r := demo(t), rules(t)
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml"), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(file)
			_, problems := playbooks.CheckWith(playbooks.File{Name: name, Source: src}, playbooks.NewBases(), o, r)
			if len(problems) == 0 {
				t.Error("nothing is found wrong in it")
			}
			for _, p := range problems {
				helpful(t, p, src)
			}
			var b strings.Builder
			_ = problems.Print(&b, map[string][]byte{name: src}) // a Builder never fails
			golden(t, strings.TrimSuffix(file, ".yaml")+".txt", b.String())
		})
	}
}

var (
	// jargon are words of those who write programs. What a message quotes from the
	// file stands between backticks and is not looked at.
	jargon = regexp.MustCompile(`(?i)\b(cel|overloads?|nodes?|declarations?|(un)?declared|references?|mappings?|sequences?|scalars?|strings?|integers?|bool(ean)?|u?int(32|64)|float(64)?|double|nil|struct|arrays?|objects?|tokens?|pars(e|er|ed|ing)|identifiers?|operators?|operands?|literals?|syntax|schema|regexp?|mismatched|extraneous|EOF|viable|dyn|interface|boolean|alias(es)?|unmarshal|go type)\b`)
	quoted = regexp.MustCompile("`[^`]*`")
	// advice are the words with which a message says what to do.
	advice = regexp.MustCompile(`\b(Write|Writing|write|Add|add|Remove|remove|Put|put|Name|name|Give|Did you mean|Move|Make|Use|use|Keep|Close|Leave|leave|Choose|choose|Indent|indent|Begin|Compare|Ask|Assign|Type|type|Save|Delete|Lower|lower|Change|Switch|Split|Double|double|Replace|There are|[Tt]he options are|End|It may have|They are)\b`)
)

// helpful holds a message to its form: the place, what was found, and what to do.
func helpful(t *testing.T, p playbooks.Problem, src []byte) {
	t.Helper()
	lines := strings.Split(string(src), "\n")
	if p.File == "" || p.Line < 1 || p.Line > len(lines) || p.Col < 1 || p.Col > len([]rune(lines[p.Line-1]))+1 {
		t.Errorf("no place in the file: %s", p)
	}
	own := quoted.ReplaceAllString(p.Message, "")
	if word := jargon.FindString(own); word != "" {
		t.Errorf("a layman does not know %q: %s", word, p)
	}
	if !advice.MatchString(own) {
		t.Errorf("it does not say what to do next: %s", p)
	}
}
