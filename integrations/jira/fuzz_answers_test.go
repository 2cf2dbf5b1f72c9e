package jira

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// fixed answers every call alike.
type fixed struct {
	status int
	header http.Header
	body   string
}

func (a fixed) RoundTrip(r *http.Request) (*http.Response, error) {
	return &http.Response{
		StatusCode: a.status, Status: strconv.Itoa(a.status), Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: a.header, Body: io.NopCloser(strings.NewReader(a.body)), Request: r,
	}, nil
}

// FuzzAnswers: whatever Jira answers, reading and searching end, an error is of
// port's kind, says nothing secret and is short, and a pause is never negative.
func FuzzAnswers(f *testing.F) {
	corpustest.Add(f, "answers", func(c corpustest.File) []any {
		_, status, _ := strings.Cut(c.Kind, "/")
		n, err := strconv.Atoi(status)
		if err != nil {
			f.Fatal(err)
		}
		return []any{n, "", string(c.Body)}
	})
	const token, email = "made-up-token", "bot@example.com"
	for _, retry := range []string{"30", "-1", "99999999999999999999", "Fri, 27 Nov 2026 09:00:00 GMT", "soon"} {
		f.Add(http.StatusTooManyRequests, retry, `{"errorMessages":["Slow down '`+token+`'"],"errors":{"`+email+`":"`+token+`"}}`)
	}
	f.Fuzz(func(t *testing.T, status int, retry, body string) {
		if status < 200 || status > 599 {
			return // is no final answer of HTTP
		}
		a := fixed{status, http.Header{"Content-Type": {"application/json"}, "Retry-After": {retry}}, body}
		now := time.Date(2026, 11, 26, 9, 0, 0, 0, time.UTC)
		c, err := New(Options{
			URL: "https://example.atlassian.net", Email: email, Token: token, Project: "GOV",
			HTTPClient: &http.Client{Transport: a}, Now: func() time.Time { return now },
		})
		if err != nil {
			t.Fatal(err)
		}
		_, errRead := c.Read(t.Context(), "10001")
		own := "5b1bot"
		c.account.Store(&own)
		_, errAgain := c.Read(t.Context(), "10001")
		for _, err := range []error{errRead, errAgain} {
			if err == nil {
				continue
			}
			if status >= 300 {
				var o *port.OutsideError
				if !errors.As(err, &o) {
					t.Fatalf("%T: %v", err, err)
				}
				if o.Retry < 0 || status == http.StatusTooManyRequests && o.Retry == 0 {
					t.Errorf("Retry-After %q becomes %s", retry, o.Retry)
				}
			}
			if strings.Contains(err.Error(), token) || strings.Contains(err.Error(), email) {
				t.Errorf("the error says a secret: %v", err)
			}
		}
	})
}
