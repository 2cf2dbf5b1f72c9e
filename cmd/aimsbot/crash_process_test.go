//go:build crash

package main

import (
	"bufio"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// crashStage is a sandbox and a bot in two processes.
type crashStage struct {
	*stage
	bot *bot
}

// crashWay is a run that is killed: the config folder and the playbook, and how
// people play it.
type crashWay struct {
	config, playbook, outcome string
	play                      func(s *stage)
}

// newCrashStage starts both processes. The variable is for the bot's first one
// only.
func newCrashStage(t *testing.T, way crashWay, failpoint string) *crashStage {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims") // short: the socket's path has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	listen := fixedAddress(t)
	w := &world{t: t, base: startSandbox(t, dir, listen)}
	b := startBot(t, dir, listen, w.base, way.config, failpoint)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the bot said:\n%s", b.stderr.String())
		}
	})
	s := newStage(w, b.data)
	s.playbook = way.playbook
	return &crashStage{stage: s, bot: b}
}

// startSandbox starts the sandbox as a process of its own, with Jira's
// webhooks going to the bot's address, and returns its address. The test binary
// is the program: TestMain runs main when it is called aimsbot.
func startSandbox(t *testing.T, dir, bot string) string {
	t.Helper()
	cmd := exec.Command("aimsbot", "sandbox", "--data", filepath.Join(dir, "box"), "--listen", "127.0.0.1:0",
		"--no-rate-limits", "--webhook", "http://"+bot+"/jira/webhook")
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		ended := time.AfterFunc(stopLimit, func() { _ = cmd.Process.Kill() })
		defer ended.Stop()
		if err := cmd.Wait(); err != nil {
			t.Errorf("the sandbox ended with: %v", err)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(line, " at ")
	if err != nil || !found {
		t.Fatalf("the sandbox did not say where it is: %v %q", err, line)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return strings.TrimSuffix(strings.TrimSpace(address), sandbox.PagePath)
}

// bot is the bot as a process that is started again whenever it was killed.
type bot struct {
	t       *testing.T
	listen  string
	data    string
	env     []string
	stderr  tail
	mu      sync.Mutex
	process *os.Process
	kills   int
	leaving bool
	ended   chan struct{}
}

// startBot starts the bot; failpoint is for its first process only.
func startBot(t *testing.T, dir, listen, box, config, failpoint string) *bot {
	t.Helper()
	b := &bot{t: t, listen: listen, data: filepath.Join(dir, "bot"), ended: make(chan struct{})}
	b.env = append(os.Environ(),
		"SLACK_BOT_TOKEN="+sandbox.BotToken, "SLACK_APP_TOKEN="+sandbox.AppToken, "SLACK_API_URL="+box+sandbox.SlackPath+"/api/",
		"JIRA_URL="+box+sandbox.JiraPath, "JIRA_EMAIL="+sandbox.JiraEmail, "JIRA_TOKEN="+sandbox.JiraToken,
		"JIRA_WEBHOOK_SECRET="+sandbox.WebhookSecret, "AIMSBOT_INDEX_ALLOWANCE="+sandboxAllowance.String(), "AIMSBOT_LIMITS=off",
	)
	go b.keep(config, failpoint)
	t.Cleanup(b.stop)
	return b
}

// keep runs the bot again and again until it is stopped. It may end by nothing
// but a kill.
func (b *bot) keep(config, failpoint string) {
	defer close(b.ended)
	for {
		cmd := exec.Command("aimsbot", "serve", "--data", b.data, "--listen", b.listen, "--config", config)
		cmd.Env, cmd.Stderr = append(b.env, failpoint), &b.stderr
		b.mu.Lock()
		if b.leaving {
			b.mu.Unlock()
			return
		}
		err := cmd.Start()
		b.process = cmd.Process
		b.mu.Unlock()
		if err != nil {
			b.t.Errorf("start the bot: %v", err)
			return
		}
		err = cmd.Wait()
		b.mu.Lock()
		leaving := b.leaving
		b.process = nil
		killed := wasKilled(err)
		if killed {
			b.kills++
		}
		b.mu.Unlock()
		switch {
		case killed && !leaving:
			failpoint = "AIMSBOT_FAILPOINT="
		case leaving && err == nil:
			return
		default:
			b.t.Errorf("the bot ended by itself: %v\n%s", err, b.stderr.String())
			return
		}
	}
}

func wasKilled(err error) bool {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return false
	}
	status, ok := exit.Sys().(syscall.WaitStatus)
	return ok && status.Signaled() && status.Signal() == syscall.SIGKILL
}

// kill ends the bot as kill -9 does.
func (b *bot) kill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.process != nil {
		_ = b.process.Kill()
	}
}

// killed is how often the bot was killed, by whatever.
func (b *bot) killed() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.kills
}

// stop asks the bot to end in order. It may be called twice.
func (b *bot) stop() {
	b.mu.Lock()
	b.leaving = true
	if b.process != nil {
		_ = b.process.Signal(syscall.SIGTERM)
	}
	b.mu.Unlock()
	select {
	case <-b.ended:
	case <-time.After(stopLimit):
		b.kill()
		b.t.Errorf("the bot did not stop in %s\n%s", stopLimit, b.stderr.String())
		<-b.ended
	}
}

// fixedAddress finds a free loopback address that stays free while the bot is
// dead: below the ports that systems hand out for outgoing connections.
func fixedAddress(t *testing.T) string {
	t.Helper()
	for range 100 {
		address := net.JoinHostPort("127.0.0.1", strconv.Itoa(15_000+rand.IntN(15_000)))
		if ln, err := net.Listen("tcp", address); err == nil {
			ln.Close()
			return address
		}
	}
	t.Fatal("no free port")
	return ""
}
