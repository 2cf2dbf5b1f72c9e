package slack

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

const (
	botToken = "xoxb-sandbox"
	appToken = "xapp-1-A0APP-sandbox"
	token    = "abcdefghijklmnopqrstuvwxyz"
)

// world is a client against a fake workspace over real HTTP.
type world struct {
	t      *testing.T
	slack  *slacktest.Server
	client *Client
	log    *logs
	// address of the Web API.
	address string
}

func newWorld(t *testing.T, change ...func(*slacktest.Options)) *world {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(t.TempDir(), "slack.db"))
	if err != nil {
		t.Fatal(err)
	}
	options := slacktest.Options{DB: db, AppToken: appToken, AckTimeout: time.Second}
	for _, c := range change {
		c(&options)
	}
	server, err := slacktest.New(t.Context(), options)
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(server)
	t.Cleanup(func() { server.Close(); web.Close(); _ = db.Close() })
	err = server.Seed(t.Context(), slacktest.Seed{
		People: []slacktest.Person{
			{ID: "U0CORA", Name: "cora"},
			{ID: "U0OLIVE", Name: "olive"},
			{ID: "U0PART", Name: "partner", TeamID: "T0PART"},
		},
		Channels: []slacktest.Channel{
			{ID: "C0RAIC", Name: "raic", Members: []string{"U0CORA", "U0OLIVE", "U0PART"}},
			{ID: "C0OUT", Name: "out", Members: []string{"U0CORA"}, BotAbsent: true},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	w := &world{t: t, slack: server, log: &logs{}, address: web.URL + "/api/"}
	w.client = newClient(t, w.address, w.log)
	if _, err := w.client.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	return w
}

func newClient(t *testing.T, address string, log *logs) *Client {
	t.Helper()
	c, err := New(Options{BotToken: botToken, AppToken: appToken, APIURL: address, Logger: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// logs collects log lines.
type logs struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *logs) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *logs) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

func (w *world) state() slacktest.State {
	w.t.Helper()
	st, err := w.slack.State(context.Background(), 0)
	if err != nil {
		w.t.Fatal(err)
	}
	return st
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// connect runs a socket with a gate until the test ends, or until stop.
func (w *world) connect(g Gate) (s *Socket, stop func() error) {
	w.t.Helper()
	s, err := NewSocket(NewReceiver(w.client, g), SocketOptions{Stagger: time.Millisecond, Pause: 10 * time.Millisecond})
	w.must(err)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- s.Run(ctx) }()
	stop = sync.OnceValue(func() error { cancel(); return <-done })
	w.t.Cleanup(func() { _ = stop() })
	w.until("two connections", func() bool { return w.slack.Connections() == 2 && s.Ready() == nil })
	return s, stop
}

// until waits for something that happens on its own; the test's own time limit
// ends it.
func (w *world) until(what string, ok func() bool) {
	w.t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !ok() {
		if time.Now().After(deadline) {
			w.t.Fatalf("waited in vain for %s; log: %s", what, w.log)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// gateFunc is a gate made of one function.
type gateFunc func(intake.Delivery) intake.Reply

func (f gateFunc) Slack(_ context.Context, d intake.Delivery) intake.Reply { return f(d) }

func compact(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// card is an ordinary message with every part.
func card() port.Card {
	return port.Card{
		To: port.Addressee{Person: "cora", Why: "you are the AI Ethics Officer"}, Title: "Decide: CV screener",
		Lines:   []string{"Impact assessment of CV screener. Please decide by Mon 16 Mar."},
		Fields:  []port.Field{{Label: "System", Value: "CV screener"}, {Label: "Due", Value: "16 Mar 2026"}},
		Facts:   []port.Field{{Label: "People affected in a year", Value: "250000"}, {Label: "Possible harms", Value: "Bias, Safety"}},
		Links:   []port.Link{{Label: "GOV-12", URL: "https://jira.example.com/browse/GOV-12"}},
		Buttons: []port.Button{{Action: port.ActionApprove, Label: "Approve", Style: "primary", Confirm: "Approve it?"}, {Action: port.ActionReject, Label: "Reject", Style: "danger"}, {Action: port.ActionEvidence, Label: "Evidence"}},
		Token:   token, Footer: "Run 01RUN", People: []port.Mention{{User: "U0CORA"}},
	}
}
