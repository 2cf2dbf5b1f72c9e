package ledger

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// told is a row that answers a form with one protected question.
func told(t *testing.T, n int, name string) port.InboxRow {
	t.Helper()
	a := ask("run", "token", 1, 1)
	a.Body.Questions = []playbooks.Question{
		{ID: playbooks.Str{V: "who"}, Type: playbooks.Str{V: playbooks.TypeText}, Protected: []playbooks.Str{{V: "incident-lead"}}},
		{ID: playbooks.Str{V: "what"}, Type: playbooks.Str{V: playbooks.TypeText}},
	}
	row := click("run", n)
	row.Kind, row.Action = port.InboxSubmit, port.ActionAnswer
	values := got[map[string]any](t)(port.KeepApart(a, &row, map[string]any{"who": name, "what": "smoke"}))
	row.Values = got[[]byte](t)(json.Marshal(values))
	return row
}

// testApart: a protected answer is kept with its row or not at all, is no part of
// the row, and goes when the row does not count or its step is erased.
func testApart(t *testing.T, l *Ledger) {
	createRun(t, l, "run", "cv-screener")
	kept := func(want ...string) []port.Apart {
		t.Helper()
		list := got[[]port.Apart](t)(l.ApartOf(t.Context(), "run"))
		var have []string
		for _, k := range list {
			if !k.Whole() {
				t.Errorf("%s is not what was given", k.Value)
			}
			have = append(have, string(k.Value))
		}
		if strings.Join(have, " ") != strings.Join(want, " ") {
			t.Errorf("kept apart: %q, want %q", have, want)
		}
		return list
	}
	first := told(t, 1, "Wanda")
	stored, fresh, err := l.Put(t.Context(), first)
	must(t, err)
	if !fresh || strings.Contains(string(stored.Values), "Wanda") || !strings.Contains(string(stored.Values), "smoke") {
		t.Errorf("the row: %s", stored.Values)
	}
	again := told(t, 1, "Wanda") // another salt, and so another reference
	if twice, fresh, err := l.Put(t.Context(), again); err != nil || fresh || string(twice.Values) != string(stored.Values) {
		t.Errorf("delivered again: %s, %v, %v", twice.Values, fresh, err)
	}
	taken := told(t, 2, "Willi")
	taken.DecisionID = first.DecisionID
	if _, _, err := l.Put(t.Context(), taken); err == nil {
		t.Error("a decision id was taken twice")
	}
	if list := kept(`"Wanda"`); list[0].Settled || list[0].Step != "sign_off" || !strings.Contains(string(stored.Values), list[0].Ref) {
		t.Errorf("kept apart: %+v", list[0])
	}

	second, _, err := l.Put(t.Context(), told(t, 3, "Wolf"))
	must(t, err)
	kept(`"Wanda"`, `"Wolf"`)
	must(t, l.Commit(t.Context(), port.Batch{Run: "run", Verdicts: []port.Verdict{
		{Row: stored.ID, DecisionID: stored.DecisionID, Kind: port.InboxSubmit, Verdict: port.VerdictAccepted},
		{Row: second.ID, DecisionID: second.DecisionID, Kind: port.InboxSubmit, Verdict: port.VerdictLate},
	}}))
	if list := kept(`"Wanda"`); !list[0].Settled {
		t.Error("an answer that counts is not settled")
	}
	changed := got[[]port.Apart](t)(l.ApartOf(t.Context(), "run"))[0]
	changed.Value = json.RawMessage(`"Willi"`)
	if changed.Whole() {
		t.Error("another answer passes for the one that was given")
	}

	must(t, l.Commit(t.Context(), port.Batch{Run: "run", Close: &port.RunClose{Outcome: "approved", At: noon}}))
	erasure := Erasure{Run: "run", Steps: []string{"scope"}, By: "max", Role: "aims-manager", Reason: "asked by the person"}
	got[Erased](t)(l.Erase(t.Context(), erasure))
	kept(`"Wanda"`)
	erasure.Steps = []string{"sign_off"}
	got[Erased](t)(l.Erase(t.Context(), erasure))
	kept()
}
