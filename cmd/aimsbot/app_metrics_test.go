package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
)

// scrape reads the metrics as Prometheus does: values by name and labels, with
// the labels as they are shown.
func (w *world) scrape() map[string]float64 {
	w.t.Helper()
	res, err := http.Get(w.base + "/metrics")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		w.t.Fatalf("GET /metrics: %s", res.Status)
	}
	out := map[string]float64{}
	for lines := bufio.NewScanner(res.Body); lines.Scan(); {
		line := lines.Text()
		if strings.HasPrefix(line, "#") {
			continue
		}
		at := strings.LastIndexByte(line, ' ')
		v, err := strconv.ParseFloat(line[at+1:], 64)
		if err != nil {
			w.t.Fatalf("%s: %v", line, err)
		}
		out[line[:at]] = v
	}
	return out
}

// shows waits until the metrics have these values.
func (w *world) shows(want map[string]float64) {
	w.t.Helper()
	var wrong []string
	defer func() {
		if w.t.Failed() {
			w.t.Logf("last seen:\n%s", strings.Join(wrong, "\n"))
		}
	}()
	w.until("the metrics", func() bool {
		wrong = nil
		got := w.scrape()
		for series, v := range want {
			if have, ok := got[series]; !ok || have != v {
				wrong = append(wrong, fmt.Sprintf("%s is %v (there: %v), want %v", series, have, ok, v))
			}
		}
		return len(wrong) == 0
	})
}

// TestMetricsOfARun: after one run the counters say exactly what it did.
func TestMetricsOfARun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	w.shows(map[string]float64{"aimsbot_runs_open": 1, "aimsbot_asks_open": 1, "aimsbot_asks_overdue": 0, "aimsbot_runs_parked": 0})
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.closed(run)
	effects := w.quiet(run)
	want := map[string]float64{
		"aimsbot_runs_open": 0, "aimsbot_asks_open": 0, "aimsbot_inbox_unsettled": 0, "aimsbot_inbox_oldest_age_seconds": 0,
		`aimsbot_deliveries_total{kind="click",outcome="acknowledged",transport="socket"}`:  2, // a form opened, an approval
		`aimsbot_deliveries_total{kind="submit",outcome="acknowledged",transport="socket"}`: 1,
		`aimsbot_deliveries_total{kind="click",outcome="unkept",transport="socket"}`:        0,
		`aimsbot_delivery_answer_duration_seconds_count{transport="socket"}`:                3,
		`aimsbot_inbox_rows_total{kind="click"}`:                                            1,
		`aimsbot_inbox_rows_total{kind="submit"}`:                                           1,
		`aimsbot_records_total{kind="run.started"}`:                                         1,
		`aimsbot_records_total{kind="run.ended"}`:                                           1,
		`aimsbot_records_total{kind="step.missed"}`:                                         0,
		`aimsbot_ledger_errors_total{operation="write"}`:                                    0,
		`aimsbot_socket_connections`:                                                        2,
		`aimsbot_socket_events_total{event="opened"}`:                                       2,
		`aimsbot_occurrences_overdue`:                                                       0,
	}
	for kind, n := range w.records(run) {
		want[fmt.Sprintf(`aimsbot_records_total{kind=%q}`, kind)] = float64(n)
	}
	for _, e := range effects {
		target, _, _ := strings.Cut(e.Kind, ".")
		purpose, _, _ := strings.Cut(e.Purpose, ":")
		outcome := map[string]string{port.EffectDone: "done", port.EffectSuperseded: "superseded"}[e.State]
		want[fmt.Sprintf(`aimsbot_effect_attempts_total{outcome=%q,purpose=%q,target=%q}`, outcome, purpose, target)]++
	}
	w.shows(want)
	w.knowsAlerts()
}

