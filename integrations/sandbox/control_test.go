package sandbox_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

func TestClickIsAcknowledgedByTheApp(t *testing.T) {
	t.Parallel()
	for name, user := range map[string]string{"by person id": "cora", "by Slack user id": "U0CORA"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got := make(chan map[string]any, 1)
			w.app(func(e map[string]any) any {
				got <- e["payload"].(map[string]any)
				return nil
			})
			ts := w.post("C0RAIC")
			ack := w.must("POST", "click", map[string]any{"user": user, "channel": "#responsible-ai-committee", "ts": ts, "action_id": "approve"})
			if _, there := ack["ms"]; !there || ack["status"] != 200.0 || ack["warning"] != nil {
				t.Error(ack)
			}
			p := <-got
			if user := p["user"].(map[string]any)["id"]; user != "U0CORA" {
				t.Error(user)
			}
			if value := p["actions"].([]any)[0].(map[string]any)["value"]; value != "v1.token" {
				t.Error(value)
			}
		})
	}
}

func TestModalIsFilledInAndSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := make(chan map[string]any, 1)
	w.script(t, got)
	_, out, err := w.slack(t.Context(), "chat.postMessage", map[string]any{"channel": "U0OLIVE", "text": "x", "blocks": card()})
	if err != nil {
		t.Fatal(err)
	}
	w.must("POST", "click", map[string]any{"user": "olive", "channel": "olive", "ts": out["ts"], "action_id": "answer"})
	views := w.must("GET", "state", nil)["views"].([]any)
	if len(views) != 1 {
		t.Fatal(views)
	}
	view := views[0].(map[string]any)
	if view["user"] != "U0OLIVE" || view["view"].(map[string]any)["callback_id"] != "form" {
		t.Error(view)
	}
	values := func(people string) map[string]any {
		return map[string]any{
			"people": map[string]any{"answer": map[string]any{"value": people}}, "children": map[string]any{"answer": map[string]any{"selected_option": map[string]any{"value": "no"}}},
			"who": map[string]any{"answer": map[string]any{"selected_user": "val"}},
		}
	}
	submit := func(people string) (int, map[string]any) {
		return w.call("POST", "submit", map[string]any{"user": "olive", "view_id": view["id"], "values": values(people)})
	}
	status, body := submit("many")
	if status != 422 || body["errors"].(map[string]any)["people"] == nil {
		t.Error("what the client would not send:", status, body)
	}
	status, body = submit("12")
	if status != 200 || body["body"].(map[string]any)["response_action"] != "errors" {
		t.Error("what the app does not take:", status, body)
	}
	if status, body = submit("120"); status != 200 || body["status"] != 200.0 {
		t.Error(status, body)
	}
	sent := (<-got)["view"].(map[string]any)["state"].(map[string]any)["values"].(map[string]any)
	if who := sent["who"].(map[string]any)["answer"].(map[string]any)["selected_user"]; who != "U0VAL" {
		t.Error(who)
	}
	if left := w.must("GET", "state", nil)["views"].([]any); len(left) != 0 {
		t.Error("the modal is still open")
	}
}

func TestCommandShowsItsAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ack := w.must("POST", "command", map[string]any{"user": "olive", "channel": "", "command": "/aims", "text": "mine"})
	if ack["status"] != 0.0 || ack["warning"] == nil {
		t.Error("without an app:", ack)
	}
	w.script(t, nil)
	ack = w.must("POST", "command", map[string]any{"user": "olive", "channel": "C0RAIC", "command": "/aims", "text": "mine"})
	if ack["body"].(map[string]any)["text"] != "Nothing waits for you." {
		t.Error(ack)
	}
	m := w.must("GET", "state", nil)["messages"].([]any)[0].(map[string]any)
	if m["ephemeral"] != true || m["to"] != "U0OLIVE" || m["channel"] != "C0RAIC" {
		t.Error(m)
	}
}

