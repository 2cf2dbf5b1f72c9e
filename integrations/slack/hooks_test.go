package slack

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

const secret = "sandbox-signing-secret"

// serve mounts the doors for signed requests in front of a gate.
func (w *world) serve(g Gate) (address string, stop func()) {
	w.t.Helper()
	hooks, err := NewHooks(NewReceiver(w.client, g), secret, time.Now)
	w.must(err)
	mux := http.NewServeMux()
	mux.Handle("/slack/", hooks)
	server := httptest.NewServer(mux)
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { hooks.Run(ctx) })
	stop = sync.OnceFunc(func() { cancel(); running.Wait() })
	w.t.Cleanup(func() { stop(); server.Close() })
	w.until("the doors to open", func() bool { return hooks.Ready() == nil })
	return server.URL + "/slack", stop
}

// newHTTPWorld is a workspace whose deliveries come as signed requests.
func newHTTPWorld(t *testing.T, g Gate, change ...func(*slacktest.Options)) (*world, string) {
	t.Helper()
	var address atomic.Value
	hooks := func(o *slacktest.Options) { o.Hooks = func() string { a, _ := address.Load().(string); return a } }
	w := newWorld(t, append([]func(*slacktest.Options){hooks}, change...)...)
	a, _ := w.serve(g)
	address.Store(a)
	return w, a
}

// sent is one request as somebody sends it.
type sent struct {
	method, path, content, body string
	secret                      string        // "" = unsigned
	age                         time.Duration // of the time that is signed
	header                      http.Header   // wins over what is signed
	unsized                     bool          // no length is declared
}

// signed is a good request to a door.
func signed(door string, body string) sent {
	content := "application/x-www-form-urlencoded"
	if door == "events" {
		content = "application/json"
	}
	return sent{method: http.MethodPost, path: "/" + door, content: content, body: body, secret: secret}
}

// send sends a request and returns the answer as it stands, without its date.
func (w *world) send(address string, s sent) string {
	w.t.Helper()
	r, err := http.NewRequestWithContext(w.t.Context(), s.method, address+s.path, strings.NewReader(s.body))
	w.must(err)
	if s.unsized {
		r.ContentLength = -1
	}
	r.Header.Set("Content-Type", s.content)
	if s.secret != "" {
		at := strconv.FormatInt(time.Now().Add(-s.age).Unix(), 10)
		r.Header.Set(headerTime, at)
		r.Header.Set(headerSignature, slacktest.Sign(s.secret, at, s.body))
	}
	for k, v := range s.header {
		r.Header[k] = v
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: false}}
	defer client.CloseIdleConnections()
	resp, err := client.Do(r)
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	resp.Header.Del("Date")
	b, err := httputil.DumpResponse(resp, true)
	w.must(err)
	return string(b)
}

// pressed is the payload of a pressed button.
func pressed(app, team string) string {
	return form("payload", compactJSON(map[string]any{
		"type": "block_actions", "api_app_id": app, "team": map[string]any{"id": team}, "user": map[string]any{"id": "U0CORA", "team_id": team},
		"channel": map[string]any{"id": "C0RAIC"}, "container": map[string]any{"type": "message", "channel_id": "C0RAIC", "message_ts": "1.1"},
		"actions": []any{map[string]any{"type": "button", "action_id": "approve", "value": "v1." + token, "action_ts": "2.2"}},
	}))
}

func compactJSON(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err)
	}
	return string(b)
}

func form(pairs ...string) string {
	vs := url.Values{}
	for i := 0; i < len(pairs); i += 2 {
		vs.Add(pairs[i], pairs[i+1])
	}
	return vs.Encode()
}

// homeGate answers like the real one whether a delivery is of our app and
// workspace, and counts what it took.
type homeGate struct {
	took  atomic.Int64
	reply intake.Reply
}

func (g *homeGate) Slack(_ context.Context, d intake.Delivery) intake.Reply {
	if d.App != "A0APP" || d.Team != "T0HOME" {
		return intake.Reply{Foreign: true}
	}
	g.took.Add(1)
	return g.reply
}

