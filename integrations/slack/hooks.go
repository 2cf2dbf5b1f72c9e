package slack

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// maxRequest is the largest body taken, in bytes: a modal of 250 kB with its
	// state, escaped, and room.
	maxRequest = 1 << 20
	// maxHandled is how many requests are handled at once; what is beyond is
	// asked to come again.
	maxHandled = 256
)

// The doors, by the last element of their path, with what Slack sends there.
var doors = map[string]struct{ kind, content string }{
	"interactions": {kindInteraction, "application/x-www-form-urlencoded"},
	"commands":     {kindCommand, "application/x-www-form-urlencoded"},
	"events":       {kindEvent, "application/json"},
}

// Hooks takes deliveries in as signed HTTP requests. It is an http.Handler for
// .../interactions, .../commands and .../events.
type Hooks struct {
	receiver *Receiver
	secret   []byte
	now      func() time.Time
	room     chan struct{}

	open      bool // guarded by answering, which requests hold while they are answered
	answering sync.RWMutex

	mu      sync.Mutex
	refused map[Reason]int
	logged  rate.Sometimes
}

// NewHooks prepares the handler; it answers 503 until Run. now is the clock the
// times of requests are held against.
func NewHooks(r *Receiver, secret string, now func() time.Time) (*Hooks, error) {
	if secret == "" {
		return nil, errors.New("SLACK_SIGNING_SECRET is not set")
	}
	return &Hooks{
		receiver: r, secret: []byte(secret), now: now, room: make(chan struct{}, maxHandled),
		refused: map[Reason]int{}, logged: rate.Sometimes{First: 20, Interval: time.Second},
	}, nil
}

// Run takes requests until ctx ends, and returns when all are answered.
func (h *Hooks) Run(ctx context.Context) {
	h.set(true)
	<-ctx.Done()
	h.set(false)
}

func (h *Hooks) set(open bool) {
	h.answering.Lock()
	h.open = open
	h.answering.Unlock()
}

// Ready tells whether requests are taken.
func (h *Hooks) Ready() error {
	h.answering.RLock()
	defer h.answering.RUnlock()
	if !h.open {
		return errors.New("requests from Slack are not taken yet")
	}
	return nil
}

// ServeHTTP answers one request: 200 when what it brought is durable, 503 when
// it could not be kept and may come again, and one and the same refusal for
// everything else.
func (h *Hooks) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.answering.RLock()
	defer h.answering.RUnlock()
	began := time.Now()
	// Slack may hang up first; what it sent is kept all the same.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), ackTimeout)
	defer cancel()
	if !h.open {
		h.absent(w, result{}, began)
		return
	}
	kind, body, err := h.admit(w, r)
	if err != nil {
		h.refuse(w, result{}, err, began)
		return
	}
	select {
	case h.room <- struct{}{}:
		defer func() { <-h.room }()
	default:
		h.receiver.client.log.Error("too many requests from Slack at once: one was not taken", "handled", maxHandled)
		h.absent(w, result{}, began)
		return
	}
	payload, err := unwrap(kind, body)
	if err != nil {
		h.refuse(w, result{}, err, began)
		return
	}
	if challenge := challengeOf(kind, payload); challenge != "" {
		acknowledge(w, map[string]string{"challenge": challenge})
		h.receiver.count(port.DoorHTTP, result{state: taken, kind: port.KindEvent}, "", began)
		return
	}
	h.answer(w, h.receiver.handle(ctx, kind, payload, repeatOf(r.Header)), began)
}

// answer sends what a transport has to say, and then tells the person.
func (h *Hooks) answer(w http.ResponseWriter, out result, began time.Time) {
	switch {
	case out.foreign:
		h.refuse(w, out, deny(ReasonForeign), began)
	case out.state == untaken:
		h.refuse(w, out, deny(ReasonUnknown), began)
	case out.state == unstored:
		h.absent(w, out, began)
	default:
		acknowledge(w, out.payload)
		h.receiver.count(port.DoorHTTP, out, "", began)
	}
	h.receiver.finish(context.Background(), out)
}

