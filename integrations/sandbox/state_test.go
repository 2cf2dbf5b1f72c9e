package sandbox_test

import (
	"fmt"
	"net/http"
	"testing"
)

func TestStateNamesEverything(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("C0RAIC")
	w.makeIssue("Explain")
	if status, out, err := w.slack(t.Context(), "chat.postMessage", map[string]any{"channel": "C0NOWHERE", "text": "x"}); err != nil || out["ok"] != false {
		t.Error(status, out, err)
	}
	st := w.must("GET", "state", nil)
	people := st["people"].([]any)
	if p := people[0].(map[string]any); p["id"] != "olive" || p["name"] != "Olive Owens" || p["slack"] != "U0OLIVE" || p["jira"] != "5b1olive" {
		t.Error(p)
	}
	if p := people[len(people)-1].(map[string]any); p["id"] != "gus" || p["slack"] != "U0GUS" || p["is_restricted"] != true || p["person"] != false {
		t.Error(p)
	}
	ids := map[string]bool{}
	for _, c := range st["channels"].([]any) {
		ids[c.(map[string]any)["id"].(string)] = true
	}
	if !ids["C0RAIC"] || !ids["C0AUDIT"] {
		t.Error(ids)
	}
	if i := st["issues"].([]any)[0].(map[string]any); i["key"] != "GOV-1" || i["type"] != "Task" || i["status"] != "To Do" || i["category"] != "new" {
		t.Error(i)
	}
	for _, c := range st["calls"].([]any) {
		delete(c.(map[string]any), "at") // the wall clock's
	}
	calls := fmt.Sprint(st["calls"])
	want := "[map[channel:C0RAIC committed:true method:chat.postMessage n:1 path:/sandbox/slack/api/chat.postMessage status:200 target:slack] " +
		"map[committed:true method:POST n:2 path:/sandbox/jira/rest/api/2/issue status:201 target:jira] " +
		"map[channel:C0NOWHERE committed:true method:chat.postMessage n:3 path:/sandbox/slack/api/chat.postMessage status:200 target:slack]]"
	if calls != want {
		t.Errorf("%s\nwant\n%s", calls, want)
	}
	if r := fmt.Sprint(st["refused"]); r != "[map[call:chat.postMessage reason:channel_not_found target:slack]]" {
		t.Error(r)
	}
}

// TestStateSince follows the changes and must see each of them.
func TestStateSince(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.post("C0RAIC")
	key := w.makeIssue("one")
	st := w.must("GET", "state", nil)
	since := func() map[string]any {
		t.Helper()
		return w.must("GET", fmt.Sprintf("state?wait=20s&since=%.0f", st["seq"]), nil)
	}
	counts := func() string {
		return fmt.Sprint(len(st["messages"].([]any)), len(st["issues"].([]any)), len(st["calls"].([]any)), st["full"])
	}
	if counts() != "1 1 2 true" {
		t.Fatal(counts())
	}
	for _, c := range []struct {
		name string
		do   func()
		seen func() bool
	}{
		{"message", func() { w.post("C0AUDIT") }, func() bool { return len(st["messages"].([]any)) == 1 }},
		{"issue", func() { w.must("POST", "issue", map[string]any{"key": key, "as": "eli", "transition": "Done"}) }, func() bool { return len(st["issues"].([]any)) == 1 }},
		{"call", func() {
			if _, _, err := w.slack(t.Context(), "auth.test", map[string]any{}); err != nil {
				t.Error(err)
			}
		}, func() bool { return len(st["calls"].([]any)) >= 1 }},
		{"deleted issue", func() { w.must("POST", "issue", map[string]any{"key": key, "as": "eli", "delete": true}) }, func() bool { return fmt.Sprint(st["gone"]) == "["+key+"]" }},
		{"clock", func() { w.must("POST", "clock", map[string]any{"advance": "1h"}) }, func() bool { return st["offset_ms"].(float64) > 3_000_000 }},
		{"reset", func() { w.must("POST", "reset", nil) }, func() bool { return st["full"] == true && len(st["messages"].([]any)) == 0 }},
	} {
		c.do()
		// A change is told at least once, perhaps after an answer that came
		// between its commit and its notice.
		for range 20 {
			st = since()
			if c.seen() {
				break
			}
		}
		if !c.seen() {
			t.Errorf("%s: not seen: %v", c.name, st)
		}
		for range 3 { // let late notices pass
			st = w.must("GET", fmt.Sprintf("state?wait=5ms&since=%.0f", st["seq"]), nil)
		}
		if counts() != "0 0 0 false" {
			t.Errorf("%s: told again: %s", c.name, counts())
		}
	}
	if st = w.must("GET", "state?since=7", nil); st["full"] != true {
		t.Error("a number of another process must give everything")
	}
}

func TestWaitEndsWithItsTime(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	st := w.must("GET", "state", nil)
	next := w.must("GET", fmt.Sprintf("state?wait=1ms&since=%.0f", st["seq"]), nil)
	if next["seq"] != st["seq"] || next["full"] != false {
		t.Error(next["seq"], st["seq"])
	}
}

func TestRateLimitsAndTokens(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	status, out, err := w.bot(t.Context(), http.MethodPost, "/sandbox/slack/api/auth.test", []byte(`{}`), func(r *http.Request) { r.Header.Set("Authorization", "Bearer xoxb-guess") })
	if err != nil || status != 200 || out["error"] != "invalid_auth" {
		t.Error(status, out, err)
	}
	status, out, err = w.bot(t.Context(), http.MethodGet, "/sandbox/jira/rest/api/2/myself", nil, func(r *http.Request) { r.SetBasicAuth("x", "y") })
	if err != nil || status != 401 {
		t.Error(status, out, err)
	}
}
