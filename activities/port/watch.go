package port

import "time"

// Watch is told of what happens, by whom it happens to, so that somebody can
// count it. It never fails and never waits. Every text given to it is a constant
// of the program, never an id, a name or a key: each becomes a time series.
type Watch interface {
	// Delivered tells that a delivery was answered, took after it came in. reason
	// says why a refused one was refused.
	Delivered(d Delivered, reason string, took time.Duration)
	// Called tells of one call outside and its sorted error. took is 0 for a call
	// that was held back and not made.
	Called(target, method string, err error, took time.Duration)
	// Paused tells that calls of a scope (OutsideError.Scope) are held back for d.
	Paused(target, scope string, d time.Duration)
	// Tried tells what became of one attempt at an effect, once it is stored.
	Tried(e Effect)
	// Connection tells of something that happened to a socket: Socket*.
	Connection(event string)
	// Wrote tells of one transaction of the ledger, its commit included.
	Wrote(took time.Duration)
	// StoreFailed tells of an error of the ledger's database: Store*.
	StoreFailed(operation string)
}

// Delivered is what became of one delivery.
type Delivered struct {
	Door    string // socket | http | webhook | alerts | cli
	Kind    string // of the inbox row, KindEvent or KindOther
	Outcome string
}

// The kinds of deliveries beside those of inbox rows.
const (
	KindEvent = "event" // it tells of something and asks nothing: no row is kept
	KindOther = "other" // it could not be read, or was not
)

// The doors of deliveries.
const (
	DoorSocket  = "socket"  // Slack's Socket Mode
	DoorHTTP    = "http"    // Slack's signed requests
	DoorWebhook = "webhook" // Jira's
	DoorAlerts  = "alerts"  // Alertmanager's
	DoorCLI     = "cli"
)

// The outcomes of deliveries.
const (
	Acknowledged = "acknowledged" // durable, or of no consequence
	Refused      = "refused"      // not from where it claims to be, or not for us
	Unkept       = "unkept"       // could not be stored: it may come again
)

// What happens to a socket.
const (
	SocketOpened  = "opened"
	SocketFailed  = "failed"  // it could not be opened
	SocketRenewed = "renewed" // the other side gave notice
	SocketLost    = "lost"    // it ended without notice
	SocketForeign = "foreign" // there are more than ours: a second installation?
)

// What of the database failed.
const (
	StoreRead  = "read"
	StoreWrite = "write" // a transaction, for good: its writers were told
	StoreAgain = "again" // a transaction that was run anew
)

// Unwatched counts nothing.
type Unwatched struct{}

var _ Watch = Unwatched{}

// Delivered does nothing.
func (Unwatched) Delivered(Delivered, string, time.Duration) {}

// Called does nothing.
func (Unwatched) Called(string, string, error, time.Duration) {}

// Paused does nothing.
func (Unwatched) Paused(string, string, time.Duration) {}

// Tried does nothing.
func (Unwatched) Tried(Effect) {}

// Connection does nothing.
func (Unwatched) Connection(string) {}

// Wrote does nothing.
func (Unwatched) Wrote(time.Duration) {}

// StoreFailed does nothing.
func (Unwatched) StoreFailed(string) {}

// Watching is w, or nobody where w is nil.
func Watching(w Watch) Watch {
	if w == nil {
		return Unwatched{}
	}
	return w
}