func TestPersonActsInJira(t *testing.T) {
	t.Parallel()
	hooks := make(chan map[string]any, 20)
	var forged, signed int
	app := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		if r.Header.Get("X-Hub-Signature") != jiratest.Sign(sandbox.WebhookSecret, b) {
			forged++
			rw.WriteHeader(http.StatusUnauthorized)
			return
		}
		signed++
		var h map[string]any
		if err := json.Unmarshal(b, &h); err != nil {
			t.Error(err)
		}
		hooks <- h
	}))
	t.Cleanup(app.Close)
	w := newWorld(t, func(o *sandbox.Options) { o.WebhookURL = func() string { return app.URL } })
	key := w.makeIssue("Explain the model")
	if h := <-hooks; h["webhookEvent"] != "jira:issue_created" {
		t.Error(h)
	}
	for _, act := range []map[string]any{
		{"as": "eli", "transition": "Done"},
		{"as": "5b1eli", "assignee": "val"},
		{"as": "val", "comment": "See https://example.com/report"},
		{"as": "val", "link": "https://example.com/sheet"},
		{"as": "val", "link": map[string]any{"url": "https://example.com/sheet", "title": "Data sheet"}},
		{"as": "val", "attach": map[string]any{"name": "report.txt", "content": "hello"}},
	} {
		act["key"] = key
		w.must("POST", "issue", act)
		h := <-hooks
		if who := h["user"].(map[string]any)["accountId"]; who != "5b1eli" && who != "5b1val" {
			t.Error(who)
		}
	}
	i := w.must("GET", "state", nil)["issues"].([]any)[0].(map[string]any)
	if i["status"] != "Done" || i["category"] != "done" || i["assignee"] != "5b1val" || len(i["comments"].([]any)) != 1 || len(i["remotelinks"].([]any)) != 2 || len(i["attachments"].([]any)) != 1 {
		t.Error(i)
	}
	w.must("POST", "issue", map[string]any{"key": key, "as": "val", "delete": true})
	if left := w.summaries(); len(left) != 0 {
		t.Error(left)
	}
	ack := w.must("POST", "raw", map[string]any{"transport": "jira", "headers": map[string]string{"X-Hub-Signature": "sha256=00"}, "body": map[string]any{}})
	if ack["status"] != 401.0 || forged != 1 {
		t.Error(ack, forged)
	}
	if ack = w.must("POST", "raw", map[string]any{"transport": "jira", "sign": true, "body": `{"webhookEvent":"x"}`}); ack["status"] != 200.0 {
		t.Error(ack)
	}
}

func TestAttacks(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := make(chan map[string]any, 1)
	w.app(func(e map[string]any) any {
		got <- e
		return nil
	})
	w.must("POST", "raw", map[string]any{"transport": "socket", "body": map[string]any{"type": "interactive", "envelope_id": "e1", "payload": map[string]any{"type": "block_actions", "team": map[string]any{"id": "T0EVIL"}}}})
	if p := (<-got)["payload"].(map[string]any)["team"].(map[string]any)["id"]; p != "T0EVIL" {
		t.Error(p)
	}
	w.must("POST", "event", map[string]any{"event": map[string]any{"type": "app_home_opened", "user": "U0OLIVE"}})
	if e := <-got; e["type"] != "events_api" {
		t.Error(e)
	}
	ts := w.post("C0AUDIT") // where the guest is not
	w.must("POST", "click", map[string]any{"user": "gus", "channel": "C0AUDIT", "ts": ts, "action_id": "approve", "force": true, "patch": map[string]any{"team": map[string]any{"id": "T0FAR"}}})
	p := (<-got)["payload"].(map[string]any)
	if p["user"].(map[string]any)["id"] != sandbox.GuestUser || p["team"].(map[string]any)["id"] != "T0FAR" {
		t.Error(p)
	}
}

func TestAccountChanges(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must("POST", "person", map[string]any{"id": "cora", "deleted": true})
	again(t, w) // it outlives a restart
	_, out, err := w.slack(t.Context(), "users.info", map[string]any{"user": "U0CORA"})
	if err != nil {
		t.Fatal(err)
	}
	if u := out["user"].(map[string]any); u["deleted"] != true || u["real_name"] != "Cora Castell" {
		t.Error(u)
	}
	w.must("POST", "reset", nil)
	if _, out, err = w.slack(t.Context(), "users.info", map[string]any{"user": "U0CORA"}); err != nil || out["user"].(map[string]any)["deleted"] != false {
		t.Error(out, err)
	}
}

// again closes the sandbox and opens it on the same file, at the same address.
func again(t *testing.T, w *world) {
	t.Helper()
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := sandbox.Open(t.Context(), w.opt)
	if err != nil {
		t.Fatal(err)
	}
	w.swap(s)
}

func TestStateOutlivesTheProcess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("C0RAIC")
	w.makeIssue("kept")
	w.must("POST", "clock", map[string]any{"advance": "5d"})
	again(t, w)
	if got := w.texts(); len(got) != 1 {
		t.Error(got)
	}
	if got := w.summaries(); !slices.Equal(got, []string{"kept"}) {
		t.Error(got)
	}
	if ms := w.must("GET", "clock", nil)["offset_ms"].(float64); !about(time.Duration(ms)*time.Millisecond, 5*24*time.Hour) {
		t.Error(ms)
	}
	w.must("POST", "reset", nil)
	if got := append(w.texts(), w.summaries()...); len(got) != 0 {
		t.Error(got)
	}
	if calls := w.must("GET", "state", nil)["calls"].([]any); len(calls) != 0 {
		t.Error(calls)
	}
}
