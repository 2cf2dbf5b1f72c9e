package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// keyA and keyB are payload keys.
var (
	keyA = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	keyB = base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{8}, 32))
)

func keyID(t *testing.T, key string) string {
	t.Helper()
	keys, err := temporal.ParseKeys(key)
	if err != nil {
		t.Fatal(err)
	}
	return keys[0].ID()
}

// town is the outside of a bot: a sandbox, and a Temporal that belongs to
// somebody else. Bots come and go in it.
type town struct {
	*world
	config   *config
	dir      string
	temporal *temporal.Server
	wire     *wire    // between a bot and that Temporal
	environ  []string // in which a bot finds it
	box      *sandbox.Sandbox
	mux      *lateMux
	off      atomic.Int64 // how far the bots' clocks are ahead, in nanoseconds
}

func newTown(t *testing.T, configDir string) *town {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	w := &town{world: &world{t: t}, dir: dir, mux: &lateMux{}}
	if w.config, err = checkedConfig(cmp.Or(configDir, demoFolder)); err != nil {
		t.Fatal(err)
	}
	w.raiseTemporal()
	w.environ = []string{
		"TEMPORAL_ADDRESS=" + w.wire.listener.Addr().String(), "TEMPORAL_NAMESPACE=" + temporal.Namespace,
		"TEMPORAL_API_KEY=" + w.temporal.Token, "TEMPORAL_TLS=false",
	}
	w.raiseBox()
	return w
}

func (w *town) raiseTemporal() {
	w.t.Helper()
	elsewhere := w.elsewhere()
	if err := os.Mkdir(elsewhere, 0o700); err != nil {
		w.t.Fatal(err)
	}
	var err error
	if w.temporal, err = temporal.Start(w.t.Context(), temporal.EmbedOptions{Dir: elsewhere}); err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := w.temporal.Stop(); err != nil {
			w.t.Error(err)
		}
	})
	w.wire = newWire(w.t, w.temporal.HostPort)
}

// elsewhere is where the outside Temporal has its files.
func (w *town) elsewhere() string { return filepath.Join(w.dir, "t") }

func (w *town) raiseBox() {
	w.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		w.t.Fatal(err)
	}
	w.base = "http://" + ln.Addr().String()
	server := &http.Server{Handler: w.mux, ReadHeaderTimeout: time.Minute}
	go func() { _ = server.Serve(ln) }()
	w.box, err = sandbox.Open(w.t.Context(), sandbox.Options{
		Path: filepath.Join(w.dir, "sandbox.db"), BaseURL: func() string { return w.base }, Organisation: w.config.organisation,
		WebhookURL: func() string { return w.base + "/jira/webhook" }, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.mux.set(w.box.Handler())
	w.t.Cleanup(func() {
		_ = server.Close()
		if err := w.box.Close(); err != nil {
			w.t.Error(err)
		}
	})
}

// settings are those of a bot in this town with payload keys.
func (w *town) settings(keys string) settings {
	w.t.Helper()
	s := sandboxSettings(w.base, demoCmd{NoRateLimits: true})
	s.Key = keys
	var err error
	if s.Temporal, err = temporal.ServiceFrom(w.environ); err != nil {
		w.t.Fatal(err)
	}
	return s
}

// bot brings a bot up whose requests from outside come to it. Two bots share
// the folder, and so the ledger: as replicas share a database.
func (w *town) bot(s settings) (*app, func() error, error) {
	w.t.Helper()
	return w.replica("d", s)
}

// replica brings a bot up that has a folder of its own.
func (w *town) replica(folder string, s settings) (*app, func() error, error) {
	w.t.Helper()
	data := &dataDir{path: filepath.Join(w.dir, folder)}
	if err := os.MkdirAll(data.path, 0o700); err != nil {
		w.t.Fatal(err)
	}
	log := slog.New(slog.NewTextHandler(testWriter{w.t}, &slog.HandlerOptions{Level: slog.LevelError}))
	a, err := newApp(w.t.Context(), appOptions{data: data, config: w.config, settings: s, now: w.now, log: log})
	if err != nil {
		return nil, nil, err
	}
	w.reaches(a)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- a.run(ctx) }()
	stop := sync.OnceValue(func() error {
		cancel()
		return <-done
	})
	w.t.Cleanup(func() {
		if err := stop(); err != nil {
			w.t.Error(err)
		}
	})
	w.until("the bot is ready", func() bool { return w.ready() == http.StatusOK })
	return a, stop, nil
}

// reaches has requests from outside come to a bot, and the test look at it.
func (w *town) reaches(a *app) {
	all := a.handler()
	all.Handle("/", w.box.Handler())
	w.mux.set(all)
	w.demo = &demo{app: a, box: w.box, address: w.base}
}

func (w *town) now() time.Time { return time.Now().UTC().Add(time.Duration(w.off.Load())) }

// must is bot, which must come up.
func (w *town) must(keys string) (*app, func() error) {
	w.t.Helper()
	a, stop, err := w.bot(w.settings(keys))
	if err != nil {
		w.t.Fatal(err)
	}
	return a, stop
}

func (w *town) ready() int {
	res, err := http.Get(w.base + "/readyz")
	if err != nil {
		return 0
	}
	res.Body.Close()
	return res.StatusCode
}

// refused brings a bot up that must not come up, and returns what it says.
func (w *town) refused(s settings) string {
	w.t.Helper()
	_, stop, err := w.bot(s)
	if err == nil {
		_ = stop()
		w.t.Fatal("the bot came up")
	}
	if exitCode(err) != exitUsage || strings.Contains(err.Error(), "\n") {
		w.t.Errorf("not one line, or not exit code 2: %v", err)
	}
	return err.Error()
}

// TestOutsideTemporal plays a run with its workflows in a service elsewhere:
// nothing that was typed is there in clear, and its state is told.
func TestOutsideTemporal(t *testing.T) {
	t.Parallel()
	const canary = "Canary Candidate Carla"
	w := newTown(t, "")
	a, _ := w.must(keyA)
	run := w.start("max")
	w.answer(map[string]any{"purpose": canary, "people": 500, "harms": []string{"bias"}})
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
	if _, err := os.Stat(a.opt.data.file("temporal.db")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("a Temporal was embedded all the same: %v", err)
	}
	w.holdsNot(w.run(run).WorkflowID, canary, "Olive", "CV screener")
	w.wire.cut()
	w.until("/readyz tells that Temporal is gone", func() bool { return w.ready() == http.StatusServiceUnavailable })
	w.wire.mend()
	w.until("the bot is ready again", func() bool { return w.ready() == http.StatusOK })
}

// holdsNot looks through the files of the outside Temporal for words in clear;
// known is one that must be there.
func (w *town) holdsNot(known string, words ...string) {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(w.elsewhere(), "temporal.db*"))
	if err != nil || len(files) == 0 {
		w.t.Fatal(files, err)
	}
	seen := false
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			w.t.Fatal(err)
		}
		seen = seen || bytes.Contains(b, []byte(known))
		for _, word := range words {
			if bytes.Contains(b, []byte(word)) {
				w.t.Errorf("%s holds %q in clear", f, word)
			}
		}
	}
	if !seen {
		w.t.Error("the files do not even hold the workflow id: looked in the wrong place")
	}
}
