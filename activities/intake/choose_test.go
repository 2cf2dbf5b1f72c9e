package intake_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// TestChooseWindow: where something is to choose, approving opens a window, with
// conditions too; without a choice nothing is kept.
func TestChooseWindow(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.ledger.asks[tokenVote]
	a.Body.Choose = []playbooks.Question{
		{ID: str("report"), Text: str("Report"), Type: str(playbooks.TypeChoice), Options: []playbooks.Option{{ID: str("report"), Label: str("Report it")}, {ID: str("not"), Label: str("Not")}}},
		{ID: str("lead"), Text: str("Lead"), Type: str(playbooks.TypePerson)},
	}
	w.ledger.asks[tokenVote] = a
	for action, first := range map[string]string{port.ActionApprove: "choose.report", port.ActionConditions: "choose.report", port.ActionReject: "reason"} {
		m := w.Slack(t.Context(), vote(action)).Modal
		if m == nil || m.Questions[0].ID.V != first || m.Callback != action {
			t.Fatalf("%s opens %+v", action, m)
		}
	}
	if len(w.ledger.rows) != 0 {
		t.Fatalf("kept before anything was chosen: %+v", w.ledger.rows)
	}
	if r := w.Slack(t.Context(), sent(tokenVote, port.ActionApprove, map[string]any{"choose.report": "perhaps"})); len(r.Errors) != 2 || len(w.ledger.rows) != 0 {
		t.Fatalf("a choice that is none: %+v", r)
	}
	w.Slack(t.Context(), sent(tokenVote, port.ActionApprove, map[string]any{"choose.report": "not", "choose.lead": "U0OLIVE"}))
	var kept map[string]any
	if err := json.Unmarshal(w.ledger.rows[0].Values, &kept); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]any{"choose.report": "not", "choose.lead": "olive"}, kept); diff != "" {
		t.Error(diff)
	}
}
