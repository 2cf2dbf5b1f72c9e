package metrics

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

func newMetrics(t testing.TB) *Metrics {
	t.Helper()
	m, err := New(Options{Version: "v1"})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// shown is what Prometheus would read.
func (m *Metrics) shown(t testing.TB) string {
	t.Helper()
	w := httptest.NewRecorder()
	m.Handler().ServeHTTP(w, httptest.NewRequest("GET", Path, nil))
	b, err := io.ReadAll(w.Result().Body)
	if err != nil || w.Code != 200 {
		t.Fatal(w.Code, err)
	}
	return string(b)
}

func (m *Metrics) shows(t testing.TB, lines ...string) {
	t.Helper()
	text := m.shown(t)
	for _, line := range lines {
		if !strings.Contains("\n"+text, "\n"+line+"\n") {
			t.Errorf("not shown: %s", line)
		}
	}
	if t.Failed() {
		t.Log(text)
	}
}

// TestStatus: every way in which a call can end counts as what it means to the
// operator.
func TestStatus(t *testing.T) {
	t.Parallel()
	out := func(code string, definite bool, scope string) error {
		return fmt.Errorf("call: %w", &port.OutsideError{Target: "slack", Code: code, Definite: definite, Scope: scope})
	}
	for _, tt := range []struct {
		err  error
		want string
	}{
		{nil, statusOK},
		{out("ratelimited", true, "call"), statusLimited},
		{out("429", true, "tenant"), statusLimited},
		{out("budget", true, "call"), statusHeld},
		{out("paused", true, "issue"), statusHeld},
		{out("cancelled", true, ""), statusHeld},
		{out("channel_not_found", true, ""), statusRefused},
		{out("404", true, ""), statusRefused},
		{out("401", true, ""), statusRefused},
		{out("503", false, ""), statusFailed},
		{out("internal_error", false, ""), statusFailed},
		{out("not_sent", true, ""), statusUnsent},
		{out("unreachable", true, ""), statusUnsent},
		{out("timeout", false, ""), statusLost},
		{out("timeout", true, ""), statusHeld},
		{out("bad_answer", false, ""), statusLost},
		{out("408", false, ""), statusLost},
		{errors.New("something else"), statusLost},
	} {
		if got := statusOf(tt.err); got != tt.want {
			t.Errorf("%v is %q, want %q", tt.err, got, tt.want)
		}
	}
}

// TestSeriesAreBounded: whatever a label is given, the number of series has an
// end, and nothing that was counted is lost.
func TestSeriesAreBounded(t *testing.T) {
	t.Parallel()
	m := newMetrics(t)
	for i := range 3 * maxSeries {
		m.Called("slack", fmt.Sprint("method", i), nil, time.Millisecond)
		m.Tried(port.Effect{Kind: port.EffectPost, Purpose: fmt.Sprint("purpose", i), State: port.EffectDone})
	}
	text := m.shown(t)
	for _, name := range []string{"aimsbot_outside_calls_total{", "aimsbot_effect_attempts_total{"} {
		if n := strings.Count(text, "\n"+name); n != maxSeries+1 {
			t.Errorf("%d series %s, want %d and one for all others", n, name, maxSeries)
		}
	}
	if !strings.Contains(text, `method="overflow"`) {
		t.Error("what is beyond the bound is not counted")
	}
}

// TestCountingAllocatesNothing: what happens often must not feed the collector.
func TestCountingAllocatesNothing(t *testing.T) {
	m := newMetrics(t)
	d := port.Delivered{Door: port.DoorSocket, Kind: port.InboxClick, Outcome: port.Acknowledged}
	e := port.Effect{Kind: port.EffectComment, Purpose: "comment:withdrawn", State: port.EffectDone}
	for name, do := range map[string]func(){
		"delivery": func() { m.Delivered(d, "", time.Millisecond) },
		"call":     func() { m.Called("slack", "chat.update", nil, time.Millisecond) },
		"effect":   func() { m.Tried(e) },
		"write":    func() { m.Wrote(time.Millisecond) },
	} {
		if n := testing.AllocsPerRun(1000, do); n != 0 {
			t.Errorf("a %s allocates %v times", name, n)
		}
	}
}

// books is a ledger that says what it is told to, and how often it was asked.
type books struct {
	figures port.Figures
	err     error
	asked   int
	since   port.Mark
}

func (b *books) Mark(context.Context) (port.Mark, error) {
	return port.Mark{Size: 7, NextInbox: 3}, b.err
}

func (b *books) Figures(_ context.Context, since port.Mark, _ time.Time) (port.Figures, error) {
	b.asked++
	b.since = since
	return b.figures, b.err
}

func (m *Metrics) observe(t testing.TB, b *books, now time.Time) {
	t.Helper()
	err := m.Observe(t.Context(), Sources{
		Ledger: b, Now: func() time.Time { return now }, Tick: func(context.Context) time.Duration { return time.Minute },
		NotStarted: func(context.Context) (int, error) { return 2, b.err }, Sockets: func() int { return 1 },
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestGauges: ages are by the bot's clock and never negative, counters add up
// from look to look, and the ledger is not asked by everybody who looks.
func TestGauges(t *testing.T) {
	t.Parallel()
	m, now := newMetrics(t), time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)
	b := &books{figures: port.Figures{
		Mark: port.Mark{Size: 10, NextInbox: 5}, Records: map[string]int64{"step.missed": 3}, Signed: 8, SignedAt: now.Add(time.Hour),
		Open: 4, Parked: 1, Waiting: 6, Overdue: 5, Unsettled: 2, Oldest: now.Add(-90 * time.Second),
	}}
	m.observe(t, b, now)
	m.Paused("jira", "tenant", -time.Hour)
	m.shows(t, `aimsbot_runs_open 4`, `aimsbot_runs_parked 1`, `aimsbot_asks_open 6`, `aimsbot_asks_overdue 5`, `aimsbot_ledger_size 10`,
		`aimsbot_ledger_unsigned 2`, `aimsbot_ledger_checkpoint_age_seconds 0`, `aimsbot_inbox_oldest_age_seconds 90`, `aimsbot_programme_tick_age_seconds 60`,
		`aimsbot_occurrences_overdue 2`, `aimsbot_socket_connections 1`, `aimsbot_records_total{kind="step.missed"} 3`, `aimsbot_records_total{kind="run.parked"} 0`,
		`aimsbot_outside_pause_remaining_seconds{scope="tenant",target="jira"} 0`, `target_info{service_name="aimsbot",service_version="v1"} 1`)
	m.shown(t)
	if b.asked != 1 || b.since != (port.Mark{Size: 7, NextInbox: 3}) {
		t.Errorf("the ledger was asked %d times, last since %+v; want once, since it was opened", b.asked, b.since)
	}
}

// TestGaugesWithoutLedger: what cannot be read is not shown, and the rest is.
func TestGaugesWithoutLedger(t *testing.T) {
	t.Parallel()
	m, b := newMetrics(t), &books{}
	m.observe(t, b, time.Now())
	b.err = errors.New("away")
	text := m.shown(t)
	if strings.Contains(text, "\naimsbot_runs_open") || strings.Contains(text, "\naimsbot_occurrences_overdue") || !strings.Contains(text, "\naimsbot_programme_tick_age_seconds 60\n") {
		t.Error(text)
	}
}

// TestEngineTags: of Temporal's tags only those stay that say the same
// everywhere.
func TestEngineTags(t *testing.T) {
	t.Parallel()
	m := newMetrics(t)
	h := m.Engine().WithTags(map[string]string{"namespace": "n", "task_queue": "aimsbot-1", "client_name": "c"})
	h.WithTags(map[string]string{"workflow_type": "Run", "task_queue": "aimsbot-1"}).Counter("temporal_workflow_task_execution_failed").Inc(2)
	h.Timer("temporal_request_latency").Record(2 * time.Second)
	m.shows(t, `temporal_workflow_task_execution_failed_total{workflow_type="Run"} 2`, `temporal_workflow_task_execution_failed_total 0`,
		`temporal_request_latency_seconds_bucket{le="1"} 0`, `temporal_request_latency_seconds_bucket{le="5"} 1`)
}
