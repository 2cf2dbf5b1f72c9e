package slack

import (
	"fmt"
	"maps"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// watching counts what the adapter tells, in words.
type watching struct {
	port.Unwatched
	mu   sync.Mutex
	told map[string]int
}

func (w *watching) note(format string, args ...any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.told == nil {
		w.told = map[string]int{}
	}
	w.told[fmt.Sprintf(format, args...)]++
}

func (w *watching) all() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return maps.Clone(w.told)
}

func (w *watching) Delivered(d port.Delivered, reason string, _ time.Duration) {
	w.note("%s %s %s %s", d.Door, d.Kind, d.Outcome, reason)
}

func (w *watching) Connection(event string) { w.note("%s", event) }

// tells waits until exactly this was told.
func (w *world) tells(of *watching, want map[string]int) {
	w.t.Helper()
	var diff string
	defer func() {
		if w.t.Failed() {
			w.t.Log(diff)
		}
	}()
	w.until("what is told", func() bool { diff = cmp.Diff(want, of.all()); return diff == "" })
}

// gateOf replies by the button that was pressed.
func gateOf(d intake.Delivery) intake.Reply {
	switch d.Action {
	case port.ActionReject:
		return intake.Reply{Unstored: true}
	case port.ActionEvidence:
		return intake.Reply{Ignore: true}
	}
	return intake.Reply{Foreign: d.Team == "T0OTHER"}
}

// TestSocketTells: what came over sockets, and what happened to them.
func TestSocketTells(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var told watching
	w.client.watch = &told
	w.connect(gateFunc(gateOf))
	w.press(port.ActionApprove)
	w.press(port.ActionReject)
	w.press(port.ActionEvidence)
	want := map[string]int{
		"opened": 2, "socket click acknowledged ": 1, "socket click unkept ": 1, "socket click refused unknown": 1,
	}
	w.tells(&told, want)
	w.slack.Disconnect("warning")
	want["opened"], want["renewed"] = 4, 2
	w.tells(&told, want)
	w.slack.Disconnect("")
	w.until("a lost connection", func() bool { n := told.all(); return n["lost"] >= 2 && n["opened"] >= 6 })
}

// TestHooksTell: what came as requests, with why it was refused.
func TestHooksTell(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var told watching
	w.client.watch = &told
	address, stop := w.serve(gateFunc(gateOf))
	press := func(action, team string) sent {
		return signed("interactions", form("payload", compact(t, map[string]any{
			"type": "block_actions", "api_app_id": "A0APP", "team": map[string]any{"id": team}, "user": map[string]any{"id": "U0CORA", "team_id": team},
			"container": map[string]any{"type": "message", "channel_id": "C0RAIC", "message_ts": "1.0"}, "trigger_id": "1.1",
			"actions": []any{map[string]any{"type": "button", "action_id": action, "value": "v1." + token, "action_ts": "1.0" + action}},
		})))
	}
	unsigned, method := press("approve", "T0HOME"), press("approve", "T0HOME")
	unsigned.secret, method.method = "", http.MethodGet
	for _, s := range []sent{
		press(port.ActionApprove, "T0HOME"), press(port.ActionReject, "T0HOME"), press(port.ActionEvidence, "T0HOME"), press(port.ActionApprove, "T0OTHER"),
		unsigned, method, signed("interactions", form("payload", "{")), signed("events", `{"type":"url_verification","challenge":"c"}`),
	} {
		w.send(address, s)
	}
	stop()
	w.send(address, press(port.ActionApprove, "T0HOME"))
	w.tells(&told, map[string]int{
		"http click acknowledged ": 1, "http click unkept ": 1, "http click refused unknown": 1, "http click refused foreign": 1,
		"http other refused unsigned": 1, "http other refused method": 1, "http other refused unreadable": 1, "http event acknowledged ": 1,
		"http other unkept ": 1,
	})
}
