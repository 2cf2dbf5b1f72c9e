package ledger

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
)

func testFigures(t *testing.T, l *Ledger) {
	ctx := t.Context()
	begun := got[port.Mark](t)(l.Mark(ctx))
	for i, id := range []string{"run-a", "run-b", "run-c", "run-d"} {
		createRun(t, l, id, "system-"+id)
		if i < 3 {
			must(t, l.MarkStarted(ctx, id))
		}
	}
	view := func(run string, close *port.RunClose, waiting ...port.Waiting) {
		t.Helper()
		must(t, l.Commit(ctx, port.Batch{Run: run, View: &port.RunView{Waiting: waiting}, Close: close}))
	}
	late, soon := port.Waiting{Step: "a", People: []string{"olive"}, Due: noon.Add(-time.Second)}, port.Waiting{Step: "b", Due: noon.Add(time.Second)}
	view("run-a", nil, late, soon, port.Waiting{Step: "c"})
	view("run-b", nil, port.Waiting{For: "the operator: nobody can be asked"}, late)
	view("run-c", &port.RunClose{Outcome: "approved", At: noon}, late)
	for n, kind := range []string{port.InboxClick, port.InboxHint, port.InboxClick} {
		row := click("run-a", n)
		row.Kind, row.ReceivedAt = kind, noon.Add(time.Duration(n)*time.Second)
		_, _, err := l.Put(ctx, row)
		must(t, err)
	}
	must(t, l.Commit(ctx, port.Batch{
		Records:  []port.Record{record("run-a", "decision.accepted", "decision-0")},
		Verdicts: []port.Verdict{{Row: 1, DecisionID: "decision-0", Verdict: port.VerdictAccepted}},
	}))
	signed := got[Checkpoint](t)(l.Checkpoint(ctx)).Size
	must(t, l.Commit(ctx, port.Batch{Records: []port.Record{record("run-a", "step.missed", "")}}))

	f := got[port.Figures](t)(l.Figures(ctx, begun, noon))
	want := port.Figures{
		Mark:    port.Mark{Size: begun.Size + 6, NextInbox: begun.NextInbox + 3},
		Records: map[string]int64{"run.started": 4, "decision.accepted": 1, "step.missed": 1},
		Rows:    map[string]int64{port.InboxClick: 2, port.InboxHint: 1},
		Signed:  signed, SignedAt: noon, Open: 2, Starting: 1, Parked: 1, Waiting: 4, Overdue: 2,
		Unsettled: 2, Oldest: noon.Add(time.Second),
	}
	if d := cmp.Diff(want, f); d != "" {
		t.Error(d)
	}
	// From the mark on nothing is new.
	f = got[port.Figures](t)(l.Figures(ctx, f.Mark, noon))
	if len(f.Records) != 0 || len(f.Rows) != 0 || f.Open != 2 {
		t.Errorf("a second look: %+v", f)
	}
}

// watching counts what the ledger tells.
type watching struct {
	port.Unwatched
	mu     sync.Mutex
	wrote  int
	failed map[string]int
}

func (w *watching) Wrote(time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.wrote++
}

func (w *watching) StoreFailed(operation string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.failed == nil {
		w.failed = map[string]int{}
	}
	w.failed[operation]++
}

func dropRuns(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "DROP TABLE runs")
	return err
}

// TestLedgerTellsOfErrors: errors of the database are told, refusals are not.
func TestLedgerTellsOfErrors(t *testing.T) {
	t.Parallel()
	var w watching
	l := openSQLite(t, Options{Watch: &w})
	before := w.wrote
	createRun(t, l, "run-a", "cv-screener")
	if w.wrote != before+1 {
		t.Errorf("%d transactions, want one more than %d", w.wrote, before)
	}
	var open *port.OpenRunError
	if err := l.CreateRun(t.Context(), startedRun(t, "run-b", "cv-screener"), nil, record("run-b", "run.started", "")); !errors.As(err, &open) {
		t.Errorf("a second run: %v", err)
	}
	if _, err := l.Run(t.Context(), "run-z"); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("a run that is not there: %v", err)
	}
	if len(w.failed) != 0 {
		t.Errorf("told of %v, want of nothing", w.failed)
	}
	must(t, l.writer.do(t.Context(), dropRuns))
	if _, err := l.Run(t.Context(), "run-a"); err == nil {
		t.Error("a table that is gone was read")
	}
	if err := l.MarkStarted(t.Context(), "run-a"); err == nil {
		t.Error("a table that is gone was written")
	}
	if d := cmp.Diff(map[string]int{port.StoreRead: 1, port.StoreWrite: 1}, w.failed); d != "" {
		t.Error(d)
	}
}
