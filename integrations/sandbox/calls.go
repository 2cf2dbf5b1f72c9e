package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path"
	"strconv"
	"strings"
	"sync"
	"time"
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
	// Channel is where a message of Slack goes: its limits count each channel.
	Channel string `json:"channel,omitempty"`
	// At is when the call arrived, by the wall clock.
	At time.Time `json:"at"`
	// Status is the HTTP status; 0 while it is under way, and for good when the
	// caller got no answer.
	Status int `json:"status"`
	// Fault is the kind of fault that met the call.
	Fault string `json:"fault,omitempty"`
	// RetryAfter is what a 429 asked for, in seconds, and Reason what Jira gave
	// as its reason.
	RetryAfter int    `json:"retry_after,omitempty"`
	Reason     string `json:"reason,omitempty"`
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
	c := Call{Target: target, Method: r.Method, Path: r.URL.Path, At: time.Now()}
	if target == "slack" {
		c.Method = path.Base(r.URL.Path)
		c.Channel = channelOf(r)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.n++
	c.N = j.n
	if j.all = append(j.all, c); len(j.all) > 2*maxCalls {
		j.all = append([]Call{}, j.all[maxCalls:]...)
	}
	if j.open == nil {
		j.open = map[int]struct{}{}
	}
	j.open[c.N] = struct{}{}
	return c
}

// maxForm is the largest form of a call to Slack that is looked into, in bytes.
const maxForm = 1 << 20

// channelOf reads the channel from the form, or JSON, of a call, and leaves the
// body as it was.
func channelOf(r *http.Request) string {
	body, _ := io.ReadAll(io.LimitReader(r.Body, maxForm)) // who reads it next meets the error too
	r.Body = struct {
		io.Reader
		io.Closer
	}{io.MultiReader(bytes.NewReader(body), r.Body), r.Body}
	var in struct {
		Channel string `json:"channel"`
	}
	if json.Unmarshal(body, &in) == nil {
		return in.Channel
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return ""
	}
	return form.Get("channel")
}

// limited notes what a 429 asks for.
func (c *Call) limited(h http.Header) {
	if c.Status != http.StatusTooManyRequests {
		return
	}
	c.RetryAfter, _ = strconv.Atoi(h.Get("Retry-After")) // 0 = not said
	c.Reason = h.Get("RateLimit-Reason")
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
