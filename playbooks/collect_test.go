package playbooks_test

import (
	"fmt"
	"reflect"
	"slices"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
)

// TestDraw: the same seed draws the same from the same list, in its order; another
// seed something else. Nothing but the id of an entry and the seed matters.
func TestDraw(t *testing.T) {
	t.Parallel()
	list := make([]map[string]any, 50)
	for i := range list {
		list[i] = map[string]any{"id": fmt.Sprintf("run-%02d", i)}
	}
	ids := func(items []map[string]any) (out []string) {
		for _, i := range items {
			out = append(out, i["id"].(string))
		}
		return out
	}
	for n, want := range map[int]int{50: 8, 9: 3, 2: 2, 0: 0, 17: 5, 16: 4, 200: 15} {
		if got := playbooks.SampleSize(n); got != want {
			t.Errorf("of %d are drawn %d, want %d", n, got, want)
		}
	}
	first := ids(playbooks.Draw(list, playbooks.SampleSize(50), 7))
	// Kept in records for ever: a later version must draw the same.
	if want := []string{"run-00", "run-20", "run-23", "run-25", "run-29", "run-33", "run-34", "run-36"}; !slices.Equal(first, want) {
		t.Errorf("seed 7 draws %q", first)
	}
	if !slices.IsSorted(first) {
		t.Errorf("not in the order of the list: %v", first)
	}
	if other := ids(playbooks.Draw(list, 8, 8)); reflect.DeepEqual(first, other) {
		t.Error("another seed draws the same")
	}
	slices.Reverse(list)
	again := ids(playbooks.Draw(list, 8, 7))
	slices.Sort(again)
	if !slices.Equal(first, again) {
		t.Errorf("in another order of the list it draws %v, not %v", again, first)
	}
	if all := playbooks.Draw(list, 80, 7); len(all) != 50 {
		t.Errorf("of 50 it draws %d", len(all))
	}
}
