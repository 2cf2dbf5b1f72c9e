package ledger

import (
	"bytes"
	"net"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// What a cutter does to the next COMMIT that passes it.
const (
	letPass   = int32(iota)
	cutBefore // the server never gets it
	cutAfter  // the server carries it out, and its answer is lost
)

// cutter stands between a ledger and the server.
type cutter struct {
	listener net.Listener
	server   string
	next     atomic.Int32
	cuts     atomic.Int32
	all      sync.WaitGroup
}

// newCutter returns the cutter of a database and the URL that goes through it.
func newCutter(t *testing.T, db DatabaseURL) (*cutter, DatabaseURL) {
	t.Helper()
	u := got[*url.URL](t)(url.Parse(string(db)))
	c := &cutter{server: u.Host, listener: got[net.Listener](t)(net.Listen("tcp", "127.0.0.1:0"))}
	c.all.Go(func() {
		for {
			client, err := c.listener.Accept()
			if err != nil {
				return
			}
			c.all.Go(func() { c.serve(client) })
		}
	})
	t.Cleanup(func() {
		_ = c.listener.Close()
		c.all.Wait()
	})
	u.Host = c.listener.Addr().String()
	return c, DatabaseURL(u.String())
}

func (c *cutter) serve(client net.Conn) {
	defer func() { _ = client.Close() }()
	server, err := net.Dial("tcp", c.server)
	if err != nil {
		return
	}
	defer func() { _ = server.Close() }()
	var deaf atomic.Bool
	answered := make(chan struct{}, 1)
	c.all.Go(func() {
		defer func() { _ = client.Close() }()
		buf := make([]byte, 64<<10)
		for {
			n, err := server.Read(buf)
			if deaf.Load() {
				answered <- struct{}{}
				return
			}
			if err != nil {
				return
			}
			if _, err := client.Write(buf[:n]); err != nil {
				return
			}
		}
	})
	buf := make([]byte, 64<<10)
	for {
		n, err := client.Read(buf)
		if err != nil {
			return
		}
		fate := letPass
		if bytes.Contains(buf[:n], []byte("commit\x00")) {
			if fate = c.next.Swap(letPass); fate != letPass {
				c.cuts.Add(1)
			}
		}
		if fate == cutBefore {
			return
		}
		deaf.Store(fate == cutAfter)
		if _, err := server.Write(buf[:n]); err != nil {
			return
		}
		if fate == cutAfter {
			<-answered
			return
		}
	}
}

// TestPostgresUnansweredCommit loses the COMMIT or its answer: the ledger finds
// out which it was, and the caller gets what is true.
func TestPostgresUnansweredCommit(t *testing.T) {
	t.Parallel()
	for name, fate := range map[string]int32{"before": cutBefore, "after": cutAfter} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			cut, through := newCutter(t, freshDatabase(t))
			l := openPostgres(t, Options{URL: through})
			must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{effect("run", "aims-1")}}))

			cut.next.Store(fate)
			row, fresh, err := l.Put(t.Context(), click("run", 1))
			must(t, err)
			if !fresh || row.ID != 1 {
				t.Errorf("the click became row %d, fresh %v: it was written twice or not at all", row.ID, fresh)
			}
			cut.next.Store(fate)
			if e := got[port.Effect](t)(l.Claim(t.Context(), "aims-1", noon, noon.Add(time.Minute))); e.Attempts != 0 {
				t.Errorf("claimed %d times before", e.Attempts)
			}
			if n := got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run"))[0].Attempts; n != 1 {
				t.Errorf("claimed %d times, want once", n)
			}
			cut.next.Store(fate)
			must(t, l.Commit(t.Context(), port.Batch{Records: []port.Record{record("run", "said", "1")}}))
			if head := got[Head](t)(l.Check(t.Context())); head.Size != 2 {
				t.Errorf("%d records, want 2", head.Size)
			}
			if cut.cuts.Load() != 3 {
				t.Errorf("%d commits were cut, want 3", cut.cuts.Load())
			}
		})
	}
}
