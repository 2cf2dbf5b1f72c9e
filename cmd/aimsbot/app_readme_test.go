package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
)

var fenced = regexp.MustCompile("(?s)```(\\w+)\n(.*?)```")

// blocks returns the fenced blocks of the README in a language.
func readmeBlocks(t *testing.T, language string) []string {
	t.Helper()
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, m := range fenced.FindAllStringSubmatch(string(b), -1) {
		if m[1] == language {
			out = append(out, m[2])
		}
	}
	if len(out) == 0 {
		t.Fatalf("the README has no %s block", language)
	}
	return out
}

// TestReadmePlaybook: the playbook a newcomer copies lints clean.
func TestReadmePlaybook(t *testing.T) {
	t.Parallel()
	c, ps, err := loadConfig("")
	if err != nil || len(ps) > 0 {
		t.Fatal(err, ps)
	}
	for _, src := range readmeBlocks(t, "yaml") {
		if strings.HasPrefix(src, "# yaml-language-server") {
			continue // the line that an editor reads
		}
		if _, ps := playbooks.Check("README.md", []byte(src), &c.organisation, c.rules); len(ps) > 0 {
			t.Errorf("%v", ps)
		}
	}
}

// TestReadmeCommands carries out what the README tells a newcomer to type, on
// a demo played through from Slack.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	w.answersCommands()
	w.post("/_control/command", map[string]any{"user": "max", "channel": "C0AUDIT", "command": "/aims", "text": "start impact-assessment cv-screener"}, nil)
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	runs, err := w.demo.app.ledger.Runs(t.Context(), "", runsListed)
	if err != nil || len(runs) != 1 {
		t.Fatal(err, runs)
	}
	w.closed(runs[0].ID)
	w.quiet(runs[0].ID)
	pack, aims := filepath.Join(t.TempDir(), "pack"), filepath.Join(t.TempDir(), "aims")
	for _, block := range readmeBlocks(t, "sh") {
		for line := range strings.Lines(block) {
			line = strings.NewReplacer("RUN", runs[0].ID, "--out pack", "--out "+pack, "verify pack", "verify "+pack, "init aims", "init "+aims, "lint aims", "lint "+aims, "test aims", "test "+aims).Replace(strings.TrimSpace(line))
			if target, ok := strings.CutPrefix(line, "make "); ok {
				makes(t, target)
				continue
			}
			args, ok := strings.CutPrefix(line, "bin/aimsbot ")
			if !ok {
				t.Errorf("what is %q in the README?", line)
				continue
			}
			w.types(strings.Fields(args))
		}
	}
}

// makes checks that make knows how to do it.
func makes(t *testing.T, target string) {
	t.Helper()
	cmd := exec.Command("make", "-n", target)
	cmd.Dir = "../.."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("make %s: %v: %s", target, err, out)
	}
}

// types runs one command line and expects success; serve and doctor, which have
// no Slack here, must say which settings are missing.
func (w *world) types(args []string) {
	w.t.Helper()
	want := exitGood
	if args[0] == "serve" {
		want, args = exitUsage, []string{"serve"}
	}
	if args[0] == "doctor" {
		want, args = exitFindings, []string{"doctor"}
	}
	var out bytes.Buffer
	code := run(append(args, "--data", w.data.path), &streams{out: &out, err: &out})
	if code != want {
		w.t.Errorf("aimsbot %s: exit %d, want %d:\n%s", strings.Join(args, " "), code, want, &out)
	}
	if want != exitGood && !strings.Contains(out.String(), "SLACK_BOT_TOKEN") {
		w.t.Errorf("what is missing is not named:\n%s", &out)
	}
	w.t.Logf("$ aimsbot %s\n%s", strings.Join(args, " "), &out)
}
