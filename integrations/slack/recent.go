package slack

import (
	"context"
	"sync"
)

// maxRecent is how many answers are remembered: more than come in the hour in
// which Slack repeats itself. The rows in the inbox do not depend on it.
const maxRecent = 4096

// recent remembers what was answered to the last deliveries. The same one may
// come again: over another connection, over the other transport, from Slack
// which heard no answer, or from somebody who recorded a signed request. It
// gets the first answer, and nothing is done or said twice.
type recent struct {
	mu    sync.Mutex
	known map[string]*remembered
	order []string
}

type remembered struct {
	done chan struct{} // closed when result is there
	result
}

// do answers a delivery by its key. A repeat waits for the first to be
// answered. What was not taken is forgotten: it may be tried again.
func (r *recent) do(ctx context.Context, key string, answer func() result) (_ result, repeated bool) {
	if key == "" {
		return answer(), false
	}
	r.mu.Lock()
	m, ok := r.known[key]
	if !ok {
		m = &remembered{done: make(chan struct{})}
		r.keep(key, m)
	}
	r.mu.Unlock()
	if ok {
		select {
		case <-m.done:
			return m.result, true
		case <-ctx.Done():
			return result{state: unstored}, true
		}
	}
	defer func() {
		if m.state != taken || m.again || m.foreign {
			r.forget(key, m)
		}
		close(m.done)
	}()
	m.result = answer()
	return m.result, false
}

// keep makes room for one more. The caller holds the lock.
func (r *recent) keep(key string, m *remembered) {
	if r.known == nil {
		r.known = map[string]*remembered{}
	}
	r.known[key] = m
	if r.order = append(r.order, key); len(r.order) > maxRecent {
		delete(r.known, r.order[0])
		r.order = r.order[1:]
	}
}

func (r *recent) forget(key string, m *remembered) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.known[key] == m {
		delete(r.known, key)
	}
}
