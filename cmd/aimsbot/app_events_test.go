package main

import (
	"bytes"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// driftReview is begun by alerts, by three complaints, and by people who report
// an incident.
const driftReview = `playbook: drift-review
title: Drift review
purpose: Look at a model whose inputs moved.
subject: system
input:
  metric: {type: text, optional: true}
  psi: {type: number, optional: true}
  what: {type: text, optional: true}
starts:
  by: [anyone]
  commands: [incident]
  events:
    - {event: alert.received, where: 'event.metric == "psi"', with: {metric: '${event.metric}', psi: '${event.psi}'}}
    - {event: complaint.filed, count: 3, within: 90 days, with: {what: '${event.what}'}}
    - {event: concern.raised, with: {what: '${event.what}'}}
steps:
  - id: look
    form:
      ask: ${system.owner}
      title: What moved?
      questions: [{id: text, text: What, type: text, prefill: '${has(run.input.what) ? run.input.what : ""}'}]
  - id: decide
    approval: {about: [look], need: [{role: ai-ethics-officer}]}
`

// alertOf is a notification as Alertmanager 0.28 posts it.
func alertOf(fingerprint, status, system, metric string) string {
	return `{"receiver":"aimsbot","status":"` + status + `","alerts":[{"status":"` + status + `","labels":{"alertname":"InputsMoved","instance":"ranker:9090",` +
		`"job":"models","metric":"` + metric + `","severity":"warning","system":"` + system + `"},"annotations":{"psi":"0.31","summary":"The inputs of the ranker moved"},` +
		`"startsAt":"2027-02-06T13:08:45.828Z","endsAt":"0001-01-01T00:00:00Z","generatorURL":"http://prometheus.example.org:9090/graph?g0.expr=psi+%3E+0.25\u0026g0.tab=1",` +
		`"fingerprint":"` + fingerprint + `"}],"groupLabels":{"alertname":"InputsMoved"},"commonLabels":{"alertname":"InputsMoved"},"commonAnnotations":{},` +
		`"externalURL":"http://alertmanager.example.org:9093","version":"4","groupKey":"{}/{severity=\"warning\"}:{alertname=\"InputsMoved\"}","truncatedAlerts":0}`
}

// notify posts a notification to the bot and returns the answer.
func (w *world) notify(token, body string) (status int, text string) {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, w.demo.address+alertPath, strings.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	reply, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer reply.Body.Close()
	b, err := io.ReadAll(reply.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return reply.StatusCode, string(b)
}

// alerts sends an alert that must be taken.
func (w *world) alerts(fingerprint, system, metric string) {
	w.t.Helper()
	if status, text := w.notify(sandbox.HookToken, alertOf(fingerprint, "firing", system, metric)); status != http.StatusOK {
		w.t.Fatalf("%d: %s", status, text)
	}
}

func (w *world) reviews(system string) []port.RunRow {
	w.t.Helper()
	runs, err := w.demo.app.ledger.RunsAbout(w.t.Context(), "drift-review", system, 10)
	if err != nil {
		w.t.Fatal(err)
	}
	return runs
}

// openRun is the run of a playbook that is open.
func (w *world) openRun(playbook string) port.RunRow {
	w.t.Helper()
	runs, err := w.demo.app.ledger.Runs(w.t.Context(), port.RunOpen, 100)
	i := slices.IndexFunc(runs, func(r port.RunRow) bool { return r.Playbook == playbook })
	if err != nil || i < 0 {
		w.t.Fatalf("no run of %s is open: %v", playbook, err)
	}
	return runs[i]
}

// TestAlertBegins: an alert of Alertmanager begins a run in Temporal, a repeated
// notification begins nothing, a second alert joins, and its end is on record.
func TestAlertBegins(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, driftReview)})
	for _, c := range []struct {
		token, body string
		status      int
		says        string
	}{
		{"", alertOf("a", "firing", "cv-screener", "psi"), http.StatusUnauthorized, "AIMSBOT_HOOK_TOKEN"},
		{sandbox.HookToken + "x", alertOf("a", "firing", "cv-screener", "psi"), http.StatusUnauthorized, "unauthorized"},
		{sandbox.HookToken, `{"alerts":`, http.StatusBadRequest, "no notification"},
		{sandbox.HookToken, `{"status":"firing"}`, http.StatusBadRequest, "no notification"},
		{sandbox.HookToken, strings.Repeat(" ", 1<<20) + `{"alerts":[]}`, http.StatusRequestEntityTooLarge, "too large"},
		{sandbox.HookToken, `{"alerts":[]}`, http.StatusOK, ""},
	} {
		if status, text := w.notify(c.token, c.body); status != c.status || !strings.Contains(text, c.says) {
			t.Errorf("%.40s: %d %s, want %d %s", c.body, status, text, c.status, c.says)
		}
	}
	w.alerts("a", "cv-screener", "psi")
	w.joinReview()
	if status, _ := w.notify(sandbox.HookToken, alertOf("a", "resolved", "cv-screener", "psi")); status != http.StatusOK {
		t.Errorf("resolved: %d", status)
	}
	for kind, want := range map[string]int{"event.received": 2, "event.resolved": 1} {
		if n := w.records("")[kind]; n != want {
			t.Errorf("%d records %s, want %d", n, kind, want)
		}
	}
	w.alerts("c", "unheard-of", "psi")
	w.message("max", "", "An alert belongs to nothing here: InputsMoved")
	if n := len(w.reviews("cv-screener")); n != 1 {
		t.Errorf("%d runs", n)
	}
}

