package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// germanSite is the sample organisation with a Jira in another language, whose
// workflow has one way, and which demands fields of every new issue.
func germanSite(t *testing.T) (config string, lacking sandbox.Lacking) {
	t.Helper()
	dir := ownConfig(t, releaseCheck)
	path := filepath.Join(dir, "organisation.yaml")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for old, with := range map[string]string{
		"step: Task": "step: Aufgabe", "done: Done": "done: Erledigt",
		"reopen: To Do": "reopen: Zu erledigen\n  fields: {Bereich: Steuerung, customfield_10043: '4711'}",
	} {
		if !strings.Contains(string(text), old) {
			t.Fatalf("the sample organisation has no %q", old)
		}
		text = []byte(strings.ReplaceAll(string(text), old, with))
	}
	if err := os.WriteFile(path, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return dir, sandbox.Lacking{
		Detour: true, NoEmails: true, Fields: []sandbox.SiteField{
			{ID: "customfield_10042", Name: "Bereich", Kind: "option", Options: []string{"Steuerung", "Forschung"}, Required: true},
			{ID: "customfield_10043", Name: "Kostenstelle", Kind: "number", Required: true, Only: []string{"Aufgabe"}},
		},
	}
}

// TestSiteOfOthers plays a run on a Jira as others made it: statuses and types in
// another language, a workflow with a detour and a resolution to be given,
// demanded fields, hidden e-mails. A task that was closed without evidence is
// reopened there, and what is decided in Slack moves the issues.
func TestSiteOfOthers(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"cloud", jiraDataCenter} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			config, lacking := germanSite(t)
			w := newWorld(t, demoCmd{NoRateLimits: true, Config: config, Jira: kind, lacking: lacking})
			run := w.start("max")
			w.answer(smallAnswers)
			task := w.issue("Test CV screener for bias")
			w.act(task.Key, "eli", map[string]any{"transition": "In Progress"})
			w.act(task.Key, "eli", map[string]any{"transition": "Erledigt"})
			w.reopened(task.Summary, "Evidence is missing")
			w.act(task.Key, "eli", map[string]any{"link": map[string]any{"title": "Report", "url": "https://example.com/eli"}})
			w.act(task.Key, "eli", map[string]any{"transition": "In Progress"})
			w.act(task.Key, "eli", map[string]any{"transition": "Erledigt"})
			w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
			w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
			w.quiet(run)
			for _, i := range w.state().Issues {
				if i.Status != "Erledigt" {
					t.Errorf("%s %q is %s", i.Key, i.Summary, i.Status)
				}
			}
		})
	}
}
