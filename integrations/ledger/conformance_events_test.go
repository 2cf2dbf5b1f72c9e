package ledger

import (
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func happened(key, subject string, at time.Time) port.Event {
	return port.Event{
		Key: key, Name: "alert.received", Kind: "system", Subject: subject, At: at, Door: port.EventDoorHook, Values: map[string]any{"metric": "psi", "value": 0.31},
	}
}

// testEvents: an event is kept once with its record, begins one run of a
// playbook, and is looked at again when its run ended before it took it in.
func testEvents(t *testing.T, l *Ledger) {
	ctx := t.Context()
	var ids []int64
	for i, key := range []string{"a", "b", "a", "c"} {
		e, fresh, err := l.PutEvent(ctx, happened(key, "cv-screener", noon.Add(time.Duration(i)*time.Hour)))
		must(t, err)
		if fresh != (i != 2) || e.Values["value"] != 0.31 || e.ID == 0 {
			t.Errorf("%s: fresh %t, %+v", key, fresh, e)
		}
		if fresh {
			ids = append(ids, e.ID)
		}
	}
	other, _, err := l.PutEvent(ctx, happened("d", "chatbot", noon))
	must(t, err)
	if recs := got[[]port.StoredRecord](t)(l.RecordsOf(ctx, "")); len(recs) != 5 { // with that of the ledger itself
		t.Errorf("%d records of 4 events and the beginning", len(recs))
	}
	waiting := func() (out []int64) {
		t.Helper()
		for _, e := range got[[]port.Event](t)(l.WaitingEvents(ctx, 10)) {
			out = append(out, e.ID)
		}
		return out
	}
	must(t, l.Commit(ctx, port.Batch{Settled: []int64{ids[0], ids[1], other.ID}}))
	if w := waiting(); !slices.Equal(w, ids[2:]) {
		t.Errorf("waiting: %v, want %v", w, ids[2:])
	}
	third := got[[]port.Event](t)(l.WaitingEvents(ctx, 1))[0]
	like := func(playbook string) int {
		t.Helper()
		return len(got[[]port.Event](t)(l.EventsLike(ctx, third, playbook, noon)))
	}
	if n := like("drift"); n != 2 { // the first came at noon, and not after it
		t.Errorf("%d events like the third", n)
	}
	run := startedRun(t, "run", "cv-screener")
	occ := port.Occurrence{Playbook: "drift", Subject: "cv-screener", Due: noon, Run: "run", State: port.OccurrenceStarted, Event: &port.BegunBy{Event: ids[2], Counted: ids[:2]}}
	must(t, l.CreateRun(ctx, run, &occ, record("run", "run.started", "")))
	second := startedRun(t, "second", "chatbot")
	if err := l.CreateRun(ctx, second, &occ, record("second", "run.started", "")); !errors.Is(err, port.ErrConflict) {
		t.Errorf("an event that began a run begins another: %v", err)
	}
	if n := like("drift"); n != 0 {
		t.Errorf("%d events count again", n)
	}
	if _, err := l.LastOccurrence(ctx, "drift", "cv-screener", false); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("an event is an occurrence of the programme: %v", err)
	}
	if e := got[port.Event](t)(l.EventOf(ctx, "run")); e.ID != ids[2] {
		t.Errorf("run was begun by %+v", e)
	}
	if _, err := l.EventOf(ctx, "second"); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("second was begun by: %v", err)
	}
	if run := got[string](t)(l.OpenRunLike(ctx, third, "drift")); run != "run" {
		t.Errorf("the open run begun by such events is %q", run)
	}
	late := third
	late.Values = map[string]any{"playbook": "competence"}
	if run := got[string](t)(l.OpenRunLike(ctx, late, "drift")); run != "" {
		t.Errorf("another playbook that is late finds %q", run)
	}
	if run := got[string](t)(l.OpenRunLike(ctx, other, "drift")); run != "" {
		t.Errorf("an event about something else finds %q", run)
	}
	joined := port.EventRun{Event: ids[1], Playbook: "other", Run: "run", How: port.EventJoined, At: noon}
	must(t, l.Commit(ctx, port.Batch{EventRuns: []port.EventRun{joined, {Event: ids[1], Playbook: "other", Run: "later", How: port.EventFailed}}}))
	if r := got[[]port.EventRun](t)(l.EventRuns(ctx, ids[1])); len(r) != 2 || r[0].How != port.EventCounted || r[1] != joined {
		t.Errorf("led to %+v", r)
	}
	for range 2 {
		must(t, l.Commit(ctx, port.Batch{Released: []port.EventRun{joined, {Event: ids[2], Playbook: "drift", Run: "run"}}}))
	}
	if w := waiting(); !slices.Equal(w, ids[1:]) {
		t.Errorf("waiting after the release: %v, want %v", w, ids[1:])
	}
	testOrganisationEvents(t, l)
}

// testOrganisationEvents: a new version raises what it changes, in the same
// commit; the first raises nothing.
func testOrganisationEvents(t *testing.T, l *Ledger) {
	t.Helper()
	names := func() (out []string) {
		t.Helper()
		for _, e := range got[[]port.Event](t)(l.WaitingEvents(t.Context(), 100)) {
			if e.Door == port.EventDoorOrganisation {
				out = append(out, e.Name+" "+e.Kind+":"+e.Subject)
			}
		}
		return out
	}
	got[bool](t)(l.PutOrganisation(t.Context(), organisation(t, "ethan"), noon))
	if n := names(); len(n) != 0 {
		t.Errorf("the first version raises %v", n)
	}
	later := organisation(t, "olive")
	later.Systems = append(later.Systems, org.System{ID: "ranker"})
	later.Digest = got[string](t)(later.Sum())
	for range 2 {
		got[bool](t)(l.PutOrganisation(t.Context(), later, noon.Add(time.Hour)))
	}
	if n := names(); !slices.Contains(n, "system.registered system:ranker") || !slices.Contains(n, "role.appointed role:ai-ethics-officer") || len(n) != 2 {
		t.Errorf("the second version raises %v", n)
	}
}
