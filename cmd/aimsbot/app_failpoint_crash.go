//go:build crash

package main

import (
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
)

// failpoint kills this process, as kill -9 does, when the point named in
// AIMSBOT_FAILPOINT is passed for the n-th time: "records.after:3". With
// AIMSBOT_FAILPOINT_LOG every point passed is a line of that file, so that a
// test knows how many there are.
func failpoint() func(string) {
	name, nth, _ := strings.Cut(os.Getenv("AIMSBOT_FAILPOINT"), ":")
	n, err := strconv.ParseInt(nth, 10, 64)
	if name == "" || err != nil {
		return noted(os.Getenv("AIMSBOT_FAILPOINT_LOG"))
	}
	var passed atomic.Int64
	return func(at string) {
		if at == name && passed.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
}

// noted writes the points passed to a file; "" = nil.
func noted(path string) func(string) {
	if path == "" {
		return nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil // the test misses the file
	}
	return func(at string) { _, _ = f.WriteString(at + "\n") }
}
