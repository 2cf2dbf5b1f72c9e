package web

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"syscall"
	"time"
)

// MaxSocketPath is how many bytes the path of a socket may have: sun_path holds
// 108 with the closing zero (unix(7)).
const MaxSocketPath = 107

// dialBudget is how long a bot on this machine has to take a connection.
const dialBudget = time.Second

// ErrNotRunning says that no bot answers on a socket.
var ErrNotRunning = errors.New("the bot is not running")

// ErrInUse says that another bot answers on a socket.
var ErrInUse = errors.New("another bot is running")

// Listen opens the socket for the API: mode 0600 from the first moment. A
// socket left by a bot that died is removed; ErrInUse when one answers there.
// Closing the listener removes the socket.
func Listen(path string) (net.Listener, error) {
	if err := Free(path); err != nil {
		return nil, err
	}
	config := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) error {
		// On Linux the file gets the mode of the unbound socket, so that there
		// is no moment at which others could connect. Elsewhere the chmod
		// below has to do.
		return c.Control(func(fd uintptr) { _ = syscall.Fchmod(int(fd), 0o600) }) // guard: socket-mode-at-once
	}}
	l, err := config.Listen(context.Background(), "unix", path)
	if err != nil {
		return nil, fmt.Errorf("listen on %s: %w", path, err)
	}
	if err := os.Chmod(path, 0o600); err != nil { // guard: socket-mode
		l.Close()
		return nil, fmt.Errorf("protect %s: %w", path, err)
	}
	return l, nil
}

// Free looks whether Listen could open the socket, and removes what a bot that
// died has left, so that a bot finds out before it starts anything.
func Free(path string) error {
	if err := checkSocketPath(path); err != nil {
		return err
	}
	return clearSocket(path)
}

// clearSocket removes what a bot that died has left at the path.
func clearSocket(path string) error {
	info, err := os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if info.Mode().Type() != fs.ModeSocket {
		return Errorf(Usage, "%s is in the way: the socket belongs there, and it is none; move it away", path)
	}
	conn, err := net.DialTimeout("unix", path, dialBudget)
	if err == nil {
		conn.Close()
		return fmt.Errorf("%w: it answers on %s", ErrInUse, path)
	}
	if !nobody(err) {
		return fmt.Errorf("look who answers on %s: %w", path, err)
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("remove the old socket: %w", err)
	}
	return nil
}

// nobody tells whether an error of dialling proves that nobody listens: no
// file, or a socket without a listener. A busy one answers otherwise.
func nobody(err error) bool {
	return errors.Is(err, fs.ErrNotExist) || errors.Is(err, syscall.ECONNREFUSED) || errors.Is(err, syscall.ENOTDIR)
}

func checkSocketPath(path string) error {
	if n := len(path); n > MaxSocketPath {
		return Errorf(Usage, "the path of the socket has %d bytes, and %d are possible: choose a data folder with a shorter path (%s)", n, MaxSocketPath, path)
	}
	return nil
}
