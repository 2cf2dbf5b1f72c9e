package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// press clicks a button of a fresh message to the committee as cora.
func (w *world) press(action string) (slacktest.Ack, port.Outcome) {
	w.t.Helper()
	c := card()
	c.To = port.Addressee{Channel: "C0RAIC"}
	at, err := w.client.Post(w.t.Context(), "key", c, "", "")
	w.must(err)
	ack, err := w.slack.Click(w.t.Context(), slacktest.Click{User: "U0CORA", Channel: at.Channel, TS: at.TS, ActionID: action})
	w.must(err)
	return ack, at
}

// whispers are what cora alone was told.
func (w *world) whispers() []string {
	var out []string
	for _, m := range w.state().Messages {
		if m.Ephemeral && m.To == "U0CORA" {
			out = append(out, m.Channel+" "+m.Text)
		}
	}
	return out
}

func (w *world) submit(view string, values any) slacktest.Ack {
	w.t.Helper()
	ack, err := w.slack.Submit(w.t.Context(), slacktest.Submit{User: "U0CORA", ViewID: view, Values: json.RawMessage(compact(w.t, values))})
	w.must(err)
	return ack
}

// TestClickReplies: what the gate says is what the person gets.
func TestClickReplies(t *testing.T) {
	t.Parallel()
	cases := []struct {
		name  string
		reply intake.Reply
		acked bool
		told  string
		log   string
	}{
		{"kept", intake.Reply{}, true, "", ""},
		{"late", intake.Reply{Say: "Too <late>"}, true, "C0RAIC Too &lt;late&gt;", ""},
		{"not ours", intake.Reply{Ignore: true}, false, "", "second installation"},
		{"not stored", intake.Reply{Unstored: true, Say: "Try again"}, false, "C0RAIC Try again", "could not be stored"},
		{"a window that cannot be", intake.Reply{Modal: &port.Modal{Questions: allTypes()[:0:0], Callback: strings.Repeat("x", 300)}}, true, "C0RAIC " + sayNotOpened, "could not be opened"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(gateFunc(func(intake.Delivery) intake.Reply { return c.reply }))
			ack, _ := w.press(port.ActionApprove)
			if (ack.Status == 200) != c.acked || len(ack.Body) > 0 {
				t.Errorf("ack %+v", ack)
			}
			want := []string{}
			if c.told != "" {
				want = append(want, c.told)
				w.until("the private answer", func() bool { return len(w.whispers()) > 0 })
			}
			if got := w.whispers(); !slices.Equal(got, want) {
				t.Errorf("told %q, want %q", got, want)
			}
			if !strings.Contains(w.log.String(), c.log) {
				t.Errorf("log %s", w.log)
			}
		})
	}
}

// TestAcknowledgedAfterTheGate: nothing is acknowledged that is not kept yet,
// and a stop waits for what was taken in.
func TestAcknowledgedAfterTheGate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entered, release := make(chan struct{}), make(chan struct{})
	_, stop := w.connect(gateFunc(func(intake.Delivery) intake.Reply {
		close(entered)
		<-release
		return intake.Reply{}
	}))
	acks := make(chan slacktest.Ack, 1)
	go func() { ack, _ := w.press(port.ActionApprove); acks <- ack }()
	<-entered
	stopped := make(chan error, 1)
	go func() { stopped <- stop() }()
	select {
	case ack := <-acks:
		t.Fatalf("acknowledged before it was kept: %+v", ack)
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	if ack := <-acks; ack.Status != 200 {
		t.Errorf("a stop lost an acknowledgement: %+v", ack)
	}
	if err := <-stopped; err != nil {
		t.Errorf("stopped with %v", err)
	}
	w.until("hanging up", func() bool { return w.slack.Connections() == 0 })
}

