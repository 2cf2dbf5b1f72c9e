package jiratest_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// What only Jira Cloud has, a Data Center refuses, and the other way round.
func TestDataCenter(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	s.pat = "personal"
	t.Cleanup(s.open(func(o *jiratest.Options) { o.DataCenter, o.BotPAT, o.RateLimits = true, s.pat, true }))
	s.create()
	for name, tc := range map[string]struct {
		method, path, body string
		status             int
		says               string
	}{
		"what it is":               {"GET", "serverInfo", "", 200, `"deploymentType":"Server"`},
		"own account":              {"GET", "myself", "", 200, `"name":"5b0bot"`},
		"no account ids":           {"GET", "issue/GOV-1?fields=reporter", "", 200, `"key":"JIRAUSER5b0bot"`},
		"search":                   {"GET", "search?jql=project=GOV&fields=summary", "", 200, `"total":0`},
		"search by POST":           {"POST", "search", `{"jql":"project = GOV","startAt":0,"fields":["summary"]}`, 200, `"startAt":0`},
		"search of the Cloud":      {"GET", "search/jql?jql=project=GOV", "", 404, ""},
		"comments by id":           {"POST", "comment/list", `{"ids":[1]}`, 404, ""},
		"changes by page":          {"GET", "issue/GOV-1/changelog", "", 404, ""},
		"attachment of the Cloud":  {"GET", "attachment/content/1", "", 404, ""},
		"types":                    {"GET", "issue/createmeta/GOV/issuetypes", "", 200, `"values":[`},
		"screen of an epic":        {"GET", "issue/createmeta/GOV/issuetypes/10001", "", 200, "gh-epic-label"},
		"screen of a task":         {"GET", "issue/createmeta/GOV/issuetypes/10002", "", 200, "gh-epic-link"},
		"assignee by account id":   {"POST", "issue", fields(`,"assignee":{"accountId":"5b1"}`), 400, "name"},
		"assignee by name":         {"PUT", "issue/GOV-1/assignee", `{"name":"5b1"}`, 204, ""},
		"unknown name":             {"PUT", "issue/GOV-1/assignee", `{"name":"nobody"}`, 400, "does not exist"},
		"parent":                   {"POST", "issue", fields(`,"parent":{"key":"GOV-1"}`), 400, "parent"},
		"epic link to a task":      {"POST", "issue", fields(`,"customfield_10006":"GOV-1"`), 400, "not an epic"},
		"epic without a name":      {"POST", "issue", strings.Replace(fields(""), "Task", "Epic", 1), 400, "Epic Name is required"},
		"task with an epic's name": {"POST", "issue", fields(`,"customfield_10005":"x"`), 400, "screen"},
		"epic":                     {"POST", "issue", strings.Replace(fields(`,"customfield_10005":"x"`), "Task", "Epic", 1), 201, ""},
		"property in a create":     {"POST", "issue", strings.TrimSuffix(task, "}") + `,"properties":[{"key":"k","value":1}]}`, 400, "properties"},
		"property in a comment":    {"POST", "issue/GOV-1/comment", `{"body":"x","properties":[{"key":"k","value":1}]}`, 400, "properties"},
		"keys of properties":       {"GET", "issue/GOV-1/properties", "", 200, `"keys":[`},
		"property after it":        {"PUT", "issue/GOV-1/properties/k", `1`, 201, ""},
		"user by name":             {"GET", "user?username=5b1", "", 200, "Anna"},
		"user by account id":       {"GET", "user?accountId=5b1", "", 404, "username"},
		"who may be assigned":      {"GET", "user/assignable/search?project=GOV&username=Anna", "", 200, "Anna"},
	} {
		t.Run(name, func(t *testing.T) {
			status, body := s.call(tc.method, tc.path, tc.body)
			if status != tc.status || !strings.Contains(body, tc.says) || strings.Contains(body, "accountId\":") {
				t.Errorf("answer %d %.300s", status, body)
			}
		})
	}
	t.Run("wrong token", func(t *testing.T) {
		s.pat = ""
		status, body := s.call("GET", "myself", "")
		if status != http.StatusUnauthorized || !strings.Contains(body, `"status-code":401`) {
			t.Errorf("answer %d %s", status, body)
		}
	})
}

// A Data Center counts all calls of a user together and gives no reason.
func TestDataCenterRates(t *testing.T) {
	t.Parallel()
	s := newHouse(t)
	s.pat = "personal"
	t.Cleanup(s.open(func(o *jiratest.Options) { o.DataCenter, o.BotPAT, o.RateLimits = true, s.pat, true }))
	paths, codes := []string{"myself", "status", "serverInfo"}, map[int]int{}
	for n := range 110 {
		status, _ := s.call("GET", paths[n%3], "")
		codes[status]++
	}
	if codes[200] != 100 || codes[429] != 10 || s.server.Violations()[jiratest.ReasonNone] != 10 {
		t.Errorf("answers %v, violations %v", codes, s.server.Violations())
	}
}
