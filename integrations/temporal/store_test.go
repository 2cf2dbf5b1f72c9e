package temporal_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// runUntilKilled is the life of the second process: it starts a run that waits
// for a signal, says so, and never ends by itself.
func runUntilKilled(dir string) {
	b, err := open(dir)
	if err == nil {
		err = temporal.NewEngine(b.client, temporal.Queue).StartRun(context.Background(), started("aims-survivor", 1))
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	for {
		b.diary.mu.Lock()
		n := len(b.diary.lines["aims-survivor"])
		b.diary.mu.Unlock()
		if n > 0 {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := temporal.NewEngine(b.client, temporal.Queue).Signal(context.Background(), "aims-survivor", "before"); err != nil {
		fmt.Println(err)
	}
	fmt.Println("waiting")
	select {}
}

// TestRunSurvivesAKill kills a process with a server and a run, starts anew on
// the same files, and lets the run go on.
func TestRunSurvivesAKill(t *testing.T) {
	dir := shortDir(t)
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), crashDir+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	said := make([]byte, 64)
	n, _ := out.Read(said)
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Wait() // killed
	if got := strings.TrimSpace(string(said[:n])); got != "waiting" {
		t.Fatalf("the process to be killed said %q", got)
	}

	b, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := b.close(); err != nil {
			t.Error(err)
		}
	})
	if err := temporal.NewEngine(b.client, temporal.Queue).Signal(t.Context(), "aims-survivor", "after"); err != nil {
		t.Fatal(err)
	}
	for lines := []string{}; !strings.Contains(strings.Join(lines, " "), "signal after"); {
		lines = b.diary.await(t, "aims-survivor", len(lines)+1)
	}
}

func TestUnfinishedStoreIsMadeAnew(t *testing.T) {
	dir := shortDir(t)
	db, err := sql.Open("sqlite", filepath.Join(dir, "temporal.db"))
	if err != nil {
		t.Fatal(err)
	}
	_, err = db.Exec("CREATE TABLE executions (shard_id INTEGER)")
	if err := errors.Join(err, db.Close()); err != nil {
		t.Fatal(err)
	}
	b, err := open(dir)
	if err != nil {
		t.Fatal(err)
	}
	if err := b.close(); err != nil {
		t.Error(err)
	}
}

func TestStoreIsRefused(t *testing.T) {
	t.Parallel()
	start := func(dir string) error {
		_, err := temporal.Start(t.Context(), temporal.EmbedOptions{Dir: dir})
		return err
	}
	t.Run("another schema", func(t *testing.T) {
		t.Parallel()
		dir := shortDir(t)
		put(t, dir, "temporal.schema", "sqlite 0.10, visibility 0.1\n")
		put(t, dir, "temporal.db", "")
		var schema *temporal.SchemaError
		if err := start(dir); !errors.As(err, &schema) || schema.Found != "sqlite 0.10, visibility 0.1" {
			t.Errorf("got %v", err)
		}
	})
	t.Run("file gone", func(t *testing.T) {
		t.Parallel()
		dir := shortDir(t)
		put(t, dir, "temporal.schema", temporal.Fingerprint())
		if err := start(dir); err == nil || !strings.Contains(err.Error(), "is missing") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("marker gone, runs there", func(t *testing.T) {
		t.Parallel()
		e := temporal.NewEngine(shared.client, temporal.Queue)
		if err := e.StartRun(t.Context(), started("aims-marked", 0)); err != nil {
			t.Fatal(err)
		}
		dir := shortDir(t)
		copyStore(t, shared.dir, dir)
		if err := start(dir); err == nil || !strings.Contains(err.Error(), "runs but") {
			t.Errorf("got %v", err)
		}
	})
}

// copyStore copies the file of a running server with its log.
func copyStore(t *testing.T, from, to string) {
	t.Helper()
	for _, name := range []string{"temporal.db", "temporal.db-wal"} {
		b, err := os.ReadFile(filepath.Join(from, name))
		if err != nil {
			t.Fatal(err)
		}
		put(t, to, name, string(b))
	}
}

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// shortDir is a folder with a short path: t.TempDir names it after the test.
func shortDir(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	return dir
}
