package jiratest_test

import (
	"net/http"
	"strings"
	"testing"
)

// What Jira Cloud refuses, the fake refuses, and nothing changes.
func TestRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, method, path, body string
		status                   int
		says                     string
	}{
		{"old search", "GET", "search?jql=project=GOV", "", 410, "CHANGE-2046"},
		{"old search by POST", "POST", "search", `{"jql":"project = GOV"}`, 410, "CHANGE-2046"},
		{"old create metadata", "GET", "issue/createmeta", "", 410, "CHANGE-1304"},
		{"no such call", "GET", "nothing", "", 404, ""},
		{"no such issue", "GET", "issue/GOV-99", "", 404, "Issue does not exist"},
		{"empty query", "POST", "search/jql", `{"jql":""}`, 400, "Unbounded"},
		{"only an order", "POST", "search/jql", `{"jql":"order by created"}`, 400, "Unbounded"},
		{"only an order by GET", "GET", "search/jql?jql=order+by+created", "", 400, "Unbounded"},
		{"startAt", "GET", "search/jql?jql=project=GOV&startAt=0", "", 400, "startAt"},
		{"startAt in the body", "POST", "search/jql", `{"jql":"project = GOV","startAt":0}`, 400, "startAt"},
		{"unknown field in JQL", "POST", "search/jql", `{"jql":"budget = 1"}`, 400, "budget"},
		{"unknown key of a create", "POST", "issue", strings.Replace(issueWith(`"summary":"x"`), `{`, `{"project":"GOV",`, 1), 400, "project"},
		{"unknown field of a create", "POST", "issue", issueWith(`"summary":"x","budget":1`), 400, "budget"},
		{"unknown key of an edit", "PUT", "issue/GOV-1", `{"summary":"y"}`, 400, "summary"},
		{"unknown key of a comment", "POST", "issue/GOV-1/comment", `{"body":"x","text":"x"}`, 400, "text"},
		{"unknown key of a move", "POST", "issue/GOV-1/transitions", `{"transition":{"id":"12"},"status":"x"}`, 400, "status"},
		{"unknown key of a link", "POST", "issue/GOV-1/remotelink", `{"link":"x"}`, 400, "link"},
		{"avatars of an assignee", "PUT", "issue/GOV-1/assignee", `{"accountId":"5b1olive","avatarUrls":{}}`, 400, "avatarUrls"},
		{"two bodies", "POST", "issue/GOV-1/comment", `{"body":"x"}{"body":"y"}`, 400, "payload"},
		{"a document as comment", "POST", "issue/GOV-1/comment", `{"body":{"type":"doc","version":1,"content":[]}}`, 400, "not valid"},
		{"a document as description", "POST", "issue", issueWith(`"summary":"x","description":{"type":"doc","version":1}`), 400, "must be a string"},
		{"empty comment", "POST", "issue/GOV-1/comment", `{"body":" "}`, 400, "empty"},
		{"summary of two lines", "POST", "issue", issueWith(`"summary":"x\ny"`), 400, "newline"},
		{"no summary", "POST", "issue", issueWith(`"summary":" "`), 400, "summary"},
		{"label with a space", "POST", "issue", issueWith(`"summary":"x","labels":["a b"]`), 400, "spaces"},
		{"label with a tab", "PUT", "issue/GOV-1", `{"update":{"labels":[{"add":"a\tb"}]}}`, 400, "spaces"},
		{"empty label", "PUT", "issue/GOV-1", `{"fields":{"labels":[""]}}`, 400, "empty"},
		{"inactive assignee", "PUT", "issue/GOV-1/assignee", `{"accountId":"5b1gone"}`, 400, "cannot be assigned"},
		{"inactive assignee of a create", "POST", "issue", issueWith(`"summary":"x","assignee":{"accountId":"5b1gone"}`), 400, "cannot be assigned"},
		{"unknown assignee", "PUT", "issue/GOV-1/assignee", `{"accountId":"5b1nobody"}`, 400, "does not exist"},
		{"assignee by name", "PUT", "issue/GOV-1", `{"fields":{"assignee":{"name":"olive"}}}`, 400, "accountId"},
		{"no transition of that state", "POST", "issue/GOV-1/transitions", `{"transition":{"id":"21"}}`, 400, "not valid"},
		{"property without a value", "POST", "issue/GOV-1/comment", `{"body":"x","properties":[{"key":"k"}]}`, 400, "property value"},
		{"property without a key", "POST", "issue/GOV-1/comment", `{"body":"x","properties":[{"value":1}]}`, 400, "property key"},
		{"date of another form", "PUT", "issue/GOV-1", `{"fields":{"duedate":"31.12.2026"}}`, 400, "yyyy-MM-dd"},
		{"field in both ways", "PUT", "issue/GOV-1", `{"fields":{"labels":[]},"update":{"labels":[{"add":"x"}]}}`, 400, "both"},
		{"nothing to edit", "PUT", "issue/GOV-1", `{}`, 400, "required"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			s := newSite(t, false)
			before := s.stored()
			if a := s.call(tc.method, tc.path, tc.body); a.status != tc.status || !strings.Contains(a.body, tc.says) {
				t.Errorf("answer %d %.300s", a.status, a.body)
			}
			if s.stored() != before {
				t.Error("the refused call changed something")
			}
			if got := s.server.Refused(); len(got) != 1 || !strings.HasPrefix(got[0].Call, tc.method+" /rest/api/2/") || got[0].Reason == "" {
				t.Errorf("refused = %v", got)
			}
		})
	}
}

func TestSignIn(t *testing.T) {
	t.Parallel()
	s := newSite(t, false)
	for name, token := range map[string]string{"no token": "", "wrong token": "tokem"} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.url+"myself", nil)
		if err != nil {
			t.Fatal(err)
		}
		r.SetBasicAuth("bot@example.com", token)
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, resp.StatusCode)
		}
	}
}
