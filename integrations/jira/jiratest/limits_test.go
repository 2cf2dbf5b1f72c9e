package jiratest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// comments fills an issue with n comments.
func comments(n int) func(*site) {
	return fill("comments", `{"id":%d,"author":"5b1olive","body":"x","created":"2026-11-02T09:00:00Z"}`, n)
}

// fill puts n entries into a list of GOV-1's stored form.
func fill(field, format string, n int) func(*site) {
	return func(s *site) {
		s.edit(func(doc map[string]any) { doc[field] = json.RawMessage(list(format, n)) })
	}
}

func file(size int) string {
	return "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\n" + times("x", size) + "\r\n--b--\r\n"
}

const form = "multipart/form-data; boundary=b"

// Each limit takes what is just within it and refuses what is just beyond.
func TestLimits(t *testing.T) {
	t.Parallel()
	edit := func(fields string) string { return `{"fields":{` + fields + `}}` }
	search := func(rest string) string { return `{"jql":"project = GOV",` + rest + `}` }
	comment := func(n int) string { return `{"body":"` + times("ü", n) + `"}` }
	property := func(key string, n int) string {
		return `{"body":"x","properties":[{"key":"` + key + `","value":"` + times("ü", n-2) + `"}]}`
	}
	link := func(id, title string) string {
		return `{"globalId":"` + id + `","object":{"url":"https://example.com","title":"` + title + `"}}`
	}
	padded := func(n int) string { b := comment(1); return times(" ", n-len(b)) + b }
	orders := "order by created, updated, key, id, created, updated, key"
	for _, tc := range []struct {
		name, method, path string
		within, beyond     string
		ok, refused        int
		says               string
		setup              func(*site)
		contentType        string
	}{
		{name: "summary", method: "POST", path: "issue", within: issueWith(`"summary":"` + times("ü", 255) + `"`), beyond: issueWith(`"summary":"` + times("ü", 256) + `"`), ok: 201, refused: 400, says: "255"},
		{name: "description", method: "POST", path: "issue", within: issueWith(`"summary":"x","description":"` + times("ü", 32767) + `"`), beyond: issueWith(`"summary":"x","description":"` + times("ü", 32768) + `"`), ok: 201, refused: 400, says: "32767"},
		{name: "label", method: "PUT", path: "issue/GOV-1", within: edit(`"labels":["` + times("ü", 255) + `"]`), beyond: edit(`"labels":["` + times("ü", 256) + `"]`), ok: 204, refused: 400, says: "The label 'üüüüüüüüüüüüüüüü' exceeds"},
		{name: "added label", method: "PUT", path: "issue/GOV-1", within: `{"update":{"labels":[{"add":"` + times("x", 255) + `"}]}}`, beyond: `{"update":{"labels":[{"add":"` + times("x", 256) + `"}]}}`, ok: 204, refused: 400, says: "255"},
		{name: "comment", method: "POST", path: "issue/GOV-1/comment", within: comment(32767), beyond: comment(32768), ok: 201, refused: 400, says: "32767"},
		{name: "property", method: "POST", path: "issue/GOV-1/comment", within: property("k", 32768), beyond: property("k", 32769), ok: 201, refused: 400, says: "32768"},
		{name: "property key", method: "POST", path: "issue/GOV-1/comment", within: property(times("k", 255), 9), beyond: property(times("k", 256), 9), ok: 201, refused: 400, says: "255"},
		{name: "property of an issue", method: "PUT", path: "issue/GOV-1/properties/k", within: `"` + times("x", 32766) + `"`, beyond: `"` + times("x", 32767) + `"`, ok: 201, refused: 400, says: "32768"},
		{name: "global id", method: "POST", path: "issue/GOV-1/remotelink", within: link(times("x", 255), "x"), beyond: link(times("x", 256), "x"), ok: 201, refused: 400, says: "255"},
		{name: "link title", method: "POST", path: "issue/GOV-1/remotelink", within: link("x", times("x", 255)), beyond: link("y", times("x", 256)), ok: 201, refused: 400, says: "255"},
		{name: "comments of an issue", method: "POST", path: "issue/GOV-1/comment", within: comment(1), beyond: comment(1), ok: 201, refused: 413, says: "5000 comments", setup: comments(4999)},
		{name: "links of an issue", method: "POST", path: "issue/GOV-1/remotelink", within: link("new", "x"), beyond: link("newer", "x"), ok: 201, refused: 413, says: "2000 remote links", setup: fill("links", `{"id":%d,"title":"x","url":"https://example.com","author":"5b1olive"}`, 1999)},
		{name: "attachments of an issue", method: "POST", path: "issue/GOV-1/attachments", within: file(1), beyond: file(1), ok: 200, refused: 413, says: "2000 attachments", setup: fill("attachments", `{"id":%d,"name":"x","author":"5b1olive","size":1,"created":"2026-11-02T09:00:00Z"}`, 1999), contentType: form},
		{name: "size of an upload", method: "POST", path: "issue/GOV-1/attachments", within: file(64<<20 - 200), beyond: file(64 << 20), ok: 200, refused: 413, says: "too large", contentType: form},
		{name: "size of a body", method: "POST", path: "issue/GOV-1/comment", within: padded(2 << 20), beyond: padded(2<<20 + 1), ok: 201, refused: 413, says: "too large"},
		{name: "reconciled issues", method: "POST", path: "search/jql", within: search(`"reconcileIssues":` + list("%d", 50)), beyond: search(`"reconcileIssues":` + list("%d", 51)), ok: 200, refused: 400, says: "50"},
		{name: "properties of a search", method: "POST", path: "search/jql", within: search(`"properties":` + list(`"p%d"`, 5)), beyond: search(`"properties":` + list(`"p%d"`, 6)), ok: 200, refused: 400, says: "5 properties"},
		{name: "order by", method: "POST", path: "search/jql", within: `{"jql":"project = GOV ` + orders + `"}`, beyond: `{"jql":"project = GOV ` + orders + `, id"}`, ok: 200, refused: 400, says: "7"},
		{name: "listed comments", method: "POST", path: "comment/list", within: `{"ids":` + list("%d", 1000) + `}`, beyond: `{"ids":` + list("%d", 1001) + `}`, ok: 200, refused: 400, says: "1000"},
		{name: "no listed comment", method: "POST", path: "comment/list", within: `{"ids":[1]}`, beyond: `{"ids":[]}`, ok: 200, refused: 400, says: "1000"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, false)
			if tc.setup != nil {
				tc.setup(s)
			}
			var types []string
			if tc.contentType != "" {
				types = []string{tc.contentType}
			}
			if a := s.call(tc.method, tc.path, tc.within, types...); a.status != tc.ok {
				t.Errorf("within: %d %.300s", a.status, a.body)
			}
			before := s.stored()
			if a := s.call(tc.method, tc.path, tc.beyond, types...); a.status != tc.refused || !strings.Contains(a.body, tc.says) {
				t.Errorf("beyond: %d %.300s", a.status, a.body)
			}
			if s.stored() != before {
				t.Error("the refused call changed something")
			}
		})
	}
}

