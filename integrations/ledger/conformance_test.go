package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func TestConformanceSQLite(t *testing.T) {
	t.Parallel()
	conformance(t, openSQLite)
}

// conformance is what every database under the ledger must do.
func conformance(t *testing.T, open opener) {
	t.Helper()
	tests := []struct {
		name string
		test func(t *testing.T, l *Ledger)
	}{
		{"inbox ids are dense and deliveries unique", testInbox},
		{"inbox from many at once", testInboxTogether},
		{"first verdict stands", testVerdicts},
		{"a refused batch writes nothing", testAtomic},
		{"asks", testAsks},
		{"drafts go with their ask", testDrafts},
		{"protected answers", testApart},
		{"ask of an issue", testAskOfIssue},
		{"messages of an ask", testMessageOf},
		{"claims", testClaims},
		{"settling", testSettle},
		{"effects in order of intention", testEffectOrder},
		{"issues made again are limited", testRemakes},
		{"issues in use, and hints about them", testIssuesInUse},
		{"one open run per playbook and subject", testRuns},
		{"occurrences", testOccurrences},
		{"past", testPast},
		{"lists", testLists},
		{"run view and end", testView},
		{"documents are checked", testDocuments},
		{"organisation versions", testOrganisations},
		{"the register", testRegister},
		{"events", testEvents},
		{"records", testRecords},
		{"erasure", testErase},
		{"checkpoints", testCheckpoint},
		{"payload keys", testPayloadKeys},
		{"figures", testFigures},
		{"writers that were refused take nothing along", testGroup},
		{"any text in rows", testTexts},
		{"any text in records", testTextsInRecords},
		{"lists in the order of bytes", testByteOrder},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			l := open(t, Options{})
			tt.test(t, l)
			_, err := l.Check(t.Context())
			must(t, err)
		})
	}
}

func testInbox(t *testing.T, l *Ledger) {
	for n := 1; n <= 3; n++ {
		for _, fresh := range []bool{true, false} {
			row, isFresh, err := l.Put(t.Context(), click("run", n))
			must(t, err)
			want := click("run", n)
			want.ID = int64(n)
			if diff := cmp.Diff(want, row); diff != "" || fresh != isFresh {
				t.Fatalf("fresh %v, row (-want +got):\n%s", isFresh, diff)
			}
		}
	}
	taken := click("run", 1)
	taken.DeliveryKey = "another"
	if _, _, err := l.Put(t.Context(), taken); !errors.Is(err, port.ErrConflict) {
		t.Errorf("a taken decision id gave %v", err)
	}
	rows := got[[]port.InboxRow](t)(l.RowsAfter(t.Context(), "run", 1, 1))
	if len(rows) != 1 || rows[0].ID != 2 {
		t.Errorf("rows after 1: %v", rows)
	}
	if rows := got[[]port.InboxRow](t)(l.Unsettled(t.Context(), noon, 9)); len(rows) != 0 {
		t.Errorf("rows received at noon are not before noon: %v", rows)
	}
	if rows := got[[]port.InboxRow](t)(l.Unsettled(t.Context(), noon.Add(1), 2)); len(rows) != 2 {
		t.Errorf("%d unsettled rows, not the 2 asked for", len(rows))
	}
	// Rows from the future wait for nothing: the clock was set back since.
	if rows := got[[]port.InboxRow](t)(l.Unsettled(t.Context(), noon.Add(-time.Hour), 2)); len(rows) != 2 {
		t.Errorf("%d unsettled rows of an hour from now, not the 2 asked for", len(rows))
	}
}

func testInboxTogether(t *testing.T, l *Ledger) {
	const clicks, repeats = 40, 3
	ids := make([][repeats]int64, clicks)
	var all sync.WaitGroup
	for n := range clicks {
		for r := range repeats {
			all.Go(func() {
				row, _, err := l.Put(context.WithoutCancel(t.Context()), click("run", n))
				if err != nil {
					t.Error(err)
				}
				ids[n][r] = row.ID
			})
		}
	}
	all.Wait()
	var seen []int64
	for n := range ids {
		if ids[n][0] != ids[n][1] || ids[n][0] != ids[n][2] {
			t.Errorf("delivery %d became rows %v", n, ids[n])
		}
		seen = append(seen, ids[n][0])
	}
	slices.Sort(seen)
	for i, id := range seen {
		if id != int64(i+1) {
			t.Fatalf("ids are not dense: %v", seen)
		}
	}
}

