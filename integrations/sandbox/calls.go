package sandbox

import (
	"net/http"
	"path"
	"strings"
	"sync"
)

// maxCalls is how many calls are kept; the oldest go first.
const maxCalls = 20_000

// Call is one call that reached a fake or a fault in front of it.
type Call struct {
	// N counts the calls from 1 since the start or the last reset.
	N      int    `json:"n"`
	Target string `json:"target"` // slack | jira
	// Method is Slack's name of the method, or the HTTP method for Jira.
	Method string `json:"method"`
	Path   string `json:"path"`
	// Status is the HTTP status; 0 while it is under way, and for good when the
	// caller got no answer.
	Status int `json:"status"`
	// Fault is the kind of fault that met the call.
	Fault string `json:"fault,omitempty"`
	// Committed says that the fake has answered, whatever the caller got.
	Committed bool `json:"committed"`
}

// journal keeps the calls.
type journal struct {
	mu  sync.Mutex
	n   int
	all []Call // the last maxCalls
	// open holds the numbers of the calls under way.
	open map[int]struct{}
}

// begin notes a call that arrives and returns its number.
func (j *journal) begin(target string, r *http.Request) Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.n++
	c := Call{N: j.n, Target: target, Method: r.Method, Path: r.URL.Path}
	if target == "slack" {
		c.Method = path.Base(r.URL.Path)
	}
	if j.all = append(j.all, c); len(j.all) > 2*maxCalls {
		j.all = append([]Call{}, j.all[maxCalls:]...)
	}
	if j.open == nil {
		j.open = map[int]struct{}{}
	}
	j.open[c.N] = struct{}{}
	return c
}

// note stores what became of a call. One from before a reset is gone.
func (j *journal) note(c Call) {
	j.mu.Lock()
	defer j.mu.Unlock()
	delete(j.open, c.N)
	if i := len(j.all) - (j.n - c.N) - 1; i >= 0 && i < len(j.all) && j.all[i].Path == c.Path {
		j.all[i] = c
	}
}

// list returns the calls after number n, oldest first.
func (j *journal) list(n int) []Call {
	j.mu.Lock()
	defer j.mu.Unlock()
	from := min(max(len(j.all)-(j.n-n), 0), len(j.all))
	return append([]Call{}, j.all[from:]...)
}

// ended is the last number up to which no call is under way.
func (j *journal) ended() int {
	j.mu.Lock()
	defer j.mu.Unlock()
	n := j.n
	for open := range j.open {
		n = min(n, open-1)
	}
	return n
}

func (j *journal) reset() {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.n, j.all, j.open = 0, nil, nil
}

// changes tells whether a call is made to change something, rather than to
// look.
func (c Call) changes() bool {
	if c.Target == "slack" {
		switch c.Method {
		case "chat.postMessage", "chat.update", "chat.delete", "chat.postEphemeral",
			"views.open", "views.push", "views.update", "views.publish":
			return true
		}
		return false
	}
	if c.Method == http.MethodGet {
		return false
	}
	return !strings.HasSuffix(c.Path, "/search/jql") && !strings.HasSuffix(c.Path, "/comment/list")
}
