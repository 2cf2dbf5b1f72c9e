package slacktest_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/gorilla/websocket"
	"github.com/slack-go/slack/socketmode"
)

// dial opens a bare socket and returns it with its first frame.
func (w *world) dial() (*websocket.Conn, map[string]any) {
	w.t.Helper()
	_, addr, err := w.api.StartSocketModeContext(w.ctx)
	w.must(err)
	c, resp, err := websocket.DefaultDialer.DialContext(w.ctx, addr, nil)
	w.must(err)
	_ = resp.Body.Close()
	w.t.Cleanup(func() { _ = c.Close() })
	var frame map[string]any
	w.must(c.ReadJSON(&frame))
	return c, frame
}

func (w *world) home() (slacktest.Ack, error) {
	return w.Event(w.ctx, json.RawMessage(`{"type":"app_home_opened","user":"U0ANNA","tab":"home"}`), nil)
}

func TestConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for i := range slacktest.MaxSockets {
		if _, f := w.dial(); f["type"] != "hello" || f["num_connections"] != float64(i+1) {
			t.Fatalf("connection %d: %v", i, f)
		}
	}
	if _, f := w.dial(); f["type"] != "disconnect" || f["reason"] != "too_many_websockets" {
		t.Errorf("one too many: %v", f)
	}
	_, addr, err := w.api.StartSocketModeContext(w.ctx)
	w.must(err)
	w.Disconnect("")
	c, resp, err := websocket.DefaultDialer.DialContext(w.ctx, addr, nil)
	w.must(err)
	_ = resp.Body.Close()
	defer func() { _ = c.Close() }()
	if _, resp, err := websocket.DefaultDialer.DialContext(w.ctx, addr, nil); err == nil || resp.StatusCode != 403 {
		t.Errorf("an address works once: %v", err)
	}
}

// TestAcknowledgements holds what does not count as one.
func TestAcknowledgements(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		answer        func(mine, other *websocket.Conn, id string) error
		status        int
		warn, refused string
	}{
		"in time": {func(m, _ *websocket.Conn, id string) error {
			return m.WriteJSON(map[string]any{"envelope_id": id})
		}, 200, "", ""},
		"none":           {func(_, _ *websocket.Conn, _ string) error { return nil }, 0, "did not answer", ""},
		"connection cut": {func(m, _ *websocket.Conn, _ string) error { return m.Close() }, 0, "connection broke", ""},
		"of another delivery": {func(m, _ *websocket.Conn, _ string) error {
			return m.WriteJSON(map[string]any{"envelope_id": "x"})
		}, 0, "did not answer", "too late, or of nothing"},
		"on another connection": {func(_, o *websocket.Conn, id string) error {
			return o.WriteJSON(map[string]any{"envelope_id": id})
		}, 0, "did not answer", "another connection"},
		"too large": {func(m, _ *websocket.Conn, id string) error {
			return m.WriteJSON(map[string]any{"envelope_id": id, "payload": strings.Repeat("x", slacktest.MaxAckBytes)})
		}, 0, "did not answer", "dropped"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, func(o *slacktest.Options) { o.AckTimeout = 300 * time.Millisecond })
			a, _ := w.dial()
			b, _ := w.dial()
			answer := func(mine, other *websocket.Conn) {
				var f map[string]any
				if mine.ReadJSON(&f) == nil && f["type"] == "slash_commands" {
					_ = c.answer(mine, other, fmt.Sprint(f["envelope_id"]))
				}
			}
			go answer(a, b)
			go answer(b, a)
			ack, err := w.Command(w.ctx, slacktest.Command{User: "U0ANNA", Command: "/aims"})
			w.must(err)
			if ack.Status != c.status || (c.warn == "") != (ack.Warning == "") || !strings.Contains(ack.Warning, c.warn) {
				t.Errorf("%+v", ack)
			}
			if got := fmt.Sprint(w.Refused()); !strings.Contains(got, c.refused) || c.refused == "" && got != "[]" {
				t.Errorf("refused %s", got)
			}
		})
	}
}

// TestSentAgain: an envelope whose connection is lost comes over another, the
// same, and the person waits no longer for it.
func TestSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	a, _ := w.dial()
	b, _ := w.dial()
	ids := make(chan string, 2)
	take := func(c *websocket.Conn) {
		var f map[string]any
		if c.ReadJSON(&f) != nil || f["type"] != "slash_commands" {
			return
		}
		id := fmt.Sprint(f["envelope_id"])
		if ids <- id; len(ids) == 1 {
			_ = c.Close()
			return
		}
		_ = c.WriteJSON(map[string]any{"envelope_id": id})
	}
	go take(a)
	go take(b)
	ack, err := w.Command(w.ctx, slacktest.Command{User: "U0ANNA", Command: "/aims"})
	w.must(err)
	if first, second := <-ids, <-ids; ack.Status != 200 || first != second {
		t.Errorf("%+v, envelopes %s and %s", ack, first, second)
	}
}

// TestReconnect tells the client to go, and cuts it off; it comes back.
func TestReconnect(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if ack, err := w.home(); err != nil || ack.Status != 0 || !strings.Contains(ack.Warning, "no connection") {
		t.Errorf("nobody there: %+v %v", ack, err)
	}
	got := make(chan string, 100)
	w.connect(func(e socketmode.Event) (any, bool) { got <- string(e.Type); return nil, true })
	<-got // the event from before, again
	for _, reason := range []string{"refresh_requested", "warning", ""} {
		if w.Disconnect(reason) != 1 {
			t.Fatal("there is one connection")
		}
		for {
			ack, err := w.home()
			w.must(err)
			if ack.Status == 200 {
				break
			}
			time.Sleep(5 * time.Millisecond)
		}
	}
}

// TestRestart finds everything again in the database.
func TestRestart(t *testing.T) {
	t.Parallel()
	db := database(t, filepath.Join(t.TempDir(), "sandbox.db"))
	w := newWorld(t, func(o *slacktest.Options) { o.DB = db })
	ticks, end := w.Subscribe()
	_, ts := w.post("U0ANNA", text("kept"))
	<-ticks
	end()
	before := w.state()
	w.Close()
	again, err := slacktest.New(w.ctx, slacktest.Options{DB: db})
	w.must(err)
	defer again.Close()
	w.must(again.Seed(w.ctx, people()))
	after, err := again.State(w.ctx, 0)
	w.must(err)
	if after.Seq != before.Seq || len(after.Messages) != 1 || after.Messages[0].TS != ts {
		t.Errorf("seeding again changes nothing and the message is there: %+v", after)
	}
	if st, err := again.State(w.ctx, after.Seq); err != nil || len(st.Messages) != 0 {
		t.Errorf("nothing is newer than now: %+v %v", st, err)
	}
	w.must(again.Reset(w.ctx))
	st, err := again.State(w.ctx, 0)
	w.must(err)
	if st.Seq <= after.Seq || len(st.Messages)+len(st.People)+len(st.Channels) != 0 {
		t.Errorf("empty, and the number goes on: %+v", st)
	}
}
