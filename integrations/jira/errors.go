package jira

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	gojira "github.com/andygrunwald/go-jira"

	"github.com/aimsbot/aimsbot/activities/port"
)

const target = "jira"

// The scopes of a pause (port.OutsideError.Scope).
const (
	scopeCall   = "call"
	scopeIssue  = "issue"
	scopeTenant = "tenant"
)

// sorted turns the failure of a call into port's words: refused for sure, or
// outcome unknown.
func (c *Client) sorted(k call, resp *gojira.Response, err error) *port.OutsideError {
	o := &port.OutsideError{Target: target, Call: k.name}
	if resp == nil || resp.Response == nil {
		return c.unanswered(o, err)
	}
	status := resp.StatusCode
	o.Code = strconv.Itoa(status)
	if status < 300 {
		o.Code, o.Err = "broken_answer", errors.New("the answer could not be read")
		return o
	}
	o.Definite, o.Forever = verdict(status)
	o.Retry = retryAfter(resp.Header, c.opt.Now())
	o.Err = c.said(resp, err)
	switch status {
	case http.StatusTooManyRequests:
		o.Scope = scopeOf(resp.Header.Get("RateLimit-Reason"))
		if o.Retry == 0 {
			o.Retry = pauseUnsaid
		}
	case http.StatusForbidden:
		// A captcha after too many wrong sign-ins: solving it helps.
		if strings.Contains(resp.Header.Get("X-Seraph-LoginReason"), "AUTHENTICATION_DENIED") {
			o.Forever = false
		}
	case http.StatusNotFound:
		if k.gone {
			o.Err = errors.Join(port.ErrNotFound, o.Err)
		}
	}
	return o
}

// verdict sorts a status: was the call refused for sure, and is repeating it
// pointless?
func verdict(status int) (definite, forever bool) {
	switch status {
	case http.StatusRequestTimeout:
		return false, false // somebody on the way gave up waiting
	case http.StatusUnauthorized, // a new token helps
		http.StatusConflict, http.StatusLocked, http.StatusTooEarly, http.StatusTooManyRequests:
		return true, false
	}
	if status >= 500 {
		return false, false
	}
	return true, true // 4xx, and redirects, which we never follow
}

func scopeOf(reason string) string {
	switch reason {
	case "jira-burst-based":
		return scopeCall
	case "jira-per-issue-on-write":
		return scopeIssue
	}
	return scopeTenant // the quotas, and a gateway that gives no reason
}

// retryAfter reads Retry-After: seconds or a date.
func retryAfter(h http.Header, now time.Time) time.Duration {
	v := h.Get("Retry-After")
	if n, err := strconv.ParseInt(v, 10, 32); err == nil {
		return max(time.Duration(n)*time.Second, 0)
	}
	if t, err := http.ParseTime(v); err == nil {
		return max(t.Sub(now), 0)
	}
	return 0
}

// unanswered sorts failures without an answer.
func (c *Client) unanswered(o *port.OutsideError, err error) *port.OutsideError {
	var unsent *unsentError
	switch {
	case errors.As(err, &unsent):
		o.Code, o.Definite = "unreachable", true
	case errors.Is(err, errHTML):
		o.Code = "not_jira"
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		o.Code = "timeout"
	default:
		o.Code = "cut"
	}
	// The address in front of the cause would repeat query texts.
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	o.Err = c.scrub(err)
	return o
}

// said is what Jira answered, in a stable order.
func (c *Client) said(resp *gojira.Response, err error) error {
	var parts []string
	var j struct {
		gojira.Error
		Message string `json:"message"` // a Data Center's, of what it refuses at the door
	}
	var told *gojira.Error
	if errors.As(err, &told) {
		j.Error = *told
	} else if raw, readErr := io.ReadAll(io.LimitReader(resp.Body, 64<<10)); readErr == nil {
		// A body that is cut or no JSON leaves the status to speak.
		_ = json.Unmarshal(raw, &j)
	}
	if j.Message != "" {
		parts = append(parts, j.Message)
	}
	for field, text := range j.Errors {
		parts = append(parts, field+": "+text)
	}
	slices.Sort(parts)
	parts = append(j.ErrorMessages, parts...)
	if len(parts) == 0 {
		return errors.New(strings.ToLower(http.StatusText(resp.StatusCode)))
	}
	return c.scrub(errors.New(strings.Join(parts, "; ")))
}

var (
	reQuoted = regexp.MustCompile(`'[^']*'|"[^"]*"`)
	reEmail  = regexp.MustCompile(`[^\s<>()]+@[^\s<>()]+`)
)

// scrub keeps secrets and people out of an error: Jira's messages quote the
// values they refuse.
func (c *Client) scrub(err error) error {
	text := err.Error()
	clean := text
	for _, secret := range []string{c.opt.Token, c.opt.PAT, c.opt.WebhookSecret, c.opt.Email} {
		if secret != "" {
			clean = strings.ReplaceAll(clean, secret, "…")
		}
	}
	clean = reEmail.ReplaceAllString(reQuoted.ReplaceAllString(clean, "'…'"), "…")
	clean = cut(oneLine(clean), maxErrorText)
	if clean == text {
		return err
	}
	return &scrubbedError{clean, err}
}

// scrubbedError prints the clean text and still tells what the cause is.
type scrubbedError struct {
	text  string
	cause error
}

func (e *scrubbedError) Error() string { return e.text }

// Is compares causes without handing them out.
func (e *scrubbedError) Is(t error) bool { return errors.Is(e.cause, t) }

// refused is a call we do not even make.
func refused(name, code, format string, args ...any) error {
	return &port.OutsideError{Target: target, Call: name, Code: code, Definite: true, Forever: true, Err: fmt.Errorf(format, args...)}
}
