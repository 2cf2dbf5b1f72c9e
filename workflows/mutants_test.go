package workflows_test

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var mutants = flag.Bool("mutants", false, "try changes of workflow code that the recorded histories must refuse")

// TestReplayMutants proves that TestReplay can fail: each kept patch of
// workflow code must make it report a history that does not fit.
func TestReplayMutants(t *testing.T) {
	if !*mutants {
		t.Skip("NOT TRIED: `make replay-mutants` tries the mutants (-mutants)")
	}
	files, err := filepath.Glob("testdata/mutants/*.patch")
	if err != nil || len(files) < 3 {
		t.Fatalf("%d mutants, want at least 3: %v", len(files), err)
	}
	if out, err := replay(t, ""); err != nil {
		t.Fatalf("the code as it is does not replay: %v\n%s", err, out)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".patch"), func(t *testing.T) {
			t.Parallel()
			out, err := replay(t, overlay(t, file))
			var exit *exec.ExitError
			switch {
			case err == nil:
				t.Errorf("the recorded histories replay all the same:\n%s", out)
			case !errors.As(err, &exit) || !strings.Contains(out, "TMPRL1100"):
				t.Errorf("failed for another reason than a history that does not fit: %v\n%s", err, out)
			default:
				t.Logf("refused by %d histories", strings.Count(out, "--- FAIL: TestReplay/"))
			}
		})
	}
}

// replay runs TestReplay on the code with an overlay.
func replay(t *testing.T, overlay string) (string, error) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "go", "test", "-count=1", "-overlay", overlay, "-run", "^TestReplay$", ".")
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// overlay writes the file that puts the patched source in place of the kept one.
func overlay(t *testing.T, patch string) string {
	t.Helper()
	b, err := os.ReadFile(patch)
	if err != nil {
		t.Fatal(err)
	}
	name, hunks := parsePatch(string(b))
	src, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	text := string(src)
	for _, h := range hunks {
		if strings.Count(text, h.before) != 1 {
			t.Fatalf("%s no longer fits %s; make it anew", patch, name)
		}
		text = strings.Replace(text, h.before, h.after, 1)
	}
	dir := t.TempDir()
	changed, list := filepath.Join(dir, name), filepath.Join(dir, "overlay.json")
	path, err := filepath.Abs(name)
	if err != nil {
		t.Fatal(err)
	}
	replace, err := json.Marshal(map[string]any{"Replace": map[string]string{path: changed}})
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(changed, []byte(text), 0o600), os.WriteFile(list, replace, 0o600)); err != nil {
		t.Fatal(err)
	}
	return list
}

// hunk is one change of a patch with the lines around it.
type hunk struct{ before, after string }

// parsePatch reads a unified diff of one file of this folder. Line numbers do
// not matter, so that a patch fits for as long as the lines it changes stay.
func parsePatch(patch string) (file string, hunks []hunk) {
	for line := range strings.Lines(patch) {
		switch h := len(hunks) - 1; {
		case strings.HasPrefix(line, "--- "), strings.HasPrefix(line, "+++ "):
			file = filepath.Base(strings.TrimSpace(line[4:]))
		case strings.HasPrefix(line, "@@"):
			hunks = append(hunks, hunk{})
		case h < 0: // what the patch is about, in words
		case line[0] == '-':
			hunks[h].before += line[1:]
		case line[0] == '+':
			hunks[h].after += line[1:]
		default:
			line = strings.TrimPrefix(line, " ") // an editor may have cut it from an empty line
			hunks[h].before += line
			hunks[h].after += line
		}
	}
	return file, hunks
}
