package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	_ "time/tzdata"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// patience is how long a test waits for something that must happen.
const patience = 60 * time.Second

// usualLook is how often a test looks whether it has happened.
const usualLook = 25 * time.Millisecond

// world is a running demo with everything real but Slack and Jira, driven
// through the control API as people would act.
type world struct {
	said *tail // what the bot logged, where it is kept
	t    *testing.T
	demo *demo
	data *dataDir
	base string
	// patience is how long it waits for what must happen, and look how often it
	// looks; 0 = the usual.
	patience, look time.Duration
	stop           func() // of the demo
}

type boxState struct {
	Messages []message `json:"messages"`
	Views    []view    `json:"views"`
	Issues   []issue   `json:"issues"`
	Refused  []struct {
		Target string `json:"target"`
		Call   string `json:"call"`
		Reason string `json:"reason"`
	} `json:"refused"`
	Calls []sandbox.Call `json:"calls"`
	App   sandbox.App    `json:"app"`
}

type view struct {
	ID   string          `json:"id"`
	User string          `json:"user"`
	View json.RawMessage `json:"view"`
}

type message struct {
	Channel   string          `json:"channel"`
	TS        string          `json:"ts"`
	ThreadTS  string          `json:"thread_ts"`
	To        string          `json:"to"`
	Text      string          `json:"text"`
	Blocks    json.RawMessage `json:"blocks"`
	Ephemeral bool            `json:"ephemeral"`
	User      string          `json:"user"`
}

type issue struct {
	Key         string `json:"key"`
	Type        string `json:"type"`
	Summary     string `json:"summary"`
	Status      string `json:"status"`
	Category    string `json:"category"`
	Assignee    string `json:"assignee"`
	Parent      string `json:"parent"`
	Description string `json:"description"`
	Comments    []struct {
		Body string `json:"body"`
	} `json:"comments"`
}

func newWorld(t *testing.T, c demoCmd) *world {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	data, err := openData(filepath.Join(dir, "d"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { data.Close() })
	w := &world{t: t, data: data}
	w.boot(c)
	t.Cleanup(func() { w.stop() })
	return w
}

// boot starts the demo on the world's data folder.
func (w *world) boot(c demoCmd) {
	w.t.Helper()
	c.Listen = "127.0.0.1:0"
	log := slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelWarn}))
	d, err := startDemo(w.t.Context(), w.data, c, log)
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- d.run(ctx) }()
	w.demo, w.base = d, d.address
	w.stop = func() {
		stop()
		if err := <-done; err != nil {
			w.t.Errorf("the demo ended with: %v", err)
		}
		w.stop = func() {}
	}
	w.until("the bot is ready", func() bool {
		res, err := http.Get(w.base + "/readyz")
		if err != nil {
			return false
		}
		defer res.Body.Close()
		return res.StatusCode == http.StatusOK
	})
}

// testWriter sends the log to the test's output.
type testWriter struct{ t *testing.T }

func (w testWriter) Write(b []byte) (int, error) {
	fmt.Fprint(os.Stderr, string(b))
	return len(b), nil
}

func (w *world) post(path string, in, out any) {
	w.t.Helper()
	body, err := json.Marshal(in)
	if err != nil {
		w.t.Fatal(err)
	}
	res, err := http.Post(w.base+path, "application/json", bytes.NewReader(body))
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	if res.StatusCode/100 != 2 {
		w.t.Fatalf("%s %s: %s: %s", path, body, res.Status, b)
	}
	if out != nil {
		if err := json.Unmarshal(b, out); err != nil {
			w.t.Fatalf("%s: %v: %s", path, err, b)
		}
	}
}

func (w *world) state() boxState {
	w.t.Helper()
	res, err := http.Get(w.base + "/_control/state")
	if err != nil {
		w.t.Fatal(err)
	}
	defer res.Body.Close()
	var s boxState
	if err := json.NewDecoder(res.Body).Decode(&s); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// until waits for something that must become true.
func (w *world) until(what string, is func() bool) {
	w.t.Helper()
	for end := time.Now().Add(cmp.Or(w.patience, patience)); time.Now().Before(end); time.Sleep(cmp.Or(w.look, usualLook)) {
		if is() {
			return
		}
	}
	all := w.state()
	all.Calls = nil // too many to read
	s, _ := json.MarshalIndent(all, "", " ")
	w.t.Fatalf("waited in vain for: %s\n%s", what, s)
}

// start starts a run as the AIMS manager.
func (w *world) start(by string) string {
	w.t.Helper()
	return w.startAbout("cv-screener", by)
}

func (w *world) startAbout(system, by string) string {
	w.t.Helper()
	run, open, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "impact-assessment", Subject: system, By: by, Door: "cli"})
	if err != nil || open {
		w.t.Fatalf("start: %v open=%v", err, open)
	}
	return run.ID
}

func (w *world) run(id string) port.RunRow {
	w.t.Helper()
	r, err := w.demo.app.ledger.Run(w.t.Context(), id)
	if err != nil {
		w.t.Fatal(err)
	}
	return r
}

