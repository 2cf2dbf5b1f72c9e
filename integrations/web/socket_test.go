package web_test

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/web"
)

func TestSocketIsForItsOwnerOnly(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	l, err := web.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode() != fs.ModeSocket|0o600 {
		t.Errorf("mode %v", info.Mode())
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket stays after closing: %v", err)
	}
}

func TestOneBotPerSocket(t *testing.T) {
	t.Parallel()
	path := serve(t, web.API(&fakeDesk{}))
	if _, err := web.Listen(path); !errors.Is(err, web.ErrInUse) {
		t.Fatalf("a second bot got %v", err)
	}
	if _, err := dial(t, path).Run(t.Context(), "01J"); err != nil {
		t.Errorf("the first bot no longer answers: %v", err)
	}
}

func TestSocketOfADeadBotIsReplaced(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	dead, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	dead.SetUnlinkOnClose(false) // as a killed process leaves it
	dead.Close()
	if _, err := web.Dial(path); !errors.Is(err, web.ErrNotRunning) {
		t.Fatalf("dialling a dead bot: %v", err)
	}
	l, err := web.Listen(path)
	if err != nil {
		t.Fatal(err)
	}
	serveOn(t, l, web.API(&fakeDesk{}))
	dial(t, path)
}

func TestSocketPaths(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, "file")
	if err := os.WriteFile(file, []byte("mine"), 0o600); err != nil {
		t.Fatal(err)
	}
	long := filepath.Join(dir, strings.Repeat("x", web.MaxSocketPath+1-len(dir)-1))
	if len(long) != web.MaxSocketPath+1 {
		t.Fatalf("the path has %d bytes", len(long))
	}
	l, err := web.Listen(long[:web.MaxSocketPath])
	if err != nil {
		t.Fatalf("the longest path possible: %v", err)
	}
	l.Close()
	for path, text := range map[string]string{
		long:                               "has 108 bytes, and 107 are possible: choose a data folder with a shorter path",
		file:                               "is in the way",
		filepath.Join(dir, "no", "folder"): "no such file or directory",
	} {
		if _, err := web.Listen(path); err == nil || !strings.Contains(err.Error(), text) {
			t.Errorf("listen on %s: %v, want %q", path, err, text)
		}
		if path == file {
			continue
		}
		if _, err := web.Dial(path); !errors.Is(err, web.ErrNotRunning) {
			t.Errorf("dial %s: %v", path, err)
		}
	}
	if b, err := os.ReadFile(file); err != nil || string(b) != "mine" {
		t.Errorf("the file in the way was touched: %q %v", b, err)
	}
}
