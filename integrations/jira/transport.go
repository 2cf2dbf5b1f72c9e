package jira

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"sync/atomic"
)

// unsentError is a failure before a connection stood: the request was
// certainly not received.
type unsentError struct{ err error }

func (e *unsentError) Error() string { return e.err.Error() }
func (e *unsentError) Unwrap() error { return e.err }

var (
	errHTML    = errors.New("the address answered with a web page, not with Jira's interface")
	errTooLong = errors.New("the answer is too long")
)

// httpClient never follows a redirect: a POST would turn into a GET of a login
// page, and the token would travel to another host.
func httpClient(o Options, base *url.URL) *http.Client {
	h := &http.Client{Timeout: callTimeout}
	if o.HTTPClient != nil {
		copied := *o.HTTPClient
		h = &copied
	}
	next := h.Transport
	if next == nil {
		next = http.DefaultTransport
	}
	h.Transport = &transport{next: next, email: o.Email, token: o.Token, pat: o.PAT, scheme: base.Scheme, host: base.Host}
	h.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	return h
}

// transport signs in, tells requests that never left from those that may
// have arrived, and refuses answers that cannot be Jira's.
type transport struct {
	next         http.RoundTripper
	email, token string
	pat          string // instead of both
	scheme, host string
}

func (t *transport) RoundTrip(r *http.Request) (*http.Response, error) {
	var connected atomic.Bool
	ctx := httptrace.WithClientTrace(r.Context(), &httptrace.ClientTrace{
		GotConn: func(httptrace.GotConnInfo) { connected.Store(true) },
	})
	r = r.Clone(ctx)
	if r.URL.Scheme == t.scheme && r.URL.Host == t.host {
		if t.pat != "" {
			r.Header.Set("Authorization", "Bearer "+t.pat)
		} else {
			r.SetBasicAuth(t.email, t.token)
		}
	}
	r.Header.Set("Accept", "application/json")
	download := strings.Contains(r.URL.Path, "/attachment/content/") || strings.Contains(r.URL.Path, serverAttachment)
	if download {
		r.Header.Set("Accept", "*/*")
	}
	resp, err := t.next.RoundTrip(r)
	if err != nil {
		if !connected.Load() {
			return nil, &unsentError{err}
		}
		return nil, err
	}
	if !download && resp.StatusCode < 300 && strings.HasPrefix(resp.Header.Get("Content-Type"), "text/html") {
		_ = resp.Body.Close()
		return nil, errHTML
	}
	resp.Body = &capped{body: resp.Body, left: maxAnswer}
	return resp, nil
}

// capped fails a read beyond the limit instead of filling memory.
type capped struct {
	body io.ReadCloser
	left int64
}

func (c *capped) Read(p []byte) (int, error) {
	if c.left <= 0 {
		return 0, errTooLong
	}
	if int64(len(p)) > c.left {
		p = p[:c.left]
	}
	n, err := c.body.Read(p)
	c.left -= int64(n)
	return n, err
}

func (c *capped) Close() error { return c.body.Close() }
