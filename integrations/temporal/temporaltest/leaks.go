// Package temporaltest helps tests that run the embedded server.
package temporaltest

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"time"

	"go.uber.org/goleak"

	"github.com/aimsbot/aimsbot/integrations/temporal"
)

// patience is how long goroutines have to end after what they served: longer
// than the program's hard stop, because a machine may be busy.
const patience = 30 * time.Second

// Leaked names the goroutines that do not end, but for those that the embedded
// server of this release leaves behind. A server that could not start leaves
// anything: then it says that nothing can be told, and finds nothing.
func Leaked() error {
	for began := time.Now(); ; {
		err := goleak.Find(stillRunning()...) // looks for a second or two
		if err == nil {
			return nil
		}
		if gone := temporal.Abandoned(); len(gone) > 0 {
			fmt.Fprintf(os.Stderr, "NOT TRIED: whether goroutines are left behind, because %s\n", strings.Join(gone, "; "))
			return nil
		}
		if time.Since(began) > patience {
			return fmt.Errorf("%w\n%s", err, summary(err.Error()))
		}
	}
}

var onTop = regexp.MustCompile(`with (\S+) on top of the stack`)

// summary counts the goroutines by what they are in: the end of a log is what
// is kept of it.
func summary(dump string) string {
	count := map[string]int{}
	for _, m := range onTop.FindAllStringSubmatch(dump, -1) {
		count[m[1]]++
	}
	lines := []string{fmt.Sprintf("goroutines left behind, %d places:", len(count))}
	for _, name := range slices.Sorted(maps.Keys(count)) {
		lines = append(lines, fmt.Sprintf("%5d %s", count[name], name))
	}
	return strings.Join(lines, "\n")
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
