package slack

import (
	"encoding/json"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

// counter is a gate that counts what it took by delivery key.
type counter struct {
	mu   sync.Mutex
	took map[string]int
}

func (c *counter) gate() gateFunc {
	c.took = map[string]int{}
	return func(d intake.Delivery) intake.Reply {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.took[d.DeliveryKey]++
		return intake.Reply{}
	}
}

func (c *counter) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.took)
}

// TestStorm ends connections without pause, for every reason, while people
// press: each press that was acknowledged was taken, and each once, though
// Slack sends again what a lost connection swallowed.
func TestStorm(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *slacktest.Options) { o.AckTimeout, o.NoticeLife = slacktest.AckTimeout, 50*time.Millisecond })
	var c counter
	gate := c.gate()
	s, _ := w.connect(gateFunc(func(d intake.Delivery) intake.Reply {
		time.Sleep(3 * time.Millisecond) // so that a disconnect finds something under way
		return gate(d)
	}))
	stop := make(chan struct{})
	var people sync.WaitGroup
	var mu sync.Mutex
	acknowledged := map[string]bool{} // by the message pressed
	for range 4 {
		people.Go(func() {
			for {
				card := card()
				card.To = port.Addressee{Channel: "C0RAIC"}
				at, err := w.client.Post(t.Context(), "key", card, "", "")
				if err != nil {
					t.Error(err)
					return
				}
				w.insist(slacktest.Click{User: "U0CORA", Channel: at.Channel, TS: at.TS, ActionID: port.ActionApprove})
				mu.Lock()
				acknowledged[at.TS] = true
				mu.Unlock()
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	for range 2 { // more only makes the pauses longer
		for _, reason := range []string{"warning", "", "refresh_requested", "link_disabled"} {
			before := c.count()
			w.until("presses in between", func() bool { return c.count() > before+3 })
			w.slack.Disconnect(reason)
		}
	}
	w.until("both connections again", func() bool { return w.slack.Connections() >= 2 && s.Ready() == nil })
	close(stop)
	people.Wait()
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, n := range c.took {
		if n != 1 {
			t.Errorf("%s came in %d times", key, n)
		}
		delete(acknowledged, strings.Split(key, "/")[5]) // the message
	}
	if len(acknowledged) > 0 {
		t.Errorf("acknowledged and lost: %v", acknowledged)
	}
	t.Logf("%d presses came in", len(c.took))
}

// insist presses until it is acknowledged, as a person who sees the warning.
func (w *world) insist(c slacktest.Click) {
	for w.t.Context().Err() == nil {
		ack, err := w.slack.Click(w.t.Context(), c)
		if err != nil {
			w.t.Error(err)
			return
		}
		if ack.Status == 200 {
			return
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// TestNextIsOpenedFirst: after a notice the next connections are up while the
// old ones still are, and what came over an old one is answered on it.
func TestNextIsOpenedFirst(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *slacktest.Options) { o.AckTimeout, o.NoticeLife = slacktest.AckTimeout, time.Hour })
	entered, release := make(chan struct{}), make(chan struct{})
	let := sync.OnceFunc(func() { close(release) })
	defer let()
	var held atomic.Bool
	w.connect(gateFunc(func(intake.Delivery) intake.Reply {
		if !held.Swap(true) {
			close(entered)
			<-release
		}
		return intake.Reply{}
	}))
	acks := make(chan slacktest.Ack, 1)
	go func() { ack, _ := w.press(port.ActionApprove); acks <- ack }()
	<-entered
	if n := w.slack.Disconnect("warning"); n != 2 {
		t.Fatalf("%d connections", n)
	}
	w.until("two more", func() bool { return w.slack.Connections() == 4 })
	if ack, _ := w.press(port.ActionApprove); ack.Status != 200 {
		t.Errorf("on a new connection: %+v", ack)
	}
	let()
	if ack := <-acks; ack.Status != 200 {
		t.Errorf("on an old connection: %+v", ack)
	}
	if r := w.slack.Refused(); len(r) > 0 {
		t.Errorf("refused %+v", r)
	}
	if strings.Contains(w.log.String(), "second installation") {
		t.Errorf("our own connections raised the alarm: %s", w.log)
	}
}

// TestSplitOverConnections: a window that one connection opened is sent over
// another.
func TestSplitOverConnections(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(gateFunc(func(d intake.Delivery) intake.Reply {
		if d.Kind == port.InboxClick {
			m := modals()["prefilled"]
			return intake.Reply{Modal: &m}
		}
		return intake.Reply{}
	}))
	click, _ := w.press(port.ActionReject)
	submit := w.submit(w.state().Views[0].ID, map[string]any{})
	if click.Status != 200 || submit.Status != 200 || len(w.state().Views) != 0 {
		t.Errorf("click %+v, submission %+v, %d windows", click, submit, len(w.state().Views))
	}
	if click.Connection == 0 || click.Connection == submit.Connection {
		t.Errorf("click over connection %d, submission over %d", click.Connection, submit.Connection)
	}
}

// TestSameEnvelopeTwice: one envelope over two connections counts once, and
// both are acknowledged alike.
func TestSameEnvelopeTwice(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var c counter
	gate := c.gate()
	w.connect(gateFunc(func(d intake.Delivery) intake.Reply {
		gate(d)
		time.Sleep(50 * time.Millisecond) // long enough for the other to come
		return intake.Reply{Say: "Started"}
	}))
	payload := `{"team_id":"T0HOME","api_app_id":"A0APP","user_id":"U0CORA","channel_id":"C0RAIC","command":"/aims","text":"start a b","trigger_id":"1.2.3"}`
	var both sync.WaitGroup
	for _, id := range []string{"e1", "e2"} { // the fake tells acknowledgements apart by it
		both.Go(func() {
			body := `{"type":"slash_commands","envelope_id":"` + id + `","payload":` + payload + `}`
			ack, err := w.slack.Raw(t.Context(), slacktest.Raw{Transport: "socket", Body: json.RawMessage(body)})
			if err != nil || !strings.Contains(string(ack.Body), "Started") {
				t.Errorf("%s: %+v %v", id, ack, err)
			}
		})
	}
	both.Wait()
	if len(c.took) != 1 || c.took["slack/command/1.2.3"] != 1 {
		t.Errorf("came in %v", c.took)
	}
}

// TestPace: however fast connections are lost, one is opened no more often than
// nine times in the first minute and five times in a later one; one that lasted
// wipes the slate.
func TestPace(t *testing.T) {
	t.Parallel()
	p := pace{first: firstPause, most: mostPause}
	var at time.Duration
	minutes := map[int]int{}
	for at < time.Hour {
		minutes[int(at/time.Minute)]++
		p.ended(0)
		if p.pause > mostPause || p.pause < firstPause/2 {
			t.Fatalf("a pause of %s", p.pause)
		}
		at += p.pause
	}
	for minute, n := range minutes {
		if limit := map[bool]int{true: 9, false: 5}[minute == 0]; n > limit {
			t.Errorf("%d openings in minute %d", n, minute)
		}
	}
	p.again(45 * time.Second)
	if p.pause < 45*time.Second {
		t.Errorf("Slack asked to wait 45 s, the pause is %s", p.pause)
	}
	p.ended(steady)
	if p.pause > firstPause {
		t.Errorf("after a connection that lasted, the pause is %s", p.pause)
	}
}
