package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/integrations/web"
	"github.com/aimsbot/aimsbot/playbooks/library"
)

// The programs that are compared.
const (
	benchBot   = "bot"   // the released program
	benchTwin  = "twin"  // the same run written by hand, with the same local activities
	benchPlain = "plain" // written by hand with one activity per effect
)

// benchSite is one program and its own sandbox, each in a process of its own.
type benchSite struct {
	t       *testing.T
	kind    string
	dir     string
	box     string
	address string
	admin   string // where the bot shows its metrics
	cmd     *exec.Cmd
	ready   time.Duration // from the start of the process until it was ready
	desk    *web.Client   // the bot's
}

// benchConfig is the sample organisation with so many systems, each with an
// owner of its own (a person has one window open at a time), and no programme.
func benchConfig(t *testing.T, systems int) string {
	t.Helper()
	dir := t.TempDir()
	var people, owned strings.Builder
	for i := range systems {
		o := ownerOf(systemName(i))
		fmt.Fprintf(&people, "  %s: {name: Owner %s, slack: {team: T0HOME, user: U0%s}, jira: 5b1%s}\n", o, o, strings.ToUpper(o), o)
		fmt.Fprintf(&owned, "  %s: {name: %s, owner: %s, developers: [dev], purpose: Ranks applications}\n", systemID(systemName(i)), systemName(i), o)
	}
	for _, f := range library.Demo() {
		text := string(f.Source)
		switch f.Name {
		case "programme.yaml":
			continue
		case "organisation.yaml":
			text = strings.Replace(text, "\nsystems:\n", "\nsystems:\n"+owned.String(), 1)
			text = strings.Replace(text, "\npeople:\n", "\npeople:\n"+people.String(), 1)
		}
		path := filepath.Join(dir, f.Name)
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func systemName(i int) string { return fmt.Sprintf("System %03d", i) }

// systemID is the system's id in the organisation file.
func systemID(name string) string { return strings.ToLower(strings.ReplaceAll(name, " ", "-")) }

// ownerOf is the person id of a system's owner.
func ownerOf(system string) string { return "o" + strings.TrimPrefix(system, "System ") }

// startSite starts the sandbox and the program and waits until it is ready.
func startSite(t *testing.T, kind, config string) *benchSite {
	t.Helper()
	s := &benchSite{t: t, kind: kind, dir: benchDir(t), address: benchAddress(t), admin: benchAddress(t)}
	s.box = s.startBox(config)
	data := filepath.Join(s.dir, "bot")
	if kind == benchBot {
		s.cmd = exec.Command("aimsbot", "serve", "--data", data, "--listen", s.address, "--admin", s.admin, "--config", config)
		s.cmd.Env = append(os.Environ(),
			"SLACK_BOT_TOKEN="+sandbox.BotToken, "SLACK_APP_TOKEN="+sandbox.AppToken, "SLACK_API_URL="+s.box+sandbox.SlackPath+"/api/",
			"JIRA_URL="+s.box+sandbox.JiraPath, "JIRA_EMAIL="+sandbox.JiraEmail, "JIRA_TOKEN="+sandbox.JiraToken,
			"JIRA_WEBHOOK_SECRET="+sandbox.WebhookSecret, "AIMSBOT_INDEX_ALLOWANCE="+sandboxAllowance.String(), "AIMSBOT_LIMITS=off",
		)
	} else {
		self, err := os.Executable()
		if err != nil {
			t.Fatal(err)
		}
		s.cmd = exec.Command(self, "-test.run", "^TestBenchTwinProcess$")
		s.cmd.Env = append(os.Environ(), twinEnv+"="+strings.Join([]string{kind, data, s.address, s.box}, " "))
	}
	began := time.Now()
	s.run(s.cmd)
	for {
		if res, err := http.Get("http://" + s.address + "/readyz"); err == nil {
			_ = res.Body.Close()
			if res.StatusCode == http.StatusOK {
				break
			}
		}
		if time.Since(began) > patience {
			t.Fatalf("%s is not ready", kind)
		}
		time.Sleep(5 * time.Millisecond)
	}
	s.ready = time.Since(began)
	if kind == benchBot {
		var err error
		if s.desk, err = web.Dial(filepath.Join(data, "aimsbot.sock")); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.desk.Close)
	}
	return s
}

func (s *benchSite) startBox(config string) string {
	s.t.Helper()
	cmd := exec.Command("aimsbot", "sandbox", "--data", filepath.Join(s.dir, "box"), "--listen", "127.0.0.1:0", "--config", config,
		"--no-rate-limits", "--webhook", "http://"+s.address+"/jira/webhook")
	out, err := cmd.StdoutPipe()
	if err != nil {
		s.t.Fatal(err)
	}
	s.run(cmd)
	line, err := bufio.NewReader(out).ReadString('\n')
	_, address, found := strings.Cut(line, " at ")
	if err != nil || !found {
		s.t.Fatalf("the sandbox did not say where it is: %v %q", err, line)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	return strings.TrimSuffix(strings.TrimSpace(address), sandbox.PagePath)
}

// run starts a process that ends with the site.
func (s *benchSite) run(cmd *exec.Cmd) {
	s.t.Helper()
	log, err := os.Create(filepath.Join(s.dir, "log-"+strconv.FormatInt(time.Now().UnixNano(), 36)))
	if err != nil {
		s.t.Fatal(err)
	}
	cmd.Stderr = log
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		hard := time.AfterFunc(hardStop, func() { _ = cmd.Process.Kill() })
		defer hard.Stop()
		if err := cmd.Wait(); err != nil {
			text, _ := os.ReadFile(log.Name())
			s.t.Errorf("%s ended with: %v\n%.4000s", cmd.Args, err, text)
		}
		_ = log.Close()
	})
}

