//go:build !crash

package main

// failpoint is where a test kills the process; the released binary has none.
func failpoint() func(string) { return nil }
