package jiratest

import (
	"net/http"
	"sync"
)

// journalSize is how many calls are kept for the control page.
const journalSize = 20000

// journal keeps what was called and refused, and wakes who watches.
type journal struct {
	mu       sync.Mutex
	calls    []Call
	refused  []Refused
	watchers map[chan struct{}]struct{}
}

func (j *journal) note(c Call, reason string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls = append(j.calls, c)
	if len(j.calls) > journalSize {
		j.calls = append([]Call{}, j.calls[journalSize/2:]...)
	}
	if c.Status >= http.StatusBadRequest {
		j.refused = append(j.refused, Refused{Call: c.Method + " " + c.Path, Reason: reason})
		if len(j.refused) > journalSize {
			j.refused = append([]Refused{}, j.refused[journalSize/2:]...)
		}
	}
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.calls, j.refused = nil, nil
}

// Calls lists the REST calls answered since the start or the last Reset.
func (s *Server) Calls() []Call {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	return append([]Call{}, s.seen.calls...)
}

// Refused lists the REST calls answered with an error, and why.
func (s *Server) Refused() []Refused {
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	return append([]Refused{}, s.seen.refused...)
}

// Subscribe returns a channel that ticks after changes (several may share one
// tick), and a function that ends it.
func (s *Server) Subscribe() (<-chan struct{}, func()) {
	ch := make(chan struct{}, 1)
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if s.seen.watchers == nil {
		s.seen.watchers = map[chan struct{}]struct{}{}
	}
	s.seen.watchers[ch] = struct{}{}
	return ch, func() {
		s.seen.mu.Lock()
		defer s.seen.mu.Unlock()
		delete(s.seen.watchers, ch)
	}
}

// changed ticks the watchers and wakes the sender of webhooks.
func (s *Server) changed() {
	s.seen.mu.Lock()
	for ch := range s.seen.watchers {
		select {
		case ch <- struct{}{}:
		default:
		}
	}
	s.seen.mu.Unlock()
	if s.outbox != nil {
		s.outbox.poke()
	}
}
