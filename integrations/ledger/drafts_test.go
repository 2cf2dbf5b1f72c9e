package ledger

import (
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

func testDrafts(t *testing.T, l *Ledger) {
	a := ask("run", "token", 1, 1)
	must(t, l.Commit(t.Context(), port.Batch{Asks: []port.Ask{a}}))
	draft := func(person string) string {
		t.Helper()
		return string(got[[]byte](t)(func() ([]byte, error) { return l.Draft(t.Context(), a.Token, person) }()))
	}
	keep := func(person, body string) {
		t.Helper()
		must(t, l.KeepDraft(t.Context(), a.Token, person, []byte(body), noon))
	}
	keep("olive", `{"page":1}`)
	keep("olive", `{"page":2}`)
	keep("max", `{"page":3}`)
	if olive, ron := draft("olive"), draft("ron"); olive != `{"page":2}` || ron != "" {
		t.Errorf("olive %q, ron %q; want the last of olive and none of ron", olive, ron)
	}
	must(t, l.Commit(t.Context(), port.Batch{AskStates: []port.AskState{{Token: a.Token, State: port.AskSettled, StateVersion: 2, ClosedAt: noon}}}))
	keep("ron", `{"page":1}`)
	if olive, max, ron := draft("olive"), draft("max"), draft("ron"); olive != "" || max != "" || ron != "" {
		t.Errorf("after the ask was answered: olive %q, max %q, ron %q", olive, max, ron)
	}
}
