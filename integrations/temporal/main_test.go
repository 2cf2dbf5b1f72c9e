package temporal_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/integrations/temporal/temporaltest"
	"go.temporal.io/sdk/client"
	"go.temporal.io/sdk/worker"
	"go.temporal.io/sdk/workflow"
)

// crashDir names, in a second copy of this test binary, the folder on which it
// runs a server until it is killed.
const crashDir = "AIMSBOT_TEST_CRASH_DIR"

// bench is the one server that all tests share, with its worker.
type bench struct {
	server  *temporal.Server
	client  client.Client
	workers *temporal.Workers
	dir     string
	clock   *clock
	diary   *diary
}

var shared *bench // set once, before the first test

func TestMain(m *testing.M) {
	if dir := os.Getenv(crashDir); dir != "" {
		runUntilKilled(dir)
		return
	}
	dir, err := os.MkdirTemp("", "aims")
	if err == nil {
		shared, err = open(dir)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	if err := errors.Join(shared.close(), os.RemoveAll(dir)); err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	if code == 0 {
		if err := temporaltest.Leaked(); err != nil {
			fmt.Fprintln(os.Stderr, err)
			code = 1
		}
	}
	os.Exit(code)
}

func open(dir string) (*bench, error) {
	ctx := context.Background()
	b := &bench{dir: dir, clock: &clock{}, diary: newDiary()}
	keys, err := temporal.LoadKeys(dir, "")
	if err != nil {
		return nil, err
	}
	codec, err := temporal.NewCodec(keys)
	if err != nil {
		return nil, err
	}
	if b.server, err = temporal.Start(ctx, temporal.EmbedOptions{Dir: dir, TimeSkipping: true}); err != nil {
		return nil, err
	}
	b.client, err = temporal.Dial(ctx, temporal.ClientOptions{HostPort: b.server.HostPort, Token: b.server.Token, Codec: codec, Ahead: b.clock.ahead, Server: b.server})
	if err != nil {
		return nil, errors.Join(err, b.server.Stop())
	}
	b.workers = temporal.NewWorkers(b.client, temporal.Queue, temporal.Code{
		Workflows: func(r worker.WorkflowRegistry) {
			r.RegisterWorkflowWithOptions(b.diary.run, workflow.RegisterOptions{Name: temporal.RunType})
		},
		Activities: func(r worker.ActivityRegistry) { r.RegisterActivity(b.diary.write) },
	}, nil)
	return b, b.workers.Start()
}

func (b *bench) close() error {
	b.workers.Stop()
	b.client.Close()
	return b.server.Stop()
}

// clock is the sandbox's: wall time plus an offset.
type clock struct {
	mu     sync.Mutex
	offset time.Duration
}

func (c *clock) ahead() time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.offset
}

func (c *clock) Now() time.Time { return time.Now().Add(c.ahead()) }

func (c *clock) MoveTo(_ context.Context, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.offset = time.Until(t)
	return nil
}

// diary is where the runs of the tests write what happens to them. A run
// sleeps for as many days as its input says, writing a line in a local activity
// each morning and for each signal, and ends.
type diary struct {
	mu    sync.Mutex
	lines map[string][]string
	once  map[string]bool // a local activity may run again
	news  chan struct{}   // closed and made anew with each line
}

func newDiary() *diary {
	return &diary{lines: map[string][]string{}, once: map[string]bool{}, news: make(chan struct{})}
}

func (d *diary) write(_ context.Context, run, part, line string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.once[part+line] {
		return nil
	}
	d.once[part+line] = true
	d.lines[run] = append(d.lines[run], line)
	close(d.news)
	d.news = make(chan struct{})
	return nil
}

// await waits until a run has so many lines and returns them.
func (d *diary) await(t *testing.T, run string, n int) []string {
	t.Helper()
	limit := time.After(time.Minute)
	for {
		d.mu.Lock()
		lines, news := append([]string(nil), d.lines[run]...), d.news
		d.mu.Unlock()
		if len(lines) >= n {
			return lines
		}
		select {
		case <-news:
		case <-limit:
			t.Fatalf("run %s wrote %q; waited for %d lines", run, lines, n)
		}
	}
}

func (d *diary) run(ctx workflow.Context, r port.StartedRun) error {
	x := workflow.GetInfo(ctx).WorkflowExecution
	local := workflow.WithLocalActivityOptions(ctx, workflow.LocalActivityOptions{StartToCloseTimeout: 5 * time.Second})
	write := func(line string) error {
		return workflow.ExecuteLocalActivity(local, d.write, x.ID, x.RunID, line).Get(ctx, nil)
	}
	var days int
	if _, err := fmt.Sscan(r.Input["days"], &days); err != nil {
		return err
	}
	if err := write("start " + workflow.Now(ctx).UTC().Format(time.RFC3339)); err != nil {
		return err
	}
	inbox := workflow.GetSignalChannel(ctx, temporal.InboxSignal)
	for day := 1; day <= days; day++ {
		morning := workflow.NewTimer(ctx, 24*time.Hour)
		for woke := false; !woke; {
			var line string
			workflow.NewSelector(ctx).
				AddFuture(morning, func(workflow.Future) { woke, line = true, fmt.Sprint("day ", day) }).
				AddReceive(inbox, func(c workflow.ReceiveChannel, _ bool) { c.Receive(ctx, &line); line = "signal " + line }).
				Select(ctx)
			if err := write(line); err != nil {
				return err
			}
		}
	}
	if r.Input["fail"] != "" {
		return errors.New(r.Input["fail"])
	}
	if r.Input["again"] != "" {
		r.Input["again"] = ""
		return workflow.NewContinueAsNewError(ctx, temporal.RunType, r)
	}
	return write("end")
}
