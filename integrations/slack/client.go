// Package slack speaks to one Slack workspace: it renders cards and modals as
// Block Kit, posts and edits messages, reads accounts, and takes clicks, modals
// and commands in, through Socket Mode or as signed HTTP. What a delivery means
// is decided in activities/intake; what to do about an error, by the activities.
package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// callTimeout bounds a call whose caller set no deadline: the time Slack
	// itself gives an answer to an interaction.
	// https://docs.slack.dev/interactivity/handling-user-interaction#acknowledgment_response
	callTimeout = 3 * time.Second
	// hangTimeout ends calls whose caller waits without end.
	hangTimeout = time.Minute
	// maxDMs is how many direct-message channels are remembered.
	maxDMs = 10_000
)

// Options are the settings of a Client.
type Options struct {
	BotToken string // xoxb-...
	AppToken string // xapp-..., for Socket Mode
	APIURL   string // empty = Slack's own; must be https unless loopback
	// HTTPClient is used for all calls; nil = a new one.
	HTTPClient *http.Client
	// Now is the clock of the call budgets; nil = time.Now.
	Now func() time.Time
	// Limits keeps calls below Slack's published rates. Off only in benchmarks.
	Limits bool
	// Limiter holds the budgets; nil = in this process.
	Limiter Limiter
	Logger  *slog.Logger
	// Watch counts calls, deliveries and connections; nil = nobody does.
	Watch port.Watch
}

// Identity is who the tokens belong to.
type Identity struct {
	Team string // workspace id
	App  string // app id, from the app token or from Slack
	Bot  string // bot id
	User string // the bot's user id
}

// Client is a Slack workspace seen through one app. It implements
// port.Messenger and port.Directory.
type Client struct {
	api     *slack.Client
	limiter Limiter // nil = no limits
	log     *slog.Logger
	watch   port.Watch
	// app is the id in the app token; socketMode says that there is one.
	app        string
	socketMode bool
	// loopback says that the API is on this machine: a sandbox.
	loopback bool

	mu       sync.Mutex
	identity Identity
	dms      map[string]string // user id -> D... channel
}

var (
	_ port.Messenger = (*Client)(nil)
	_ port.Directory = (*Client)(nil)
)

