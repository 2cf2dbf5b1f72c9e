package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// smallDisk is the disk of the bot: room for its two databases and little more.
const smallDisk = 64 << 20

// smallBot is the program with its data on a small disk of its own, which only
// its process sees, and the test through it.
type smallBot struct {
	*town
	data   string // as seen from here
	stderr tail
}

// newSmallBot starts it with an embedded Temporal on the same disk.
func newSmallBot(t *testing.T) *smallBot {
	t.Helper()
	b := &smallBot{town: newTown(t, "")}
	b.environ = nil
	inside := filepath.Join(b.dir, "d")
	if err := os.Mkdir(inside, 0o700); err != nil {
		t.Fatal(err)
	}
	config, err := filepath.Abs("../../playbooks/library/demo")
	if err != nil {
		t.Fatal(err)
	}
	serve := b.command("serve", "--listen", "127.0.0.1:0", "--config", config)
	mount := fmt.Sprintf(`mount -t tmpfs -o size=%d,mode=700 tmpfs "$0" || exit 77; exec "$@"`, smallDisk)
	cmd := exec.Command("sh", append([]string{"-c", mount, inside}, serve.Args...)...)
	cmd.Env, cmd.Stderr = serve.Env, &b.stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Cloneflags:  syscall.CLONE_NEWUSER | syscall.CLONE_NEWNS,
		UidMappings: []syscall.SysProcIDMap{{HostID: os.Getuid(), Size: 1}},
		GidMappings: []syscall.SysProcIDMap{{HostID: os.Getgid(), Size: 1}},
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Skipf("NO SMALL DISK: this system gives no mounts of one's own: %v", err)
	}
	if line, _ := bufio.NewReader(out).ReadString('\n'); !strings.Contains(line, "serves") {
		var exit *exec.ExitError
		if err := cmd.Wait(); errors.As(err, &exit) && exit.ExitCode() == 77 {
			t.Skipf("NO SMALL DISK: this system mounts nothing for us: %s", &b.stderr)
		}
		t.Fatalf("the bot did not start: %q %s", line, &b.stderr)
	}
	go func() { _, _ = io.Copy(io.Discard, out) }()
	b.data = fmt.Sprintf("/proc/%d/root%s", cmd.Process.Pid, inside)
	t.Cleanup(func() { b.stop(cmd) })
	return b
}

func (b *smallBot) stop(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	late := time.AfterFunc(hardStop+5*time.Second, func() { _ = cmd.Process.Kill() })
	defer late.Stop()
	if err := cmd.Wait(); err != nil {
		b.t.Errorf("the bot ended with: %v", err)
	}
	if b.t.Failed() {
		b.t.Logf("the bot said:\n%s", &b.stderr)
	}
}

// desk asks the bot what only it knows.
func (b *smallBot) desk(ask func(c *web.Client) error) error {
	c, err := web.Dial(filepath.Join(b.data, "aimsbot.sock"))
	if err != nil {
		return err
	}
	defer c.Close()
	return ask(c)
}

// fill leaves no byte of the disk free. The ledger writes ahead to a file that
// grows until it has a thousand pages: a click finds no room.
func (b *smallBot) fill() (free func()) {
	b.t.Helper()
	filler := filepath.Join(b.data, "filler")
	f, err := os.Create(filler)
	if err != nil {
		b.t.Fatal(err)
	}
	for chunk := make([]byte, 1<<20); len(chunk) > 0; {
		if _, err := f.Write(chunk); errors.Is(err, syscall.ENOSPC) {
			chunk = chunk[:len(chunk)/2]
		} else if err != nil {
			b.t.Fatal(err)
		}
	}
	if err := f.Close(); err != nil {
		b.t.Fatal(err)
	}
	return func() {
		if err := os.Remove(filler); err != nil {
			b.t.Fatal(err)
		}
	}
}

// TestFullDisk: the disk of the bot is full. An answer is refused with words
// that say to try again, and stays in the window; nothing of it is kept. When
// there is room again the bot goes on by itself, and the answer counts once.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	b := newSmallBot(t)
	var run string
	b.until("the run to start", func() bool {
		return b.desk(func(c *web.Client) error {
			reply, err := c.Start(t.Context(), web.StartRequest{Playbook: "impact-assessment", Subject: "cv-screener", By: "max"})
			run = reply.Run
			return err
		}) == nil
	})
	view, _ := b.open("olive", b.message("olive", "answer", "What does CV screener do"), "answer")
	send := map[string]any{"user": "olive", "view_id": view, "values": b.values(view, smallAnswers)}

	free := b.fill()
	for range 3 {
		var a ack
		b.post("/_control/submit", send, &a)
		if !strings.Contains(string(a.Body), "Please try again") {
			t.Errorf("the answer to a full disk is %+v", a)
		}
	}
	if rows := b.rows(run); len(rows) != 0 {
		t.Errorf("kept although refused: %+v", rows)
	}
	free()

	b.until("the answer to be taken", func() bool {
		var a ack
		b.post("/_control/submit", send, &a)
		return a.Status == 200 && len(a.Body) == 0
	})
	b.issue("Test CV screener for bias") // the run went on
	if rows := b.rows(run); len(rows) != 1 || rows[0].Verdict == nil || rows[0].Verdict.Verdict != port.VerdictAccepted {
		t.Errorf("not one answer that was accepted: %+v", rows)
	}
	if err := b.desk(func(c *web.Client) error {
		_, err := c.Cancel(t.Context(), cancelRequest(run, "max"))
		return err
	}); err != nil {
		t.Error(err)
	}
	b.until("the run to end", func() bool {
		return b.desk(func(c *web.Client) error {
			r, err := c.Run(t.Context(), run)
			if err == nil && r.State != port.RunClosed {
				err = errors.New("not yet")
			}
			return err
		}) == nil
	})
}

// rows is the inbox of a run, read from a copy: SQLite follows the path to where
// the small disk is not. The tree of the ledger must be whole, too.
func (b *smallBot) rows(run string) []port.InboxRow {
	b.t.Helper()
	dir := b.t.TempDir()
	for _, name := range []string{"ledger.db", "ledger.db-wal"} {
		all, err := os.ReadFile(filepath.Join(b.data, name))
		if err != nil {
			b.t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), all, 0o600); err != nil {
			b.t.Fatal(err)
		}
	}
	l, err := ledger.OpenReadOnly(b.t.Context(), ledger.Options{Path: filepath.Join(dir, "ledger.db")})
	if err != nil {
		b.t.Fatal(err)
	}
	defer l.Close()
	if _, err := l.Check(b.t.Context()); err != nil {
		b.t.Errorf("the ledger does not verify: %v", err)
	}
	rows, err := l.RowsAfter(b.t.Context(), run, 0, 100)
	if err != nil {
		b.t.Fatal(err)
	}
	return rows
}
