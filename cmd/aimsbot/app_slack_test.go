package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// pressed is what Slack sends when ethan presses a button of a message, with
// one part replaced.
func pressed(t *testing.T, m message, action, old, new string) string {
	t.Helper()
	p := fmt.Sprintf(`{"type":"block_actions","api_app_id":"A0APP","team":{"id":"T0HOME"},"user":{"id":"U0ETHAN","team_id":"T0HOME"},`+
		`"channel":{"id":%q},"container":{"type":"message","channel_id":%q,"message_ts":%q},"trigger_id":"1.2.3",`+
		`"actions":[{"type":"button","action_id":%q,"value":%q,"action_ts":"1764000000.000001"}]}`, m.Channel, m.Channel, m.TS, action, button(t, m, action))
	return url.Values{"payload": {strings.Replace(p, old, new, 1)}}.Encode()
}

// TestForgedRequests sends one man's approval in every way that is not his:
// the answers are the same to the byte, and the run hears of none. The true one
// counts once, however often it is sent and over whatever transport.
func TestForgedRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	m := w.message("ethan", "approve", "CV screener")
	raw := func(change map[string]any) (a ack) {
		in := map[string]any{
			"transport": "http", "path": "/interactions", "sign": true, "body": pressed(t, m, "approve", "", ""),
			"headers": map[string]string{"Content-Type": "application/x-www-form-urlencoded"},
		}
		for k, v := range change {
			in[k] = v
		}
		w.post("/_control/raw", in, &a)
		return a
	}
	json := map[string]string{"Content-Type": "application/json"}
	for name, change := range map[string]map[string]any{
		"unsigned":           {"sign": false},
		"wrong secret":       {"secret": "another"},
		"wrong team":         {"body": pressed(t, m, "approve", "T0HOME", "T0EVIL")},
		"wrong app":          {"body": pressed(t, m, "approve", "A0APP", "A0EVIL")},
		"token never made":   {"body": pressed(t, m, "approve", `"v1.`, `"v1.a`)},
		"GET":                {"method": http.MethodGet},
		"wrong content type": {"headers": json},
		"another door":       {"path": "/options"},
		"event of another":   {"path": "/events", "headers": json, "body": `{"type":"event_callback","team_id":"T0EVIL","api_app_id":"A0APP","event":{}}`},
	} {
		if a := raw(change); a.Status != http.StatusUnauthorized || string(a.Body) != `"unauthorized"` {
			t.Errorf("%s: %+v %s", name, a, a.Body)
		}
	}
	if n := w.records(run)["decision.accepted"]; n != 1 { // the form
		t.Fatalf("%d decisions were accepted", n)
	}
	for range 3 {
		if a := raw(nil); a.Status != http.StatusOK || len(a.Body) > 0 {
			t.Errorf("the true one: %+v %s", a, a.Body)
		}
	}
	form, err := url.ParseQuery(pressed(t, m, "approve", "", ""))
	if err != nil {
		t.Fatal(err)
	}
	if a := raw(map[string]any{"transport": "socket", "body": map[string]any{"type": "interactive", "envelope_id": "e", "payload": rawJSON(form.Get("payload"))}}); a.Status != http.StatusOK {
		t.Errorf("the same over the socket: %+v", a)
	}
	// Refused and recorded: what was signed and of another team or app.
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "decision.refused": 2, "run.ended": 1}})
	var a ack
	if w.post("/_control/verify", map[string]any{}, &a); a.Status != http.StatusOK || !strings.Contains(string(a.Body), "challenge") {
		t.Errorf("entering the address in Slack: %+v", a)
	}
}

func rawJSON(s string) json.RawMessage { return json.RawMessage(s) }

