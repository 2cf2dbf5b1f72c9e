package source_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

var update = flag.Bool("update", false, "write the .out files anew; read the difference")

// Every testdata/<name>.yaml has beside it what its author is told: <name>.out.
func TestGolden(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 20 {
		t.Fatalf("only %d cases found: is this the right folder?", len(files))
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			src, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			_, problems := source.Parse(filepath.Base(file), src)
			var got strings.Builder
			if err := problems.Print(&got, map[string][]byte{filepath.Base(file): src}); err != nil {
				t.Fatal(err)
			}
			golden(t, strings.TrimSuffix(file, ".yaml")+".out", got.String())
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("the words changed (-want +got); if that is meant, run with -update:\n%s", diff)
	}
}

func TestTextPositions(t *testing.T) {
	t.Parallel()
	src := "plain: one\nquoted: 'two'\nblock: |\n\n    three\nflow: {a: four, b: \"five\"}\n"
	n, problems := source.Parse("f", []byte(src))
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	got := map[string]source.Pos{}
	for _, e := range n.Entries {
		for _, inner := range e.Value.Entries {
			got[inner.Value.Str().V] = inner.Value.Str().Pos
		}
		if s := e.Value.Text(&problems); !s.Empty() {
			got[s.V] = s.Pos
		}
	}
	want := map[string]source.Pos{
		"one": {File: "f", Line: 1, Col: 8}, "two": {File: "f", Line: 2, Col: 10}, "three": {File: "f", Line: 5, Col: 5},
		"four": {File: "f", Line: 6, Col: 11}, "five": {File: "f", Line: 6, Col: 21},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestUnreadableBytes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		src  []byte
		want string
	}{
		"empty":       {nil, "f:1:1: This file is empty. [yaml]"},
		"only a note": {[]byte("# later\n"), "f:1:1: This file is empty. [yaml]"},
		"latin 1":     {[]byte("a: b\nc: \xe4\n"), "f:2:4: This character is not UTF-8. Save the file as UTF-8. [yaml]"},
		"too large":   {make([]byte, source.MaxBytes+1), "f:1:1: This file has 1024 KiB; the limit is 1024 KiB. Split it. [size]"},
		"deep":        {[]byte(strings.Repeat("[", 100) + strings.Repeat("]", 100)), "f:1:66: Values are nested more than 64 deep here. [yaml]"},
		"a bell":      {[]byte("a: b\nc: d\x07\n"), "f:2:5: A control character, which is not to be seen, stands here. Delete it, or type the line anew. [yaml]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, problems := source.Parse("f", c.src)
			if got := problems.Error(); got != c.want {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestNear(t *testing.T) {
	t.Parallel()
	choices := []string{"remind", "escalate", "ai-ethics-officer", "id"}
	for word, want := range map[string]string{
		"remnid": "remind", "Remind": "remind", "escalates": "escalate", "ai_ethics_oficer": "ai-ethics-officer",
		"due": "", "if": "id", "completely-else": "", "": "",
	} {
		if got := source.Near(word, choices); got != want {
			t.Errorf("Near(%q) = %q, want %q", word, got, want)
		}
	}
}

// FuzzParse: whatever the bytes, there is an answer, every problem stands
// inside the file, and what cannot be read has at least one.
func FuzzParse(f *testing.F) {
	corpustest.Add(f, "parse", corpustest.Bytes)
	files, _ := filepath.Glob(filepath.Join("testdata", "*.yaml"))
	for _, file := range files {
		if b, err := os.ReadFile(file); err == nil {
			f.Add(b)
		}
	}
	f.Fuzz(func(t *testing.T, src []byte) {
		done := time.AfterFunc(time.Minute, func() { panic("Parse does not end") })
		defer done.Stop()
		n, problems := source.Parse("f", src)
		if n == nil && len(problems) == 0 {
			t.Fatal("nothing read, and nothing said about it")
		}
		lines := strings.Count(string(src), "\n") + 1
		for _, p := range problems {
			if p.Line < 1 || p.Line > lines || p.Col < 1 || p.Message == "" || p.Rule == "" {
				t.Fatalf("misplaced: %+v in %d lines", p, lines)
			}
		}
		if err := problems.Print(&strings.Builder{}, map[string][]byte{"f": src}); err != nil {
			t.Fatal(err)
		}
	})
}
