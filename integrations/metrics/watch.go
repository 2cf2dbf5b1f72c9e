package metrics

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

var _ port.Watch = (*Metrics)(nil)

// What became of a call outside, by what it means for us.
const (
	statusOK      = "ok"
	statusRefused = "refused" // a definite no
	statusLimited = "limited" // 429
	statusFailed  = "failed"  // the other side's fault: 5xx
	statusLost    = "lost"    // no answer, or none that can be read: the outcome is unknown
	statusUnsent  = "unsent"  // nothing reached the other side
	statusHeld    = "held"    // kept back by our own limits; nobody was called
)

var statuses = []string{statusOK, statusRefused, statusLimited, statusFailed, statusLost, statusUnsent, statusHeld}

// statusOf sorts the error of a call.
func statusOf(err error) string {
	if err == nil {
		return statusOK
	}
	var o *port.OutsideError
	if !errors.As(err, &o) {
		return statusLost
	}
	switch o.Code {
	case "budget", "paused", "cancelled":
		return statusHeld
	case "timeout":
		if o.Definite { // while it waited for its turn
			return statusHeld
		}
		return statusLost
	case "not_sent", "unreachable":
		return statusUnsent
	case "fatal_error", "internal_error", "service_unavailable":
		return statusFailed
	}
	status, _ := strconv.Atoi(o.Code) // 0 for a code that is a word
	switch {
	case o.Scope != "":
		return statusLimited
	case status >= 500:
		return statusFailed
	case o.Definite:
		return statusRefused
	}
	return statusLost
}

// outcomes of attempts at effects.
const (
	outcomeDone    = "done"
	outcomeAdopted = "adopted" // an earlier attempt's was found outside
	outcomeRetried = "retried" // refused for now; tried again
	outcomeUnknown = "unknown" // looked for before it is tried again
	outcomeGaveUp  = "gave_up"
	outcomeSpared  = "superseded" // no longer needed
)

var outcomes = []string{outcomeDone, outcomeAdopted, outcomeRetried, outcomeUnknown, outcomeGaveUp, outcomeSpared}

func outcomeOf(e port.Effect) string {
	switch e.State {
	case port.EffectDone:
		if e.Outcome.Found {
			return outcomeAdopted
		}
		return outcomeDone
	case port.EffectIntent:
		return outcomeRetried
	case port.EffectUnknown:
		return outcomeUnknown
	case port.EffectSuperseded:
		return outcomeSpared
	}
	return outcomeGaveUp
}

// instruments makes all that is counted when it happens, and shows what alerts
// look at from the beginning: from nothing to 1 is no increase to Prometheus.
func (m *Metrics) instruments() error {
	k := &maker{meter: m.meter}
	m.deliveries = k.counter("aimsbot.deliveries", "Deliveries from Slack, Jira and the command line, answered.", "transport", "kind", "outcome")
	m.refusals = k.counter("aimsbot.delivery.refusals", "Deliveries refused at the door, by reason.", "transport", "reason")
	m.answered = k.histogram("aimsbot.delivery.answer.duration", "From the arrival of a delivery to its acknowledgement.", answerBuckets, "transport")
	m.calls = k.counter("aimsbot.outside.calls", "Calls to Slack and Jira, those held back included.", "target", "method", "status")
	m.called = k.histogram("aimsbot.outside.call.duration", "Calls to Slack and Jira that were made.", callBuckets, "target")
	m.pauses = k.counter("aimsbot.outside.pauses", "Pauses that Slack or Jira asked for.", "target", "scope")
	m.effects = k.counter("aimsbot.effect.attempts", "Attempts at effects in Slack and Jira, by what became of them.", "target", "purpose", "outcome")
	m.sockets = k.counter("aimsbot.socket.events", "What happened to the connections of Socket Mode.", "event")
	m.wrote = k.histogram("aimsbot.ledger.write.duration", "Transactions of the ledger that write, their commit included.", writeBuckets)
	m.storeErrors = k.counter("aimsbot.ledger.errors", "Errors of the ledger's database.", "operation")
	m.background = k.counter("aimsbot.background.runs", "Runs of the jobs of the background.", "task", "outcome")
	if k.err != nil {
		return k.err
	}
	for _, kind := range []string{port.InboxClick, port.InboxSubmit, port.InboxCommand, port.KindEvent, port.KindOther} {
		m.show(port.DoorSocket, kind)
		m.show(port.DoorHTTP, kind)
	}
	m.show(port.DoorWebhook, port.InboxHint)
	m.show(port.DoorAlerts, port.KindEvent)
	m.show(port.DoorCLI, port.InboxCommand)
	for _, event := range []string{port.SocketOpened, port.SocketFailed, port.SocketRenewed, port.SocketLost, port.SocketForeign} {
		m.sockets.add(0, values{event})
	}
	for _, operation := range []string{port.StoreRead, port.StoreWrite, port.StoreAgain} {
		m.storeErrors.add(0, values{operation})
	}
	for _, v := range []values{{"slack", "call"}, {"jira", "call"}, {"jira", "issue"}, {"jira", "tenant"}} {
		m.pauses.add(0, v)
		m.paused.until(v, time.Time{})
	}
	for _, v := range []values{{port.DoorHTTP, "signature"}, {port.DoorWebhook, "signature"}, {port.DoorSocket, "foreign"}} {
		m.refusals.add(0, v)
	}
	return nil
}