// message waits for a message to a person or channel whose text holds words
// and which still has the button.
func (w *world) message(to, action, words string) message {
	w.t.Helper()
	var found message
	w.until(fmt.Sprintf("a message to %s with %q saying %q", to, action, words), func() bool {
		for _, m := range w.state().Messages {
			all := m.Text + string(m.Blocks)
			if (m.To == "U0"+strings.ToUpper(to) || m.To == to || m.Channel == to) && strings.Contains(all, words) && (action == "" || strings.Contains(all, `"action_id":"`+action+`"`)) && !m.Ephemeral {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// button reads the value of a button of a message.
func button(t *testing.T, m message, action string) string {
	t.Helper()
	var blocks []struct {
		Elements []struct {
			ActionID string `json:"action_id"`
			Value    string `json:"value"`
		} `json:"elements"`
	}
	// Only action blocks have these elements; others do not fit and are skipped.
	var raw []json.RawMessage
	if err := json.Unmarshal(m.Blocks, &raw); err != nil {
		t.Fatal(err)
	}
	for _, r := range raw {
		var b struct {
			Type string `json:"type"`
		}
		if json.Unmarshal(r, &b) == nil && b.Type == "actions" {
			if err := json.Unmarshal([]byte("["+string(r)+"]"), &blocks); err != nil {
				t.Fatal(err)
			}
			for _, e := range blocks[0].Elements {
				if e.ActionID == action {
					return e.Value
				}
			}
		}
	}
	t.Fatalf("no button %q in %s", action, m.Blocks)
	return ""
}

type ack struct {
	Status int             `json:"status"`
	Ms     int64           `json:"ms"`
	Body   json.RawMessage `json:"body"`
}

// press presses a button of a message as a person.
func (w *world) press(user string, m message, action string) ack {
	w.t.Helper()
	var a ack
	w.post("/_control/click", map[string]any{"user": user, "channel": m.Channel, "ts": m.TS, "action_id": action, "value": button(w.t, m, action)}, &a)
	return a
}

// open presses a button that opens a window and returns the window.
func (w *world) open(user string, m message, action string) (id string, view json.RawMessage) {
	w.t.Helper()
	seen := map[string]bool{}
	for _, v := range w.state().Views {
		seen[v.ID] = true
	}
	w.press(user, m, action)
	w.until("a window for "+user, func() bool {
		for _, v := range w.state().Views {
			if !seen[v.ID] {
				id, view = v.ID, v.View
				return true
			}
		}
		return false
	})
	return id, view
}

// fill presses a button that opens a window and submits it with values.
func (w *world) fill(user string, m message, action string, values map[string]any) ack {
	w.t.Helper()
	id, _ := w.open(user, m, action)
	var a ack
	w.post("/_control/submit", map[string]any{"user": user, "view_id": id, "values": w.values(id, values)}, &a)
	return a
}

// values builds Slack's view.state.values from plain answers, by the type of
// each input of the window.
func (w *world) values(id string, answers map[string]any) map[string]any {
	w.t.Helper()
	var view struct {
		Blocks []struct {
			Type    string `json:"type"`
			BlockID string `json:"block_id"`
			Element struct {
				Type     string `json:"type"`
				ActionID string `json:"action_id"`
			} `json:"element"`
		} `json:"blocks"`
	}
	for _, v := range w.state().Views {
		if v.ID == id {
			if err := json.Unmarshal(v.View, &view); err != nil {
				w.t.Fatal(err)
			}
		}
	}
	out := map[string]any{}
	for _, b := range view.Blocks {
		a, given := answers[b.BlockID]
		if b.Type != "input" || !given {
			continue
		}
		out[b.BlockID] = map[string]any{b.Element.ActionID: inputValue(b.Element.Type, a)}
	}
	if len(out) != len(answers) {
		w.t.Fatalf("the window has no inputs for all of %v: %+v", answers, view)
	}
	return out
}

func inputValue(kind string, a any) map[string]any {
	option := func(v any) map[string]any { return map[string]any{"value": v} }
	switch kind {
	case "checkboxes", "multi_static_select":
		var list []any
		for _, v := range a.([]string) {
			list = append(list, option(v))
		}
		return map[string]any{"type": kind, "selected_options": list}
	case "radio_buttons", "static_select":
		return map[string]any{"type": kind, "selected_option": option(a)}
	case "multi_users_select":
		return map[string]any{"type": kind, "selected_users": a}
	case "users_select":
		return map[string]any{"type": kind, "selected_user": a}
	case "datetimepicker":
		return map[string]any{"type": kind, "selected_date_time": a}
	case "datepicker":
		return map[string]any{"type": kind, "selected_date": a}
	}
	return map[string]any{"type": kind, "value": fmt.Sprint(a)}
}

// issue waits for an issue with a summary.
func (w *world) issue(summary string) issue {
	w.t.Helper()
	var found issue
	w.until("an issue "+summary, func() bool {
		for _, i := range w.state().Issues {
			if i.Summary == summary {
				found = i
				return true
			}
		}
		return false
	})
	return found
}

// act does something to an issue in Jira as a person.
func (w *world) act(key, as string, what map[string]any) {
	w.t.Helper()
	what["key"], what["as"] = key, as
	w.post("/_control/issue", what, nil)
}

// closed waits until the run is closed and returns it.
func (w *world) closed(id string) port.RunRow {
	w.t.Helper()
	w.until("run "+id+" to close", func() bool { return w.run(id).State == port.RunClosed })
	return w.run(id)
}

// quiet waits until nothing is left to be done outside for the run.
func (w *world) quiet(id string) []port.Effect {
	w.t.Helper()
	var all []port.Effect
	w.until("the effects of run "+id, func() bool {
		var err error
		if all, err = w.demo.app.ledger.EffectsOf(w.t.Context(), id); err != nil {
			w.t.Fatal(err)
		}
		return !slices.ContainsFunc(all, func(e port.Effect) bool {
			return e.State == port.EffectIntent || e.State == port.EffectUnknown
		})
	})
	return all
}

func cancelRequest(run, by string) web.CancelRequest {
	return web.CancelRequest{Run: run, Reason: "The system is retired", By: by}
}
