package temporal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"

	"go.temporal.io/server/common/log"
	"go.temporal.io/server/common/log/tag"
)

// serverLog passes warnings and errors of the embedded server on. What is
// fatal to the server does not end the program: it is reported, and only the
// goroutine that said so ends, as it expects not to go on.
type serverLog struct {
	to     *slog.Logger
	failed chan error    // gets the first fatal error
	fatal  chan struct{} // closed with it
	once   sync.Once
	quiet  atomic.Bool // while stopping, complaints about what is gone are noise
}

func newServerLog(to *slog.Logger) *serverLog {
	if to == nil {
		to = slog.New(slog.DiscardHandler)
	}
	return &serverLog{to: to.With("part", "temporal"), failed: make(chan error, 1), fatal: make(chan struct{})}
}

func (l *serverLog) write(level slog.Level, msg string, tags []tag.Tag) {
	ctx := context.Background()
	if l.quiet.Load() || !l.to.Enabled(ctx, level) {
		return
	}
	attrs := make([]slog.Attr, len(tags))
	for i, t := range tags {
		attrs[i] = slog.Any(t.Key(), t.Value())
	}
	l.to.LogAttrs(ctx, level, msg, attrs...)
}

// Debug is dropped: the server writes a thousand lines in half a second.
func (l *serverLog) Debug(string, ...tag.Tag) {}

// Info is dropped as well.
func (l *serverLog) Info(string, ...tag.Tag) {}

// noNexus begins the server's advice to switch on HTTP for Nexus, which nothing
// here uses: a first look at the log should not begin with it.
const noNexus = "HTTP API port has not been set"

// Warn passes on.
func (l *serverLog) Warn(msg string, tags ...tag.Tag) {
	if !strings.HasPrefix(msg, noNexus) {
		l.write(slog.LevelWarn, msg, tags)
	}
}

// Error passes on.
func (l *serverLog) Error(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }

// DPanic passes on as an error, as it does outside of development.
func (l *serverLog) DPanic(msg string, tags ...tag.Tag) { l.write(slog.LevelError, msg, tags) }

// Panic passes on and panics, as its callers expect.
func (l *serverLog) Panic(msg string, tags ...tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	panic(msg)
}

// Fatal reports the error and ends the calling goroutine.
func (l *serverLog) Fatal(msg string, tags ...tag.Tag) {
	l.write(slog.LevelError, msg, tags)
	err := errors.New(msg)
	for _, t := range tags {
		if cause, ok := t.Value().(error); ok {
			err = fmt.Errorf("%s: %w", msg, cause)
		} else if t.Key() == "error" {
			err = fmt.Errorf("%s: %v", msg, t.Value())
		}
	}
	l.once.Do(func() {
		l.failed <- err
		close(l.fatal)
	})
	runtime.Goexit()
}

var _ log.Logger = (*serverLog)(nil)