// start starts a run about a system and returns its id.
func (s *benchSite) start(p *benchPeople) func(ctx context.Context, system string) (string, error) {
	return func(ctx context.Context, system string) (string, error) {
		if s.kind == benchBot {
			r, err := s.desk.Start(ctx, web.StartRequest{Playbook: "impact-assessment", Subject: systemID(system), By: "max"})
			if err == nil && r.Open {
				err = errors.New("a run was open already")
			}
			return r.Run, err
		}
		var r struct {
			Run string `json:"run"`
		}
		err := p.post(ctx, "http://"+s.address+"/start?system="+strings.ReplaceAll(system, " ", "%20"), nil, &r)
		return r.Run, err
	}
}

// cpu is the processor time the program has used, user and system.
func (s *benchSite) cpu() time.Duration {
	s.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), ") ")
	fields := strings.Fields(after)
	user, err1 := strconv.ParseInt(fields[11], 10, 64)
	system, err2 := strconv.ParseInt(fields[12], 10, 64)
	if err := errors.Join(err1, err2); err != nil {
		s.t.Fatal(err)
	}
	return time.Duration(user+system) * (time.Second / clockTicks)
}

// clockTicks is the unit of /proc/PID/stat on Linux: 100 in a second.
const clockTicks = 100

// memory is the resident memory of the program in MiB.
func (s *benchSite) memory() int {
	s.t.Helper()
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.cmd.Process.Pid))
	if err != nil {
		s.t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(b), "VmRSS:")
	kib, err := strconv.Atoi(strings.Fields(after)[0])
	if err != nil {
		s.t.Fatal(err)
	}
	return kib / 1024
}

// benchDir is a folder with a short path: a socket's may have 108 bytes.
func benchDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if !t.Failed() {
			_ = os.RemoveAll(dir)
		}
	})
	return dir
}

// benchAddress finds a loopback address for a process that is started later.
func benchAddress(t *testing.T) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()
	return ln.Addr().String()
}
