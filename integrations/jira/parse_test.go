package jira

import (
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// The vector of Atlassian's page on webhooks.
func TestVerifyPublishedVector(t *testing.T) {
	t.Parallel()
	const secret, sum = "It's a Secret to Everybody", "sha256=a4771c39fbe90f317c7824e83ddef3caae9cb3d976c214ace1f2937e133263c9"
	if !verify(secret, sum, []byte("Hello World!")) {
		t.Error("the published signature is refused")
	}
	if verify(secret, sum, []byte("Hello, World!")) {
		t.Error("another body passes")
	}
}

func TestParseWebhook(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		body string
		want Hint
		ok   bool
	}{
		"texts":            {`{"webhookEvent":"jira:issue_updated","user":{"accountId":"5b1"},"issue":{"id":"10001"}}`, Hint{IssueID: "10001", Author: "5b1", Event: "jira:issue_updated"}, true},
		"numbers":          {`{"issue":{"id":10001},"timestamp":"1764000000000"}`, Hint{IssueID: "10001"}, true},
		"comment's author": {`{"issue":{"id":"1"},"comment":{"author":{"accountId":"a"}}}`, Hint{IssueID: "1", Author: "a"}, true},
		"comment's editor": {`{"issue":{"id":"1"},"comment":{"author":{"accountId":"a"},"updateAuthor":{"accountId":"b"}}}`, Hint{IssueID: "1", Author: "b"}, true},
		"odd shapes":       {`{"issue":{"id":"1"},"user":[],"comment":"x","webhookEvent":{}}`, Hint{IssueID: "1"}, true},
		"nulls":            {`{"issue":{"id":"1"},"user":null,"comment":null}`, Hint{IssueID: "1"}, true},
		"labels":           {`{"issue":{"id":"1","fields":{"labels":["aims-x","b"]}}}`, Hint{IssueID: "1", Labels: []string{"aims-x", "b"}}, true},
		"odd labels":       {`{"issue":{"id":"1","fields":{"labels":"x"}}}`, Hint{IssueID: "1"}, true},
		"no issue":         {`{"user":{"accountId":"a"}}`, Hint{}, false},
		"issue is a text":  {`{"issue":"1"}`, Hint{}, false},
		"negative":         {`{"issue":{"id":-1}}`, Hint{}, false},
		"an array":         {`[]`, Hint{}, false},
		"cut":              {`{"issue":{"id":"1"}`, Hint{}, false},
	} {
		got, ok := parseWebhook([]byte(tc.body))
		if ok != tc.ok || (ok && !reflect.DeepEqual(got, tc.want)) {
			t.Errorf("%s: %+v %v", name, got, ok)
		}
	}
}

func FuzzParseWebhook(f *testing.F) {
	corpustest.Add(f, "webhook", corpustest.Bytes)
	f.Add([]byte(`{"webhookEvent":"jira:issue_updated","user":{"accountId":"5b1"},"issue":{"id":"10001"},"comment":{"author":{}}}`))
	f.Add([]byte(`{"issue":{"id":1e3}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		h, ok := parseWebhook(body)
		if ok && (h.IssueID == "" || strings.Trim(h.IssueID, "0123456789") != "") {
			t.Errorf("issue id %q", h.IssueID)
		}
	})
}

func TestDeliveryKey(t *testing.T) {
	t.Parallel()
	first, again, other := deliveryKey([]byte("x")), deliveryKey([]byte("x")), deliveryKey([]byte("y"))
	if first != again || first == other {
		t.Error("the body alone should decide")
	}
}

func TestWiki(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"plain text, 5 > 3 & 2":                  "plain text, 5 > 3 & 2",
		"[~accountid:5b1] !http://x/y.png!":      `\[\~accountid:5b1\] \!http://x/y.png\!`,
		"{macro} *b* _i_ -s- ^u^ |c| #1":         `\{macro\} \*b\* \_i\_ \-s\- \^u\^ \|c\| \#1`,
		"2026-12-31 bias_test":                   "2026-12-31 bias_test",
		"why? ??cite??":                          `why? \?\?cite\?\?`,
		`C:\temp \\ \{x`:                         `C:\temp &#92;\ &#92;\{x`,
		"see https://example.com/a_b-c~d?e=f#g.": "see https://example.com/a_b-c~d?e=f#g.",
		"a\r\nb\rc\td\x00":                       "a\nb\nc\td\uFFFD",
		"bad \xff":                               "bad \uFFFD",
	} {
		if got := wiki(text); got != want {
			t.Errorf("wiki(%q) = %q, want %q", text, got, want)
		}
	}
	long := wiki(strings.Repeat("ü{", maxText))
	if n := utf8.RuneCountInString(long); n > maxText || n < maxText-2 || !strings.HasSuffix(long, cutMark) || strings.HasSuffix(long, `\`+cutMark) {
		t.Errorf("%d characters, ends with %q", n, long[len(long)-10:])
	}
}

func FuzzWiki(f *testing.F) {
	corpustest.Add(f, "wiki", corpustest.Text)
	f.Add("x {y} https://example.com/[z] \xff\\")
	f.Fuzz(func(t *testing.T, text string) {
		got := wiki(text)
		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > maxText {
			t.Errorf("%q became %q", text, got)
		}
		for _, sign := range "{[!|" {
			for i, r := range got {
				if r == sign && (i == 0 || got[i-1] != '\\') {
					t.Errorf("%q leaves %c bare: %q", text, sign, got)
				}
			}
		}
	})
}

func TestCommentLinks(t *testing.T) {
	t.Parallel()
	at := func(n int) stamp { return stamp{time.Unix(int64(n), 0).UTC()} }
	m := wireComment{Author: wireUser{"a"}, UpdateAuthor: wireUser{"b"}, Created: at(1), Updated: at(2), Body: "*https://example.com/x*"}
	if got := commentLinks(m, "own"); len(got) != 1 || got[0].By != "b" || !got[0].At.Equal(at(2).Time) || got[0].URL != "https://example.com/x" {
		t.Errorf("edited: %+v", got)
	}
	m.UpdateAuthor, m.Updated = wireUser{"a"}, at(1)
	if got := commentLinks(m, "own"); len(got) != 1 || got[0].By != "a" {
		t.Errorf("not edited: %+v", got)
	}
	if got := commentLinks(m, "a"); got != nil {
		t.Errorf("ours: %+v", got)
	}
}
