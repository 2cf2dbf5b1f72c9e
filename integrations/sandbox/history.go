package sandbox

import (
	"context"
	"encoding/json"
	"hash/fnv"
	"slices"
	"sync"
	"time"

	"github.com/aimsbot/aimsbot/integrations/jira/jiratest"
)

// maxMarks is how many answers of the state are remembered; who asks with an
// older one gets everything.
const maxMarks = 4096

// history numbers the changes of the sandbox. A number larger than any of an
// earlier process is assured by starting at the wall clock's milliseconds.
type history struct {
	one   sync.Mutex // one answer reads at a time
	mu    sync.Mutex // guards what follows
	v     int64
	wake  chan struct{} // closed at the next change
	marks []mark
	// issues holds a fingerprint of each issue and when it last changed.
	issues map[string]print
	ends   []func()
	ended  sync.WaitGroup
}

// mark is how far an answer with number v had come.
type mark struct {
	v                        int64
	slack                    int64 // sequence number of the workspace
	calls                    int   // calls answered
	refusedSlack, refusedJra int
}

type print struct {
	sum uint64
	v   int64
}

// open follows the changes of the fakes.
func (h *history) open(subscribe ...func() (<-chan struct{}, func())) {
	h.v, h.wake, h.issues = time.Now().UnixMilli(), make(chan struct{}), map[string]print{}
	stop := make(chan struct{})
	h.ends = append(h.ends, func() { close(stop) })
	for _, s := range subscribe {
		ticks, end := s()
		h.ends = append(h.ends, end)
		h.ended.Go(func() {
			for {
				select {
				case <-ticks:
					h.touch()
				case <-stop:
					return
				}
			}
		})
	}
}

func (h *history) close() {
	for _, end := range h.ends {
		end()
	}
	h.ended.Wait()
}

// touch says that something has changed.
func (h *history) touch() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.next()
}

// next takes a new number and wakes who waits; the caller holds the lock.
func (h *history) next() {
	h.v++
	close(h.wake)
	h.wake = make(chan struct{})
}

// version is the number of the present.
func (h *history) version() int64 {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.v
}

// wait returns when something has changed after v, or the context ends.
func (h *history) wait(ctx context.Context, v int64, stop <-chan struct{}) {
	for {
		h.mu.Lock()
		now, wake := h.v, h.wake
		h.mu.Unlock()
		if now != v {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-stop:
			return
		case <-wake:
		}
	}
}

// put remembers how far an answer had come. Of two answers with one number the
// one that saw less counts: what is told twice does no harm.
func (h *history) put(m mark) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if n := len(h.marks); n > 0 && h.marks[n-1].v >= m.v {
		return
	}
	if h.marks = append(h.marks, m); len(h.marks) > maxMarks {
		h.marks = slices.Clone(h.marks[maxMarks/2:])
	}
}

// find returns the newest mark that is no newer than v.
func (h *history) find(v int64) (mark, bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for i := len(h.marks) - 1; i >= 0; i-- {
		if h.marks[i].v <= v {
			return h.marks[i], true
		}
	}
	return mark{}, false
}

// stamp notes which issues have changed, as read since number v, and returns
// those changed after since, the keys of those gone, and the number of the
// answer. The reads of two answers must not overlap.
func (h *history) stamp(all []jiratest.Issue, v, since int64) (changed []jiratest.Issue, gone []string, seq int64) {
	h.mu.Lock()
	defer h.mu.Unlock()
	// The Jira fake gives its changes no number: they take the next one. Other
	// changes may have come during the reads and not be in them: then the answer
	// keeps its older number, so that nothing counts as told.
	quiet, stamped := h.v == v, int64(0)
	note := func(key string, sum uint64) int64 {
		p, known := h.issues[key]
		if p.sum == sum && known {
			return p.v
		}
		if stamped == 0 {
			h.next()
			stamped = h.v
		}
		h.issues[key] = print{sum, stamped}
		return stamped
	}
	changed = []jiratest.Issue{}
	there := map[string]bool{}
	for _, i := range all {
		there[i.Key] = true
		if note(i.Key, sumOf(i)) > since {
			changed = append(changed, i)
		}
	}
	for key := range h.issues {
		if !there[key] && note(key, 0) > since {
			gone = append(gone, key)
		}
	}
	slices.Sort(gone)
	if quiet && stamped != 0 {
		v = stamped
	}
	return changed, gone, v
}

func sumOf(i jiratest.Issue) uint64 {
	h := fnv.New64a()
	if err := json.NewEncoder(h).Encode(i); err != nil {
		return 1 // cannot happen: the fake has read it from JSON
	}
	return h.Sum64()
}

// reset forgets all answers: everybody gets everything once more.
func (h *history) reset() {
	h.mu.Lock()
	h.marks, h.issues = nil, map[string]print{}
	h.mu.Unlock()
	h.touch()
}
