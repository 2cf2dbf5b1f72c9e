package main

import (
	"context"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aimsbot/aimsbot/integrations/web"
)

// serveCmd runs the bot against a real, or a separate sandbox's, Slack and Jira.
type serveCmd struct {
	Listen string `default:"127.0.0.1:8081" help:"Address for the requests of Slack and Jira and the health checks."`
	Admin  string `placeholder:"ADDR" help:"Loopback address of the metrics and of the codec that lets Temporal's command line read payloads, such as 127.0.0.1:8082; none when not given."`
	Config string `default:"." help:"Config folder with organisation.yaml, programme.yaml and playbooks/."`
}

// serveBot runs until ctx ends.
func serveBot(ctx context.Context, dataPath string, c serveCmd, out func(string), log *slog.Logger) error {
	s, err := readSettings()
	if err != nil {
		return err
	}
	cfg, err := checkedConfig(c.Config)
	if err != nil {
		return err
	}
	data, err := openData(dataPath)
	if err != nil {
		return err
	}
	defer func() { _ = data.Close() }()
	ln, err := net.Listen("tcp", c.Listen)
	if err != nil {
		return wrongUsage("--listen %s: %v; stop what uses it or choose another address", c.Listen, err)
	}
	admin, err := openAdmin(c.Admin, data, s)
	if err != nil {
		_ = ln.Close()
		return err
	}
	defer admin.close()
	if err := preflight(ctx, s, cfg, log); err != nil {
		_ = ln.Close()
		return err
	}
	now := func() time.Time { return time.Now().UTC() }
	a, err := newApp(ctx, appOptions{data: data, config: cfg, folder: c.Config, settings: s, now: now, log: log, hard: exitHard})
	if err != nil {
		_ = ln.Close()
		return err
	}
	server := publicServer(a.handler())
	go func() { _ = server.Serve(ln) }()
	defer func() { _ = server.Close() }()
	stop, err := serveDesk(data, a)
	if err != nil {
		_ = a.close()
		return err
	}
	defer stop()
	text := "aimsbot serves on http://" + ln.Addr().String()
	if admin != nil {
		text += admin.serve(a)
	}
	out(text)
	return a.run(ctx)
}

const (
	// requestTime is how long a request may take to come in whole. Slack and Jira
	// send theirs at once; anybody may knock, and hold a connection.
	requestTime = 5 * time.Second
	// idleTime is how long a connection is kept for a next request.
	idleTime = time.Minute
	// headerSize is how many bytes the headers of a request may have.
	headerSize = 16 << 10
)

// publicServer serves the doors that everybody can reach.
func publicServer(h http.Handler) *http.Server {
	return &http.Server{Handler: h, ReadTimeout: requestTime, IdleTimeout: idleTime, MaxHeaderBytes: headerSize} // guard: request-time
}

// serveDesk answers the other commands on <data>/aimsbot.sock.
func serveDesk(data *dataDir, a *app) (stop func(), err error) {
	ln, err := web.Listen(data.file(socketFile))
	if err != nil {
		return nil, err
	}
	server := &http.Server{Handler: web.API(desk{a}), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(ln) }()
	return func() { _ = server.Close() }, nil
}

// checkedConfig loads a config folder and refuses one with problems, all of
// them shown.
func checkedConfig(dir string) (*config, error) {
	c, ps, err := loadConfig(dir)
	if err != nil {
		return nil, wrongUsage("%w", err)
	}
	if len(ps) > 0 {
		var b strings.Builder
		_ = ps.Print(&b, c.sources)
		return nil, wrongUsage("%s", "the config folder has errors; nothing was started:\n"+strings.TrimSpace(b.String()))
	}
	return c, nil
}

// lateMux serves whatever handler was set last: the sandbox is up before the
// bot that needs it.
type lateMux struct{ h atomic.Pointer[http.Handler] }

func (m *lateMux) set(h http.Handler) { m.h.Store(&h) }

func (m *lateMux) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if h := m.h.Load(); h != nil {
		(*h).ServeHTTP(w, r)
		return
	}
	http.Error(w, "starting", http.StatusServiceUnavailable)
}

// exitHard ends a process that does not stop by itself.
func exitHard(log *slog.Logger) {
	log.Error("stopping took too long; ending now")
	os.Exit(1)
}