// New makes a client. It makes no call: Check does.
func New(o Options) (*Client, error) {
	if o.BotToken == "" {
		return nil, errors.New("SLACK_BOT_TOKEN is not set")
	}
	app := ""
	if o.AppToken != "" {
		var err error
		if app, err = appOf(o.AppToken); err != nil {
			return nil, err
		}
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	httpClient := &http.Client{}
	if o.HTTPClient != nil {
		*httpClient = *o.HTTPClient
	}
	httpClient.Transport = &watcher{next: httpClient.Transport}
	// A redirect would carry the token in the body to wherever it points.
	httpClient.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	if httpClient.Timeout == 0 {
		httpClient.Timeout = hangTimeout
	}
	options := []slack.Option{
		slack.OptionHTTPClient(httpClient),
		slack.OptionAppLevelToken(o.AppToken),
		slack.OptionLog(quiet{}),
	}
	if o.APIURL != "" {
		address, err := apiURL(o.APIURL)
		if err != nil {
			return nil, err
		}
		options = append(options, slack.OptionAPIURL(address))
	}
	c := &Client{api: slack.New(o.BotToken, options...), log: o.Logger, watch: port.Watching(o.Watch), app: app, socketMode: app != "", dms: map[string]string{}}
	if u, err := url.Parse(o.APIURL); err == nil {
		c.loopback = isLoopback(u.Hostname())
	}
	if o.Limits {
		c.limiter = o.Limiter
		if c.limiter == nil {
			now := o.Now
			if now == nil {
				now = time.Now
			}
			c.limiter = newLocalLimiter(now)
		}
	}
	return c, nil
}

// appOf reads the app id from an app-level token: xapp-<version>-<app>-...
func appOf(token string) (string, error) {
	parts := strings.SplitN(token, "-", 4)
	if len(parts) != 4 || parts[0] != "xapp" || !strings.HasPrefix(parts[2], "A") {
		return "", errors.New("the app token (SLACK_APP_TOKEN) is no app-level token: it must look like xapp-1-A0123456789-123-abc")
	}
	return parts[2], nil
}

// apiURL holds the address to https, or loopback, and to a closing slash.
func apiURL(s string) (string, error) {
	u, err := url.Parse(s)
	if err != nil || u.Host == "" {
		return "", errors.New("SLACK_API_URL is not an address")
	}
	if u.Scheme != "https" && (u.Scheme != "http" || !isLoopback(u.Hostname())) {
		return "", errors.New("SLACK_API_URL must be https unless it is a loopback address")
	}
	if !strings.HasSuffix(u.Path, "/") {
		u.Path += "/"
	}
	return u.String(), nil
}

func isLoopback(host string) bool {
	if host == "localhost" {
		return true
	}
	ip, err := netip.ParseAddr(host)
	return err == nil && ip.IsLoopback()
}

// Check asks Slack who the tokens belong to. Call it once before anything else.
func (c *Client) Check(ctx context.Context) (Identity, error) {
	var r *slack.AuthTestResponse
	err := c.call(ctx, methodAuthTest, "", func(ctx context.Context) (err error) {
		r, err = c.api.AuthTestContext(ctx)
		return err
	})
	if err != nil {
		return Identity{}, err
	}
	if r.TeamID == "" || r.UserID == "" {
		return Identity{}, &port.OutsideError{Target: target, Call: methodAuthTest, Code: "bad_answer", Err: errors.New("no workspace or no user in the answer")}
	}
	id := Identity{Team: r.TeamID, App: c.app, Bot: r.BotID, User: r.UserID}
	if id.App == "" {
		if id.App, err = c.ownApp(ctx, r.BotID); err != nil {
			return Identity{}, err
		}
	}
	c.mu.Lock()
	c.identity = id
	c.mu.Unlock()
	return id, nil
}

// ownApp asks Slack which app our bot belongs to. Without an app token nothing
// else says it, and every delivery must name it.
func (c *Client) ownApp(ctx context.Context, bot string) (app string, err error) {
	err = c.call(ctx, methodBot, "", func(ctx context.Context) error {
		b, err := c.api.GetBotInfoContext(ctx, slack.GetBotInfoParameters{Bot: bot})
		if err == nil {
			app = b.AppID
		}
		return err
	})
	if err == nil && app == "" {
		err = &port.OutsideError{Target: target, Call: methodBot, Code: "bad_answer", Err: errors.New("no app in the answer")}
	}
	return app, err
}

// Ping tells whether Slack answers and the bot token is good.
func (c *Client) Ping(ctx context.Context) error {
	return c.call(ctx, methodAuthTest, "", func(ctx context.Context) error {
		_, err := c.api.AuthTestContext(ctx)
		return err
	})
}

func (c *Client) who() Identity {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.identity
}

// call makes one call to Slack within the budget of its bucket and sorts its
// error. channel is empty for methods without a budget per channel.
func (c *Client) call(ctx context.Context, method, channel string, do func(ctx context.Context) error) error {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, callTimeout)
		defer cancel()
	}
	bucket, rate := budgetOf(method, channel)
	if err := c.take(ctx, method, bucket, rate); err != nil {
		c.watch.Called(target, method, err, 0)
		return err
	}
	a, began := &attempt{}, time.Now()
	err := sortError(method, a, do(withAttempt(ctx, a)))
	c.watch.Called(target, method, err, time.Since(began))
	var out *port.OutsideError
	if c.limiter != nil && errors.As(err, &out) && out.Scope != "" {
		pause := max(out.Retry, time.Second)
		c.limiter.Pause(ctx, bucket, pause)
		c.watch.Paused(target, out.Scope, pause)
	}
	return err
}

// take waits for the budget as long as the deadline allows.
func (c *Client) take(ctx context.Context, method, bucket string, rate Rate) error {
	if c.limiter == nil {
		return nil
	}
	for {
		wait, err := c.limiter.Take(ctx, bucket, rate)
		if err != nil { // the budget is a courtesy: without it Slack itself says no
			c.log.Warn("the call budget cannot be read", "bucket", bucket, "error", err)
			return nil
		}
		if wait <= 0 {
			return nil
		}
		deadline, _ := ctx.Deadline()
		if time.Until(deadline) <= wait {
			return &port.OutsideError{Target: target, Call: method, Code: "budget", Definite: true, Retry: wait, Scope: "call", Err: fmt.Errorf("own call budget used up")}
		}
		timer := time.NewTimer(wait)
		select {
		case <-timer.C:
		case <-ctx.Done():
			timer.Stop()
			return &port.OutsideError{Target: target, Call: method, Code: "cancelled", Definite: true, Err: ctx.Err()}
		}
	}
}

// quiet drops the library's own log lines: what matters is in the errors.
type quiet struct{}

// Output does nothing.
func (quiet) Output(int, string) error { return nil }
