package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// TestChain plays what one alert leads to, from the payload that Alertmanager
// posts to the end of the incident, with time skipped: each run knows the one it
// came from. `make chain` prints it as a story.
func TestChain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: quietConfig(t)})
	c := &chain{world: w, began: w.demo.app.opt.now()}
	drift := c.alert()
	incident := c.confirm(drift)
	c.stop(incident)
	c.contain(drift)
	c.investigate(incident)
	c.report(incident)
	c.release(incident, drift)
	c.repair(drift)
	c.recover(incident)
	c.follow(incident)
	c.close(incident)
	c.part("The chain")
	for _, l := range c.links {
		c.print("  %s", l)
	}
	for _, r := range []port.RunRow{drift, incident} {
		c.verifies(r.ID)
	}
	c.print("  The evidence of both runs is exported and verifies.")
}

// quietConfig is the demo's folder with a programme that begins nothing while time
// is skipped.
func quietConfig(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, f := range append(library.Demo(), library.File{Name: "programme.yaml", Source: []byte("[]\n")}) {
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, f.Source, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// alert posts what Alertmanager sends, and sees a run begin.
func (c *chain) alert() port.RunRow {
	c.t.Helper()
	c.part("An alert")
	body, err := os.ReadFile(filepath.Join("testdata", "chain", "alert.json"))
	if err != nil {
		c.t.Fatal(err)
	}
	if status, text := c.notify(sandbox.HookToken, string(body)); status != http.StatusOK {
		c.t.Fatalf("the alert was answered %d: %s", status, text)
	}
	c.tell("Alertmanager posts testdata/chain/alert.json to /hooks/alertmanager: the selection ratio of the CV ranker fell from 0.91 to 0.74.")
	drift := c.begun("incident-drift", "cv-ranker", "1f0c3c5be1a9d7e2")
	c.tell("A run about the drift of the model begins by itself: %s.", drift.ID)
	if status, text := c.notify(sandbox.HookToken, string(body)); status != http.StatusOK {
		c.t.Fatalf("the repeated alert was answered %d: %s", status, text)
	}
	c.begun("incident-drift", "cv-ranker", "")
	c.tell("Alertmanager repeats the notification, as it does every few hours. Nothing begins twice.")
	return drift
}

// confirm has the owner confirm the drift, and harm.
func (c *chain) confirm(drift port.RunRow) port.RunRow {
	c.t.Helper()
	c.part("Is it real?")
	c.answers(drift.ID, "olive", "What is known of CV ranker?", map[string]any{"note": "We saw it too"})
	c.tell("Olive, who owns the system, is asked in Slack. She adds a note; the numbers of the alert are not hers to change.")
	c.answers(drift.ID, "olive", "Is the drift of CV ranker real", map[string]any{
		"real": "real", "since": c.now().AddDate(0, 0, -9).Format(time.DateOnly), "affected": "Applicants of nine days", "harm_seen": "yes", "harm_kind": "unfair",
	})
	incident := c.led(drift, "start_output", "incident-harmful-output", "")
	if parent := incident.Input["parent"]; parent != drift.ID {
		c.t.Fatalf("missing link: the incident says that it comes from run %q", parent)
	}
	c.tell("Olive confirms it, and says that people were treated unfairly. An incident opens at once: %s, run %s.", incident.SubjectID, incident.ID)
	return incident
}

// contain has people decide what is done with the model meanwhile, and why it
// drifted.
func (c *chain) contain(drift port.RunRow) {
	c.t.Helper()
	c.part("Meanwhile, the model")
	back := map[string]any{"measure": "previous_version", "repair_within": "d20"}
	c.approves(drift.ID, "ethan", "ethan", "What is done until CV ranker is repaired?", back)
	c.approves(drift.ID, "val", "val", "What is done until CV ranker is repaired?", back)
	c.tell("Ethan and Val, who leads model validation, both decide: the version before is used until it is repaired. Olive and Dev may not decide.")
	c.answers(drift.ID, "val", "Who checks why CV ranker drifted?", map[string]any{"checker": "U0ELI"})
	c.finishes(drift.ID, "cause", "dev", "Find out why CV ranker drifted", map[string]any{"cause": "population", "analysis": "https://example.com/analysis"})
	c.answers(drift.ID, "eli", "Is this why CV ranker drifted?", map[string]any{"agrees": "yes"})
	c.comes(drift.ID, "unheld", "open")
	c.tell("Dev finds the cause: other people apply than before. Eli, whom Val named, checks it. The repair waits: the incident holds this version as evidence.")
}

// repair has the model repaired and validated again.
func (c *chain) repair(drift port.RunRow) {
	c.t.Helper()
	c.part("Repair")
	c.finishes(drift.ID, "repair", "dev", "Repair CV ranker", map[string]any{"how": "retrained", "version": "v8"})
	gate := c.led(drift, "gate", "lifecycle-gate", "cv-screener")
	validation := c.led(drift, "revalidate", "model-revalidation", "cv-ranker")
	c.tell("Dev trains it anew. A lifecycle gate (%s) and a revalidation (%s) begin: version v8 is used once it is found fit.", gate.ID, validation.ID)
}