func testVerdicts(t *testing.T, l *Ledger) {
	row, _, err := l.Put(t.Context(), click("run", 1))
	must(t, err)
	accepted := port.Verdict{Row: row.ID, DecisionID: row.DecisionID, Verdict: port.VerdictAccepted, Reason: "first", At: noon}
	first := port.Batch{Verdicts: []port.Verdict{accepted}, Records: []port.Record{record("run", "decision.accepted", row.DecisionID)}}
	must(t, l.Commit(t.Context(), first))
	again := accepted
	again.Reason = "second"
	must(t, l.Commit(t.Context(), port.Batch{Verdicts: []port.Verdict{again}, Records: first.Records}))
	late := accepted
	late.Verdict = port.VerdictLate
	err = l.Commit(t.Context(), port.Batch{Verdicts: []port.Verdict{late}, Records: []port.Record{record("run", "decision.late", row.DecisionID)}})
	if !errors.Is(err, port.ErrConflict) {
		t.Errorf("another verdict gave %v", err)
	}
	rows := got[[]port.InboxRow](t)(l.RowsAfter(t.Context(), "run", 0, 9))
	if diff := cmp.Diff(&accepted, rows[0].Verdict); diff != "" {
		t.Errorf("the verdict changed (-want +got):\n%s", diff)
	}
	if rows := got[[]port.InboxRow](t)(l.Unsettled(t.Context(), noon.Add(1), 9)); len(rows) != 0 {
		t.Errorf("a judged row is unsettled")
	}
	if n := len(got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "run"))); n != 1 {
		t.Errorf("%d records, want 1", n)
	}
	if err := l.Commit(t.Context(), port.Batch{Verdicts: []port.Verdict{{Row: 99, Verdict: port.VerdictLate}}}); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("a verdict on no row gave %v", err)
	}
}

func testAtomic(t *testing.T, l *Ledger) {
	createRun(t, l, "run", "cv-screener")
	must(t, l.Commit(t.Context(), port.Batch{Asks: []port.Ask{ask("run", "token", 1, 1)}}))
	before := got[Head](t)(l.Head(t.Context()))
	doc := json.RawMessage(`{"a":1}`)
	err := l.Commit(t.Context(), port.Batch{
		Run: "run", Documents: map[string]json.RawMessage{digestOf(doc): doc},
		Asks:    []port.Ask{ask("run", "fresh", 2, 1), ask("run", "other", 1, 1)},
		Effects: []port.Effect{effect("run", "aims-1")}, Records: []port.Record{record("run", "step.opened", "")},
		View: &port.RunView{Steps: []port.StepView{{Step: "x"}}}, Close: &port.RunClose{Outcome: "approved", At: noon},
	})
	if !errors.Is(err, port.ErrConflict) {
		t.Fatalf("another token at the same place gave %v", err)
	}
	if _, err := l.Document(t.Context(), digestOf(doc)); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("document: %v", err)
	}
	run := got[port.RunRow](t)(l.Run(t.Context(), "run"))
	effects := got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run"))
	asks := got[[]port.Ask](t)(l.AsksOf(t.Context(), "run"))
	if after := got[Head](t)(l.Head(t.Context())); after != before || len(effects) != 0 || len(asks) != 1 || run.State == port.RunClosed || len(run.View.Steps) != 0 {
		t.Errorf("something was written: head %v to %v, effects %v, asks %v, run %v", before, after, effects, asks, run)
	}
}

func testDocuments(t *testing.T, l *Ledger) {
	canon := json.RawMessage(`{"a":"<&>","b":1}`)
	loose := json.RawMessage(`{ "b": 1.0, "a": "\u003c\u0026>" }`)
	must(t, l.Commit(t.Context(), port.Batch{Documents: map[string]json.RawMessage{digestOf(canon): loose}}))
	if doc := got[json.RawMessage](t)(l.Document(t.Context(), digestOf(canon))); string(doc) != string(canon) {
		t.Errorf("kept %s", doc)
	}
	err := l.Commit(t.Context(), port.Batch{Documents: map[string]json.RawMessage{digestOf([]byte("x")): canon}})
	if err == nil {
		t.Error("a document under a foreign digest was taken")
	}
}

