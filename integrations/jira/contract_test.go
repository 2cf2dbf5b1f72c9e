package jira_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// contractsEnv names a folder that holds Atlassian's published OpenAPI
// document of Jira Cloud as jira-cloud-platform.v3.json.
const contractsEnv = "AIMSBOT_CONTRACTS"

// contract is the part of an OpenAPI document that requests and answers are
// held against. v2 and v3 share their calls; texts have no type in it.
type contract struct {
	Paths      map[string]map[string]json.RawMessage `json:"paths"`
	Components struct {
		Schemas map[string]*schema `json:"schemas"`
	} `json:"components"`
}

type operation struct {
	Parameters []struct {
		Name     string `json:"name"`
		In       string `json:"in"`
		Required bool   `json:"required"`
	} `json:"parameters"`
	Deprecated  bool               `json:"deprecated"`
	RequestBody *content           `json:"requestBody"`
	Responses   map[string]content `json:"responses"`
}

type content struct {
	Content map[string]struct {
		Schema *schema `json:"schema"`
	} `json:"content"`
}

type schema struct {
	Ref        string             `json:"$ref"`
	Type       string             `json:"type"`
	Properties map[string]*schema `json:"properties"`
	Required   []string           `json:"required"`
	Additional json.RawMessage    `json:"additionalProperties"`
	Items      *schema            `json:"items"`
	AllOf      []*schema          `json:"allOf"`
	MaxItems   int                `json:"maxItems"`
}

var loadContract = sync.OnceValues(func() (*contract, error) {
	dir := os.Getenv(contractsEnv)
	if dir == "" {
		return nil, nil
	}
	raw, err := os.ReadFile(filepath.Join(dir, "jira-cloud-platform.v3.json"))
	if err != nil {
		return nil, err
	}
	c := new(contract)
	return c, json.Unmarshal(raw, c)
})

// TestContract says whether the requests of this package's tests are held
// against Atlassian's contract, and that the check itself can fail.
func TestContract(t *testing.T) {
	t.Parallel()
	c, err := loadContract()
	if err != nil {
		t.Fatal(err)
	}
	if c == nil {
		t.Skipf("NOT CHECKED: set %s to a folder with jira-cloud-platform.v3.json to hold every request against Atlassian's contract", contractsEnv)
	}
	for _, tc := range []struct{ method, path, query, body string }{
		{"POST", "/rest/api/2/issues", "", `{}`},
		{"PATCH", "/rest/api/2/issue", "", `{}`},
		{"GET", "/rest/api/2/search/jql", "startAt=0", ``},
		{"POST", "/rest/api/2/comment/list", "", `{"ids":[1],"more":true}`},
		{"POST", "/rest/api/2/comment/list", "", `{}`},
		{"POST", "/rest/api/2/comment/list", "", `{"ids":["x"]}`},
	} {
		r := httptest.NewRequest(tc.method, tc.path+"?"+tc.query, nil)
		if len(c.breaches(r, []byte(tc.body), 0, nil)) == 0 {
			t.Errorf("%s %s?%s %s should break the contract", tc.method, tc.path, tc.query, tc.body)
		}
	}
}

// checked holds each request, and the fake's answer to it, against the contract.
func checked(t *testing.T, next http.Handler) http.Handler {
	c, err := loadContract()
	if err != nil || c == nil {
		return next
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get(uncheckedHeader) != "" {
			next.ServeHTTP(w, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			t.Error(err)
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		rec := httptest.NewRecorder()
		next.ServeHTTP(rec, r)
		for _, b := range c.breaches(r, body, rec.Code, rec.Body.Bytes()) {
			t.Errorf("contract: %s %s: %s", r.Method, r.URL, b)
		}
		for k, v := range rec.Header() {
			w.Header()[k] = v
		}
		w.WriteHeader(rec.Code)
		_, _ = w.Write(rec.Body.Bytes())
	})
}

// uncheckedHeader marks requests that are wrong on purpose.
const uncheckedHeader = "X-Test-Unchecked"

func request(t *testing.T, base, method, path, body string) *http.Response {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	if r.SetBasicAuth(botEmail, botToken); strings.HasPrefix(t.Name(), onDataCenter) {
		r.Header.Set("Authorization", "Bearer "+botPAT)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set(uncheckedHeader, "1")
	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = resp.Body.Close() })
	return resp
}

