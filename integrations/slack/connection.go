package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gorilla/websocket"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// readLimit is the largest frame taken, in bytes: a modal of 250 kB with
	// its state, and room.
	readLimit = 1 << 20
	// maxFrame: a frame of this size or more is dropped by Slack without a word,
	// in bytes (read in slack-go v0.35.0).
	maxFrame = 20_480
	// dialTimeout bounds the opening of a connection up to Slack's first word.
	dialTimeout = 10 * time.Second
	// silence is how long Slack may send nothing, not even a ping, before a
	// connection counts as dead. Slack's pings come every few seconds.
	silence = 30 * time.Second
	// farewell is how long the end of a connection may take: Slack may leave it
	// half closed.
	farewell = time.Second
)

// The frames of a connection beside the kinds of deliveries.
const (
	frameHello      = "hello"
	frameDisconnect = "disconnect"
)

// frame is what Slack sends on a connection.
type frame struct {
	Type        string          `json:"type"`
	Envelope    string          `json:"envelope_id"`
	Payload     json.RawMessage `json:"payload"`
	Reason      string          `json:"reason"`          // of a disconnect
	Connections int             `json:"num_connections"` // of a hello
	Info        struct {
		App string `json:"app_id"`
	} `json:"connection_info"`
	RetryAttempt int    `json:"retry_attempt"`
	RetryReason  string `json:"retry_reason"`
}

// connection is one Socket Mode connection. slack-go's own closes before it
// opens the next, and tells that an acknowledgement is written when it is only
// queued; hence this one, over slack-go's call for the address.
type connection struct {
	ws      *websocket.Conn
	writing sync.Mutex
	// leaving is closed when Slack has said that the connection will end, and
	// gone when it has ended.
	leaving, gone chan struct{}
	reason        string // set before leaving is closed
	closing       atomic.Bool
}

// connect opens a connection and waits for Slack's first word.
func (s *Socket) connect(ctx context.Context) (*connection, frame, error) {
	var hello frame
	var address string
	err := s.client.call(ctx, methodConnect, "", func(ctx context.Context) (err error) {
		_, address, err = s.client.api.StartSocketModeContext(ctx)
		return err
	})
	if err != nil {
		return nil, hello, err
	}
	dialing, cancel := context.WithTimeout(ctx, dialTimeout)
	defer cancel()
	dialer := &websocket.Dialer{Proxy: s.guard, HandshakeTimeout: dialTimeout, WriteBufferSize: 32 << 10}
	ws, resp, err := dialer.DialContext(dialing, address, http.Header{"Origin": {"https://api.slack.com"}})
	if err != nil {
		return nil, hello, fmt.Errorf("open a socket: %w", bare(err)) // the address is a key
	}
	_ = resp.Body.Close() // empty after the switch to a websocket
	c := &connection{ws: ws, leaving: make(chan struct{}), gone: make(chan struct{})}
	ws.SetReadLimit(readLimit)
	ws.SetPingHandler(c.pong)
	stop := context.AfterFunc(ctx, func() { _ = ws.Close() }) // ends the wait
	defer stop()
	if err = ws.SetReadDeadline(time.Now().Add(dialTimeout)); err == nil {
		err = ws.ReadJSON(&hello)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("wait for Slack's first word: %w", bare(err))
	case hello.Type == frameDisconnect:
		err = fmt.Errorf("the connection was refused: %s", cut(hello.Reason, maxReason))
	case hello.Type != frameHello:
		err = errors.New("the first word on the socket is no hello")
	case hello.Info.App != "" && hello.Info.App != s.client.app:
		err = &finalError{fmt.Errorf("the app token belongs elsewhere: Slack says it is of app %s, not %s", hello.Info.App, s.client.app)}
	}
	if err != nil {
		_ = ws.Close() // nothing came of it
		return nil, hello, err
	}
	return c, hello, nil
}

// finalError is one that no further attempt can mend.
type finalError struct{ error }

func (e *finalError) Unwrap() error { return e.error }

// final tells whether no attempt to connect can succeed any more.
func final(err error) bool {
	var elsewhere *finalError
	var out *port.OutsideError
	if errors.As(err, &elsewhere) {
		return true
	}
	if !errors.As(err, &out) {
		return false
	}
	switch out.Code {
	case "invalid_auth", "account_inactive", "not_authed", "token_revoked", "token_expired", "not_allowed_token_type", "missing_scope", "404":
		return true
	}
	return false
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

// read hands over what comes until the connection ends. take must not wait: a
// slow consumer would let the connection die.
func (c *connection) read(s *Socket) {
	defer close(c.gone)
	defer func() { _ = c.ws.Close() }() // it has ended
	for {
		if err := c.alive(); err != nil {
			return
		}
		_, b, err := c.ws.ReadMessage()
		if err != nil {
			return
		}
		var f frame
		if err := json.Unmarshal(b, &f); err != nil {
			s.client.log.Warn("Slack sent something that cannot be read", "error", bare(err))
			continue
		}
		switch f.Type {
		case frameDisconnect:
			c.leave(f.Reason)
		case kindInteraction, kindCommand, kindEvent:
			s.take(delivered{c, f, time.Now()})
		case frameHello:
		default:
			s.client.log.Warn("Slack sent a kind of frame that is not known", "type", cut(f.Type, maxReason))
		}
	}
}

// leave notes that Slack will end the connection. Only the reader calls it.
func (c *connection) leave(reason string) {
	select {
	case <-c.leaving:
	default:
		c.reason = cut(reason, maxReason)
		close(c.leaving)
	}
}

// pong answers a ping, which also shows that the connection lives.
func (c *connection) pong(data string) error {
	if err := c.alive(); err != nil {
		return err
	}
	// A failure to write shows in the next read.
	_ = c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(ackTimeout))
	return nil
}

// acknowledge writes an acknowledgement. When it returns nil it is on its way.
func (c *connection) acknowledge(envelope string, payload any) error {
	b, err := json.Marshal(struct {
		Envelope string `json:"envelope_id"`
		Payload  any    `json:"payload,omitempty"`
	}{envelope, payload})
	if err != nil {
		return fmt.Errorf("write an acknowledgement: %w", err)
	}
	if len(b) >= maxFrame {
		return fmt.Errorf("an acknowledgement of %d bytes: Slack takes less than %d", len(b), maxFrame)
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	if err := c.ws.SetWriteDeadline(time.Now().Add(ackTimeout)); err != nil {
		return fmt.Errorf("write an acknowledgement: %w", err)
	}
	if err := c.ws.WriteMessage(websocket.TextMessage, b); err != nil {
		return fmt.Errorf("write an acknowledgement: %w", err)
	}
	return nil
}

// alive sets how long may pass until the next sign of life. A connection that
// was told to close gets no more time.
func (c *connection) alive() error {
	if c.closing.Load() {
		return nil
	}
	err := c.ws.SetReadDeadline(time.Now().Add(silence))
	if c.closing.Load() { // told so in between
		err = c.ws.SetReadDeadline(time.Now().Add(farewell))
	}
	return err
}

// close says farewell; the reader ends when Slack has answered. Closing at once
// could cut off an acknowledgement that is still on its way.
func (c *connection) close() {
	if c.closing.Swap(true) {
		return
	}
	word := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = c.ws.WriteControl(websocket.CloseMessage, word, time.Now().Add(farewell)) // who left does not hear it
	_ = c.ws.SetReadDeadline(time.Now().Add(farewell))                            // fails where it is closed already
}
