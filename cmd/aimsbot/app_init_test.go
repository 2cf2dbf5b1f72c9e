package main

import (
	"bytes"
	"path/filepath"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// TestInitPlays: the folder that init writes plays as it stands, from the first
// question to the decision.
func TestInitPlays(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "aims")
	var out bytes.Buffer
	if code := run([]string{"init", dir}, &streams{out: &out, err: &out}); code != exitGood {
		t.Fatalf("init: exit %d: %s", code, &out)
	}
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: dir})
	started, _, err := w.demo.app.acts.Start(t.Context(), activities.StartRequest{Playbook: "new-use-check", Subject: "cv-screener", By: "anna", Door: "cli"})
	if err != nil {
		t.Fatal(err)
	}
	w.fill("clara", w.message("clara", "answer", "What is CV screener used for now"), "answer", map[string]any{"purpose": "Ranks interns", "people": 5000})
	w.do("Test CV screener for the new use", "eva")
	w.press("ben", w.message("ben", "approve", "CV screener"), "approve")
	if r := w.closed(started.ID); r.Outcome != "approved" {
		t.Errorf("ended as %s", r.Outcome)
	}
	w.quiet(started.ID)
}
