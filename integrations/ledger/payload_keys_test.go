package ledger

import (
	"slices"
	"sync"
	"testing"
)

// testPayloadKeys: keys stay noted until they are retired, each once, whoever
// else notes one at the same time.
func testPayloadKeys(t *testing.T, l *Ledger) {
	keys := func() []string { return got[[]string](t)(l.PayloadKeys(t.Context())) }
	if k := keys(); len(k) != 0 {
		t.Errorf("a new ledger has the keys %v", k)
	}
	var all sync.WaitGroup
	for _, id := range []string{"a", "b", "a", "c"} {
		all.Go(func() {
			if err := l.UsePayloadKey(t.Context(), id, nil); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if k := slices.Sorted(slices.Values(keys())); !slices.Equal(k, []string{"a", "b", "c"}) {
		t.Errorf("keys %v, want a, b and c", k)
	}
	must(t, l.UsePayloadKey(t.Context(), "b", []string{"a", "c", "never"}))
	if k := keys(); !slices.Equal(k, []string{"b"}) {
		t.Errorf("keys %v, want b alone", k)
	}
}
