package slacktest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/slack-go/slack"
)

func formValue(body, k string) string {
	vs, err := url.ParseQuery(body)
	if err != nil {
		return ""
	}
	return vs.Get(k)
}

// hook lets a function answer the deliveries over HTTP from now on.
func (w *world) hook(do func(path, body string) (int, string)) {
	w.doors.Lock()
	defer w.doors.Unlock()
	w.answer = do
	if w.app != "" {
		return
	}
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		b, _ := io.ReadAll(r.Body)
		ts := r.Header.Get("X-Slack-Request-Timestamp")
		if r.Header.Get("X-Slack-Signature") != slacktest.Sign("sandbox-signing-secret", ts, string(b)) {
			http.Error(rw, "bad signature", http.StatusUnauthorized)
			return
		}
		w.doors.Lock()
		answer := w.answer
		w.doors.Unlock()
		status, body := answer(r.URL.Path, string(b))
		rw.WriteHeader(status)
		_, _ = io.WriteString(rw, body)
	}))
	w.t.Cleanup(srv.Close)
	w.app = srv.URL
}

func (w *world) hooks() string {
	w.doors.Lock()
	defer w.doors.Unlock()
	return w.app
}

// TestSign checks the signature against the vector Slack publishes.
func TestSign(t *testing.T) {
	t.Parallel()
	body := "token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar" +
		"&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com" +
		"%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
	want := "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
	if got := slacktest.Sign("8f742231b10e8888abcd99yyyzzz85a5", "1531420618", body); got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// TestClickRules holds who can press what.
func TestClickRules(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var seen []string
	w.hook(func(_, body string) (int, string) { seen = append(seen, formValue(body, "payload")); return 200, "" })
	_, ts := w.post("C0GOV", text("ask"), slack.MsgOptionBlocks(buttons("approve")))
	eph, err := w.api.PostEphemeralContext(w.ctx, "C0GOV", "U0ANNA", text("ask"), slack.MsgOptionBlocks(buttons("approve")))
	w.must(err)
	press := func(c slacktest.Click) error {
		c.Channel = "C0GOV"
		if c.TS == "" {
			c.TS = ts
		}
		if c.ActionID == "" {
			c.ActionID = "approve"
		}
		_, err := w.Click(w.ctx, c)
		return err
	}
	for name, c := range map[string]struct {
		click slacktest.Click
		want  error
	}{
		"a member":                   {slacktest.Click{User: "U0ANNA"}, nil},
		"with the value":             {slacktest.Click{User: "U0ANNA", Value: "v1.approve"}, nil},
		"another value":              {slacktest.Click{User: "U0ANNA", Value: "v1.stolen"}, slacktest.ErrValue},
		"a button that is not there": {slacktest.Click{User: "U0ANNA", ActionID: "reject"}, slacktest.ErrNotThere},
		"a block that is not there":  {slacktest.Click{User: "U0ANNA", BlockID: "x"}, slacktest.ErrNotThere},
		"a message not there":        {slacktest.Click{User: "U0ANNA", TS: "1.2"}, slacktest.ErrNotThere},
		"not a member":               {slacktest.Click{User: "U0BEN"}, slacktest.ErrNotThere},
		"deactivated":                {slacktest.Click{User: "U0GONE"}, slacktest.ErrNotThere},
		"private message, mine":      {slacktest.Click{User: "U0ANNA", TS: eph}, nil},
		"private message, another's": {slacktest.Click{User: "U0FAR", TS: eph}, slacktest.ErrNotThere},
		"forced":                     {slacktest.Click{User: "U0BEN", Value: "v1.stolen", Force: true}, nil},
	} {
		if err := press(c.click); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
	seen = nil
	w.must(press(slacktest.Click{User: "U0FAR"}))
	w.must(press(slacktest.Click{User: "U0ANNA", Patch: json.RawMessage(`{"team":null,"api_app_id":"A0EVIL"}`)}))
	w.must(press(slacktest.Click{User: "U0ANNA", TS: eph}))
	for i, want := range [][]string{
		{`"team":{"domain":"elsewhere","id":"T0EVIL"}`, `"team_id":"T0EVIL"`, `"message":{`},
		{`"api_app_id":"A0EVIL"`},
		{`"is_ephemeral":true`},
	} {
		for _, s := range want {
			if !strings.Contains(seen[i], s) {
				t.Errorf("payload %d lacks %s: %s", i, s, seen[i])
			}
		}
	}
	if strings.Contains(seen[1], `"team":{`) || strings.Contains(seen[2], `"message":`) {
		t.Errorf("too much in %s or %s", seen[1], seen[2])
	}
}

func TestCommandAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for answer, want := range map[string]string{
		``: "",
		`{"response_type":"ephemeral","text":"yours"}`: "yours",
		`plain words`: "plain words",
		`{"response_type":"in_channel","text":"all"}`: "all",
	} {
		w.hook(func(path, body string) (int, string) {
			if path != "/commands" || formValue(body, "command") != "/aims" || formValue(body, "channel_id") != "C0GOV" {
				t.Errorf("%s %s", path, body)
			}
			return 200, answer
		})
		seq := w.state().Seq
		ack, err := w.Command(w.ctx, slacktest.Command{User: "U0ANNA", Channel: "C0GOV", Command: "/aims", Text: "mine"})
		w.must(err)
		st, err := w.State(w.ctx, seq)
		w.must(err)
		if ack.Status != 200 || (want == "") != (len(st.Messages) == 0) {
			t.Fatalf("%s: %+v, %+v", answer, ack, st.Messages)
		}
		if want != "" && (st.Messages[0].Text != want || st.Messages[0].Ephemeral == strings.Contains(answer, "in_channel")) {
			t.Errorf("%s: %+v", answer, st.Messages[0])
		}
	}
	if _, err := w.Command(w.ctx, slacktest.Command{User: "U0BEN", Channel: "C0GOV", Command: "/aims"}); !errors.Is(err, slacktest.ErrNotThere) {
		t.Errorf("from a channel one is not in: %v", err)
	}
}

// next moves the clock until an event comes.
func next(ids <-chan string, now *clock) string {
	for {
		select {
		case id := <-ids:
			return id
		case <-time.After(50 * time.Millisecond):
			now.advance(time.Minute)
		}
	}
}

// TestEventRetries sends an event until the app takes it.
func TestEventRetries(t *testing.T) {
	t.Parallel()
	now := &clock{}
	w := newWorld(t, func(o *slacktest.Options) { o.Now = now.now })
	ids := make(chan string, 10)
	status := make(chan int, 10)
	w.hook(func(path, body string) (int, string) {
		var e struct {
			ID string `json:"event_id"`
		}
		if json.Unmarshal([]byte(body), &e) != nil || path != "/events" {
			t.Errorf("%s %s", path, body)
		}
		ids <- e.ID
		return <-status, ""
	})
	status <- 500
	ack, err := w.Event(w.ctx, json.RawMessage(`{"type":"app_home_opened","user":"U0ANNA","tab":"home"}`), nil)
	w.must(err)
	first := <-ids
	if ack.Status != 500 || ack.Warning == "" {
		t.Errorf("ack %+v", ack)
	}
	for range 3 {
		status <- 500
		if got := next(ids, now); got != first {
			t.Errorf("another event %s, want %s again", got, first)
		}
	}
	now.advance(time.Hour)
	w.hook(func(string, string) (int, string) { t.Error("a fourth repeat"); return 200, "" })
	for range 2 { // two looks at the queue
		time.Sleep(600 * time.Millisecond)
	}
}

// TestEnterAddress holds an app to the challenge.
func TestEnterAddress(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	if _, err := w.VerifyURL(w.ctx); !errors.Is(err, slacktest.ErrNotThere) {
		t.Errorf("without an address: %v", err)
	}
	challenge := func(body string) string {
		var e struct{ Type, Challenge string }
		if json.Unmarshal([]byte(body), &e) != nil || e.Type != "url_verification" {
			t.Errorf("body %s", body)
		}
		return e.Challenge
	}
	for name, c := range map[string]struct {
		answer func(body string) (int, string)
		good   bool
	}{
		"plain":   {func(b string) (int, string) { return 200, challenge(b) }, true},
		"JSON":    {func(b string) (int, string) { return 200, `{"challenge":"` + challenge(b) + `"}` }, true},
		"nothing": {func(string) (int, string) { return 200, "" }, false},
		"other":   {func(string) (int, string) { return 200, `{"challenge":"x"}` }, false},
		"refused": {func(b string) (int, string) { return 401, challenge(b) }, false},
	} {
		w.hook(func(_, body string) (int, string) { return c.answer(body) })
		if ack, err := w.VerifyURL(w.ctx); err != nil || (ack.Warning == "") != c.good {
			t.Errorf("%s: %+v %v", name, ack, err)
		}
	}
}

// TestSwitch: with Socket Mode on, people's deliveries go over the socket
// although there is an address; a raw one takes the way it names.
func TestSwitch(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *slacktest.Options) { o.SocketMode = true })
	w.hook(func(_, _ string) (int, string) { return 200, `"http"` })
	if ack, err := w.Command(w.ctx, slacktest.Command{User: "U0ANNA", Command: "/aims"}); err != nil || !strings.Contains(ack.Warning, "no connection") {
		t.Errorf("%+v %v", ack, err)
	}
	raw := slacktest.Raw{Transport: "http", Method: http.MethodPut, Path: "/events", Body: json.RawMessage(`{}`), Secret: "another"}
	if ack, err := w.Raw(w.ctx, raw); err != nil || ack.Status != 401 {
		t.Errorf("signed with another secret: %+v %v", ack, err)
	}
	raw.Secret, raw.Sign = "", true
	if ack, err := w.Raw(w.ctx, raw); err != nil || ack.Status != 200 || string(ack.Body) != `"http"` {
		t.Errorf("signed: %+v %v", ack, err)
	}
}

func TestRaw(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.hook(func(_, body string) (int, string) { return 200, `{"got":` + body + `}` })
	for name, c := range map[string]struct {
		raw    slacktest.Raw
		status int
	}{
		"unsigned": {slacktest.Raw{Transport: "http", Path: "/interactions", Body: json.RawMessage(`{"x":1}`)}, 401},
		"signed":   {slacktest.Raw{Transport: "http", Path: "/interactions", Body: json.RawMessage(`{"x":1}`), Sign: true}, 200},
		"forged":   {slacktest.Raw{Transport: "http", Path: "/events", Body: json.RawMessage(`"text"`), Sign: true, Headers: map[string]string{"X-Slack-Signature": "v0=00"}}, 401},
		"nobody":   {slacktest.Raw{Transport: "socket", Body: json.RawMessage(`{"type":"interactive","envelope_id":"e"}`)}, 0},
	} {
		ack, err := w.Raw(w.ctx, c.raw)
		if err != nil || ack.Status != c.status {
			t.Errorf("%s: %+v %v", name, ack, err)
		}
	}
}