// joinReview finishes the review that an alert began, after another has joined
// it, and returns the workflow's id.
func (w *world) joinReview() string {
	w.t.Helper()
	ask := w.message("olive", "answer", "What moved?")
	w.alerts("a", "cv-screener", "psi")
	w.alerts("b", "CV screener", "psi")
	runs := w.reviews("cv-screener")
	if len(runs) != 1 || runs[0].Input["psi"] != "0.31" {
		w.t.Fatalf("%+v", runs)
	}
	run := runs[0].ID
	w.until("the second alert to join", func() bool { return w.records(run)["event.joined"] == 1 })
	w.fill("olive", ask, "answer", map[string]any{"text": "Fewer applicants"})
	w.press("ethan", w.message("ethan", "approve", "Drift review"), "approve")
	if r := w.closed(run); r.Outcome != "approved" {
		w.t.Errorf("ended as %s", r.Outcome)
	}
	return runs[0].WorkflowID
}

// recordJoined is joinReview from its first alert on.
func recordJoined(w *world) string {
	w.alerts("a", "cv-screener", "psi")
	return w.joinReview()
}

// TestPeopleBegin: a concern and an incident reported in Slack, and the third
// complaint on the command line, begin runs.
func TestPeopleBegin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, driftReview)})
	w.answersCommands()
	says := func(text, want string) {
		t.Helper()
		w.post("/_control/command", map[string]any{"user": "dev", "channel": "C0AUDIT", "command": "/aims", "text": text}, nil)
		w.until("the answer to "+text, func() bool { return w.private("dev", want) != "" })
	}
	says("concern cv-screener", "say what you saw")
	says("concern nothing It hurts", "There is no system")
	says("incident", "There are several kinds: ")
	says("incident drift-review", "Name the system and say what happened")
	says("incident drift-review cv-screener It ranked by photo", "Reported. Drift review has begun")
	runs := w.reviews("cv-screener")
	if len(runs) != 1 || runs[0].By != "dev" || runs[0].Input["what"] != "It ranked by photo" {
		t.Fatalf("%+v", runs)
	}
	says("incident drift-review cv-screener Again", "is already running")
	says("incident incident-harmful-output nothing It insulted me", "There is no system")
	says("incident incident-harmful-output cv-screener It insulted me", "Reported. Harmful output has begun")
	if r := w.openRun("incident-harmful-output"); !strings.HasPrefix(r.SubjectID, "inc-") || r.Input["system"] != "cv-screener" || r.Input["what"] != "It insulted me" || r.Input["channel"] != "person" {
		t.Errorf("%s with %v", r.SubjectID, r.Input)
	}
	says("concern cv-screener It could hurt", "Your concern is recorded")
	w.until("the concern to join", func() bool { return w.records(runs[0].ID)["event.joined"] == 1 })
	w.fill("olive", w.message("olive", "answer", "What moved?"), "answer", map[string]any{"text": "Photos"})
	w.press("ethan", w.message("ethan", "approve", "Drift review"), "approve")
	w.closed(runs[0].ID)
	for _, want := range []string{"No playbook begins by it, or not yet.", "No playbook begins by it, or not yet.", "drift-review: run "} {
		var out bytes.Buffer
		args := []string{"event", "complaint.filed", "system:cv-screener", "--by", "olive", "--with", "what=Unfair", "--data", w.data.path}
		if code := run(args, &streams{out: &out, err: &out}); code != exitGood || !strings.Contains(out.String(), want) {
			t.Errorf("exit %d: %s, want %s", code, &out, want)
		}
	}
	w.message("olive", "answer", "What moved?")
}
