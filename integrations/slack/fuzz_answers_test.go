package slack

import (
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

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

// FuzzAnswers: whatever Slack answers, an account is confirmed only by an
// answer that is ok, an error is of port's kind and says no token, and a pause is
// never negative.
func FuzzAnswers(f *testing.F) {
	corpustest.Add(f, "answers", func(c corpustest.File) []any {
		_, status, _ := strings.Cut(c.Kind, "/")
		n, err := strconv.Atoi(status)
		if err != nil {
			f.Fatal(err)
		}
		return []any{n, "", string(c.Body)}
	})
	for _, retry := range []string{"30", "-1", "99999999999999999999", "soon"} {
		f.Add(http.StatusTooManyRequests, retry, `{"ok":false,"error":"ratelimited"}`)
	}
	f.Fuzz(func(t *testing.T, status int, retry, body string) {
		if status < 200 || status > 599 {
			return // is no final answer of HTTP
		}
		a := fixed{status, http.Header{"Content-Type": {"application/json"}, "Retry-After": {retry}}, body}
		c, err := New(Options{BotToken: botToken, AppToken: appToken, HTTPClient: &http.Client{Transport: a}})
		if err != nil {
			t.Fatal(err)
		}
		account, errAccount := c.Account(t.Context(), "T0HOME", "U0OLIVE")
		if account.OK && (errAccount != nil || status != http.StatusOK) {
			t.Errorf("an account is confirmed by %d %q, %v", status, body, errAccount)
		}
		_, errCheck := c.Check(t.Context())
		for _, err := range []error{errAccount, errCheck} {
			if err == nil {
				continue
			}
			var o *port.OutsideError
			if errors.As(err, &o) && o.Retry < 0 {
				t.Errorf("Retry-After %q becomes %s", retry, o.Retry)
			}
			if strings.Contains(err.Error(), botToken) || strings.Contains(err.Error(), appToken) {
				t.Errorf("the error says a token: %v", err)
			}
		}
	})
}
