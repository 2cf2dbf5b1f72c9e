package slack

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// queueSize is how many deliveries wait; beyond it they are not
	// acknowledged, and Slack tells the person.
	queueSize = 256
	// workers is how many deliveries are handled at once.
	workers = 16
	// linger is how long a connection that Slack gave notice of is still
	// listened to: about as long as Slack leaves between notice and end.
	linger = 10 * time.Second
	// rememberedFor is how long a connection that ended counts as ours: Slack may
	// still count it.
	rememberedFor = time.Minute
)

// SocketOptions are the settings of a Socket.
type SocketOptions struct {
	// Connections is how many are held at once, so that one is up while the
	// other is renewed; 0 = 2. Slack allows 10 per app.
	Connections int
	// Stagger is the time between the first opening of two connections; 0 = 10 s.
	Stagger time.Duration
	// Pause is waited, about, before a connection that ended is opened again,
	// and doubles while none lasts; 0 = 0.5 s.
	Pause time.Duration
}

// Socket takes deliveries in through Socket Mode.
type Socket struct {
	client   *Client
	receiver *Receiver
	options  SocketOptions
	queue    chan delivered
	conns    sync.WaitGroup // connections being read

	mu      sync.Mutex
	ours    map[*held]struct{}
	closing bool
	waiting sync.WaitGroup // deliveries taken and not answered; Add only under mu
}

// held is one connection that Slack may count as ours: from before it is opened
// until some time after it ended.
type held struct {
	up    bool
	ended time.Time // zero = not yet
}

// delivered is one delivery with the connection it came on.
type delivered struct {
	conn *connection
	frame
	at time.Time // of its arrival
}

// NewSocket prepares the connections; Run opens them.
func NewSocket(r *Receiver, o SocketOptions) (*Socket, error) {
	if !r.client.socketMode {
		return nil, errors.New("SLACK_APP_TOKEN is not set")
	}
	if o.Connections <= 0 {
		o.Connections = 2
	}
	if o.Stagger <= 0 {
		o.Stagger = 10 * time.Second
	}
	if o.Pause <= 0 {
		o.Pause = firstPause
	}
	return &Socket{client: r.client, receiver: r, options: o, queue: make(chan delivered, queueSize), ours: map[*held]struct{}{}}, nil
}

// Ready tells whether at least one connection is up.
func (s *Socket) Ready() error {
	if s.Up() == 0 {
		return errors.New("no connection to Slack is up")
	}
	return nil
}

// Up is how many connections are up.
func (s *Socket) Up() int {
	up, _ := s.count(time.Now())
	return up
}

// Run holds the connections and handles deliveries until ctx ends or Slack
// refuses the app for good. It returns nil when ctx ended: then everything
// taken in has been answered.
func (s *Socket) Run(ctx context.Context) error {
	// The connections outlive ctx until the last acknowledgement is written.
	alive, hangUp := context.WithCancel(context.WithoutCancel(ctx))
	defer hangUp()
	stop, fail := context.WithCancelCause(ctx)
	defer fail(nil)

	var holders, handlers sync.WaitGroup
	for i := range s.options.Connections {
		holders.Go(func() {
			if wait(stop, time.Duration(i)*s.options.Stagger) {
				s.hold(stop, alive, fail)
			}
		})
	}
	for range workers {
		handlers.Go(func() { s.answer(alive) })
	}
	<-stop.Done()
	s.mark(func() { s.closing = true })
	s.waiting.Wait()
	hangUp()
	holders.Wait()
	handlers.Wait()
	s.conns.Wait()
	if ctx.Err() != nil {
		return nil
	}
	return context.Cause(stop)
}

