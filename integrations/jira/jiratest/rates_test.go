package jiratest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// Every endpoint and method has a bucket; the call after its last is refused,
// and a second later ten more pass.
func TestBursts(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		method, path, body string
		size               int
		other              string // an endpoint with a bucket of its own
	}{
		{"GET", "myself", "", 100, "serverInfo"},
		{"GET", "issue/GOV-1?fields=summary", "", 150, "issue/GOV-1/comment"},
		{"POST", "search/jql", `{"jql":"project = GOV"}`, 100, "search/jql?jql=project=GOV"},
		{"PUT", "issue/GOV-404", `{"fields":{}}`, 50, "myself"},
		{"DELETE", "issue/GOV-404", "", 50, "myself"},
	} {
		t.Run(tc.method+" "+tc.path, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, true)
			refused := func(n int) (count int, last answer) {
				for range n {
					if last = s.call(tc.method, tc.path, tc.body); last.status == 429 {
						count++
					}
				}
				return count, last
			}
			n, a := refused(tc.size)
			if n != 0 || a.header.Get("X-RateLimit-Limit") != fmt.Sprint(tc.size) || a.header.Get("X-RateLimit-Remaining") != "0" || a.header.Get("X-RateLimit-NearLimit") != "true" {
				t.Errorf("%d of %d refused, %v", n, tc.size, a.header)
			}
			n, a = refused(1)
			if n != 1 || a.header.Get("RateLimit-Reason") != "jira-burst-based" || a.header.Get("Retry-After") != "1" || a.header.Get("X-RateLimit-Reset") == "" {
				t.Errorf("the next call: %d, %v", a.status, a.header)
			}
			if a := s.call("GET", tc.other, ""); a.status != 200 {
				t.Errorf("another endpoint: %+v", a)
			}
			s.add(time.Second)
			if n, _ = refused(11); n != 1 {
				t.Errorf("%d of 11 refused after a second, want 1", n)
			}
			if d := cmp.Diff(map[string]int{"jira-burst-based": 2}, s.server.Violations()); d != "" {
				t.Error(d)
			}
		})
	}
}

// The writes to one issue have two windows, whatever it is called by.
func TestWritesToOneIssue(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		every  time.Duration // between two writes
		passes int
		wait   string // Retry-After of the write after those
	}{
		"20 in 2 s":   {90 * time.Millisecond, 20, "2"},
		"100 in 30 s": {200 * time.Millisecond, 100, "10"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, true)
			s.create(1)
			write := func(n int) answer {
				path := []string{"issue/GOV-1/comment", "issue/10001/comment", "issue/gov-1/comment"}[n%3]
				return s.call("POST", path, `{"body":"x"}`)
			}
			for n := range tc.passes {
				if a := write(n); a.status != 201 {
					t.Fatalf("write %d: %+v", n+1, a)
				}
				s.add(tc.every)
			}
			a := write(0)
			if a.status != 429 || a.header.Get("RateLimit-Reason") != "jira-per-issue-on-write" || a.header.Get("Retry-After") != tc.wait {
				t.Errorf("the next write: %d, %v", a.status, a.header)
			}
			if a := s.call("GET", "issue/GOV-1", ""); a.status != 200 {
				t.Errorf("a look: %+v", a)
			}
			if a := s.call("POST", "issue/GOV-2/comment", `{"body":"x"}`); a.status != 201 {
				t.Errorf("another issue: %+v", a)
			}
			s.add(30 * time.Second)
			if a := write(1); a.status != 201 {
				t.Errorf("later: %+v", a)
			}
		})
	}
}

func TestThrottle(t *testing.T) {
	t.Parallel()
	for reason, wait := range map[string]string{
		jiratest.ReasonGlobal: "2", jiratest.ReasonTenant: "2", jiratest.ReasonBurst: "2", jiratest.ReasonPerIssue: "2",
		jiratest.ReasonNone: "",
	} {
		t.Run("reason "+reason, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, false)
			s.server.Throttle(jiratest.Throttle{Reason: reason, RetryAfter: 1500 * time.Millisecond, Count: 2})
			for range 2 {
				a := s.call("POST", "issue", issueWith(`"summary":"x"`))
				if a.status != 429 || a.header.Get("RateLimit-Reason") != reason || a.header.Get("Retry-After") != wait {
					t.Errorf("answer = %+v", a)
				}
			}
			if list, err := s.server.State(t.Context()); err != nil || len(list) != 1 {
				t.Errorf("a refused call made an issue: %d issues, %v", len(list), err)
			}
			if a := s.call("GET", "myself", ""); a.status != 200 {
				t.Errorf("after those: %+v", a)
			}
			if n := s.server.Violations()[reason]; n != 2 {
				t.Errorf("%d violations counted", n)
			}
		})
	}
}
