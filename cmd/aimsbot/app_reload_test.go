//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// edits changes a file of a config folder.
func edits(t *testing.T, dir, file, before, after string) {
	t.Helper()
	path := filepath.Join(dir, file)
	b, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(b), before) {
		t.Fatalf("%s has no %q (%v)", file, before, err)
	}
	if err := os.WriteFile(path, []byte(strings.Replace(string(b), before, after, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestReload: a changed config folder comes in force by itself, all of it or
// nothing. What is open moves on, a broken file changes nothing, and new runs get
// the new playbook while those that are open keep theirs.
func TestReload(t *testing.T) {
	t.Parallel()
	dir := ownConfig(t, releaseCheck)
	data, err := os.MkdirTemp("", "aims") // short: the socket's path has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(data) })
	w, _ := raised(t, data, demoCmd{NoRateLimits: true, Config: dir})
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")

	edits(t, dir, "organisation.yaml", "owner: olive", "owner: tess")
	w.message("tess", "answer", "What does CV screener do")
	before := w.organisationNow()

	// Broken: told with the place, and what was in force stays.
	edits(t, dir, "organisation.yaml", "holder: ethan", "holder: nobody")
	w.hangUp()
	w.until("the broken file to be told", func() bool {
		said := w.said.String()
		return strings.Contains(said, "what was read before stays in force") && strings.Contains(said, "organisation.yaml:") && strings.Contains(said, "`nobody`")
	})
	if now := w.organisationNow(); now != before {
		t.Errorf("the organisation is now %s, and was %s", now, before)
	}
	edits(t, dir, "organisation.yaml", "holder: nobody", "holder: ethan")

	// A playbook: the open run keeps its own, a new one gets the new.
	edits(t, dir, "playbooks/own-0.yaml", "title: ", "title: Changed ")
	digest := w.run(run).Definition.Digest
	w.hangUp()
	w.until("the new playbook", func() bool {
		return strings.HasPrefix(w.demo.app.shelf.config().playbookTitle("release-check"), "Changed ")
	})
	if got := w.run(run).Definition.Digest; got != digest {
		t.Errorf("the open run has another definition: %s", got)
	}
	w.fill("tess", w.message("tess", "answer", "What does CV screener do"), "answer", smallAnswers)
	w.until("the answer to count", func() bool {
		r := w.run(run)
		return len(r.View.Steps) > 0 && r.View.Steps[0].State == port.StepDone
	})
}

// hangUp tells the process to read its files again.
func (w *world) hangUp() {
	w.t.Helper()
	if err := syscall.Kill(os.Getpid(), syscall.SIGHUP); err != nil {
		w.t.Fatal(err)
	}
}

// organisationNow is the digest of the version in force.
func (w *world) organisationNow() string {
	w.t.Helper()
	o, err := w.demo.app.ledger.SnapshotAt(w.t.Context(), w.demo.app.opt.now())
	if err != nil {
		w.t.Fatal(err)
	}
	return o.Digest
}

// playbookTitle is the title of a playbook, empty when there is none.
func (c *config) playbookTitle(name string) string {
	l, ok := c.named(name)
	if !ok {
		return ""
	}
	return l.playbook.Title.V
}