func (c *contract) breaches(r *http.Request, body []byte, status int, answer []byte) []string {
	raw, ok := c.find(strings.Replace(r.URL.Path, "/rest/api/2/", "/rest/api/3/", 1))[strings.ToLower(r.Method)]
	if !ok {
		return []string{"no such call"}
	}
	var op operation
	if err := json.Unmarshal(raw, &op); err != nil {
		return []string{err.Error()}
	}
	var out []string
	if op.Deprecated {
		out = append(out, "the call is deprecated")
	}
	for name := range r.URL.Query() {
		known := false
		for _, p := range op.Parameters {
			known = known || (p.In == "query" && p.Name == name)
		}
		if !known {
			out = append(out, "unknown query parameter "+name)
		}
	}
	switch {
	case op.RequestBody == nil && len(body) > 0:
		out = append(out, "a body where none belongs")
	case op.RequestBody != nil:
		if s := op.RequestBody.Content["application/json"].Schema; s != nil {
			out = append(out, c.breach(s, decoded(body), "body")...)
		}
	}
	if resp, ok := op.Responses[fmt.Sprint(status)]; status == 0 || status >= 400 {
		return out
	} else if !ok {
		out = append(out, fmt.Sprintf("answer: status %d is not one of the call's", status))
	} else if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/remotelink") {
		return out // the document says one link; Jira and its clients have a list
	} else if s := resp.Content["application/json"].Schema; s != nil && len(answer) > 0 {
		out = append(out, c.breach(s, decoded(answer), "answer")...)
	}
	return out
}

func decoded(raw []byte) any {
	var v any
	if json.Unmarshal(raw, &v) != nil {
		return nil
	}
	return v
}

// find matches a path against the templates; the one with most fixed parts wins.
func (c *contract) find(path string) map[string]json.RawMessage {
	var best map[string]json.RawMessage
	most := -1
	have := strings.Split(path, "/")
	for template, ops := range c.Paths {
		want := strings.Split(template, "/")
		fixed := 0
		ok := len(want) == len(have) && !slices.ContainsFunc(have[1:], func(s string) bool { return s == "" })
		for n := 0; ok && n < len(want); n++ {
			switch {
			case strings.HasPrefix(want[n], "{"):
			case want[n] == have[n]:
				fixed++
			default:
				ok = false
			}
		}
		if ok && fixed > most {
			best, most = ops, fixed
		}
	}
	return best
}

// breach checks types, required and unknown properties.
func (c *contract) breach(s *schema, v any, at string) []string {
	if s.Ref != "" {
		return c.breach(c.Components.Schemas[s.Ref[strings.LastIndex(s.Ref, "/")+1:]], v, at)
	}
	var out []string
	for _, part := range s.AllOf {
		out = append(out, c.breach(part, v, at)...)
	}
	if v == nil {
		if s.Type != "" && at == "body" {
			out = append(out, "body: missing or no JSON")
		}
		return out // the document marks no field as nullable, Jira answers nulls
	}
	switch v := v.(type) {
	case map[string]any:
		if s.Type != "" && s.Type != "object" {
			return append(out, at+": an object instead of "+s.Type)
		}
		return append(out, c.breachObject(s, v, at)...)
	case []any:
		if s.Type != "" && s.Type != "array" {
			return append(out, at+": an array instead of "+s.Type)
		}
		for n, item := range v {
			if s.Items != nil {
				out = append(out, c.breach(s.Items, item, fmt.Sprintf("%s[%d]", at, n))...)
			}
		}
	case string:
		if s.Type != "" && s.Type != "string" {
			out = append(out, at+": a text instead of "+s.Type)
		}
	case float64:
		if s.Type != "" && s.Type != "integer" && s.Type != "number" {
			out = append(out, at+": a number instead of "+s.Type)
		}
	case bool:
		if s.Type != "" && s.Type != "boolean" {
			out = append(out, at+": a truth value instead of "+s.Type)
		}
	}
	return out
}

func (c *contract) breachObject(s *schema, v map[string]any, at string) []string {
	var out []string
	for _, name := range s.Required {
		if _, ok := v[name]; !ok {
			out = append(out, at+": missing "+name)
		}
	}
	for name, value := range v {
		p, ok := s.Properties[name]
		switch {
		case ok:
			out = append(out, c.breach(p, value, at+"."+name)...)
		case string(s.Additional) == "false":
			out = append(out, at+": unknown "+name)
		case strings.HasPrefix(string(s.Additional), "{"):
			var extra schema
			if err := json.Unmarshal(s.Additional, &extra); err != nil {
				out = append(out, err.Error())
				continue
			}
			out = append(out, c.breach(&extra, value, at+"."+name)...)
		}
	}
	return out
}
