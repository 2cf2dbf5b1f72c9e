package ledger

import (
	"sync/atomic"
	"testing"
)

// BenchmarkPut shows what sharing a transaction saves: writes a second of one
// writer and of many.
func BenchmarkPut(b *testing.B) {
	for name, writers := range map[string]int{"1 writer": 1, "16 writers": 16} {
		b.Run(name, func(b *testing.B) {
			l := openSQLite(b, Options{})
			var n atomic.Int64
			work := make(chan int64)
			done := make(chan error, writers)
			for range writers {
				go func() {
					var err error
					for i := range work {
						if _, _, e := l.Put(b.Context(), click("run", int(i))); e != nil {
							err = e
						}
					}
					done <- err
				}()
			}
			for b.Loop() {
				work <- n.Add(1)
			}
			close(work)
			for range writers {
				must(b, <-done)
			}
		})
	}
}
