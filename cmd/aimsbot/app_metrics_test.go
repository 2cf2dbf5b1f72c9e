package main

import (
	"bufio"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"testing"

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
}
