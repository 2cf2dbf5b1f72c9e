// Package temporaltest helps tests that run the embedded server.
package temporaltest

import (
	"time"

	"go.uber.org/goleak"
)

// patience is how long goroutines have to end after what they served: longer
// than the program's hard stop, because a machine may be busy.
const patience = 30 * time.Second

// Leaked names the goroutines that do not end, but for those that the embedded
// server of this release leaves behind.
func Leaked() error {
	for began := time.Now(); ; {
		err := goleak.Find(stillRunning()...) // looks for a second or two
		if err == nil || time.Since(began) > patience {
			return err
		}
	}
}

// stillRunning lists the goroutines that the embedded server of this release
// leaves behind when it stops, for goleak: by name, so that a new one is
// noticed. Start one server per test binary; each further one leaves its own
// 150 or so.
func stillRunning() []goleak.Option {
	var out []goleak.Option
	for _, name := range []string{
		// The server's pool of SQLite connections is never closed.
		"database/sql.(*DB).connectionOpener",
		// Its services never close the connections between them.
		"google.golang.org/grpc/internal/grpcsync.(*CallbackSerializer).run",
		"google.golang.org/grpc.(*addrConn).resetTransportAndUnlock",
		"google.golang.org/grpc.(*addrConn).createTransport",
		"google.golang.org/grpc.(*ClientConn).connect",
		"go.temporal.io/server/common/membership.(*grpcResolver).listen",
		// The workers of its system workflows go on asking a server that is gone.
		"go.temporal.io/sdk/internal.(*baseWorker).runPoller",
		"go.temporal.io/sdk/internal.(*baseWorker).runTaskDispatcher",
		"go.temporal.io/sdk/internal.(*baseWorker).runEagerTaskDispatcher",
		"go.temporal.io/sdk/internal.(*baseWorker).Start.func2",
		"go.temporal.io/sdk/internal.(*sharedNamespaceWorker).run",
		// Runs still open stay in the SDK's cache of workflows.
		"go.temporal.io/sdk/internal.(*coroutineState).initialYield",
	} {
		out = append(out, goleak.IgnoreAnyFunction(name))
	}
	return out
}
