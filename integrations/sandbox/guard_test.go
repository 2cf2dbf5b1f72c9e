package sandbox_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestWhoMayAsk(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	own := strings.TrimPrefix(w.url, "http://")
	_, port, _ := strings.Cut(own, ":")
	for name, c := range map[string]struct {
		host, path string
		head       map[string]string
		status     int
	}{
		"no origin":                 {status: 200},
		"own origin":                {head: map[string]string{"Origin": w.url, "Sec-Fetch-Site": "same-origin"}, status: 200},
		"localhost":                 {host: "localhost:" + port, status: 200},
		"typed into the browser":    {head: map[string]string{"Sec-Fetch-Site": "none"}, status: 200},
		"foreign origin":            {head: map[string]string{"Origin": "https://evil.example"}, status: 403},
		"null origin":               {head: map[string]string{"Origin": "null"}, status: 403},
		"another port of ours":      {head: map[string]string{"Origin": "http://127.0.0.1:1"}, status: 403},
		"cross-site without origin": {head: map[string]string{"Sec-Fetch-Site": "cross-site"}, status: 403},
		"name that points here":     {host: "evil.example:" + port, status: 403},
		"name that looks like ours": {host: "127.0.0.1.evil.example", status: 403},
		"foreign origin at a fake":  {path: "/sandbox/slack/api/auth.test", head: map[string]string{"Origin": "https://evil.example"}, status: 403},
		"foreign origin at Jira":    {path: "/sandbox/jira/rest/api/2/myself", head: map[string]string{"Origin": "https://evil.example"}, status: 403},
		"foreign origin, the page":  {path: "/sandbox", head: map[string]string{"Origin": "https://evil.example"}, status: 403},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := c.path
			if path == "" {
				path = "/_control/clock"
			}
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Host = c.host
			for k, v := range c.head {
				req.Header.Set(k, v)
			}
			resp, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			b, err := io.ReadAll(resp.Body)
			_ = resp.Body.Close()
			if err != nil || resp.StatusCode != c.status {
				t.Error(resp.StatusCode, string(b), err)
			}
		})
	}
}

func TestOtherMachinesAreRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	r := httptest.NewRequest(http.MethodGet, w.url+"/_control/clock", nil)
	r.RemoteAddr = "192.0.2.7:4711"
	got := httptest.NewRecorder()
	w.Handler().ServeHTTP(got, r)
	if got.Code != 403 {
		t.Error(got.Code, got.Body)
	}
}

func TestPageLoadsOnlyItsOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, kind := range map[string]string{"/sandbox": "text/html", "/sandbox/": "text/html", "/sandbox/page/app.js": "text/javascript", "/sandbox/page/style.css": "text/css"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.url+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		b, err := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		head := resp.Header
		if err != nil || resp.StatusCode != 200 || !strings.HasPrefix(head.Get("Content-Type"), kind) || !strings.Contains(head.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Error(path, resp.StatusCode, head, err)
		}
		if strings.Contains(string(b), "innerHTML =") || strings.Contains(string(b), "src=\"http") {
			t.Error(path, "takes HTML or files from elsewhere")
		}
	}
}

func TestWrongCallsAreExplained(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ts := w.post("C0RAIC")
	key := w.makeIssue("Explain")
	click := func(change string) string {
		return `{"user":"cora","channel":"C0RAIC","ts":"` + ts + `","action_id":"approve"` + change + `}`
	}
	for name, c := range map[string]struct {
		call, body string
		status     int
		says       string
	}{
		"unknown field":    {"click", `{"usr":"cora"}`, 400, `unknown field "usr"`},
		"not JSON":         {"click", `user=cora`, 400, "the body"},
		"two objects":      {"click", `{}{}`, 400, "one JSON object"},
		"too large":        {"command", `{"text":"` + strings.Repeat("x", 5<<20) + `"}`, 413, "larger than"},
		"no user":          {"click", `{}`, 400, "user is needed"},
		"no such user":     {"click", `{"user":"nobody"}`, 404, "choose one of"},
		"no place":         {"click", `{"user":"cora","action_id":"approve"}`, 400, "channel (or view_id) is needed"},
		"no such channel":  {"click", `{"user":"cora","action_id":"approve","channel":"C0X","ts":"1"}`, 404, "#responsible-ai-committee"},
		"no such message":  {"click", `{"user":"cora","action_id":"approve","channel":"C0RAIC","ts":"1.000000"}`, 404, "there is no such message"},
		"no such button":   {"click", `{"user":"cora","action_id":"agree","channel":"C0RAIC","ts":"` + ts + `"}`, 404, "choose one of approve"},
		"no such value":    {"click", click(`,"value":"v1.other"`), 400, "value is"},
		"no such view":     {"click", `{"user":"cora","view_id":"V1","action_id":"x"}`, 404, "no such view is open"},
		"closed view":      {"submit", `{"user":"cora","view_id":"V1"}`, 404, "not there"},
		"bad values":       {"submit", `{"user":"cora","view_id":"V1","values":[]}`, 400, "view.state.values"},
		"command":          {"command", `{"user":"cora","command":"aims"}`, 400, "begins with a slash"},
		"transport":        {"raw", `{"transport":"mail","body":{}}`, 400, "choose socket, http or jira"},
		"no http door":     {"raw", `{"transport":"http","body":{}}`, 404, "no address"},
		"no such method":   {"raw", `{"transport":"http","method":"BREW","body":{}}`, 400, "choose POST, GET, PUT or HEAD"},
		"nothing to enter": {"verify", `{}`, 404, "no address"},
		"no such reason":   {"disconnect", `{"reason":"bored"}`, 400, "choose warning, refresh_requested, link_disabled"},
		"no webhook":       {"raw", `{"transport":"jira","body":{}}`, 404, "no address for webhooks"},
		"no event":         {"event", `{}`, 400, "event is needed"},
		"no key":           {"issue", `{"as":"eli"}`, 400, "key is needed"},
		"no such issue":    {"issue", `{"key":"GOV-99","as":"eli","comment":"x"}`, 404, "there are " + key},
		"no such actor":    {"issue", `{"key":"` + key + `","as":"gus","comment":"x"}`, 404, "choose one of"},
		"nothing to do":    {"issue", `{"key":"` + key + `","as":"eli"}`, 400, "give one of transition"},
		"no such way":      {"issue", `{"key":"` + key + `","as":"eli","transition":"Closed"}`, 422, "In Progress, Done"},
		"bad link":         {"issue", `{"key":"` + key + `","as":"eli","link":{"address":"x"}}`, 400, `unknown field "address"`},
		"person field":     {"person", `{"id":"cora","gone":true}`, 400, `unknown field "gone"`},
		"since":            {"state?since=x", "", 400, "since is"},
		"wait":             {"state?wait=1h", "", 400, "wait is"},
		"no such call":     {"klick", `{}`, 404, "no such control call"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			method := http.MethodPost
			if c.body == "" {
				method = http.MethodGet
			}
			status, out := w.call(method, c.call, c.body)
			if says, _ := out["error"].(string); status != c.status || !strings.Contains(says, c.says) {
				t.Errorf("%d %q, want %d with %q", status, says, c.status, c.says)
			}
		})
	}
}
