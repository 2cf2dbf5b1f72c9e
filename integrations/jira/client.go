// Package jira makes and changes Jira issues, reads them back and takes Jira's
// webhooks as hints. It speaks to Jira Cloud and to Jira Data Center with the
// string forms of REST v2; the site itself says which of the two it is.
package jira

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	gojira "github.com/andygrunwald/go-jira"

	"github.com/aimsbot/aimsbot/activities/port"
)

// Options are what a Client needs. URL, Project, and either Email and Token or
// PAT must be set.
type Options struct {
	URL     string // of the site, with its context path; https unless loopback
	Email   string // Cloud
	Token   string // Cloud: API token of that account
	PAT     string // Data Center: personal access token
	Project string // key of the project where an issue names none
	// Fields are put on every new issue whose create screen has them; nil = none.
	Fields func() []Field
	// WebhookSecret is the secret of the admin webhook; empty refuses all.
	WebhookSecret string
	// HTTPClient gives transport and time limit; nil = 30 s.
	HTTPClient *http.Client
	Now        func() time.Time // nil = time.Now
	// Limits holds our calls below Jira's rates. Limiter shares them between
	// processes; nil = kept in this one.
	Limits  bool
	Limiter Limiter
	Logger  *slog.Logger
	Watch   port.Watch // counts calls and webhooks; nil = nobody does
}

// Client speaks to one Jira site. It is safe for concurrent use.
type Client struct {
	api     *gojira.Client
	opt     Options
	base    string // without a trailing slash
	log     *slog.Logger
	limiter Limiter // nil = no limits
	watch   port.Watch

	account atomic.Pointer[string] // our own account id or user name, once known
	flavour atomic.Pointer[bool]   // is it a Data Center? once known

	mu       sync.Mutex
	statuses map[string]string // status id -> category key
	hashes   map[string]string // attachment id -> SHA-256; attachments never change
	screens  map[string]screen // project and issue type -> its create screen; Data Center
}

var _ port.Tracker = (*Client)(nil)

// New checks the options and builds a client; it calls nobody.
func New(o Options) (*Client, error) {
	u, err := url.Parse(strings.TrimRight(o.URL, "/"))
	if err != nil || u.Host == "" {
		return nil, errors.New("jira: the address must be like https://example.atlassian.net")
	}
	if u.User != nil {
		return nil, errors.New("jira: the address must not carry a user or password")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, fmt.Errorf("jira: the address must be https, since the token is sent to it: %s", u.Host)
	}
	if err := o.signIn(u.Hostname()); err != nil {
		return nil, err
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	c := &Client{opt: o, base: u.String(), log: o.Logger, watch: port.Watching(o.Watch), statuses: map[string]string{}, hashes: map[string]string{}, screens: map[string]screen{}}
	if o.Limits {
		if c.limiter = o.Limiter; c.limiter == nil {
			c.limiter = newLocalLimiter(o.Now)
		}
	}
	c.api, err = gojira.NewClient(httpClient(o, u), c.base+"/")
	if err != nil {
		return nil, fmt.Errorf("jira: the address: %w", err)
	}
	return c, nil
}

// signIn checks that there is one way to sign in, and a project.
func (o Options) signIn(host string) error {
	switch {
	case o.PAT == "" && o.Email == "":
		return errors.New("jira: the e-mail is missing")
	case o.PAT == "" && o.Token == "":
		return errors.New("jira: the token is missing")
	case o.PAT != "" && o.Email+o.Token != "":
		return errors.New("jira: there are two ways to sign in: give an e-mail and an API token (Cloud), or a personal access token (Data Center)")
	case o.PAT != "" && strings.HasSuffix(host, cloudHost):
		return errors.New("jira: this is Jira Cloud, which takes an e-mail and an API token; a personal access token is for Data Center")
	case o.Project == "":
		return errors.New("jira: the project is missing")
	}
	return nil
}

// cloudHost ends the host names of Jira Cloud.
const cloudHost = ".atlassian.net"

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// call describes one request to the limiter and in errors.
type call struct {
	name  string // "POST issue": method and endpoint without ids
	issue string // of a write: the issue it goes to
	// gone makes a 404 mean port.ErrNotFound: the issue itself was asked for.
	gone bool
}

func (k call) method() string {
	method, _, _ := strings.Cut(k.name, " ")
	return method
}

// do makes one call under the limits and sorts its error.
func (c *Client) do(ctx context.Context, k call, fn func(context.Context) (*gojira.Response, error)) error {
	if err := c.admit(ctx, k); err != nil {
		c.watch.Called(target, k.name, err, 0)
		return err
	}
	began := time.Now()
	resp, err := fn(ctx)
	took := time.Since(began)
	if resp != nil && resp.Body != nil {
		defer func() { _ = resp.Body.Close() }()
	}
	if err == nil {
		c.watch.Called(target, k.name, nil, took)
		return nil
	}
	o := c.sorted(k, resp, err)
	c.watch.Called(target, k.name, o, took)
	c.pause(ctx, k, o)
	return o
}

// raw makes one call that go-jira has no fitting method for. A nil out
// ignores the answer's body.
func (c *Client) raw(ctx context.Context, k call, path string, body, out any) error {
	return c.do(ctx, k, func(ctx context.Context) (*gojira.Response, error) {
		req, err := c.api.NewRequestWithContext(ctx, k.method(), "rest/api/2/"+path, body)
		if err != nil {
			return nil, &unsentError{err}
		}
		return c.api.Do(req, out)
	})
}

var reIssueID = regexp.MustCompile(`^[A-Za-z0-9_]+(-[0-9]+)?$`)

// issuePath guards what becomes part of a path.
func issuePath(id string) (string, error) {
	if !reIssueID.MatchString(id) {
		return "", &port.OutsideError{Target: target, Call: "issue", Code: "bad_id", Definite: true, Forever: true, Err: fmt.Errorf("%q is no issue id", id)}
	}
	return id, nil
}

// browse is where people open the issue.
func (c *Client) browse(key string) string { return c.base + "/browse/" + url.PathEscape(key) }
