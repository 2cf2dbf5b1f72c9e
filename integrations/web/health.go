package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"regexp"
	"sync"
	"time"
)

// CheckBudget is how long one dependency has to answer a readiness check.
const CheckBudget = 2 * time.Second

// maxCheckText is how many characters of a check's error are shown.
const maxCheckText = 300

// Check proves that one dependency works now. Probe must honour its context;
// one that does not is reported as silent and is not started a second time.
type Check struct {
	Name string
	// Rest is how long an answer stands: whoever may ask us must not make us ask
	// a service outside as often. 0 = not at all.
	Rest  time.Duration
	Probe func(ctx context.Context) error
}

// Health answers GET /livez with 200 while the process runs, and GET /readyz
// with one line per check, {"ledger": "ok", "slack": "no answer"}: 200 when all
// work, 503 when one does not.
func Health(checks []Check) http.Handler {
	probes := make([]*probe, len(checks))
	for i, c := range checks {
		probes[i] = &probe{check: c}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		w.Header().Set("Cache-Control", "no-store")
		_, _ = w.Write([]byte("ok\n"))
	})
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, r *http.Request) {
		texts, ready := ask(r.Context(), probes)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		if !ready {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_ = json.NewEncoder(w).Encode(texts)
	})
	return mux
}

// ask runs all checks at the same time, so that the slowest one sets the pace.
func ask(ctx context.Context, probes []*probe) (texts map[string]string, ready bool) {
	errs := make([]error, len(probes))
	var wg sync.WaitGroup
	for i, p := range probes {
		wg.Go(func() { errs[i] = p.ask(ctx) })
	}
	wg.Wait()
	texts, ready = make(map[string]string, len(probes)), true
	for i, p := range probes {
		texts[p.check.Name] = "ok"
		if errs[i] != nil {
			texts[p.check.Name], ready = plain(errs[i]), false
		}
	}
	return texts, ready
}

// probe is a check of which one attempt runs at a time: health is asked every
// few seconds, and a dependency that hangs must not gather attempts.
type probe struct {
	check Check

	mu      sync.Mutex
	running *attempt
	last    *attempt
	ended   time.Time // of last
}

type attempt struct {
	done chan struct{}
	err  error // set before done is closed
}

func (p *probe) ask(ctx context.Context) error {
	a := p.join()
	timer := time.NewTimer(CheckBudget)
	defer timer.Stop()
	select {
	case <-a.done:
		return a.err
	case <-timer.C:
		return errSilent
	case <-ctx.Done():
		return errSilent
	}
}

var errSilent = errors.New("no answer within " + CheckBudget.String())

// join returns the attempt that is running, or starts one. It belongs to
// nobody's request: others may be waiting for it too.
func (p *probe) join() *attempt {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.running != nil {
		return p.running
	}
	if p.last != nil && time.Since(p.ended) < p.check.Rest { // guard: ready-asks-seldom
		return p.last
	}
	a := &attempt{done: make(chan struct{})}
	p.running = a
	go func() {
		ctx, cancel := context.WithTimeout(context.Background(), CheckBudget)
		defer cancel()
		a.err = p.check.Probe(ctx)
		if errors.Is(a.err, context.DeadlineExceeded) {
			a.err = errSilent
		}
		p.mu.Lock()
		p.running, p.last, p.ended = nil, a, time.Now()
		p.mu.Unlock()
		close(a.done)
	}()
	return a
}

// secrets are what must not reach the health page even when a library puts it
// into an error: credentials in an address, tokens by name, Slack's by form.
var secrets = regexp.MustCompile(`(?i)(://)[^/\s@]+@|((?:bearer|basic)\s+)\S+|((?:token|password|passwd|secret|api_?key)["']?\s*[=:]\s*)\S+|(\bxox[a-z]-|\bxapp-)\S+`)

// plain is an error as strangers may read it: without secrets, on one line,
// and not endless.
func plain(err error) string {
	text := []rune(secrets.ReplaceAllString(err.Error(), "${1}${2}${3}${4}***"))
	for i, r := range text {
		if r == '\n' || r == '\r' || r == '\t' {
			text[i] = ' '
		}
	}
	if len(text) > maxCheckText {
		text = append(text[:maxCheckText-1], '…')
	}
	return string(text)
}