// TestSubmissionReplies: a window closes, says what is wrong, or says what
// happened.
func TestSubmissionReplies(t *testing.T) {
	t.Parallel()
	long := map[string]string{}
	for _, q := range allTypes() {
		long[q.ID.V] = strings.Repeat("ä", 5000)
	}
	cases := []struct {
		name  string
		reply intake.Reply
		shown string // part of the window afterwards; "" = closed
	}{
		{"kept", intake.Reply{}, ""},
		{"wrong", intake.Reply{Errors: map[string]string{"a_long": "Say more"}}, `"a_long":"Say more"`},
		{"very wrong", intake.Reply{Errors: long}, `"a_choice":"ä`},
		{"late", intake.Reply{Say: "Already decided"}, "Already decided"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connect(gateFunc(func(d intake.Delivery) intake.Reply {
				if d.Kind == port.InboxClick {
					m := modals()["prefilled"]
					return intake.Reply{Modal: &m}
				}
				return c.reply
			}))
			w.press(port.ActionReject)
			ack := w.submit(w.state().Views[0].ID, map[string]any{})
			if ack.Status != 200 || ack.Warning != "" {
				t.Fatalf("ack %+v, refused %+v", ack, w.slack.Refused())
			}
			views := w.state().Views
			if c.shown == "" {
				if len(views) != 0 {
					t.Errorf("the window stays: %+v", views)
				}
				return
			}
			if len(views) != 1 || !strings.Contains(compact(t, views[0]), c.shown) {
				t.Errorf("views %s", compact(t, views))
			}
		})
	}
}

// TestReconnects: connections that Slack renews come back, and deliveries with
// them.
func TestReconnects(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s, _ := w.connect(gateFunc(func(intake.Delivery) intake.Reply { return intake.Reply{} }))
	for _, reason := range []string{"refresh_requested", ""} {
		w.slack.Disconnect(reason)
		w.until("both connections again", func() bool { return w.slack.Connections() == 2 && s.Ready() == nil })
	}
	w.until("an acknowledgement", func() bool { ack, _ := w.press(port.ActionApprove); return ack.Status == 200 })
}

// TestRefusedForGood: an app that Slack refuses ends Run with the reason.
func TestRefusedForGood(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gate := gateFunc(func(intake.Delivery) intake.Reply { return intake.Reply{} })
	for app, want := range map[string]string{"xapp-1-A0APP-other": "invalid_auth", appToken: "is of app A0APP, not A0OTHER"} {
		c, err := New(Options{BotToken: botToken, AppToken: app, APIURL: w.address})
		w.must(err)
		if app == appToken { // as if the bot token were another app's
			c.app = "A0OTHER"
		}
		s, err := NewSocket(NewReceiver(c, gate), SocketOptions{Stagger: time.Millisecond})
		w.must(err)
		if err := s.Run(t.Context()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", app, err, want)
		}
		if s.Ready() == nil {
			t.Error("a socket that ended is ready")
		}
	}
	if _, err := NewSocket(NewReceiver(newBotOnly(t), gate), SocketOptions{}); err == nil {
		t.Error("a socket without an app token")
	}
}

func newBotOnly(t *testing.T) *Client {
	t.Helper()
	c, err := New(Options{BotToken: botToken})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestSecondInstallation: more connections than ours are told about.
func TestSecondInstallation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gate := gateFunc(func(intake.Delivery) intake.Reply { return intake.Reply{} })
	w.connect(gate)
	other := newClient(t, w.address, w.log)
	s, err := NewSocket(NewReceiver(other, gate), SocketOptions{Connections: 1})
	w.must(err)
	done := make(chan error, 1)
	ctx, cancel := context.WithCancel(context.Background())
	go func() { done <- s.Run(ctx) }()
	w.until("the alarm", func() bool { return strings.Contains(w.log.String(), "second installation") })
	cancel()
	w.must(<-done)
}

// TestGuard: the socket goes to Slack, or within one machine, and nowhere else.
func TestGuard(t *testing.T) {
	t.Parallel()
	cases := []struct {
		address  string
		loopback bool
		ok       bool
	}{
		{"https://wss-primary.slack.com/link/?ticket=1", false, true},
		{"https://wss.slack-gov.com/", false, true},
		{"http://wss-primary.slack.com/", false, false},
		{"https://slack.com.evil.example/", false, false},
		{"https://evilslack.com/", false, false},
		{"https://127.0.0.1/", false, false},
		{"http://127.0.0.1:8080/socket/1", true, true},
		{"http://[::1]:8080/socket/1", true, true},
		{"https://wss-primary.slack.com/", true, false},
		{"http://10.0.0.1/", true, false},
	}
	for _, c := range cases {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, c.address, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := &Socket{client: &Client{loopback: c.loopback}}
		if _, err := s.guard(r); (err == nil) != c.ok {
			t.Errorf("%s, loopback %v: %v", c.address, c.loopback, err)
		}
	}
}