// TestReplayedRequest: a request that somebody recorded comes in once, however
// often it is sent and over whatever transport, and gets the first answer.
func TestReplayedRequest(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	gate := &homeGate{reply: intake.Reply{Say: "Started"}}
	address, _ := w.serve(gate)
	at := strconv.FormatInt(time.Now().Unix(), 10)
	r := signed("commands", form("team_id", "T0HOME", "api_app_id", "A0APP", "user_id", "U0CORA", "command", "/aims", "text", "start a b", "trigger_id", "1.2.3"))
	r.header = http.Header{headerTime: {at}, headerSignature: {slacktest.Sign(secret, at, r.body)}}
	first := w.send(address, r)
	if !strings.Contains(first, "200 OK") || !strings.Contains(first, "Started") {
		t.Fatalf("answered %q", first)
	}
	var repeats sync.WaitGroup
	for range 10 {
		repeats.Go(func() {
			if again := w.send(address, r); again != first {
				t.Errorf("answered %q, first %q", again, first)
			}
		})
	}
	repeats.Wait()
	if n := gate.took.Load(); n != 1 {
		t.Errorf("came in %d times", n)
	}
	// The same claims by somebody else are another delivery.
	r = signed("commands", strings.Replace(r.body, "U0CORA", "U0OLIVE", 1))
	if w.send(address, r); gate.took.Load() != 2 {
		t.Error("somebody else's command was taken for a repeat")
	}
}

// TestChallenge: the address can be entered in Slack's settings, and only
// Slack gets the answer.
func TestChallenge(t *testing.T) {
	t.Parallel()
	w, address := newHTTPWorld(t, &homeGate{})
	ack, err := w.slack.VerifyURL(t.Context())
	if err != nil || ack.Status != 200 || ack.Warning != "" {
		t.Errorf("%+v %v", ack, err)
	}
	r := signed("events", `{"type":"url_verification","challenge":"c"}`)
	r.secret = ""
	if got := w.send(address, r); !strings.Contains(got, "401") || strings.Contains(got, `"c"`) {
		t.Errorf("unsigned: %q", got)
	}
}

// TestEventsComeAgain: Slack repeats an event that was not taken, at once and
// with the reason; what was taken is not repeated, and no repeat is dropped
// for being one.
func TestEventsComeAgain(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fail   intake.Reply
		slow   time.Duration
		reason string
	}{
		"the bot answers an error": {intake.Reply{Unstored: true}, 0, "http_error"},
		"the bot is slow":          {intake.Reply{}, 500 * time.Millisecond, "http_timeout"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int64
			gate := gateFunc(func(intake.Delivery) intake.Reply {
				if calls.Add(1) == 1 {
					time.Sleep(c.slow)
					return c.fail
				}
				return intake.Reply{}
			})
			w, _ := newHTTPWorld(t, gate, func(o *slacktest.Options) { o.AckTimeout = 200 * time.Millisecond })
			ack, err := w.slack.Event(t.Context(), json.RawMessage(`{"type":"app_home_opened","user":"U0CORA","tab":"home"}`), nil)
			if err != nil || ack.Status == 200 {
				t.Fatalf("the first delivery: %+v %v", ack, err)
			}
			w.until("the repeat", func() bool {
				return strings.Contains(w.log.String(), "retry=1 reason="+c.reason)
			})
			want := int64(2)
			if c.fail.Unstored == false {
				want = 1 // it was taken, only too late: the repeat gets the answer
			}
			if n := calls.Load(); n != want {
				t.Errorf("the gate was asked %d times, want %d", n, want)
			}
		})
	}
}

// TestNotKept: what could not be stored is not acknowledged, the person is told,
// and the same press may come again.
func TestNotKept(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	w, address := newHTTPWorld(t, gateFunc(func(intake.Delivery) intake.Reply {
		if calls.Add(1) == 1 {
			return intake.Reply{Unstored: true, Say: "Try again"}
		}
		return intake.Reply{}
	}))
	r := signed("interactions", pressed("A0APP", "T0HOME"))
	if got := w.send(address, r); !strings.HasPrefix(got, "HTTP/1.1 503 ") {
		t.Errorf("answered %q", got)
	}
	w.until("the private answer", func() bool { return len(w.whispers()) == 1 })
	if got := w.send(address, r); !strings.HasPrefix(got, "HTTP/1.1 200 ") || calls.Load() != 2 {
		t.Errorf("again: %q after %d calls", got, calls.Load())
	}
}

