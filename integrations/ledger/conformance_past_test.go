package ledger

import (
	"errors"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// testPast: what there was of a playbook and a subject, and since when.
func testPast(t *testing.T, l *Ledger) {
	createRun(t, l, "first", "cv-screener")
	createRun(t, l, "elsewhere", "chatbot")
	must(t, l.Commit(t.Context(), port.Batch{Run: "first", Close: &port.RunClose{Outcome: "approved", At: noon}}))
	second := startedRun(t, "second", "cv-screener")
	second.StartedAt = noon.Add(time.Hour)
	must(t, l.CreateRun(t.Context(), second, nil, record("second", "run.started", "")))
	runs := got[[]port.RunRow](t)(l.RunsAbout(t.Context(), second.Playbook, "cv-screener", 10))
	if len(runs) != 2 || runs[0].ID != "second" || runs[1].Outcome != "approved" || !runs[1].ClosedAt.Equal(noon) || runs[1].Definition.Playbook == nil {
		t.Errorf("%+v", runs)
	}
	if runs := got[[]port.RunRow](t)(l.RunsAbout(t.Context(), second.Playbook, "cv-screener", 1)); len(runs) != 1 {
		t.Errorf("%d runs", len(runs))
	}
	later := organisation(t, "olive")
	later.Systems = []org.System{{ID: "cv-screener"}}
	later.Digest = got[string](t)(later.Sum())
	got[bool](t)(l.PutOrganisation(t.Context(), organisation(t, "ethan"), noon))
	if _, err := l.NamedSince(t.Context(), "system", "cv-screener"); !errors.Is(err, port.ErrNotFound) {
		t.Errorf("named: %v", err)
	}
	got[bool](t)(l.PutOrganisation(t.Context(), later, noon.Add(time.Hour)))
	got[bool](t)(l.PutOrganisation(t.Context(), organisation(t, "ethan"), noon.Add(2*time.Hour)))
	for range 2 {
		if at := got[time.Time](t)(l.NamedSince(t.Context(), "system", "cv-screener")); !at.Equal(noon.Add(time.Hour)) {
			t.Errorf("named since %s", at)
		}
	}
}
