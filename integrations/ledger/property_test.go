package ledger

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"github.com/aimsbot/aimsbot/activities/port"
)

// TestRecordsOnce commits random batches in random order, at the same time and
// with repeats: each record is there once, the tree is whole.
func TestRecordsOnce(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	n := 0
	rapid.Check(t, func(rt *rapid.T) {
		n++
		l, err := Open(context.Background(), Options{Path: filepath.Join(dir, fmt.Sprintf("%d.db", n)), Key: testKey(1)})
		if err != nil {
			rt.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		batches := rapid.SliceOfN(rapid.SliceOfN(rapid.IntRange(0, 15), 1, 6), 1, 12).Draw(rt, "batches")
		want := map[string]bool{}
		var all sync.WaitGroup
		for _, ids := range batches {
			var b port.Batch
			for _, id := range ids {
				r := record(fmt.Sprint("run-", id%3), "kind", fmt.Sprint(id))
				b.Records = append(b.Records, r)
				want[r.Key] = true
			}
			all.Go(func() {
				if err := l.Commit(context.Background(), b); err != nil {
					rt.Error(err)
				}
			})
		}
		all.Wait()
		head, err := l.Check(context.Background())
		if err != nil {
			rt.Fatal(err)
		}
		if head.Size != int64(len(want))+1 { // and the ledger's own first record
			rt.Fatalf("%d records, want %d", head.Size, len(want)+1)
		}
		for i := range 3 {
			recs, err := l.RecordsOf(context.Background(), fmt.Sprint("run-", i))
			if err != nil {
				rt.Fatal(err)
			}
			for _, r := range recs {
				if !want[r.Key] {
					rt.Errorf("record %s is there twice or was never committed", r.Key)
				}
				delete(want, r.Key)
			}
		}
		if len(want) != 0 {
			rt.Errorf("records missing: %v", want)
		}
	})
}