// TestRepliesOverHTTP: a person sees over HTTP what they see over Socket Mode.
func TestRepliesOverHTTP(t *testing.T) {
	t.Parallel()
	w, _ := newHTTPWorld(t, gateFunc(func(d intake.Delivery) intake.Reply {
		m := modals()["prefilled"]
		switch {
		case d.Kind == port.InboxClick && d.Action == port.ActionReject:
			return intake.Reply{Modal: &m}
		case d.Kind == port.InboxClick:
			return intake.Reply{Say: "Too late"}
		case d.Kind == port.InboxSubmit && d.Values["a_long"] == "no":
			return intake.Reply{Errors: map[string]string{"a_long": "Say more"}}
		case d.Kind == port.InboxCommand:
			return intake.Reply{Say: "Nothing <waits>"}
		}
		return intake.Reply{}
	}))
	if ack, _ := w.press(port.ActionApprove); ack.Status != 200 || len(ack.Body) > 0 {
		t.Errorf("click: %+v", ack)
	}
	w.until("the private answer", func() bool { return len(w.whispers()) == 1 })
	w.press(port.ActionReject)
	view := w.state().Views[0].ID
	// The window keeps its hash when it is sent again.
	no := map[string]any{"a_long": map[string]any{answerID: map[string]any{"type": "plain_text_input", "value": "no"}}}
	w.submit(view, no)
	if v := w.state().Views; len(v) != 1 || v[0].Errors["a_long"] != "Say more" {
		t.Errorf("the window after a wrong answer: %+v", v)
	}
	no["a_long"] = map[string]any{answerID: map[string]any{"type": "plain_text_input", "value": "more"}}
	if ack := w.submit(view, no); ack.Status != 200 || len(w.state().Views) != 0 {
		t.Errorf("the window after a good answer: %+v, %d windows", ack, len(w.state().Views))
	}
	ack, err := w.slack.Command(t.Context(), slacktest.Command{User: "U0CORA", Channel: "C0RAIC", Command: "/aims", Text: "mine"})
	var said struct{ Text string }
	if err != nil || json.Unmarshal(ack.Body, &said) != nil || said.Text != "Nothing &lt;waits&gt;" {
		t.Errorf("command: %s %v", ack.Body, err)
	}
	if r := w.slack.Refused(); len(r) > 0 {
		t.Errorf("refused %+v", r)
	}
}

// TestDoorsCloseInOrder: before Run and after its end nothing comes in; what is
// under way is answered.
func TestDoorsCloseInOrder(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	entered, release := make(chan struct{}), make(chan struct{})
	address, stop := w.serve(gateFunc(func(intake.Delivery) intake.Reply {
		close(entered)
		<-release
		return intake.Reply{}
	}))
	answers := make(chan string, 1)
	r := signed("interactions", pressed("A0APP", "T0HOME"))
	go func() { answers <- w.send(address, r) }()
	<-entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("stopped before the answer")
	case a := <-answers:
		t.Errorf("answered before it was kept: %q", a)
	case <-time.After(100 * time.Millisecond):
	}
	close(release)
	if a := <-answers; !strings.HasPrefix(a, "HTTP/1.1 200 ") {
		t.Errorf("a stop lost an answer: %q", a)
	}
	<-stopped
	if a := w.send(address, r); !strings.HasPrefix(a, "HTTP/1.1 503 ") {
		t.Errorf("after the end: %q", a)
	}
}

// TestOwnApp: without an app token Slack says which app we are.
func TestOwnApp(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c, err := New(Options{BotToken: botToken, APIURL: w.address})
	w.must(err)
	if id, err := c.Check(t.Context()); err != nil || id.App != "A0APP" {
		t.Errorf("%+v %v", id, err)
	}
	if _, err := NewHooks(NewReceiver(c, &homeGate{}), "", time.Now); err == nil {
		t.Error("doors without a secret")
	}
}
