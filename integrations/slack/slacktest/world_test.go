package slacktest_test

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
	_ "modernc.org/sqlite"
)

// world is a workspace behind a real listener, with the real client.
type world struct {
	*slacktest.Server
	t    *testing.T
	ctx  context.Context
	url  string
	api  *slack.Client
	wall *clock

	doors  sync.Mutex // the app over HTTP, once hook was called
	app    string
	answer func(path, body string) (int, string)
}

// clock is a clock a test moves.
type clock struct {
	mu sync.Mutex
	d  time.Duration
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.d)
}

func (c *clock) advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.d += d
}

func people() slacktest.Seed {
	return slacktest.Seed{
		People: []slacktest.Person{
			{ID: "U0ANNA", Name: "anna", RealName: "Anna", Email: "anna@example.com", TZ: "Europe/Berlin"},
			{ID: "U0BEN", Name: "ben", Email: "ben@example.com"},
			{ID: "U0GONE", Name: "gone", Deleted: true},
			{ID: "U0FAR", Name: "far", TeamID: "T0EVIL"},
		},
		Channels: []slacktest.Channel{
			{ID: "C0GOV", Name: "ai-governance", Members: []string{"U0ANNA", "U0FAR"}},
			{ID: "C0OUT", Name: "elsewhere", Members: []string{"U0ANNA"}, BotAbsent: true},
			{ID: "C0SECRET", Name: "secret", Members: []string{"U0BEN"}, Private: true, BotAbsent: true},
			{ID: "C0OLD", Name: "old", Members: []string{"U0ANNA"}, Archived: true},
		},
		Groups: []slacktest.Group{
			{ID: "S0ON", Handle: "raic", Users: []string{"U0ANNA"}},
			{ID: "S0OFF", Handle: "former", Users: []string{"U0BEN"}, Disabled: true},
		},
	}
}

func database(t *testing.T, file string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func newWorld(t *testing.T, change func(*slacktest.Options)) *world {
	t.Helper()
	w := &world{t: t, ctx: t.Context(), wall: &clock{}}
	opt := slacktest.Options{DB: database(t, filepath.Join(t.TempDir(), "sandbox.db")), Wall: w.wall.now, Hooks: w.hooks}
	if change != nil {
		change(&opt)
	}
	s, err := slacktest.New(w.ctx, opt)
	if err != nil {
		t.Fatal(err)
	}
	w.Server = s
	srv := httptest.NewServer(s)
	t.Cleanup(func() { s.Close(); srv.Close() })
	w.url = srv.URL
	w.api = slack.New("xoxb-sandbox", slack.OptionAPIURL(srv.URL+"/api/"), slack.OptionAppLevelToken("xapp-sandbox"))
	w.must(s.Seed(w.ctx, people()))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// post posts a message and returns its channel and time stamp.
func (w *world) post(to string, opts ...slack.MsgOption) (channel, ts string) {
	w.t.Helper()
	channel, ts, err := w.api.PostMessageContext(w.ctx, to, opts...)
	w.must(err)
	return channel, ts
}

// state returns the whole workspace.
func (w *world) state() slacktest.State {
	w.t.Helper()
	st, err := w.State(w.ctx, 0)
	w.must(err)
	return st
}

// message returns a stored message.
func (w *world) message(ts string) slacktest.Message {
	w.t.Helper()
	for _, m := range w.state().Messages {
		if m.TS == ts {
			return m
		}
	}
	w.t.Fatalf("no message %s", ts)
	return slacktest.Message{}
}

// app is what the bot under test does with a delivery; it returns the payload
// of the acknowledgement, and whether to acknowledge at all.
type app func(socketmode.Event) (any, bool)

// connect runs a real Socket Mode client and waits until it is there.
func (w *world) connect(do app) {
	w.t.Helper()
	before := w.Connections()
	client := socketmode.New(w.api)
	ctx, cancel := context.WithCancel(w.ctx)
	var wg sync.WaitGroup
	wg.Go(func() { _ = client.RunContext(ctx) })
	wg.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case e := <-client.Events:
				if e.Request == nil || e.Request.EnvelopeID == "" {
					continue
				}
				if payload, ack := do(e); ack {
					_ = client.Ack(*e.Request, payload)
				}
			}
		}
	})
	w.t.Cleanup(func() { cancel(); w.Disconnect(""); wg.Wait() })
	for w.Connections() == before {
		time.Sleep(5 * time.Millisecond)
	}
}

func buttons(values ...string) slack.Block {
	var all []slack.BlockElement
	for _, v := range values {
		all = append(all, slack.NewButtonBlockElement(v, "v1."+v, slack.NewTextBlockObject("plain_text", v, false, false)))
	}
	return slack.NewActionBlock("ask", all...)
}

// call calls a method over HTTP as any client would, and returns the answer.
func (w *world) call(method string, args map[string]string) map[string]any {
	w.t.Helper()
	form := url.Values{"token": {"xoxb-sandbox"}}
	for k, v := range args {
		form.Set(k, v)
	}
	resp, err := http.PostForm(w.url+"/api/"+method, form)
	w.must(err)
	defer func() { _ = resp.Body.Close() }()
	var out map[string]any
	w.must(json.NewDecoder(resp.Body).Decode(&out))
	return out
}

// reason is the error code of an answer with all its messages.
func reason(a map[string]any) string {
	if a["ok"] == true {
		return ""
	}
	meta, _ := a["response_metadata"].(map[string]any)
	return fmt.Sprint(a["error"], " ", meta["messages"])
}
