package slacktest

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

const (
	pingEvery    = 10 * time.Second // clients give a connection up after 30 s without one
	ticketLife   = 30 * time.Second // of the address apps.connections.open gives
	writeTimeout = 5 * time.Second
	// approximateLife is what hello says the connection will live, in seconds.
	approximateLife = 18_060
)

// hub holds the Socket Mode connections.
type hub struct {
	s       *Server
	mu      sync.Mutex
	tickets map[string]time.Time
	conns   []*socket
	next    int
	opened  int
	pending map[string]*wait // by envelope id
	running sync.WaitGroup   // connections being served
}

// socket is one connection.
type socket struct {
	number  int
	conn    *websocket.Conn
	write   sync.Mutex
	leaving bool // told to disconnect: gets nothing more
}

// wait is a delivery that was not acknowledged yet.
type wait struct {
	on  *socket
	got chan reply
}

// reply ends a wait: an acknowledgement, or the loss of the connection.
type reply struct {
	payload json.RawMessage
	lost    bool
}

func newHub(s *Server) *hub {
	return &hub{s: s, tickets: map[string]time.Time{}, pending: map[string]*wait{}}
}

// connectionsOpen gives a socket address that works once.
func (s *Server) connectionsOpen(_ context.Context, q *request) (answer, error) {
	base := "ws://" + q.prefix
	if s.opt.BaseURL != nil {
		if u, err := url.Parse(s.opt.BaseURL()); err == nil && u.Host != "" {
			base = strings.Replace(u.Scheme, "http", "ws", 1) + "://" + u.Host + strings.TrimSuffix(u.Path, "/")
		}
	}
	ticket := newID("")
	s.hub.mu.Lock()
	s.hub.tickets[ticket] = s.opt.Wall()
	s.hub.mu.Unlock()
	return answer{"url": base + "/socket/" + ticket}, nil
}

// serve runs one connection until it ends.
func (h *hub) serve(w http.ResponseWriter, r *http.Request, ticket string) {
	h.running.Add(1)
	defer h.running.Done()
	h.mu.Lock()
	born, ok := h.tickets[ticket]
	delete(h.tickets, ticket)
	h.mu.Unlock()
	if !ok || h.s.opt.Wall().Sub(born) > ticketLife {
		http.Error(w, "unknown or used ticket", http.StatusForbidden)
		return
	}
	// The library sends Slack's own address as Origin; the ticket is the key.
	up := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := up.Upgrade(w, r, nil)
	if err != nil {
		h.s.opt.Logger.Warn("socket", "err", err)
		return
	}
	c := &socket{conn: conn}
	defer func() { _ = conn.Close() }()
	n, ok := h.join(c)
	if !ok {
		h.s.refuse("socket", "too_many_websockets")
		_ = c.send(map[string]any{"type": "disconnect", "reason": "too_many_websockets"})
		return
	}
	defer h.leave(c)
	hello := map[string]any{
		"type": "hello", "num_connections": n, "connection_info": map[string]any{"app_id": h.s.opt.AppID},
		"debug_info": map[string]any{"host": "applink-sandbox", "build_number": 1, "approximate_connection_time": approximateLife},
	}
	if c.send(hello) != nil {
		return
	}
	stop := make(chan struct{})
	defer close(stop)
	go c.ping(stop)
	h.read(c)
}

func (h *hub) join(c *socket) (n int, ok bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.conns) >= MaxSockets {
		return len(h.conns), false
	}
	h.opened++
	c.number = h.opened
	h.conns = append(h.conns, c)
	return len(h.conns), true
}

// leave forgets a connection; what waited on it is lost.
func (h *hub) leave(c *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i, o := range h.conns {
		if o == c {
			h.conns = append(h.conns[:i:i], h.conns[i+1:]...)
			break
		}
	}
	for id, w := range h.pending {
		if w.on == c {
			w.got <- reply{lost: true}
			delete(h.pending, id)
		}
	}
}

func (c *socket) send(v any) error {
	c.write.Lock()
	defer c.write.Unlock()
	if err := c.conn.SetWriteDeadline(time.Now().Add(writeTimeout)); err != nil {
		return fmt.Errorf("socket: %w", err)
	}
	return c.conn.WriteMessage(websocket.TextMessage, encode(v))
}

