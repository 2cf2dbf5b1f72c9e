package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func written(record, field, value string, from time.Time, add bool) org.Fact {
	return org.Fact{
		Kind: "system", Subject: "cv-screener", Field: field, Value: json.RawMessage(value), From: from,
		Run: "run-" + record, Step: "apply", Round: 1, Record: record, Add: add,
	}
}

// testRegister: facts are read as of an instant, the first of a record stand,
// what two runs add is kept, and a clock set back changes nothing past.
func testRegister(t *testing.T, l *Ledger) {
	ctx := t.Context()
	got[bool](t)(l.PutOrganisation(ctx, organisation(t, "ethan"), noon))
	put := func(facts ...org.Fact) {
		t.Helper()
		must(t, l.Commit(ctx, port.Batch{Facts: facts}))
	}
	put(written("a", "tier", "1", noon, false), written("a", "restrictions", `["a"]`, noon, true))
	put(written("a", "tier", "3", noon.Add(time.Hour), false), written("a", "status", `"retired"`, noon, false)) // repeated
	put(written("b", "tier", " 2 ", noon.Add(2*time.Hour), false), written("b", "restrictions", `["b", "c"]`, noon.Add(2*time.Hour), true))
	put(written("c", "tier", "3", noon.Add(time.Hour), false)) // its clock was set back
	at := func(d time.Duration) map[string]string {
		t.Helper()
		out := map[string]string{}
		for _, f := range got[org.Organisation](t)(l.SnapshotAt(ctx, noon.Add(d))).Register.Of("system", "cv-screener") {
			out[f.Field] = string(f.Value)
		}
		return out
	}
	for d, want := range map[time.Duration]map[string]string{
		-1:                  {},
		0:                   {"tier": "1", "restrictions": `["a"]`},
		2*time.Hour - 1:     {"tier": "1", "restrictions": `["a"]`},
		2 * time.Hour:       {"tier": "3", "restrictions": `["a","b","c"]`},
		24 * 30 * time.Hour: {"tier": "3", "restrictions": `["a","b","c"]`},
	} {
		if diff := cmp.Diff(want, at(d)); diff != "" {
			t.Errorf("%v after noon (-want +got):\n%s", d, diff)
		}
	}
	var values, before []string
	for _, f := range got[[]org.Fact](t)(history(ctx, l, "system", "cv-screener")) {
		if f.Field == "tier" {
			values, before = append(values, string(f.Value)), append(before, string(f.Before))
		}
	}
	if diff := cmp.Diff([][]string{{"1", "2", "3"}, {"", "1", "2"}}, [][]string{values, before}); diff != "" {
		t.Errorf("tiers and those before (-want +got):\n%s", diff)
	}
	facts := got[[]org.Fact](t)(l.FactsOf(ctx, "run-b"))
	if len(facts) != 2 || facts[0].Field != "tier" || !facts[0].From.Equal(noon.Add(2*time.Hour)) || facts[0].Step != "apply" || facts[0].Record != "b" {
		t.Errorf("of run b: %+v", facts)
	}
}

// history returns every value a subject ever had in the register, the oldest of
// each field first.
func history(ctx context.Context, l *Ledger, kind, subject string) ([]org.Fact, error) {
	facts, err := collect(ctx, l.db, scanFact, "SELECT "+factColumns+` FROM register
		WHERE kind = $1 AND subject = $2 ORDER BY field, from_at, seq`, kind, subject)
	if err != nil {
		return nil, fmt.Errorf("read the register of %s %s: %w", kind, subject, err)
	}
	return facts, nil
}