// TestMetricsOfFaults: what goes wrong outside, at the doors and with people can
// be seen in numbers.
func TestMetricsOfFaults(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, ownLimits: true})
	// The first post is told to come later; the second issue is made, and its
	// answer is an error.
	w.post("/_control/faults", map[string]any{"target": "slack", "kind": "http_429", "call": "chat.postMessage", "nth": 1, "retry_after": 1}, nil)
	w.post("/_control/faults", map[string]any{"target": "jira", "kind": "http_500", "call": "/issue", "changes": true, "nth": 2, "committed": true}, nil)
	for path, content := range map[string]string{"/jira/webhook": "application/json", "/slack/interactions": "application/x-www-form-urlencoded"} {
		res, err := http.Post(w.base+path, content, strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
	}
	run := w.start("max")
	w.message("olive", "answer", "What does CV screener do")
	w.quiet(run)
	w.shows(map[string]float64{
		`aimsbot_outside_calls_total{method="chat.postMessage",status="limited",target="slack"}`: 1,
		`aimsbot_outside_pauses_total{scope="call",target="slack"}`:                              1,
		`aimsbot_effect_attempts_total{outcome="retried",purpose="started",target="slack"}`:      1,
		`aimsbot_effect_attempts_total{outcome="done",purpose="started",target="slack"}`:         1,
		`aimsbot_outside_calls_total{method="POST issue",status="failed",target="jira"}`:         1,
		`aimsbot_effect_attempts_total{outcome="unknown",purpose="issue",target="jira"}`:         1,
		`aimsbot_effect_attempts_total{outcome="adopted",purpose="issue",target="jira"}`:         1,
		`aimsbot_effect_attempts_total{outcome="done",purpose="issue",target="jira"}`:            0,
		`aimsbot_deliveries_total{kind="hint",outcome="refused",transport="webhook"}`:            1,
		`aimsbot_delivery_refusals_total{reason="signature",transport="webhook"}`:                1,
		`aimsbot_deliveries_total{kind="other",outcome="refused",transport="http"}`:              1,
		`aimsbot_delivery_refusals_total{reason="unsigned",transport="http"}`:                    1,
		`aimsbot_asks_overdue`: 0,
	})
	w.skip("720h")
	w.shows(map[string]float64{
		`aimsbot_asks_overdue`: 1, `aimsbot_records_total{kind="step.missed"}`: 1,
		`aimsbot_outside_pause_remaining_seconds{scope="call",target="slack"}`: 0,
	})
	if _, err := (desk{w.demo.app}).Cancel(t.Context(), cancelRequest(run, "nobody")); err == nil {
		t.Error("somebody unknown cancelled the run")
	}
	w.shows(map[string]float64{`aimsbot_deliveries_total{kind="command",outcome="refused",transport="cli"}`: 1})
}

// TestMetricsOfAParkedRun: a run that waits for the operator is counted until it
// no longer does.
func TestMetricsOfAParkedRun(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: ownConfig(t, shareOut)})
	run, _, err := w.demo.app.acts.Start(t.Context(), activities.StartRequest{Playbook: "share-out", Subject: "cv-screener", By: "max", Door: "cli"})
	if err != nil {
		t.Fatal(err)
	}
	w.fill("olive", w.message("olive", "answer", "How many"), "answer", map[string]any{"people": 0})
	w.shows(map[string]float64{`aimsbot_runs_parked`: 1, `aimsbot_runs_open`: 1, `aimsbot_records_total{kind="run.parked"}`: 1})
	if _, err := (desk{w.demo.app}).Cancel(t.Context(), cancelRequest(run.ID, "max")); err != nil {
		t.Fatal(err)
	}
	w.closed(run.ID)
	w.shows(map[string]float64{`aimsbot_runs_parked`: 0, `aimsbot_runs_open`: 0})
}

// TestMetricsOfManyRuns: there are as many series with eleven runs of as many
// systems as with one, and none names a run, a system or a person.
func TestMetricsOfManyRuns(t *testing.T) {
	t.Parallel()
	const systems = 11
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: benchConfig(t, systems)})
	secrets := []string{"aims-", "U0", "GOV-", "impact-assessment"}
	play := func(i int) {
		system := systemName(i)
		run, _, err := w.demo.app.acts.Start(t.Context(), activities.StartRequest{Playbook: "impact-assessment", Subject: systemID(system), By: "max", Door: "cli"})
		if err != nil {
			t.Fatal(err)
		}
		w.message(ownerOf(system), "answer", system)
		if _, err := (desk{w.demo.app}).Cancel(t.Context(), cancelRequest(run.ID, "max")); err != nil {
			t.Fatal(err)
		}
		w.closed(run.ID)
		w.quiet(run.ID)
		secrets = append(secrets, run.ID, systemID(system), ownerOf(system))
	}
	play(0)
	w.shows(map[string]float64{`aimsbot_records_total{kind="run.ended"}`: 1})
	before := w.scrape()
	for i := 1; i < systems; i++ {
		play(i)
	}
	w.shows(map[string]float64{`aimsbot_records_total{kind="run.ended"}`: systems, `aimsbot_deliveries_total{kind="command",outcome="acknowledged",transport="cli"}`: systems})
	for series := range w.scrape() {
		// What a call outside met can be new: a slow one is looked for, and so on.
		// Temporal's own come by chance, too.
		mayBeNew := !strings.HasPrefix(series, "aimsbot_") || strings.HasPrefix(series, "aimsbot_outside_calls_total")
		if _, known := before[series]; !known && !mayBeNew {
			t.Errorf("a series has come with more runs: %s", series)
		}
		for _, secret := range secrets {
			if strings.Contains(series, `"`+secret) {
				t.Errorf("a series names %q: %s", secret, series)
			}
		}
	}
}
