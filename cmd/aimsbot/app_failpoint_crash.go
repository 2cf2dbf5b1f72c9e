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
// AIMSBOT_FAILPOINT is passed for the n-th time: "records.after:3".
func failpoint() func(string) {
	name, nth, _ := strings.Cut(os.Getenv("AIMSBOT_FAILPOINT"), ":")
	n, err := strconv.ParseInt(nth, 10, 64)
	if name == "" || err != nil {
		return nil
	}
	var passed atomic.Int64
	return func(at string) {
		if at == name && passed.Add(1) == n {
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {} // until the signal arrives
		}
	}
}
