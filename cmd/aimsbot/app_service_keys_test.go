package main

import (
	"crypto/rand"
	"encoding/base64"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/workflows"
)

// TestKeyRotation changes the payload key while a run is open: both keys carry
// it on, the new one alone is refused, and the old one can still come back.
func TestKeyRotation(t *testing.T) {
	t.Parallel()
	w := newTown(t, "")
	_, stop := w.must(keyA)
	run := w.start("max")
	w.answer(smallAnswers)
	task := w.issue("Test CV screener for bias")
	w.quiet(run)
	down(t, stop)

	said := w.refused(w.settings(keyB))
	for _, want := range []string{"a payload key is missing: " + keyID(t, keyA), "open runs: " + run, "AIMSBOT_KEY"} {
		if !strings.Contains(said, want) {
			t.Errorf("the refusal says %q, not %q", said, want)
		}
	}
	for _, key := range []string{keyA, keyB} {
		if strings.Contains(said, key) {
			t.Errorf("the refusal holds a key: %s", said)
		}
	}

	_, stop = w.must(keyA) // as it was: nothing is lost
	w.until("the task to be open", func() bool { return w.issue(task.Summary).Category != "done" })
	down(t, stop)

	a, stop := w.must(keyB + "," + keyA)
	w.do(task.Summary, "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})

	// Now only the programme's history of today needs the old key.
	programme := workflows.ProgrammeID(a.ledger.Installation())
	ids, err := a.engine.KeysUsed(t.Context(), programme)
	if err != nil || len(ids) == 0 {
		t.Fatalf("keys of the programme: %v, %v", ids, err)
	}
	down(t, stop)
	if said := w.refused(w.settings(keyB)); !strings.Contains(said, "the programme's history of today") {
		t.Errorf("the refusal says %q", said)
	}

	// It continues as new every day. Here the day is over at once.
	a, stop = w.must(keyA + "," + keyB)
	if err := a.client.TerminateWorkflow(t.Context(), programme, "", "the day is over"); err != nil {
		t.Fatal(err)
	}
	down(t, stop)
	a, _ = w.must(keyB)
	if used, err := a.ledger.PayloadKeys(t.Context()); err != nil || len(used) != 1 || used[0] != keyID(t, keyB) {
		t.Errorf("keys still noted: %v, %v; want the new one alone", used, err)
	}
}

func down(t *testing.T, stop func() error) {
	t.Helper()
	if err := stop(); err != nil {
		t.Fatal(err)
	}
}

// TestAnotherTemporal: a service that knows nothing of the open runs is refused,
// or they would stand still and what comes due would be started twice.
func TestAnotherTemporal(t *testing.T) {
	t.Parallel()
	w := newTown(t, "")
	_, stop := w.must(keyA)
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	w.quiet(run)
	down(t, stop)
	s := w.settings(keyA)
	s.Temporal = nil
	if said := w.refused(s); !strings.Contains(said, "such as "+run) || !strings.Contains(said, "has never worked for this ledger: set the TEMPORAL_* variables as they were") {
		t.Errorf("the refusal says %q", said)
	}
	w.must(keyA)
	w.answer(smallAnswers)
	w.issue("Test CV screener for bias")
}

// TestLargeDefinition: the largest playbook that lint lets pass, in text that
// cannot be packed, goes through the service and carries its run to the end.
func TestLargeDefinition(t *testing.T) {
	t.Parallel()
	var shipped library.File
	for _, f := range library.Demo() {
		if strings.HasSuffix(f.Name, "impact-assessment.yaml") {
			shipped = f
		}
	}
	text := string(shipped.Source)
	noise := make([]byte, 100)
	for len(text) < 255<<10 { // base64 packs to three quarters; a file has at most 256 KiB
		if _, err := rand.Read(noise); err != nil {
			t.Fatal(err)
		}
		text += "# " + base64.StdEncoding.EncodeToString(noise) + "\n"
	}
	dir := t.TempDir()
	for _, f := range append(library.Demo(), library.File{Name: "playbooks/impact-assessment.yaml", Source: []byte(text)}) {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Source, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	w := newTown(t, dir)
	s := w.settings(keyA)
	s.Events = shortHistory // so that it is also carried over
	if _, _, err := w.bot(s); err != nil {
		t.Fatal(err)
	}
	run := w.start("max")
	if n := len(w.run(run).Definition.Source); n < 255<<10 {
		t.Fatalf("the playbook has %d bytes only", n)
	}
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
}
