package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// toldInTrust keeps apart who told, and in which words.
const toldInTrust = `playbook: told-in-trust
title: Told in trust
subject: system
starts: {by: [anyone]}
steps:
  - id: intake
    form:
      ask: ${run.by}
      title: What did you hear?
      again: true
      questions:
        - {id: what, text: What is it about, type: text}
        - {id: reporter, text: Who told you, type: person, optional: true, protected: [incident-lead], never: ['${run.by}']}
        - {id: words, text: In which words, type: long, protected: [incident-lead]}
  - id: look
    when: has(steps.intake.reporter)
    task: {assign: ai-ethics-officer, title: Look into it}
  - id: decide
    approval: {about: [intake], need: [{role: ai-ethics-officer}]}
  - id: done
    notify: {to: tess, text: 'Decided about ${steps.intake.what}', about: [intake, decide]}
`

// The protected answers: Val takes no part in the run otherwise.
const trusted = "Kanarienvogel"

// logBook keeps what is logged.
type logBook struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *logBook) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *logBook) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestProtectedWay: through the engine, the fake Slack and the fake Jira. What is
// protected is read by who holds the role, and stands nowhere else.
func TestProtectedWay(t *testing.T) {
	t.Parallel()
	var log logBook
	w := newWorldLogging(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, toldInTrust)}, slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	w.answersCommands()
	run, _, err := w.demo.app.acts.Start(t.Context(), activities.StartRequest{Playbook: "told-in-trust", Subject: "cv-screener", By: "dev", Door: "cli"})
	if err != nil {
		t.Fatal(err)
	}
	form := w.message("dev", "answer", "What did you hear")
	w.failsToSettle(run.WorkflowID, func() {
		w.fill("dev", form, "answer", map[string]any{"what": "smoke", "reporter": "U0VAL", "words": trusted})
	})
	w.message("dev", "answer", "kept apart for Incident Lead")
	w.asksApart(run.ID, "dev", "Nothing is kept apart for you")
	w.asksApart(run.ID, "max", "Nothing is kept apart for you") // acts for the lead only when there is none
	w.asksApart(run.ID, "ines", "In which words (“What did you hear?”): "+trusted)
	w.asksApart(run.ID, "ines", "Who told you (“What did you hear?”): Val")

	// Changed answers leave what is kept apart as it is, and do not show it.
	id, view := w.open("dev", w.message("dev", "answer", "kept apart for Incident Lead"), "answer")
	says(t, string(view), "smoke", "it is kept apart. Leave this open to keep it")
	w.send("dev", id, map[string]any{"what": "fire"})
	w.message("dev", "answer", "fire")
	w.asksApart(run.ID, "ines", "Who told you (“What did you hear?”): Val")

	w.do("Look into it", "ethan")
	w.press("ethan", w.message("ethan", "approve", "kept apart for Incident Lead"), "approve")
	w.closed(run.ID)
	w.quiet(run.ID)
	if got := w.records(run.ID); got["apart.shown"] != 6 || got["apart.refused"] != 4 { // two questions each time
		t.Errorf("looks on record: %v", got)
	}
	pack := filepath.Join(t.TempDir(), "pack")
	w.aimsbot(exitGood, "Wrote", "evidence", "export", "--run", run.ID, "--out", pack)
	for place, text := range w.everything(run, pack) {
		text = strings.ReplaceAll(text, `\`, "") // JSON within texts
		for _, secret := range []string{trusted, `"val"`, "U0VAL", "Val V"} {
			if strings.Contains(text, secret) {
				t.Errorf("%s says %q:\n%s", place, secret, around(text, secret))
			}
		}
	}
	if said := log.String(); strings.Contains(said, trusted) {
		t.Errorf("the log says %q", trusted)
	}
	w.verifies(run.ID)

	// Erased, nobody reads it.
	if !w.ledgerHolds(trusted) {
		t.Fatal("the answer is not in the ledger's files: the test looks in the wrong place")
	}
	w.aimsbot(exitGood, "Erased", "evidence", "erase", "--run", run.ID, "--by", "max", "--reason", "asked for by Val", "--step", "intake")
	if w.ledgerHolds(trusted) {
		t.Error("the answer is still in the ledger's files")
	}
	w.asksApart(run.ID, "ines", "Nothing is kept apart for you")
	w.verifies(run.ID)
}

// failsToSettle has what is said stored and not settled, as after a kill between
// the two: Judge fails until it is an ordinary activity, whose failures are in the
// history, and then works.
func (w *world) failsToSettle(workflowID string, say func()) {
	w.t.Helper()
	other := w.stranger()
	w.sql(other, "CREATE TRIGGER dead BEFORE INSERT ON records BEGIN SELECT RAISE(FAIL, 'no room'); END")
	say()
	w.until("the regular activity has failed", func() bool {
		d, err := w.demo.app.client.DescribeWorkflowExecution(w.t.Context(), workflowID, "")
		return err == nil && len(d.PendingActivities) == 1 && d.PendingActivities[0].Attempt > 1
	})
	w.sql(other, "DROP TRIGGER dead")
}

// asksApart asks as a person for what is kept apart.
func (w *world) asksApart(run, who, want string) {
	w.t.Helper()
	var a ack
	w.post("/_control/command", map[string]any{"user": who, "channel": "C0AUDIT", "command": "/aims", "text": "protected " + run}, &a)
	if !strings.Contains(string(a.Body), want) || want[:7] == "Nothing" && strings.Contains(string(a.Body), trusted) {
		w.t.Errorf("%s was answered %s, want %q", who, a.Body, want)
	}
}

// aimsbot runs a command beside the bot and returns what it prints.
func (w *world) aimsbot(code int, says string, args ...string) string {
	w.t.Helper()
	var out bytes.Buffer
	if got := run(append(args, "--data", w.data.path), &streams{out: &out, err: &out}); got != code || !strings.Contains(out.String(), says) {
		w.t.Errorf("aimsbot %s: exit %d, want %d, and %q in:\n%s", strings.Join(args, " "), got, code, says, &out)
	}
	return out.String()
}

// everything is all that anybody but the role can read, and what Temporal has, by
// where it stands.
func (w *world) everything(run port.StartedRun, pack string) map[string]string {
	w.t.Helper()
	ctx, l := w.t.Context(), w.demo.app.ledger
	out := map[string]string{}
	add := func(place string, v any, err error) {
		w.t.Helper()
		text, bad := json.Marshal(v)
		if err != nil || bad != nil || len(text) < 20 {
			w.t.Fatalf("%s: %v, %v, %s", place, err, bad, text)
		}
		out[place] = string(text)
	}
	for i, m := range w.state().Messages {
		if !m.Ephemeral {
			out[fmt.Sprintf("message %d to %s", i, m.To+m.Channel)] = m.Text + string(m.Blocks)
		}
	}
	add("Jira", w.state().Issues, nil)
	r, err := l.Run(ctx, run.ID)
	add("the run", r.View, err)
	records, err := l.RecordsOf(ctx, run.ID)
	add("the records", records, err)
	rows, err := l.RowsAfter(ctx, run.ID, 0, 100)
	add("the inbox", rows, err)
	asks, err := l.AsksOf(ctx, run.ID)
	add("the asks", asks, err)
	effects, err := l.EffectsOf(ctx, run.ID)
	for _, e := range effects {
		full, bad := l.Effect(ctx, e.Key)
		add("the effect "+e.Purpose+" "+e.Key, full, bad)
	}
	add("the effects", effects, err)
	for _, name := range []string{"show", "why"} {
		for _, form := range []string{"--json", "--json=false"} {
			out[name+" "+form] = w.aimsbot(exitGood, run.ID, name, run.ID, form)
		}
	}
	h := historyOf(w.t, w, run.WorkflowID, "")
	clean(w.t, w, h)
	if text := h.String(); !strings.Contains(text, "kept_apart") {
		w.t.Error("the history is not read as it is: it lacks the reference too")
	}
	out["the history"] = h.String()
	err = filepath.WalkDir(pack, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			text, bad := os.ReadFile(path)
			out["the pack's "+d.Name()], err = string(text), bad
		}
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

// around is a text about the place of a word.
func around(text, word string) string {
	i := strings.Index(text, word)
	return text[max(0, i-200):min(len(text), i+200)]
}
