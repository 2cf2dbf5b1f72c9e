package ledger

import (
	"errors"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// testRemakes: the limit counts the issues of all runs, a repeated batch once,
// and what is older or no issue made again not at all.
func testRemakes(t *testing.T, l *Ledger) {
	remake := func(key string, n int, at time.Time) port.Batch {
		e := effect("run", key)
		e.Kind, e.Purpose, e.N, e.IntendedAt = port.EffectIssue, "issue", n, at
		return port.Batch{Effects: []port.Effect{e}, Remakes: &port.RemakeLimit{Since: noon, Most: 2}}
	}
	must(t, l.Commit(t.Context(), remake("old", 1, noon.Add(-time.Second))))
	must(t, l.Commit(t.Context(), remake("first", 0, noon)))
	for range 2 {
		must(t, l.Commit(t.Context(), remake("a", 1, noon)))
		must(t, l.Commit(t.Context(), remake("b", 2, noon)))
	}
	if err := l.Commit(t.Context(), remake("c", 1, noon)); !errors.Is(err, port.ErrConflict) {
		t.Errorf("a third: %v", err)
	}
	if n := got[int](t)(l.RemadeSince(t.Context(), noon)); n != 2 {
		t.Errorf("%d were made again, want 2", n)
	}
	if _, err := l.Effect(t.Context(), "c"); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("the refused one: %v", err)
	}
	if e := got[port.Effect](t)(l.Effect(t.Context(), "a")); e.N != 1 || len(e.Body) == 0 {
		t.Errorf("effect %+v", e)
	}
}

func testIssuesInUse(t *testing.T, l *Ledger) {
	for i, run := range []string{"open", "over"} {
		createRun(t, l, run, "system-"+run)
		e := effect(run, "issue-"+run)
		e.Kind, e.State, e.Outcome = port.EffectIssue, port.EffectDone, port.Outcome{IssueID: fmt.Sprint(10001 + i)}
		must(t, l.Commit(t.Context(), port.Batch{Effects: []port.Effect{e}}))
	}
	must(t, l.Commit(t.Context(), port.Batch{Run: "over", Close: &port.RunClose{Outcome: "approved", At: noon}}))
	if ids := got[[]string](t)(l.IssuesInUse(t.Context())); !slices.Equal(ids, []string{"10001"}) {
		t.Errorf("issues in use: %q", ids)
	}
	row := click("open", 1)
	row.Kind, row.ReceivedAt = port.InboxHint, noon
	if _, _, err := l.Put(t.Context(), row); err != nil {
		t.Fatal(err)
	}
	for at, want := range map[time.Time]bool{noon: true, noon.Add(-time.Second): true, noon.Add(time.Nanosecond): false} {
		if told := got[bool](t)(l.HintedSince(t.Context(), "open", row.Token, at)); told != want {
			t.Errorf("a hint since %s: %v", at, told)
		}
	}
	if got[bool](t)(l.HintedSince(t.Context(), "open", "another", noon)) || got[bool](t)(l.HintedSince(t.Context(), "over", row.Token, noon)) {
		t.Error("a hint about another ask counts")
	}
}
