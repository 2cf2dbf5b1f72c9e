package sandbox_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// world is a sandbox behind a real listener.
type world struct {
	*sandbox.Sandbox
	t    *testing.T
	url  string
	path string
	opt  sandbox.Options

	serve atomic.Pointer[http.Handler]
}

// organisation is the one the demo ships with.
func organisation(t testing.TB) org.Organisation {
	t.Helper()
	name := filepath.Join("..", "..", "playbooks", "library", "demo", "organisation.yaml")
	b, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	o, problems := org.ParseOrganisation([]org.File{{Name: "organisation.yaml", Source: b}})
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return o
}

func newWorld(t *testing.T, change ...func(*sandbox.Options)) *world {
	t.Helper()
	w := &world{t: t, path: filepath.Join(t.TempDir(), "sandbox.db")}
	server := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { (*w.serve.Load()).ServeHTTP(rw, r) }))
	t.Cleanup(server.Close)
	w.url = server.URL
	w.opt = sandbox.Options{
		Path: w.path, BaseURL: func() string { return w.url }, Organisation: organisation(t), IndexDelay: -1,
		Advance: func(context.Context, time.Duration) error { return nil },
	}
	for _, c := range change {
		c(&w.opt)
	}
	s, err := sandbox.Open(t.Context(), w.opt)
	if err != nil {
		t.Fatal(err)
	}
	w.swap(s)
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
	return w
}

// swap serves another sandbox at the address.
func (w *world) swap(s *sandbox.Sandbox) {
	w.Sandbox = s
	h := s.Handler()
	w.serve.Store(&h)
}

// call sends a control call and decodes its answer.
func (w *world) call(method, path string, body any) (int, map[string]any) {
	w.t.Helper()
	status, raw := w.send(method, "/_control/"+path, body)
	var out map[string]any
	if err := json.Unmarshal(raw, &out); err != nil {
		w.t.Fatalf("%s %s: %d %s", method, path, status, raw)
	}
	return status, out
}

// must is call that has to succeed.
func (w *world) must(method, path string, body any) map[string]any {
	w.t.Helper()
	status, out := w.call(method, path, body)
	if status != http.StatusOK {
		w.t.Fatalf("%s %s: %d %v", method, path, status, out)
	}
	return out
}

func (w *world) send(method, path string, body any) (int, []byte) {
	w.t.Helper()
	var in io.Reader
	switch b := body.(type) {
	case nil:
	case string:
		in = bytes.NewReader([]byte(b))
	default:
		raw, err := json.Marshal(b)
		if err != nil {
			w.t.Fatal(err)
		}
		in = bytes.NewReader(raw)
	}
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.url+path, in)
	if err != nil {
		w.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return resp.StatusCode, b
}

// slack calls the Web API as the bot.
func (w *world) slack(ctx context.Context, method string, args any) (int, map[string]any, error) {
	raw, err := json.Marshal(args)
	if err != nil {
		return 0, nil, err
	}
	return w.bot(ctx, http.MethodPost, "/sandbox/slack/api/"+method, raw, func(r *http.Request) {
		token := sandbox.BotToken
		if method == "apps.connections.open" {
			token = sandbox.AppToken
		}
		r.Header.Set("Authorization", "Bearer "+token)
	})
}

// jira calls the REST interface as the bot.
func (w *world) jira(ctx context.Context, method, path, body string) (int, map[string]any, error) {
	return w.bot(ctx, method, "/sandbox/jira/rest/api/2/"+path, []byte(body), func(r *http.Request) {
		r.SetBasicAuth(sandbox.JiraEmail, sandbox.JiraToken)
	})
}

func (w *world) bot(ctx context.Context, method, path string, body []byte, auth func(*http.Request)) (int, map[string]any, error) {
	req, err := http.NewRequestWithContext(ctx, method, w.url+path, bytes.NewReader(body))
	if err != nil {
		return 0, nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	auth(req)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, nil, err
	}
	defer func() { _ = resp.Body.Close() }()
	out := map[string]any{}
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil && resp.StatusCode != http.StatusNoContent {
		return resp.StatusCode, nil, err
	}
	return resp.StatusCode, out, nil
}

// post posts a message with one button and returns its ts.
func (w *world) post(channel string) string {
	w.t.Helper()
	_, out, err := w.slack(w.t.Context(), "chat.postMessage", map[string]any{"channel": channel, "text": "Please decide", "blocks": []any{
		map[string]any{"type": "actions", "elements": []any{map[string]any{
			"type": "button", "action_id": "approve", "value": "v1.token", "text": map[string]any{"type": "plain_text", "text": "Approve"},
		}}},
	}})
	if err != nil || out["ok"] != true {
		w.t.Fatal(out, err)
	}
	return out["ts"].(string)
}

// make makes an issue and returns its key.
func (w *world) makeIssue(summary string) string {
	w.t.Helper()
	status, out, err := w.jira(w.t.Context(), http.MethodPost, "issue", `{"fields":{"project":{"key":"GOV"},"issuetype":{"name":"Task"},"summary":"`+summary+`"}}`)
	if err != nil || status != http.StatusCreated {
		w.t.Fatal(status, out, err)
	}
	return out["key"].(string)
}

// app connects over Socket Mode and acknowledges every delivery with what
// answer returns for it.
func (w *world) app(answer func(envelope map[string]any) any) {
	w.t.Helper()
	_, out, err := w.slack(w.t.Context(), "apps.connections.open", map[string]any{})
	if err != nil || out["ok"] != true {
		w.t.Fatal(out, err)
	}
	head := http.Header{"Origin": {"https://api.slack.com"}} // what slack-go sends
	conn, resp, err := websocket.DefaultDialer.DialContext(w.t.Context(), out["url"].(string), head)
	if err != nil {
		w.t.Fatal(err)
	}
	_ = resp.Body.Close()
	ready, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			var e map[string]any
			if conn.ReadJSON(&e) != nil {
				return
			}
			if e["type"] == "hello" {
				close(ready)
				continue
			}
			ack := map[string]any{"envelope_id": e["envelope_id"]}
			if v := answer(e); v != nil {
				ack["payload"] = v
			}
			if conn.WriteJSON(ack) != nil {
				return
			}
		}
	}()
	w.t.Cleanup(func() {
		_ = conn.Close()
		<-ended
	})
	<-ready
}
