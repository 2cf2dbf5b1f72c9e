package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
)

const target = "slack"

// attempt is what is known of one call, whatever the library made of it.
type attempt struct {
	sent   atomic.Bool  // something of the request may have reached Slack
	status atomic.Int64 // HTTP status; 0 = no answer
	retry  atomic.Int64 // Retry-After in seconds; 0 = not said
}

type attemptKey struct{}

func withAttempt(ctx context.Context, a *attempt) context.Context {
	ctx = context.WithValue(ctx, attemptKey{}, a)
	return httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{
		WroteHeaders: func() { a.sent.Store(true) },
	})
}

// watcher notes the status of each answer, which the library's errors lose for
// some (a 429 whose Retry-After is not a number).
type watcher struct{ next http.RoundTripper }

// maxAnswer is how much of one answer is read, in bytes. A page of 200
// messages, each with all its blocks, stays below.
const maxAnswer = 16 << 20

type cappedBody struct {
	io.Reader
	io.Closer
}

// RoundTrip passes the request on.
func (w *watcher) RoundTrip(r *http.Request) (*http.Response, error) {
	next := w.next
	if next == nil {
		next = http.DefaultTransport
	}
	resp, err := next.RoundTrip(r)
	if a, ok := r.Context().Value(attemptKey{}).(*attempt); ok && err == nil {
		a.status.Store(int64(resp.StatusCode))
		if s, err := strconv.ParseInt(resp.Header.Get("Retry-After"), 10, 32); err == nil && s > 0 {
			a.retry.Store(s)
		}
	}
	if err == nil {
		resp.Body = cappedBody{io.LimitReader(resp.Body, maxAnswer), resp.Body}
	}
	return resp, err
}

// Codes after which something may have happened all the same.
// https://docs.slack.dev/reference/methods/chat.postMessage#errors
func unknownCode(code string) bool {
	return slices.Contains([]string{"fatal_error", "internal_error", "service_unavailable"}, code)
}

// Codes that mean "later", although the status is 200.
func limitedCode(code string) bool {
	return slices.Contains([]string{"ratelimited", "rate_limited"}, code)
}

// sortError says of a failed call whether it certainly did nothing, whether it
// can ever work, and when to try again. The one place that reads Slack's errors.
func sortError(method string, a *attempt, err error) error {
	if err == nil {
		return nil
	}
	out := &port.OutsideError{Target: target, Call: method, Err: bare(err)}
	status := int(a.status.Load())
	var refused slack.SlackErrorResponse
	switch {
	case errors.As(err, &refused) && limitedCode(refused.Err), status == http.StatusTooManyRequests:
		out.Code, out.Definite, out.Scope = "ratelimited", true, "call"
		out.Retry = time.Duration(a.retry.Load()) * time.Second
	case errors.As(err, &refused):
		out.Code = refused.Err
		out.Definite = !unknownCode(refused.Err)
		out.Forever = out.Definite
	case status >= http.StatusInternalServerError:
		out.Code = strconv.Itoa(status)
		out.Retry = time.Duration(a.retry.Load()) * time.Second
	case status >= http.StatusMultipleChoices:
		out.Code, out.Definite, out.Forever = strconv.Itoa(status), true, true
	case status != 0:
		out.Code = "bad_answer"
	case !a.sent.Load():
		out.Code, out.Definite = "not_sent", true
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		out.Code = "timeout"
	default:
		out.Code = "no_answer"
	}
	return out
}

// bare keeps the cause without addresses and bodies: an error is logged and
// stored, and neither may carry a token or an answer.
func bare(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return bare(u.Err)
	}
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &kind) {
		return errors.New("the answer is not the JSON it should be")
	}
	var refused slack.SlackErrorResponse
	if errors.As(err, &refused) {
		if refused.Needed != "" {
			return errors.New("the app lacks the scope " + refused.Needed)
		}
		return nil
	}
	return err
}

// codeOf returns Slack's error code of a sorted error.
func codeOf(err error) string {
	var out *port.OutsideError
	if errors.As(err, &out) {
		return out.Code
	}
	return ""
}
