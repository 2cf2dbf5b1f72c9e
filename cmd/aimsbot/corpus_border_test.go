package main

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"io"
	"net"
	"net/http"
	"net/url"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// border keeps what crosses between a bot and its outside, by the archive it
// belongs to.
type border struct {
	mu   sync.Mutex
	kept map[string][]corpustest.File
}

func (b *border) keep(archive, kind string, body []byte) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept[archive] = append(b.kept[archive], corpustest.File{Kind: kind, Body: bytes.Clone(body)})
}

// write writes the archives below the top of the module.
func (b *border) write(t *testing.T, most map[string]int) {
	t.Helper()
	if t.Failed() {
		return // half a recording would replace a whole one
	}
	for archive, files := range b.kept {
		m := most[archive]
		if m == 0 {
			m = 300
		}
		if archive == packsArchive {
			files, m = files[:leastOf(files)], corpustest.Least
		}
		folder, name := filepath.Split(archive)
		n, err := corpustest.Write(filepath.Join("..", "..", folder, "testdata", "corpus", name+".zip"), files, m)
		if err != nil {
			t.Error(err)
		}
		if n < corpustest.Least {
			t.Errorf("%s: only %d different files", archive, n)
		}
		t.Logf("%s: %d of %d", archive, n, len(files))
	}
}

// leastOf is how many of the first files have enough different ones.
func leastOf(files []corpustest.File) int {
	seen := map[string]bool{}
	for i, f := range files {
		seen[string(f.Body)] = true
		if len(seen) == corpustest.Least {
			return i + 1
		}
	}
	return len(files)
}

// watch stands before everything on the demo's one address.
func (b *border) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Upgrade") != "" {
			next.ServeHTTP(&teeing{w, b}, r)
			return
		}
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, "cut", http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		seen := &answered{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(seen, r)
		b.sort(r, body, seen)
	})
}

// sort puts one request and its answer where they belong.
func (b *border) sort(r *http.Request, body []byte, a *answered) {
	path := r.URL.Path
	status := "/" + strconv.Itoa(a.status)
	switch {
	case strings.HasPrefix(path, slackPath+"/"):
		door := strings.TrimPrefix(path, slackPath+"/")
		b.keep("integrations/slack/requests", door, body)
		if form, err := url.ParseQuery(string(body)); err == nil && form.Get("payload") != "" {
			b.keep("integrations/slack/decode", "", []byte(form.Get("payload")))
		}
	case path == "/jira/webhook":
		b.keep("integrations/jira/webhook", "", body)
	case strings.HasPrefix(path, "/sandbox/slack/api/"):
		b.keep("integrations/slack/answers", strings.TrimPrefix(path, "/sandbox/slack/api/")+status, a.body.Bytes())
		b.texts("integrations/slack/escape", a.body.Bytes())
	case strings.HasPrefix(path, "/sandbox/jira/"):
		b.keep("integrations/jira/answers", jiraCall(r)+status, a.body.Bytes())
		b.texts("integrations/jira/wiki", body)
		b.texts("integrations/slack/escape", a.body.Bytes()) // evidence and comments are shown in Slack
		b.texts("integrations/jira/wiki", a.body.Bytes())
	case strings.HasPrefix(path, "/_control/") && len(body) > 0:
		b.keep("integrations/sandbox/control", strings.TrimPrefix(path, "/_control/"), body)
	}
}

// jiraCall names a call by its method and the words of its path.
func jiraCall(r *http.Request) string {
	words := strings.Split(r.URL.Path, "/")
	if i := len(words) - 1; i > 0 && strings.ContainsAny(words[i], "0123456789") {
		words = words[:i]
	}
	return r.Method + "-" + words[len(words)-1]
}

// texts keeps every text with a space in a JSON document: what people wrote or
// read.
func (b *border) texts(archive string, doc []byte) {
	var v any
	if json.Unmarshal(doc, &v) != nil {
		return
	}
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case string:
			if strings.Contains(v, " ") {
				b.keep(archive, "", []byte(v))
			}
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(v)
}

// answered keeps an answer beside sending it.
type answered struct {
	http.ResponseWriter
	status int
	body   bytes.Buffer
}

func (a *answered) WriteHeader(status int) {
	a.status = status
	a.ResponseWriter.WriteHeader(status)
}

func (a *answered) Write(b []byte) (int, error) {
	a.body.Write(b)
	return a.ResponseWriter.Write(b)
}

func (a *answered) Unwrap() http.ResponseWriter { return a.ResponseWriter }

// teeing keeps the frames that a server writes to a websocket.
type teeing struct {
	http.ResponseWriter
	b *border
}

func (t *teeing) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	c, rw, err := http.NewResponseController(t.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	return &teedConn{Conn: c, b: t.b}, rw, nil
}

type teedConn struct {
	net.Conn
	b      *border
	unread []byte // of the stream, what is no whole frame yet
}

// Write keeps whole text frames, however many writes a frame takes. A server's
// are not masked.
func (c *teedConn) Write(p []byte) (int, error) {
	const text, short, medium = 0x81, 126, 127
	c.unread = append(c.unread, p...)
	for u := c.unread; len(u) > 1; u = c.unread {
		from, n := 2, int(u[1])
		switch {
		case n == short && len(u) >= 4:
			from, n = 4, int(binary.BigEndian.Uint16(u[2:]))
		case n == medium && len(u) >= 10:
			from, n = 10, int(binary.BigEndian.Uint64(u[2:]))
		}
		if len(u) < from+n {
			break
		}
		if u[0] == text && from+n > from {
			c.b.keep("integrations/slack/frames", "", u[from:from+n])
		}
		c.unread = u[from+n:]
	}
	return c.Conn.Write(p)
}
