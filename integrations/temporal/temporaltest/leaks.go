// Package temporaltest helps tests that run the embedded server.
package temporaltest

import "go.uber.org/goleak"

// StillRunning lists the goroutines that the embedded server of this release
// leaves behind when it stops, for goleak: by name, so that a new one is
// noticed. Start one server per test binary; each further one leaves its own
// 150 or so.
func StillRunning() []goleak.Option {
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
