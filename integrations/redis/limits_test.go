package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"go.uber.org/goleak"
)

// testRedis names a real Redis that tests may write to.
const testRedis = "AIMSBOT_TEST_REDIS"

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// pair opens the limits of two replicas of an installation.
func pair(t *testing.T, u URL) (one, other *Limits) {
	t.Helper()
	installation := fmt.Sprintf("%s-%d", t.Name(), time.Now().UnixNano())
	open := func() *Limits {
		l, err := Open(Options{URL: u, Installation: installation, Logger: slog.New(slog.DiscardHandler)})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = l.Close() })
		return l
	}
	return open(), open()
}

func TestLimitsInProcess(t *testing.T) {
	t.Parallel()
	limits(t, URL("redis://"+miniredis.RunT(t).Addr()))
}

func TestLimitsInRedis(t *testing.T) {
	t.Parallel()
	u := os.Getenv(testRedis)
	if u == "" {
		t.Skip(testRedis + " is not set: `make stores` starts a Redis and runs this")
	}
	limits(t, URL(u))
}

// limits is what a Redis must do for two replicas.
func limits(t *testing.T, u URL) {
	t.Helper()
	one, other := pair(t, u)
	if err := one.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	allowed := func(l *Limits, key string, b Budget) bool {
		t.Helper()
		wait, err := l.Take(t.Context(), key, b)
		if err != nil {
			t.Fatal(err)
		}
		return wait == 0
	}
	// A budget of three at once, and of one in a minute after that, is three for both together.
	b := Budget{PerMinute: 1, Burst: 3}
	for i, want := range []bool{true, true, true, false, false} {
		l := one
		if i%2 == 1 {
			l = other
		}
		if got := allowed(l, "slack:chat.update", b); got != want {
			t.Errorf("call %d is allowed: %v, want %v", i+1, got, want)
		}
	}
	if wait, err := other.Take(t.Context(), "slack:chat.update", b); err != nil || wait <= 0 || wait > time.Minute {
		t.Errorf("wait %s (%v), want up to a minute", wait, err)
	}
	if !allowed(one, "slack:chat.delete", b) {
		t.Error("another key has no budget of its own")
	}

	// A pause of one holds the other, a shorter one later does not end it, and other keys go on.
	for _, d := range []time.Duration{time.Hour, time.Second} {
		if err := one.Pause(t.Context(), "jira:tenant", d); err != nil {
			t.Fatal(err)
		}
	}
	if wait, err := other.Take(t.Context(), "jira:tenant", Budget{}); err != nil || wait < 50*time.Minute {
		t.Errorf("wait %s (%v) in a pause of an hour", wait, err)
	}
	if !allowed(other, "jira:call:issue", Budget{}) {
		t.Error("a key without pause or limit is held back")
	}
	stranger, _ := pair(t, u)
	if !allowed(stranger, "jira:tenant", Budget{}) {
		t.Error("another installation is held back")
	}
}

// TestGone: while Redis is gone every question is answered at once with an
// error, and after a rest it is asked again. Emptied, it just begins anew.
func TestGone(t *testing.T) {
	t.Parallel()
	server := miniredis.RunT(t)
	l, _ := pair(t, URL("redis://"+server.Addr()))
	b := Budget{PerMinute: 1, Burst: 1}
	take := func() error { _, err := l.Take(t.Context(), "k", b); return err }
	if err := take(); err != nil {
		t.Fatal(err)
	}
	server.FlushAll()
	if wait, err := l.Take(t.Context(), "k", b); err != nil || wait > 0 {
		t.Errorf("after it was emptied: wait %s, %v", wait, err)
	}
	server.Close()
	if err := take(); err == nil || errors.Is(err, ErrResting) {
		t.Errorf("a Redis that is gone answered: %v", err)
	}
	if err := take(); !errors.Is(err, ErrResting) {
		t.Errorf("a Redis that is gone is asked again at once: %v", err)
	}
	if err := server.Restart(); err != nil {
		t.Fatal(err)
	}
	l.mu.Lock()
	l.until = time.Now() // the rest is over
	l.mu.Unlock()
	if err := take(); err != nil {
		t.Errorf("it is back: %v", err)
	}
}

// TestSlow: a Redis that takes the question and never answers costs one wait,
// and is then left alone.
func TestSlow(t *testing.T) {
	t.Parallel()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var opened atomic.Int32
	go func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return
			}
			opened.Add(1)
			t.Cleanup(func() { _ = c.Close() })
		}
	}()
	t.Cleanup(func() { _ = ln.Close() })
	l, _ := pair(t, URL("redis://"+ln.Addr().String()))
	for i := range 20 {
		_, err := l.Take(t.Context(), "k", Budget{PerMinute: 1, Burst: 1})
		if err == nil || i > 0 && !errors.Is(err, ErrResting) {
			t.Errorf("question %d: %v", i+1, err)
		}
	}
	if n := opened.Load(); n > 2 {
		t.Errorf("%d connections were opened for twenty questions", n)
	}
}

// TestGaveUp: a caller that gives up says nothing about Redis.
func TestGaveUp(t *testing.T) {
	t.Parallel()
	l, _ := pair(t, URL("redis://"+miniredis.RunT(t).Addr()))
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := l.Take(ctx, "k", Budget{}); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	if _, err := l.Take(t.Context(), "k", Budget{}); err != nil {
		t.Errorf("the next caller is refused: %v", err)
	}
}

func TestURL(t *testing.T) {
	t.Parallel()
	for text, says := range map[string]string{
		"redis://127.0.0.1:6379":                 "",
		"redis://:secret@localhost:6379/2":       "",
		"redis://[::1]:6379":                     "",
		"rediss://u:secret@redis.example.com/0":  "",
		"unix:///run/redis/redis.sock":           "",
		"redis://u:secret@redis.example.com":     "to redis.example.com without TLS: write rediss",
		"redis://127.0.0.1.example.com":          "without TLS",
		"http://u:secret@127.0.0.1":              "is no address of a Redis",
		"127.0.0.1:6379":                         "write rediss://",
		"redis://u:secret@127.0.0.1:x":           "cannot be read",
		"redis://u:secret@127.0.0.1/db":          "cannot be used",
		"redis://127.0.0.1?max_retries=9":        "after a question mark",
		"redis://u:secret%zz@redis.example.com/": "cannot be read",
	} {
		err := URL(text).Check()
		if says == "" && err != nil || says != "" && (err == nil || !strings.Contains(err.Error(), says)) {
			t.Errorf("%q: %v, want %q", text, err, says)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the error tells the password: %v", text, err)
		}
	}
	if s := fmt.Sprintf("%v %+v %#v", URL("redis://:secret@h"), Options{URL: "redis://:secret@h"}, URL("redis://:secret@h")); strings.Contains(s, "secret") {
		t.Errorf("printed: %s", s)
	}
}
