package jira_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// moved is a change of status by Olive.
const moved = `{"timestamp":1764000000000,"webhookEvent":"jira:issue_updated","issue_event_type_name":"issue_generic",
 "user":{"accountId":"5b1olive","displayName":"Olive","active":true},
 "issue":{"id":"10001","key":"GOV-7","fields":{"labels":["aims-k7jq"]}},
 "changelog":{"id":"34911","items":[{"field":"status","fieldtype":"jira","from":"1","fromString":"To Do","to":"2","toString":"Done"}]}}`

// deliver hands one webhook to a handler and returns the status.
func deliver(t testing.TB, h http.Handler, body string, header map[string]string) int {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/jira/webhook", strings.NewReader(body))
	for k, v := range header {
		r.Header.Set(k, v)
	}
	rec := httptest.NewRecorder()
	h.ServeHTTP(rec, r)
	return rec.Code
}

func signed(secret, body string) map[string]string {
	return map[string]string{"X-Hub-Signature": jiratest.Sign(secret, []byte(body))}
}

// offline is a client whose site cannot be reached.
func offline(t testing.TB, secret string) *jira.Client {
	t.Helper()
	c, err := jira.New(jira.Options{URL: "http://127.0.0.1:1", Email: botEmail, Token: botToken, Project: "GOV", WebhookSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// The example Atlassian publishes with its documentation of signatures.
func TestPublishedSignature(t *testing.T) {
	t.Parallel()
	const (
		secret = "It's a Secret to Everybody"
		body   = "Hello World!"
		sum    = "a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
	)
	if got := jiratest.Sign(secret, []byte(body)); got != "sha256="+sum {
		t.Errorf("the fake signs %s", got)
	}
	h := offline(t, secret).Handler(new(hints).take)
	for name, tc := range map[string]struct {
		body, header, signature string
		status                  int
	}{
		"as published":      {body, "X-Hub-Signature", "sha256=" + sum, 200},
		"upper case hex":    {body, "X-Hub-Signature", "sha256=" + strings.ToUpper(sum), 200},
		"another body":      {"Hello, World!", "X-Hub-Signature", "sha256=" + sum, 401},
		"another method":    {body, "X-Hub-Signature", "sha1=" + sum, 401},
		"no method":         {body, "X-Hub-Signature", sum, 401},
		"cut":               {body, "X-Hub-Signature", "sha256=" + sum[:62], 401},
		"of nothing":        {body, "X-Hub-Signature", "sha256=", 401},
		"of another header": {body, "X-Hub-Signature-256", "sha256=" + sum, 401},
	} {
		if got := deliver(t, h, tc.body, map[string]string{tc.header: tc.signature}); got != tc.status {
			t.Errorf("%s: %d, want %d", name, got, tc.status)
		}
	}
}

func TestDeliveries(t *testing.T) {
	t.Parallel()
	labels := []string{"aims-k7jq"}
	olive := jira.Hint{IssueID: "10001", Author: "5b1olive", Event: "jira:issue_updated"}
	full, nobody := olive, jira.Hint{IssueID: "10001", Event: "jira:issue_updated", Labels: labels}
	full.Labels = labels
	padded := moved + strings.Repeat(" ", 1<<20-len(moved))
	for name, tc := range map[string]struct {
		body   string
		status int
		want   *jira.Hint
	}{
		"a change":          {moved, 200, &full},
		"of 1 MiB":          {padded, 200, &full},
		"over 1 MiB":        {padded + " ", 413, nil},
		"by ourselves":      {strings.ReplaceAll(moved, "5b1olive", botAccount), 200, nil},
		"by nobody":         {strings.Replace(moved, `"accountId":"5b1olive",`, "", 1), 200, &nobody},
		"unknown event":     {`{"webhookEvent":"sprint_started","sprint":{"id":4}}`, 200, nil},
		"half a JSON":       {moved[:120], 200, nil},
		"a key as id":       {strings.Replace(moved, "10001", "GOV-7", 1), 200, nil},
		"text as timestamp": {strings.Replace(moved, "1764000000000", `"1764000000000"`, 1), 200, &full},
		"no changelog":      {`{"webhookEvent":"jira:issue_updated","user":{"accountId":"5b1olive"},"issue":{"id":"10001"}}`, 200, &olive},
		"odd elsewhere":     {`{"webhookEvent":"jira:issue_updated","user":{"accountId":"5b1olive"},"comment":[],"changelog":7,"issue":{"fields":"x","id":10001}}`, 200, &olive},
		"our own comment":   {`{"issue":{"id":"10001"},"comment":{"author":{"accountId":"` + botAccount + `"}}}`, 200, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, nil)
			h := new(hints)
			if got := deliver(t, w.client.Handler(h.take), tc.body, signed(hookSecret, tc.body)); got != tc.status {
				t.Errorf("status %d, want %d", got, tc.status)
			}
			want := []jira.Hint{}
			if tc.want != nil {
				want = append(want, *tc.want)
			}
			got := h.all()
			for n := range got {
				if !strings.HasPrefix(got[n].DeliveryKey, "jira:") {
					t.Errorf("delivery key %q", got[n].DeliveryKey)
				}
				got[n].DeliveryKey = ""
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Error(d)
			}
		})
	}
}

func TestNoSecretRefusesAll(t *testing.T) {
	t.Parallel()
	h := new(hints)
	for name, header := range map[string]map[string]string{
		"unsigned": nil, "signed with nothing": signed("", moved), "signed": signed(hookSecret, moved),
	} {
		if got := deliver(t, offline(t, "").Handler(h.take), moved, header); got != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, got)
		}
	}
	if len(h.all()) > 0 {
		t.Errorf("hints = %v", h.all())
	}
}