func (c *socket) ping(stop <-chan struct{}) {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			if err := c.conn.WriteControl(websocket.PingMessage, []byte("Ping from sandbox"), time.Now().Add(writeTimeout)); err != nil {
				return
			}
		}
	}
}

// read takes acknowledgements until the connection ends.
func (h *hub) read(c *socket) {
	for {
		_, frame, err := c.conn.ReadMessage()
		if err != nil {
			return
		}
		if len(frame) >= MaxAckBytes {
			h.s.refuse("socket", fmt.Sprintf("frame of %d bytes dropped, the limit is below %d", len(frame), MaxAckBytes))
			continue
		}
		var ack struct {
			EnvelopeID string          `json:"envelope_id"`
			Payload    json.RawMessage `json:"payload"`
		}
		if err := json.Unmarshal(frame, &ack); err != nil || ack.EnvelopeID == "" {
			h.s.refuse("socket", "frame without an envelope_id")
			continue
		}
		h.acknowledge(c, ack.EnvelopeID, ack.Payload)
	}
}

// acknowledge ends a wait. Whether Slack takes an acknowledgement on another
// connection than the delivery's is not known, so the fake does not.
func (h *hub) acknowledge(c *socket, id string, payload json.RawMessage) {
	h.mu.Lock()
	defer h.mu.Unlock()
	w, ok := h.pending[id]
	switch {
	case !ok:
		h.s.refuse("socket", "acknowledgement too late, or of nothing: "+id)
	case w.on != c:
		h.s.refuse("socket", "acknowledged on another connection: "+id)
	default:
		delete(h.pending, id)
		if string(payload) == "null" {
			payload = nil
		}
		w.got <- reply{payload: payload}
	}
}

// pick takes the next connection in turn and notes the wait.
func (h *hub) pick(id string) (*socket, *wait) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for range h.conns {
		h.next++
		c := h.conns[h.next%len(h.conns)]
		if c.leaving {
			continue
		}
		w := &wait{on: c, got: make(chan reply, 1)}
		if id != "" {
			h.pending[id] = w
		}
		return c, w
	}
	return nil, nil
}

// deliver sends an envelope to one connection and waits for its answer. Where
// the connection ends first it is sent again over another while the person
// waits: whether Slack does so for all kinds is not documented, but repeats of
// an envelope have been seen (bolt-js issue 2487).
func (h *hub) deliver(ctx context.Context, envelope map[string]any) Ack {
	begin := time.Now()
	ctx, cancel := context.WithTimeout(ctx, h.s.opt.AckTimeout)
	defer cancel()
	ack := Ack{Warning: "no connection: the app is not there"}
	for {
		next, lost := h.once(ctx, envelope, ack)
		next.Ms = time.Since(begin).Milliseconds()
		if ack = next; !lost {
			return ack
		}
	}
}

// once sends an envelope over one connection. before is the answer when there
// is none; lost says that the connection ended without one.
func (h *hub) once(ctx context.Context, envelope map[string]any, before Ack) (_ Ack, lost bool) {
	id := text(envelope, "envelope_id")
	c, w := h.pick(id)
	if c == nil {
		return before, false
	}
	defer h.forget(id, w)
	broke := Ack{Warning: "the connection broke before the app answered"}
	if err := c.send(envelope); err != nil {
		return broke, true
	}
	if id == "" {
		return Ack{}, false
	}
	select {
	case r := <-w.got:
		if r.lost {
			return broke, true
		}
		return Ack{Status: http.StatusOK, Body: r.payload, Connection: c.number}, false
	case <-ctx.Done():
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return Ack{Warning: "the app did not answer within " + h.s.opt.AckTimeout.String()}, false
	}
	return Ack{Warning: "given up: " + ctx.Err().Error()}, false
}

// forget ends a wait, unless the same envelope is waited for elsewhere by now.
func (h *hub) forget(id string, w *wait) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.pending[id] == w {
		delete(h.pending, id)
	}
}
