package ledger

import (
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// testLists: what steps collect from, each between two instants and the newest
// first.
func testLists(t *testing.T, l *Ledger) {
	ctx := t.Context()
	createRun(t, l, "old", "cv-screener")
	must(t, l.Commit(ctx, port.Batch{Run: "old", Close: &port.RunClose{Outcome: "approved", At: noon.Add(time.Hour)}}))
	createRun(t, l, "elsewhere", "chatbot")
	later := startedRun(t, "later", "cv-screener")
	later.StartedAt = noon.Add(3 * time.Hour)
	must(t, l.CreateRun(ctx, later, nil, record("later", "run.started", "")))
	all := port.RunQuery{At: noon.Add(4 * time.Hour), Limit: 10}
	for name, c := range map[string]struct {
		change func(q *port.RunQuery)
		want   string
	}{
		"all":              {func(*port.RunQuery) {}, "later old elsewhere "},
		"without itself":   {func(q *port.RunQuery) { q.Without = "later" }, "old elsewhere "},
		"subject":          {func(q *port.RunQuery) { q.Subject = "chatbot" }, "elsewhere "},
		"playbook":         {func(q *port.RunQuery) { q.Playbook = "other" }, ""},
		"as of noon":       {func(q *port.RunQuery) { q.At = noon }, "old elsewhere "},
		"closed too early": {func(q *port.RunQuery) { q.Since = noon.Add(2 * time.Hour) }, "later elsewhere "},
		"closed then":      {func(q *port.RunQuery) { q.Since = noon.Add(time.Hour) }, "later old elsewhere "},
		"at most":          {func(q *port.RunQuery) { q.Limit = 1 }, "later "},
	} {
		q := all
		c.change(&q)
		ids := ""
		for _, r := range got[[]port.RunRow](t)(l.RunsOf(ctx, q)) {
			ids += r.ID + " "
		}
		if ids != c.want {
			t.Errorf("%s: %q, want %q", name, ids, c.want)
		}
	}
	for id, due := range map[string]time.Time{"gap-1": noon, "gap-2": noon.Add(time.Hour)} {
		must(t, l.PutOccurrence(ctx, port.Occurrence{ID: id, Playbook: "p", Subject: "s", Due: due, State: port.OccurrenceGap, Reason: "run open"}, record("", "occurrence.gap", id)))
	}
	if missed := got[[]port.Occurrence](t)(l.MissedBetween(ctx, noon, noon.Add(time.Hour), 10)); len(missed) != 2 || missed[0].ID != "gap-2" || missed[0].Reason != "run open" {
		t.Errorf("%+v", missed)
	}
	if missed := got[[]port.Occurrence](t)(l.MissedBetween(ctx, noon.Add(1), noon.Add(time.Hour-1), 10)); len(missed) != 0 {
		t.Errorf("%+v", missed)
	}
	got[bool](t)(l.PutOrganisation(ctx, organisation(t, "ethan"), noon))
	got[bool](t)(l.PutOrganisation(ctx, organisation(t, "olive"), noon.Add(time.Hour)))
	if v := got[[]port.OrganisationVersion](t)(l.VersionsBetween(ctx, noon.Add(1), noon.Add(time.Hour), 10)); len(v) != 1 || v[0].Version != 2 || !v[0].From.Equal(noon.Add(time.Hour)) {
		t.Errorf("%+v", v)
	}
	must(t, l.Commit(ctx, port.Batch{Facts: []org.Fact{written("a", "tier", "1", noon, false), written("b", "tier", "2", noon.Add(time.Hour), false)}}))
	if f := got[[]org.Fact](t)(l.FactsBetween(ctx, noon, noon.Add(time.Hour), 10)); len(f) != 2 || f[0].Record != "b" || string(f[0].Before) != "1" {
		t.Errorf("%+v", f)
	}
	if f := got[[]org.Fact](t)(l.FactsBetween(ctx, noon, noon.Add(time.Minute), 10)); len(f) != 1 || f[0].Record != "a" {
		t.Errorf("%+v", f)
	}
}
