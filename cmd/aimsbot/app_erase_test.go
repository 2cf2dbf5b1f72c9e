package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestErase: what the owner wrote is removed after the run. Nothing of it is
// left in the ledger's files, and the pack still verifies and says so.
func TestErase(t *testing.T) {
	t.Parallel()
	const canary = "Canary Kanarienvogel sings for the recruiters"
	w := newWorld(t, demoCmd{NoRateLimits: true})
	w.answersCommands()
	id := w.start("max")
	command := func(code int, says string, args ...string) {
		t.Helper()
		var out bytes.Buffer
		if got := run(append(args, "--data", w.data.path), &streams{out: &out, err: &out}); got != code || !strings.Contains(out.String(), says) {
			t.Errorf("aimsbot %s: exit %d, want %d, and %q in:\n%s", strings.Join(args, " "), got, code, says, &out)
		}
	}
	erase := func(by string, steps ...string) []string {
		args := []string{"evidence", "erase", "--run", id, "--by", by, "--reason", "asked for by Olive"}
		for _, s := range steps {
			args = append(args, "--step", s)
		}
		return args
	}
	answers := map[string]any{"purpose": canary, "people": 500, "harms": []string{"bias"}}
	w.answer(answers)
	w.do("Test CV screener for bias", "eli")
	command(exitFindings, "still needs what people said", erase("max", "scope")...)
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.closed(id)
	w.quiet(id)
	if !w.ledgerHolds(canary) {
		t.Fatal("the answer is not in the ledger's files: the test looks in the wrong place")
	}

	command(exitFindings, "These roles may: aims-manager, data-protection-officer", erase("olive", "scope")...)
	command(exitUsage, `no step "scop"; steps: scope, analysis`, erase("max", "scop")...)
	command(exitGood, "1 evidence document", erase("max", "scope")...)
	if w.ledgerHolds(canary) {
		t.Error("the answer is still in the ledger's files")
	}
	command(exitGood, "Nothing was left to erase", erase("max", "scope")...)
	w.verifies(id)
	pack := filepath.Join(t.TempDir(), "pack")
	command(exitGood, "Wrote", "evidence", "export", "--run", id, "--out", pack)
	command(exitGood, "signer proven", "evidence", "verify", pack, "--key", filepath.Join(pack, "key.txt"))
	command(exitGood, "approved", "show", id)
	page, err := os.ReadFile(filepath.Join(pack, "index.html"))
	if err != nil || !strings.Contains(string(page), "asked for by Olive") || strings.Contains(string(page), canary) {
		t.Errorf("the page does not say what was erased, or still shows it (%v)", err)
	}

	// An erasure that nobody recorded is found.
	records := filepath.Join(pack, "records.jsonl")
	text, err := os.ReadFile(records)
	if err != nil {
		t.Fatal(err)
	}
	var kept []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"kind":"record.erased"`) {
			kept = append(kept, line)
		}
	}
	if err := os.WriteFile(records, []byte(strings.Join(kept, "")), 0o600); err != nil {
		t.Fatal(err)
	}
	command(exitFindings, "erased without a record", "evidence", "verify", pack, "--self")
}

// answersCommands opens the socket on which commands find the bot.
func (w *world) answersCommands() {
	w.t.Helper()
	stop, err := serveDesk(w.data, w.demo.app)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(stop)
}

// ledgerHolds tells whether a text is in the ledger's files.
func (w *world) ledgerHolds(text string) bool {
	w.t.Helper()
	for _, name := range []string{"ledger.db", "ledger.db-wal"} {
		b, err := os.ReadFile(w.data.file(name))
		if err != nil && !os.IsNotExist(err) {
			w.t.Fatal(err)
		}
		if bytes.Contains(b, []byte(text)) {
			return true
		}
	}
	return false
}