// admit reads a request and checks that it is Slack's. The cheap checks come
// first: anybody may knock.
func (h *Hooks) admit(w http.ResponseWriter, r *http.Request) (kind string, body []byte, err error) {
	door, ok := doors[path.Base(r.URL.Path)]
	content, _, mimeErr := mime.ParseMediaType(r.Header.Get("Content-Type"))
	switch {
	case !ok:
		return "", nil, deny(ReasonPath)
	case r.Method != http.MethodPost: // guard: slack-post-only
		return "", nil, deny(ReasonMethod)
	case mimeErr != nil || content != door.content: // guard: slack-content-type
		return "", nil, deny(ReasonType)
	}
	// Without a writer that can do it the server's own limits hold.
	control := http.NewResponseController(w)
	_ = control.SetReadDeadline(time.Now().Add(ackTimeout))
	body, err = io.ReadAll(io.LimitReader(r.Body, maxRequest+1)) // guard: slack-body-bounded
	_ = control.SetReadDeadline(time.Time{})
	switch {
	case err != nil:
		return "", nil, deny(ReasonCut)
	case len(body) > maxRequest: // guard: slack-body-size
		return "", nil, deny(ReasonSize)
	}
	return door.kind, body, verify(h.secret, h.now(), r.Header, body)
}

// unwrap takes the payload out of the verified bytes; nothing else of a request
// is read, since nothing else is signed. What comes over Socket Mode as JSON is
// made JSON here.
func unwrap(kind string, body []byte) ([]byte, error) {
	if kind == kindEvent {
		return body, nil
	}
	form, err := url.ParseQuery(string(body))
	if err != nil { // guard: slack-form-read
		return nil, deny(ReasonUnreadable)
	}
	fields := map[string]string{}
	for name, values := range form { // of two, which one would be meant?
		if len(values) != 1 { // guard: slack-one-payload
			return nil, deny(ReasonUnreadable)
		}
		fields[name] = values[0]
	}
	if kind == kindInteraction {
		return []byte(fields["payload"]), nil
	}
	payload, err := json.Marshal(fields)
	if err != nil {
		return nil, deny(ReasonUnreadable)
	}
	return payload, nil
}

// challengeOf is what Slack wants to hear when somebody enters the address of
// the events in its settings; empty for anything else.
func challengeOf(kind string, payload []byte) string {
	var p struct {
		Type      string `json:"type"`
		Challenge string `json:"challenge"`
	}
	if kind != kindEvent || json.Unmarshal(payload, &p) != nil || p.Type != "url_verification" {
		return ""
	}
	return p.Challenge
}

// repeatOf reads what Slack says of a repeat; a number that is none is 0.
func repeatOf(h http.Header) repeat {
	n, _ := strconv.Atoi(h.Get(headerRetry)) // it is only logged
	return repeat{n, h.Get(headerReason)}
}

// refuse answers the one refusal and logs the reason. The log is not for
// whoever knocks often to fill.
func (h *Hooks) refuse(w http.ResponseWriter, out result, err error, began time.Time) {
	why := ReasonUnknown
	var refusal *RequestError
	if errors.As(err, &refusal) {
		why = refusal.Reason
	}
	h.mu.Lock()
	h.refused[why]++
	n := h.refused[why]
	h.mu.Unlock()
	h.logged.Do(func() {
		h.receiver.client.log.Warn("a request to a door for Slack was refused", "reason", string(why), "so_far", n)
	})
	send(w, http.StatusUnauthorized, "text/plain; charset=utf-8", []byte("unauthorized\n"))
	h.receiver.count(port.DoorHTTP, out, why, began)
}

// absent asks to come again with what could not be kept.
func (h *Hooks) absent(w http.ResponseWriter, out result, began time.Time) {
	unavailable(w)
	out.state = unstored
	h.receiver.count(port.DoorHTTP, out, "", began)
}

// unavailable asks to come again.
func unavailable(w http.ResponseWriter) {
	send(w, http.StatusServiceUnavailable, "text/plain; charset=utf-8", []byte("unavailable\n"))
}

// acknowledge answers 200 with a payload; nil is an empty body.
func acknowledge(w http.ResponseWriter, payload any) {
	if payload == nil {
		send(w, http.StatusOK, "", nil)
		return
	}
	b, err := json.Marshal(payload)
	if err != nil {
		unavailable(w)
		return
	}
	send(w, http.StatusOK, "application/json; charset=utf-8", b)
}

// send sends a whole answer at once, so that nothing that follows delays it. A
// refused connection is closed always: how much of a body was left to read
// would tell of the reason.
func send(w http.ResponseWriter, status int, content string, body []byte) {
	head := w.Header()
	if content != "" {
		head.Set("Content-Type", content)
	}
	head.Set("Content-Length", strconv.Itoa(len(body)))
	head.Set("X-Content-Type-Options", "nosniff")
	if status != http.StatusOK {
		head.Set("Connection", "close")
	}
	w.WriteHeader(status)
	_, _ = w.Write(body)                      // who asked may be gone
	_ = http.NewResponseController(w).Flush() // as above; else it goes with the end of the handler
}
