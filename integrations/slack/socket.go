package slack

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// readLimit is the largest frame taken, in bytes: a modal of 250 kB with
	// its state, and room.
	readLimit = 1 << 20
	// queueSize is how many deliveries wait; beyond it they are not
	// acknowledged, and Slack tells the person.
	queueSize = 256
	// workers is how many deliveries are handled at once.
	workers = 16
	// flushTime is left for acknowledgements to be written: the library tells
	// when one is queued, not when it is on its way.
	flushTime = 200 * time.Millisecond
	// restartPause is waited before a connection loop that ended without
	// reason begins again.
	restartPause = time.Second
)

// Gate takes one delivery and says what to answer.
type Gate interface {
	Slack(ctx context.Context, d intake.Delivery) intake.Reply
}

// SocketOptions are the settings of a Socket.
type SocketOptions struct {
	// Connections is how many are held at once, so that one is up while the
	// other is renewed; 0 = 2. Slack allows 10 per app.
	Connections int
	// Stagger is the time between the first opening of two connections; 0 = 10 s.
	Stagger time.Duration
}

// Socket takes deliveries in through Socket Mode.
type Socket struct {
	client  *Client
	gate    Gate
	options SocketOptions
	queue   chan envelope
	up      []atomic.Bool
}

// envelope is one delivery with the connection it came on.
type envelope struct {
	conn    *socketmode.Client
	request socketmode.Request
}

// NewSocket prepares the connections; Run opens them.
func NewSocket(c *Client, g Gate, o SocketOptions) (*Socket, error) {
	if c.app == "" {
		return nil, errors.New("SLACK_APP_TOKEN is not set")
	}
	if o.Connections <= 0 {
		o.Connections = 2
	}
	if o.Stagger <= 0 {
		o.Stagger = 10 * time.Second
	}
	return &Socket{client: c, gate: g, options: o, queue: make(chan envelope, queueSize), up: make([]atomic.Bool, o.Connections)}, nil
}

// Ready tells whether at least one connection is up.
func (s *Socket) Ready() error {
	for i := range s.up {
		if s.up[i].Load() {
			return nil
		}
	}
	return errors.New("no connection to Slack is up")
}

// Run holds the connections and handles deliveries until ctx ends or Slack
// refuses the app for good. It returns nil when ctx ended: then everything
// taken in has been answered.
func (s *Socket) Run(ctx context.Context) error {
	// The connections outlive ctx until the last acknowledgement is written.
	alive, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	stop, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)

	var readers, handlers, conns sync.WaitGroup
	for i := range s.options.Connections {
		conn := s.dial()
		readers.Go(func() { s.read(stop, i, conn, cancel) })
		conns.Go(func() { <-stop.Done(); discard(alive, conn) })
		conns.Go(func() {
			if wait(stop, time.Duration(i)*s.options.Stagger) {
				s.hold(alive, conn, cancel)
			}
		})
	}
	for range workers {
		handlers.Go(func() {
			for e := range s.queue {
				s.handle(alive, e)
			}
		})
	}
	<-stop.Done()
	readers.Wait()
	close(s.queue)
	handlers.Wait()
	time.Sleep(flushTime)
	hangUp()
	conns.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(stop)
}

func (s *Socket) dial() *socketmode.Client {
	dialer := &websocket.Dialer{Proxy: s.guard, HandshakeTimeout: 10 * time.Second, WriteBufferSize: 32 << 10}
	return socketmode.New(s.client.api,
		socketmode.OptionReadLimit(readLimit), socketmode.OptionDialer(dialer), socketmode.OptionLog(quiet{}))
}

// guard lets a connection go only to Slack, whatever address came back; with a
// loopback API address, only to loopback. It cannot be configured away.
func (s *Socket) guard(r *http.Request) (*url.URL, error) {
	host := r.URL.Hostname()
	slackHost := host == "slack.com" || strings.HasSuffix(host, ".slack.com") || strings.HasSuffix(host, ".slack-gov.com")
	switch {
	case s.client.loopback && isLoopback(host):
		return nil, nil
	case !s.client.loopback && r.URL.Scheme == "https" && slackHost:
		return http.ProxyFromEnvironment(r)
	}
	return nil, errors.New("the address for the socket is not Slack's")
}

// hold keeps one connection open. The library reconnects by itself; what ends
// it for good ends Run.
func (s *Socket) hold(ctx context.Context, conn *socketmode.Client, fail context.CancelCauseFunc) {
	for {
		err := conn.RunContext(ctx)
		if ctx.Err() != nil {
			return
		}
		if fatal(err) {
			fail(&port.OutsideError{Target: target, Call: "apps.connections.open", Code: err.Error(), Definite: true, Forever: true})
			return
		}
		s.client.log.Warn("a connection to Slack ended and is opened again", "error", err)
		if !wait(ctx, restartPause) {
			return
		}
	}
}

// fatal names the errors after which no attempt can succeed.
func fatal(err error) bool {
	if err == nil {
		return false
	}
	var status slack.StatusCodeError
	if errors.As(err, &status) && status.Code == http.StatusNotFound {
		return true
	}
	return slices.Contains([]string{"invalid_auth", "account_inactive", "not_authed", "token_revoked", "token_expired", "not_allowed_token_type"}, err.Error())
}

// read takes what one connection brings and hands it over at once: a slow
// consumer would let the connection die.
func (s *Socket) read(stop context.Context, i int, conn *socketmode.Client, fail context.CancelCauseFunc) {
	defer s.up[i].Store(false)
	for {
		select {
		case <-stop.Done():
			return
		case e := <-conn.Events:
			s.event(i, conn, e, fail)
		}
	}
}

// discard takes nothing in any more, but lets the connection live until the
// last acknowledgement is written.
func discard(alive context.Context, conn *socketmode.Client) {
	for {
		select {
		case <-alive.Done():
			return
		case <-conn.Events:
		}
	}
}

func (s *Socket) event(i int, conn *socketmode.Client, e socketmode.Event, fail context.CancelCauseFunc) {
	log := s.client.log
	switch e.Type {
	case socketmode.EventTypeConnecting, socketmode.EventTypeConnectionError, socketmode.EventTypeIncomingError:
		s.up[i].Store(false)
	case socketmode.EventTypeHello:
		if app := e.Request.ConnectionInfo.AppID; app != "" && app != s.client.app {
			fail(fmt.Errorf("the app token belongs elsewhere: Slack says it is of app %s, not %s", app, s.client.app))
			return
		}
		if n := e.Request.NumConnections; n > s.options.Connections {
			log.Warn("more connections than ours are open for this Slack app: is a second installation running?", "connections", n, "ours", s.options.Connections)
		}
		s.up[i].Store(true)
	case socketmode.EventTypeInteractive, socketmode.EventTypeSlashCommand, socketmode.EventTypeEventsAPI:
		select {
		case s.queue <- envelope{conn, *e.Request}:
		default:
			log.Error("too many deliveries wait: one was not taken", "waiting", queueSize)
		}
	case socketmode.EventTypeErrorBadMessage:
		log.Warn("Slack sent something that cannot be read")
	case socketmode.EventTypeErrorWriteFailed:
		log.Warn("an acknowledgement could not be written")
	}
}

// wait sleeps for d and tells whether ctx is still alive.
func wait(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