func (m *Metrics) show(door, kind string) {
	for _, outcome := range []string{port.Acknowledged, port.Refused, port.Unkept} {
		m.deliveries.add(0, values{door, kind, outcome})
	}
}

// Delivered counts a delivery.
func (m *Metrics) Delivered(d port.Delivered, reason string, took time.Duration) {
	m.deliveries.add(1, values{d.Door, d.Kind, d.Outcome})
	switch d.Outcome {
	case port.Refused:
		m.refusals.add(1, values{d.Door, reason})
	case port.Acknowledged:
		m.answered.record(took, values{d.Door})
	}
}

// Called counts a call outside.
func (m *Metrics) Called(target, method string, err error, took time.Duration) {
	status := statusOf(err)
	if m.calls.add(1, values{target, method, status}) {
		for _, other := range statuses {
			m.calls.add(0, values{target, method, other})
		}
	}
	if status != statusHeld {
		m.called.record(took, values{target})
	}
}

// Paused counts a pause and remembers how long it lasts.
func (m *Metrics) Paused(target, scope string, d time.Duration) {
	m.pauses.add(1, values{target, scope})
	m.paused.until(values{target, scope}, time.Now().Add(d))
}

// Tried counts an attempt at an effect.
func (m *Metrics) Tried(e port.Effect) {
	target, _, _ := strings.Cut(e.Kind, ".")
	purpose, _, _ := strings.Cut(e.Purpose, ":") // what follows tells comments of one issue apart
	if m.effects.add(1, values{target, purpose, outcomeOf(e)}) {
		for _, other := range outcomes {
			m.effects.add(0, values{target, purpose, other})
		}
	}
}

// Connection counts what happens to sockets.
func (m *Metrics) Connection(event string) { m.sockets.add(1, values{event}) }

// Wrote measures a transaction.
func (m *Metrics) Wrote(took time.Duration) { m.wrote.record(took, values{}) }

// StoreFailed counts an error of the database.
func (m *Metrics) StoreFailed(operation string) { m.storeErrors.add(1, values{operation}) }

// Expect shows a job before it runs for the first time.
func (m *Metrics) Expect(job string) {
	m.background.add(0, values{job, jobOK})
	m.background.add(0, values{job, jobFailed})
}

// Worked counts a run of a job.
func (m *Metrics) Worked(job string, err error) {
	outcome := jobOK
	if err != nil {
		outcome = jobFailed
	}
	m.background.add(1, values{job, outcome})
}

// What became of a job.
const (
	jobOK     = "ok"
	jobFailed = "failed"
)

// pauses are until when calls are held back, by target and scope.
type pauses struct {
	mu   sync.Mutex
	ends map[values]time.Time
}

func (p *pauses) until(v values, t time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ends == nil {
		p.ends = map[values]time.Time{}
	}
	if end, known := p.ends[v]; !known || t.After(end) {
		p.ends[v] = t
	}
}

// left is how long each pause still lasts; 0 for those that are over.
func (p *pauses) left(now time.Time) map[values]time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	out := make(map[values]time.Duration, len(p.ends))
	for v, t := range p.ends {
		out[v] = max(t.Sub(now), 0)
	}
	return out
}