// hold keeps one connection up. When Slack gives notice the next is opened
// first; the one that leaves is listened to until Slack ends it.
func (s *Socket) hold(stop, alive context.Context, fail context.CancelCauseFunc) {
	log := s.client.log
	p := pace{first: s.options.Pause, most: mostPause}
	var old *connection
	for p.wait(stop) {
		c, err := s.open(stop, alive)
		if err != nil {
			if stop.Err() != nil {
				return
			}
			if final(err) {
				fail(err)
				return
			}
			p.again(retryOf(err))
			s.client.watch.Connection(port.SocketFailed)
			log.Warn("a connection to Slack could not be opened", "error", err, "again", p.pause)
			continue
		}
		if old != nil {
			time.AfterFunc(linger, old.close)
		}
		opened := time.Now()
		select {
		case <-stop.Done():
			return
		case <-c.leaving:
			log.Info("Slack will end a connection; the next is opened", "reason", c.reason)
			s.client.watch.Connection(port.SocketRenewed)
		case <-c.gone:
			log.Warn("a connection to Slack ended and is opened again")
			s.client.watch.Connection(port.SocketLost)
		}
		old = c
		p.ended(time.Since(opened))
	}
}

// retryOf is how long Slack asked to wait.
func retryOf(err error) time.Duration {
	var out *port.OutsideError
	if errors.As(err, &out) {
		return out.Retry
	}
	return 0
}

// open opens one connection, counts it, and reads from it until it ends.
func (s *Socket) open(stop, alive context.Context) (*connection, error) {
	h := &held{}
	s.mark(func() { s.ours[h] = struct{}{} })
	ended := func() { s.mark(func() { h.up, h.ended = false, time.Now() }) }
	c, hello, err := s.connect(stop)
	if err != nil {
		ended()
		return nil, err
	}
	s.mark(func() { h.up = true })
	s.client.watch.Connection(port.SocketOpened)
	if _, ours := s.count(time.Now()); hello.Connections > ours {
		s.client.log.Error("more connections than ours are open for this Slack app: is a second installation running?",
			"connections", hello.Connections, "ours", ours)
		s.client.watch.Connection(port.SocketForeign)
	}
	hungUp := context.AfterFunc(alive, c.close)
	s.conns.Go(func() {
		defer hungUp()
		defer ended()
		c.read(s)
	})
	return c, nil
}

func (s *Socket) mark(change func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change()
}

// count tells how many connections are up, and how many Slack may count as
// ours.
func (s *Socket) count(now time.Time) (up, ours int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range s.ours {
		switch {
		case h.up:
			up++
		case !h.ended.IsZero() && now.Sub(h.ended) > rememberedFor:
			delete(s.ours, h)
		}
	}
	return up, len(s.ours)
}

// take puts a delivery into the queue. What finds no room is not acknowledged.
func (s *Socket) take(d delivered) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing {
		return
	}
	s.waiting.Add(1) // first: it may be answered before the next line
	select {
	case s.queue <- d:
	default:
		s.waiting.Done()
		s.client.log.Error("too many deliveries wait: one was not taken", "waiting", queueSize)
		s.receiver.count(port.DoorSocket, result{state: unstored}, "", d.at)
	}
}

// answer handles deliveries until the connections are given up.
func (s *Socket) answer(alive context.Context) {
	for {
		select {
		case <-alive.Done():
			return
		case d := <-s.queue:
			s.handle(alive, d)
			s.waiting.Done()
		}
	}
}

// handle answers one delivery: gate first, acknowledgement only then, on the
// connection that brought it.
func (s *Socket) handle(ctx context.Context, d delivered) {
	quick, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	out := s.receiver.handle(quick, d.Type, d.Payload, repeat{d.RetryAttempt, d.RetryReason})
	if out.state == taken {
		if err := d.conn.acknowledge(d.Envelope, out.payload); err != nil {
			s.client.log.Warn("an acknowledgement could not be sent", "error", err)
			out.state = unstored // it comes again, as one that was not kept does
		}
	}
	s.receiver.count(port.DoorSocket, out, ReasonUnknown, d.at)
	s.receiver.finish(ctx, out)
}