// stored is everything a call may change.
func (s *site) stored() string {
	s.t.Helper()
	list, err := s.server.State(s.t.Context())
	if err != nil {
		s.t.Fatal(err)
	}
	return fmt.Sprintf("%+v", list)
}

// Pages never get larger than Jira's.
func TestPages(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	comments(150)(s)
	s.create(59)
	for name, tc := range map[string]struct {
		method, path, body, list string
		want                     int
	}{
		"comments":       {"GET", "issue/GOV-1/comment", "", "comments", 100},
		"more comments":  {"GET", "issue/GOV-1/comment?maxResults=101", "", "comments", 100},
		"fewer comments": {"GET", "issue/GOV-1/comment?maxResults=99", "", "comments", 99},
		"last comments":  {"GET", "issue/GOV-1/comment?startAt=100", "", "comments", 50},
		"search":         {"GET", "search/jql?jql=project=GOV", "", "issues", 50},
		"larger search":  {"GET", "search/jql?jql=project=GOV&maxResults=55", "", "issues", 55},
		"whole search":   {"POST", "search/jql", `{"jql":"project = GOV","maxResults":9999}`, "issues", 60},
	} {
		var got map[string]any
		a := s.call(tc.method, tc.path, tc.body)
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		if items, _ := got[tc.list].([]any); len(items) != tc.want {
			t.Errorf("%s: %d %s, want %d (%d)", name, len(items), tc.list, tc.want, a.status)
		}
	}
}

// A page token is good for its query and for seven days.
func TestPageToken(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	s.create(2)
	next := func(jql, token string) (answer, string) {
		t.Helper()
		a := s.call("POST", "search/jql", fmt.Sprintf(`{"jql":%q,"maxResults":1,"nextPageToken":%q}`, jql, token))
		var got struct {
			Next string `json:"nextPageToken"`
		}
		if err := json.Unmarshal([]byte(a.body), &got); err != nil {
			t.Fatal(err)
		}
		return a, got.Next
	}
	_, token := next("project = GOV", "")
	if token == "" {
		t.Fatal("no token")
	}
	s.add(7 * 24 * time.Hour)
	if a, more := next("project = GOV", token); a.status != 200 || more == "" || more == token {
		t.Errorf("after seven days: %+v", a)
	}
	if a, _ := next("project = GOV order by id", token); a.status != 400 {
		t.Errorf("with another query: %+v", a)
	}
	if a, _ := next("project = GOV", "bm90IG91cnM"); a.status != 400 {
		t.Errorf("invented: %+v", a)
	}
	s.add(time.Second)
	if a, _ := next("project = GOV", token); a.status != 400 || !strings.Contains(a.body, "expired") {
		t.Errorf("later: %+v", a)
	}
}