func TestDeliveryKeys(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	keyOf := func(body, identifier string) string {
		t.Helper()
		h := new(hints)
		header := signed(hookSecret, body)
		if identifier != "" {
			header["X-Atlassian-Webhook-Identifier"] = identifier
		}
		if got := deliver(t, w.client.Handler(h.take), body, header); got != 200 || len(h.all()) != 1 {
			t.Fatalf("status %d, hints %v", got, h.all())
		}
		return h.all()[0].DeliveryKey
	}
	other := moved + "\n"
	for name, tc := range map[string]struct {
		a, b  string
		equal bool
	}{
		"a repeated identifier":       {keyOf(moved, "i1"), keyOf(moved, "i1"), true},
		"its body differs":            {keyOf(moved, "i1"), keyOf(other, "i1"), true},
		"another identifier":          {keyOf(moved, "i1"), keyOf(moved, "i2"), false},
		"no identifier, same body":    {keyOf(moved, ""), keyOf(moved, ""), true},
		"no identifier, another body": {keyOf(moved, ""), keyOf(other, ""), false},
		"with and without":            {keyOf(moved, "i1"), keyOf(moved, ""), false},
	} {
		if (tc.a == tc.b) != tc.equal {
			t.Errorf("%s: %s and %s", name, tc.a, tc.b)
		}
	}
}

// A hint that could not be kept is answered with 503; the site sends it again
// under the same identifier, once more and not twice.
func TestRetryKeepsTheIdentifier(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	h := &hints{fail: 1}
	var mu sync.Mutex
	var seen [][3]string // identifier, retry, status
	handler := w.client.Handler(h.take)
	hook := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		rec := httptest.NewRecorder()
		handler.ServeHTTP(rec, r)
		mu.Lock()
		seen = append(seen, [3]string{r.Header.Get("X-Atlassian-Webhook-Identifier"), r.Header.Get("X-Atlassian-Webhook-Retry"), http.StatusText(rec.Code)})
		mu.Unlock()
		rw.WriteHeader(rec.Code)
	}))
	t.Cleanup(hook.Close)
	w.server.SetWebhook(hook.URL, hookSecret)
	w.flush() // our own create: no hint
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Transition: "done"})
	w.flush()
	if got := h.all(); len(got) != 2 || got[0].DeliveryKey != got[1].DeliveryKey || got[0].IssueID != issue.IssueID {
		t.Errorf("hints = %+v", got)
	}
	mu.Lock()
	defer mu.Unlock()
	if len(seen) != 3 || seen[0][0] == seen[1][0] || w.server.Lost() != 0 {
		t.Fatalf("deliveries = %q, lost %d", seen, w.server.Lost())
	}
	id := seen[1][0]
	want := [][3]string{{seen[0][0], "", "OK"}, {id, "", "Service Unavailable"}, {id, "1", "OK"}}
	if d := cmp.Diff(want, seen); d != "" {
		t.Error(d)
	}
}

// Jira gives up a webhook that is refused with a 401.
func TestWrongSecretIsLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	issue := w.create(key)
	h := new(hints)
	hook := httptest.NewServer(w.client.Handler(h.take))
	t.Cleanup(hook.Close)
	w.as(jiratest.Act{Key: issue.Issue, As: "5b1olive", Comment: "hello"})
	w.server.SetWebhook(hook.URL, "not "+hookSecret)
	w.flush()
	if len(h.all()) != 0 || w.server.Lost() != 2 {
		t.Errorf("hints %v, lost %d", h.all(), w.server.Lost())
	}
}

// Nobody can make the handler panic, with a signature or without.
func FuzzWebhook(f *testing.F) {
	for _, body := range []string{
		moved, `null`, `[]`, `{"issue":null,"user":null}`, `{"issue":{"id":1e9},"webhookEvent":[]}`,
		`{"issue":{"id":{"id":"1"}},"user":"x","comment":{"author":[]}}`, "\xff\x00", `{"issue":{"id":"10001"}}`,
	} {
		f.Add([]byte(body), "i1", "")
		f.Add([]byte(body), "", "sha256=zz")
	}
	f.Fuzz(func(t *testing.T, body []byte, identifier, signature string) {
		h, text, right := new(hints), string(body), jiratest.Sign(hookSecret, body)
		handler := offline(t, hookSecret).Handler(h.take)
		forged := deliver(t, handler, text, map[string]string{"X-Hub-Signature": signature, "X-Atlassian-Webhook-Identifier": identifier})
		if !strings.EqualFold(signature, right) && (forged == 200 || len(h.all()) > 0) {
			t.Errorf("a forged webhook was taken: %d, %v", forged, h.all())
		}
		if got := deliver(t, handler, text, map[string]string{"X-Hub-Signature": right, "X-Atlassian-Webhook-Identifier": identifier}); got != 200 && got != 413 {
			t.Errorf("status %d", got)
		}
		for _, hint := range h.all() {
			if hint.IssueID == "" || hint.DeliveryKey == "" {
				t.Errorf("hint = %+v", hint)
			}
		}
	})
}