func testOrganisations(t *testing.T, l *Ledger) {
	a, b, c := organisation(t, "ethan"), organisation(t, "olive"), organisation(t, "")
	files := map[string]org.Organisation{"a": a, "b": b, "c": c}
	if _, err := l.SnapshotAt(t.Context(), noon); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("no organisation yet: %v", err)
	}
	for i, step := range []struct {
		put     string
		at      time.Time
		changed bool
	}{{"a", noon, true}, {"a", noon.Add(time.Minute), false}, {"b", noon.Add(time.Hour), true}, {"c", noon.Add(time.Second), true}, {"b", noon.Add(2 * time.Hour), true}} {
		if changed := got[bool](t)(l.PutOrganisation(t.Context(), files[step.put], step.at)); changed != step.changed {
			t.Errorf("step %d: changed = %v", i, changed)
		}
	}
	// c was put with the clock set back: what was in force before stays.
	for at, want := range map[time.Time]string{noon: "ethan", noon.Add(time.Hour - 1): "ethan", noon.Add(time.Hour): "", noon.Add(2*time.Hour - 1): "", noon.Add(2 * time.Hour): "olive"} {
		if s := got[org.Organisation](t)(l.SnapshotAt(t.Context(), at)); s.Roles[0].Holder != want {
			t.Errorf("at %v the holder is %s, want %s", at, s.Roles[0].Holder, want)
		}
	}
	// The clock was set back since the first was loaded: it still holds.
	if s := got[org.Organisation](t)(l.SnapshotAt(t.Context(), noon.Add(-1))); s.Roles[0].Holder != "ethan" {
		t.Errorf("before the first: %s", s.Roles[0].Holder)
	}
	recs := slices.DeleteFunc(got[[]port.StoredRecord](t)(l.RecordsOf(t.Context(), "")), func(r port.StoredRecord) bool {
		return strings.Contains(string(r.Header), port.KindEventReceived)
	})
	if len(recs) != 5 || !strings.Contains(string(recs[2].Body[1].Value), `holder \"ethan\" to \"olive\"`) {
		t.Errorf("organisation records: %+v", recs)
	}
}

func testGroup(t *testing.T, l *Ledger) {
	createRun(t, l, "run", "cv-screener")
	must(t, l.Commit(t.Context(), port.Batch{Asks: []port.Ask{ask("run", "token", 1, 1)}}))
	before := got[Head](t)(l.Head(t.Context()))
	const each = 30
	var all sync.WaitGroup
	for n := range each {
		all.Go(func() {
			id := strings.Repeat("x", n)
			if err := l.Commit(context.WithoutCancel(t.Context()), port.Batch{Records: []port.Record{record("run", "good", id)}}); err != nil {
				t.Error(err)
			}
		})
		all.Go(func() {
			id := strings.Repeat("x", n)
			err := l.Commit(context.WithoutCancel(t.Context()), port.Batch{Effects: []port.Effect{effect("run", "aims-bad")}, Records: []port.Record{record("run", "bad", id), {}}})
			if err == nil {
				t.Error("a record without a key was taken")
			}
		})
	}
	all.Wait()
	if after := got[Head](t)(l.Head(t.Context())); after.Size != before.Size+each {
		t.Errorf("%d records came, want %d", after.Size-before.Size, each)
	}
	if e := got[[]port.Effect](t)(l.EffectsOf(t.Context(), "run")); len(e) != 0 {
		t.Errorf("a refused batch left effects: %v", e)
	}
	ended, cancel := context.WithCancel(t.Context())
	cancel()
	if err := l.Commit(ended, port.Batch{Records: []port.Record{record("run", "good", "ended")}}); !errors.Is(err, context.Canceled) {
		t.Errorf("an ended context gave %v", err)
	}
}