// TestStormOfDisconnects ends the sockets again and again while the committee
// votes: no vote is lost, and none counts twice.
func TestStormOfDisconnects(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true})
	run := w.start("max")
	w.answer(largeAnswers)
	w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")
	ask, own := w.message(committee, "approve", "CV screener"), w.message("ethan", "approve", "CV screener")
	stop := make(chan struct{})
	var storm, votes sync.WaitGroup
	storm.Go(func() {
		for i := 0; ; i++ {
			reason := []string{"warning", "refresh_requested", ""}[i%3]
			w.post("/_control/disconnect", map[string]any{"reason": reason}, nil)
			select {
			case <-stop:
				return
			case <-time.After(300 * time.Millisecond):
			}
		}
	})
	var presses atomic.Int64
	for user, m := range map[string]message{"ethan": own, "cora": ask, "cleo": ask, "cyra": ask} {
		votes.Go(func() {
			for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				presses.Add(1)
				if a, pressed := w.tryPress(user, m, "approve"); !pressed || a.Status == http.StatusOK {
					return // or the buttons are gone, since it is decided
				}
			}
			t.Errorf("%s could not vote", user)
		})
	}
	votes.Wait()
	close(stop)
	storm.Wait()
	if r := w.closed(run); r.Outcome != "approved" {
		t.Errorf("the run ended %q", r.Outcome)
	}
	w.quiet(run)
	n := int64(w.records(run)["decision.accepted"]) - 1 // without the form
	if n < 4 || n > presses.Load() {
		t.Errorf("%d votes were accepted of %d presses by 4 people", n, presses.Load())
	}
	rows, err := w.demo.app.ledger.RowsAfter(t.Context(), run, 0, 100)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, r := range rows {
		if seen[r.DeliveryKey] {
			t.Errorf("%s was kept twice", r.DeliveryKey)
		}
		seen[r.DeliveryKey] = true
	}
}

// tryPress presses a button that may be gone by now.
func (w *world) tryPress(user string, m message, action string) (a ack, pressed bool) {
	in, err := json.Marshal(map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": action})
	if err != nil {
		w.t.Error(err)
		return a, false
	}
	res, err := http.Post(w.base+"/_control/click", "application/json", bytes.NewReader(in))
	if err != nil {
		w.t.Error(err)
		return a, false
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err == nil && res.StatusCode == http.StatusOK {
		err = json.Unmarshal(b, &a)
	}
	if err != nil {
		w.t.Error(err)
	}
	return a, res.StatusCode == http.StatusOK
}

// TestSeparateBot runs the sandbox and a bot that knows only its settings, as
// two programs would, with Slack's signed requests between them.
func TestSeparateBot(t *testing.T) {
	ln, err := net.Listen("tcp", "127.0.0.1:0") // a free port, for each must know the other's address
	if err != nil {
		t.Fatal(err)
	}
	bot := ln.Addr().String()
	ln.Close()
	log := slog.New(slog.NewTextHandler(testWriter{t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	ctx, stop := context.WithCancel(context.Background())
	var running sync.WaitGroup
	defer running.Wait()
	defer stop()
	launch := func(serve func(out func(string)) error) string {
		up := make(chan string, 1)
		running.Go(func() {
			if err := serve(func(text string) { up <- text }); err != nil {
				t.Error(err)
				up <- ""
			}
		})
		return <-up
	}
	said := launch(func(out func(string)) error {
		return serveSandbox(ctx, shortDir(t), sandboxCmd{
			Listen: "127.0.0.1:0", Webhook: "http://" + bot + "/jira/webhook", NoRateLimits: true,
			Transport: transportHTTP, SlackRequests: "http://" + bot + "/slack/",
		}, out, log)
	})
	box := strings.TrimSuffix(strings.TrimPrefix(said, "the sandbox is at "), "/sandbox")
	for name, value := range map[string]string{
		"SLACK_BOT_TOKEN": sandbox.BotToken, "SLACK_APP_TOKEN": "", "SLACK_SIGNING_SECRET": sandbox.SigningSecret, "SLACK_API_URL": box + "/sandbox/slack/api/",
		"JIRA_URL": box + "/sandbox/jira", "JIRA_EMAIL": sandbox.JiraEmail, "JIRA_TOKEN": sandbox.JiraToken, "JIRA_WEBHOOK_SECRET": sandbox.WebhookSecret,
		"AIMSBOT_INDEX_ALLOWANCE": "2s",
	} {
		t.Setenv(name, value)
	}
	if said = launch(func(out func(string)) error {
		return serveBot(ctx, shortDir(t), serveCmd{Listen: bot, Config: "../../playbooks/library/demo"}, out, log)
	}); said == "" {
		return
	}
	w := &world{t: t, base: box}
	w.until("the bot is ready", func() bool {
		res, err := http.Get("http://" + bot + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
	var a ack
	w.post("/_control/command", map[string]any{"user": "max", "channel": "C0AUDIT", "command": "/aims", "text": "start impact-assessment cv-screener"}, &a)
	if a.Status != http.StatusOK || !strings.Contains(string(a.Body), "Started") {
		t.Fatalf("the command: %+v %s", a, a.Body)
	}
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.until("the sign-off to be done", func() bool { return w.issue("Sign off").Category == port.CategoryDone })
	if w.overSocket() {
		t.Error("a socket was opened")
	}
}

// shortDir is a data folder whose path leaves room for a socket's name.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return filepath.Join(dir, "d")
}
