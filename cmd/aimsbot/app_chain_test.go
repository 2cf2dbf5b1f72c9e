package main

import (
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// TestChain plays what one alert leads to, from the payload that Alertmanager
// posts to the closing of the incident, with time skipped: each run knows the one
// it came from. `make chain` prints it as a story.
func TestChain(t *testing.T) {
	t.Parallel()
	config := ownConfig(t, "")
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: config})
	c := &chain{world: w, began: w.demo.app.opt.now()}
	drift := c.alert()
	c.confirm(drift)
	c.contain(drift)
	c.repair(drift)
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
	return drift
}

// confirm has the owner confirm the drift, and harm.
func (c *chain) confirm(drift port.RunRow) {
	c.t.Helper()
	c.part("Is it real?")
	c.answers(drift.ID, "olive", "What is known of CV ranker?", map[string]any{"note": "We saw it too"})
	c.tell("Olive, who owns the system, is asked in Slack at once. She adds a note; the numbers of the alert are not hers to change.")
	c.answers(drift.ID, "olive", "Is the drift of CV ranker real", map[string]any{
		"real": "real", "since": c.now().AddDate(0, 0, -9).Format("2006-01-02"), "affected": "Applications of nine days", "harm_seen": "yes", "harm_kind": "harmful_output",
	})
	incident := c.led(drift, "start_output", "incident-harmful-output", "")
	c.tell("Olive confirms it, and says that people were harmed. An incident opens at once: %s, run %s.", incident.SubjectID, incident.ID)
}

// contain has people decide what is done meanwhile, and why it drifted.
func (c *chain) contain(drift port.RunRow) {
	c.t.Helper()
	c.part("Meanwhile, the model")
	back := map[string]any{"measure": "previous_version", "repair_within": "d20"}
	c.approves(drift.ID, "ethan", "ethan", "What is done until CV ranker is repaired?", back)
	c.approves(drift.ID, "val", "val", "What is done until CV ranker is repaired?", back)
	c.tell("Ethan (AI Ethics Officer) and Val (Model Validation Lead) both decide: the version before is used until it is repaired. Olive and Dev may not.")
	c.answers(drift.ID, "val", "Who checks why CV ranker drifted?", map[string]any{"checker": "U0ELI"})
	c.finishes(drift.ID, "cause", "dev", "Find out why CV ranker drifted")
	c.answers(drift.ID, "dev", "Why did CV ranker drift?", map[string]any{"cause": "population", "analysis": "https://example.com/analysis"})
	c.answers(drift.ID, "eli", "Is this why CV ranker drifted?", map[string]any{"agrees": "yes"})
	c.tell("Dev finds the cause: other people apply than before. Eli, whom Val named, checks it.")
}

// repair has the model repaired and validated again.
func (c *chain) repair(drift port.RunRow) {
	c.t.Helper()
	c.part("Repair")
	c.finishes(drift.ID, "repair", "dev", "Repair CV ranker")
	c.answers(drift.ID, "dev", "What was done to repair CV ranker?", map[string]any{"how": "retrained", "version": "v8"})
	gate := c.led(drift, "gate", "lifecycle-gate", "cv-screener")
	validation := c.led(drift, "revalidate", "model-revalidation", "cv-ranker")
	c.tell("Dev trains it anew. A lifecycle gate (%s) and a revalidation (%s) begin: nobody uses version v8 before it is found fit.", gate.ID, validation.ID)
}
