package intake_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// TestAttacks holds the gate to what it must never let through. person is the
// person of the one row kept; "-" means that no row may be kept.
func TestAttacks(t *testing.T) {
	t.Parallel()
	change := func(f func(*intake.Delivery)) intake.Delivery { d := vote(port.ActionApprove); f(&d); return d }
	long := strings.Repeat("x", 200_000)
	cases := []struct {
		name    string
		in      intake.Delivery
		person  string
		ignore  bool
		say     string // part of what is said; "" = nothing
		refused string // why the row says it was refused
	}{
		{name: "a plain vote", in: vote(port.ActionApprove), person: "cora"},
		{name: "wrong team", in: change(func(d *intake.Delivery) { d.Team = "T0EVIL" }), refused: "another workspace"},
		{name: "missing team", in: change(func(d *intake.Delivery) { d.Team = "" }), refused: "another workspace"},
		{name: "wrong app", in: change(func(d *intake.Delivery) { d.App = "A0EVIL" }), refused: "not from our Slack app"},
		{name: "missing app", in: change(func(d *intake.Delivery) { d.App = "" }), refused: "not from our Slack app"},
		{name: "account of a partner's workspace", in: change(func(d *intake.Delivery) { d.UserTeam = "T0PART" }), refused: "another workspace"},
		{name: "account without workspace", in: change(func(d *intake.Delivery) { d.UserTeam = "" }), refused: "another workspace"},
		{name: "registered guest of another workspace", in: change(func(d *intake.Delivery) { d.User, d.UserTeam = "U0GUS", "T0GUEST" }), refused: "another workspace"},
		{name: "stranger", in: change(func(d *intake.Delivery) { d.User = "U0WHO" }), refused: "nobody"},
		{name: "no user", in: change(func(d *intake.Delivery) { d.User = "" }), refused: "nobody"},
		{name: "account of two people", in: change(func(d *intake.Delivery) { d.User = "U0TWIN" }), refused: "several people"},
		{name: "forged token", in: change(func(d *intake.Delivery) { d.Value = "v1." + tokenNever }), person: "-", ignore: true},
		{name: "token without version", in: change(func(d *intake.Delivery) { d.Value = tokenVote }), person: "-", ignore: true},
		{name: "token of another version", in: change(func(d *intake.Delivery) { d.Value = "v2." + tokenVote }), person: "-", ignore: true},
		{name: "token in capitals", in: change(func(d *intake.Delivery) { d.Value = "v1." + strings.ToUpper(tokenVote) }), person: "-", ignore: true},
		{name: "token with a tail", in: change(func(d *intake.Delivery) { d.Value = "v1." + tokenVote + "a" }), person: "-", ignore: true},
		{name: "oversize token", in: change(func(d *intake.Delivery) { d.Value = "v1." + long }), person: "-", ignore: true},
		{name: "empty token", in: change(func(d *intake.Delivery) { d.Value = "" }), person: "-", ignore: true},
		{name: "no delivery key", in: change(func(d *intake.Delivery) { d.DeliveryKey = "" }), person: "-", ignore: true},
		{name: "foreign channel", in: change(func(d *intake.Delivery) { d.Channel = "C0EVIL" }), refused: "not pressed in a message"},
		{name: "foreign message", in: change(func(d *intake.Delivery) { d.TS = "1.2" }), refused: "not pressed in a message"},
		{name: "no message", in: change(func(d *intake.Delivery) { d.Channel, d.TS = "", "" }), refused: "not pressed in a message"},
		{name: "an action we do not have", in: change(func(d *intake.Delivery) { d.Action = "cancel" }), person: "-", say: "not part of what was asked"},
		{name: "an action this ask does not have", in: change(func(d *intake.Delivery) { d.Action = port.ActionAnswer }), person: "-", say: "not part of what was asked"},
		{name: "a stranger opens the form", in: change(func(d *intake.Delivery) { d.User, d.Value, d.Action = "U0WHO", "v1."+tokenForm, port.ActionAnswer }), refused: "nobody"},
		{name: "a stranger opens the evidence", in: change(func(d *intake.Delivery) { d.User, d.Action = "U0WHO", port.ActionEvidence }), refused: "nobody"},
		{name: "superseded", in: change(func(d *intake.Delivery) { d.Value = "v1." + tokenSuperseded }), person: "cora", say: "The evidence changed"},
		{name: "late", in: change(func(d *intake.Delivery) { d.Value = "v1." + tokenSettled }), person: "cora", say: "already decided"},
		{name: "late with a window", in: change(func(d *intake.Delivery) { d.Value, d.Action = "v1."+tokenSettled, port.ActionReject }), person: "cora", say: "already decided"},
		{name: "withdrawn", in: change(func(d *intake.Delivery) { d.Value = "v1." + tokenWithdrawn }), person: "cora", say: "no longer needed"},
		{name: "late stranger", in: change(func(d *intake.Delivery) { d.Value, d.User = "v1."+tokenSettled, "U0WHO" }), refused: "nobody", say: "already decided"},
		{name: "submission of a stranger", in: func() intake.Delivery {
			d := sent(tokenVote, port.ActionReject, map[string]any{"reason": "no"})
			d.User = "U0WHO"
			return d
		}(), refused: "nobody"},
		{name: "submission under a button's name", in: sent(tokenVote, port.ActionApprove, nil), person: "-", say: "not part of what was asked"},
		{name: "submission of the evidence window", in: sent(tokenVote, port.ActionEvidence, nil), person: "-", say: "not part of what was asked"},
		{name: "submission with a forged token", in: sent(tokenNever, port.ActionReject, map[string]any{"reason": "no"}), person: "-", ignore: true},
		{name: "unknown kind", in: change(func(d *intake.Delivery) { d.Kind = "event" }), person: "-"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got := w.Slack(t.Context(), c.in)
			if got.Ignore != c.ignore || got.Unstored || got.Modal != nil {
				t.Errorf("reply %+v, want ignore %v and no window", got, c.ignore)
			}
			if got.Foreign != (c.in.Team != home || c.in.App != app) {
				t.Errorf("foreign %v", got.Foreign)
			}
			if (c.say == "") != (got.Say == "") || !strings.Contains(got.Say, c.say) {
				t.Errorf("said %q, want %q", got.Say, c.say)
			}
			w.Wait()
			for _, token := range w.ledger.looked {
				if len(token) != 26 {
					t.Errorf("a token of %d characters reached the database", len(token))
				}
			}
			if c.person == "-" {
				if len(w.ledger.rows) != 0 || w.engine.count() != 0 {
					t.Errorf("kept %+v", w.ledger.rows)
				}
				return
			}
			if len(w.ledger.rows) != 1 {
				t.Fatalf("%d rows", len(w.ledger.rows))
			}
			row := w.ledger.rows[0]
			if row.Person != c.person || row.Run != "01RUN" || row.DecisionID == "" || !row.ReceivedAt.Equal(noon) {
				t.Errorf("row %+v", row)
			}
			if row.Origin.Team != c.in.UserTeam || row.Origin.User != c.in.User || row.Origin.Door != "slack" {
				t.Errorf("origin %+v", row.Origin)
			}
			if !strings.Contains(string(row.Values), c.refused) || (c.refused == "" && len(row.Values) > 0) {
				t.Errorf("values %s, want refused %q", row.Values, c.refused)
			}
			if w.engine.count() != 1 {
				t.Errorf("signals %v", w.engine.signals)
			}
		})
	}
}

// TestForeignTakesNoPlace: a delivery that claims another app or workspace does
// not take the place of the true one that comes after it.
func TestForeignTakesNoPlace(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, f := range []func(*intake.Delivery){
		func(d *intake.Delivery) { d.App = "A0EVIL" },
		func(d *intake.Delivery) { d.Team = "T0EVIL" },
		func(d *intake.Delivery) { d.UserTeam = "T0EVIL" },
	} {
		d := vote(port.ActionApprove)
		f(&d)
		w.Slack(t.Context(), d)
		w.Slack(t.Context(), d) // again: no second row
	}
	w.Slack(t.Context(), vote(port.ActionApprove))
	w.Wait()
	if rows := w.ledger.rows; len(rows) != 4 || rows[3].Person != "cora" {
		t.Errorf("kept %+v", rows)
	}
}

// TestNothingStored: whatever cannot be kept is never acknowledged as recorded.
func TestNothingStored(t *testing.T) {
	t.Parallel()
	form := map[string]any{"purpose": "Rank", "people": "5"}
	cases := []struct {
		name, broken string
		in           intake.Delivery
		errors       string // question that carries the text instead
	}{
		{"click, row", "put", vote(port.ActionApprove), ""},
		{"click, ask", "ask", vote(port.ActionApprove), ""},
		{"click, message", "message", vote(port.ActionApprove), ""},
		{"click, organisation", "organisation", vote(port.ActionApprove), ""},
		{"window, ask", "ask", vote(port.ActionReject), ""},
		{"form, row", "put", sent(tokenForm, port.ActionAnswer, form), "purpose"},
		{"form, organisation", "organisation", sent(tokenForm, port.ActionAnswer, form), "purpose"},
		{"form, ask", "ask", sent(tokenForm, port.ActionAnswer, form), ""},
		{"reason, row", "put", sent(tokenVote, port.ActionReject, map[string]any{"reason": "no"}), "reason"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.ledger.broken[c.broken] = true
			got := w.Slack(t.Context(), c.in)
			w.Wait()
			if w.engine.count() != 0 {
				t.Error("a run was signalled about nothing")
			}
			if c.errors != "" {
				if !strings.Contains(got.Errors[c.errors], "try again") || got.Unstored {
					t.Errorf("reply %+v", got)
				}
				return
			}
			if !got.Unstored || !strings.Contains(got.Say, "try again") || got.Ignore {
				t.Errorf("reply %+v", got)
			}
		})
	}
}

// TestRepeated: the same delivery is the same row and the same answer, also
// when the ask was settled by it; a double click is two rows for Judge.
func TestRepeated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.Slack(t.Context(), vote(port.ActionApprove))
	a := w.ledger.asks[tokenVote]
	a.State, a.ClosedAt = port.AskSettled, noon.Add(time.Second)
	w.ledger.asks[tokenVote] = a
	w.now = noon.Add(time.Minute)
	if again := w.Slack(t.Context(), vote(port.ActionApprove)); !cmp.Equal(first, again) || len(w.ledger.rows) != 1 {
		t.Errorf("again %+v, rows %d", again, len(w.ledger.rows))
	}
	other := vote(port.ActionApprove)
	other.DeliveryKey = "another press"
	if late := w.Slack(t.Context(), other); !strings.Contains(late.Say, "already decided") || len(w.ledger.rows) != 2 {
		t.Errorf("late %+v, rows %d", late, len(w.ledger.rows))
	}
	w.Wait()
	if a, b := w.ledger.rows[0].DecisionID, w.ledger.rows[1].DecisionID; a == b {
		t.Error("two presses share a decision id")
	}
}

// TestWindows: buttons that need words open a window and keep nothing yet.
func TestWindows(t *testing.T) {
	t.Parallel()
	cases := map[string][]string{
		port.ActionAnswer:     {"purpose", "people", "lead", "team"},
		port.ActionReject:     {"reason"},
		port.ActionChanges:    {"reason"},
		port.ActionAbstain:    {"reason"},
		port.ActionRecuse:     {"reason"},
		port.ActionConditions: {"c1_text", "c1_owner", "c1_due", "c2_text", "c2_owner", "c2_due", "c3_text", "c3_owner", "c3_due"},
	}
	for action, ids := range cases {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			d := vote(action)
			if action == port.ActionAnswer {
				d.Value = "v1." + tokenForm
			}
			got := w.Slack(t.Context(), d)
			if got.Modal == nil || len(w.ledger.rows) != 0 {
				t.Fatalf("reply %+v, rows %d", got, len(w.ledger.rows))
			}
			var asked []string
			for _, q := range got.Modal.Questions {
				asked = append(asked, q.ID.V)
			}
			if !slices.Equal(asked, ids) || got.Modal.Callback != action || "v1."+got.Modal.Token != d.Value || got.Modal.Submit == "" {
				t.Errorf("window %+v asks %v", got.Modal, asked)
			}
			if action == port.ActionAnswer {
				want := map[string]any{"people": 5, "lead": "U0CORA", "team": []any{"U0OLIVE"}}
				if diff := cmp.Diff(want, got.Modal.Prefill); diff != "" {
					t.Errorf("prefill: people are shown by account, those who left are not: %s", diff)
				}
			}
		})
	}
}

// TestAnswers: answers are checked, people become person ids, and only then
// one row is kept.
func TestAnswers(t *testing.T) {
	t.Parallel()
	condition := func(n string, more map[string]any) map[string]any {
		out := map[string]any{n + "_text": "Test again", n + "_owner": "U0OLIVE", n + "_due": "2026-04-01"}
		maps.Copy(out, more)
		return out
	}
	good := condition("c1", nil)
	cases := []struct {
		name   string
		in     intake.Delivery
		want   string // values of the row
		errors []string
	}{
		{
			"form", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": " Rank ", "people": "250000", "lead": "U0OLIVE", "team": []string{"U0CORA", "U0OLIVE"}}),
			`{"lead":"olive","people":250000,"purpose":"Rank","team":["cora","olive"]}`, nil,
		},
		{"form, optional left open", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": "Rank", "people": "5", "lead": nil}), `{"people":5,"purpose":"Rank"}`, nil},
		{"form, fields we did not ask for", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": "Rank", "people": "5", "by": "olive"}), `{"people":5,"purpose":"Rank"}`, nil},
		{"form, missing and wrong", sent(tokenForm, port.ActionAnswer, map[string]any{"people": "many"}), "", []string{"people", "purpose"}},
		{"form, unknown person", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": "Rank", "people": "5", "lead": "U0WHO"}), "", []string{"lead"}},
		{"form, person of two names", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": "Rank", "people": "5", "team": []string{"U0TWIN"}}), "", []string{"team"}},
		{"form, person id instead of account", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": "Rank", "people": "5", "lead": "olive"}), "", []string{"lead"}},
		{"form, oversize", sent(tokenForm, port.ActionAnswer, map[string]any{"purpose": strings.Repeat("x", 200_000), "people": "5"}), "", []string{"purpose"}},
		{"reject without reason", sent(tokenVote, port.ActionReject, map[string]any{"reason": "  "}), "", []string{"reason"}},
		{"reject", sent(tokenVote, port.ActionReject, map[string]any{"reason": "Missing DPIA"}), `{"reason":"Missing DPIA"}`, nil},
		{"long reason", sent(tokenVote, port.ActionRecuse, map[string]any{"reason": strings.Repeat("ü", 3001)}), "", []string{"reason"}},
		{"one condition", sent(tokenVote, port.ActionConditions, good), `{"c1_due":"2026-04-01","c1_owner":"olive","c1_text":"Test again"}`, nil},
		{"half a second condition", sent(tokenVote, port.ActionConditions, condition("c1", map[string]any{"c2_text": "More"})), "", []string{"c2_due", "c2_owner"}},
		{"no condition", sent(tokenVote, port.ActionConditions, nil), "", []string{"c1_due", "c1_owner", "c1_text"}},
		{"condition due yesterday", sent(tokenVote, port.ActionConditions, condition("c1", map[string]any{"c1_due": "2026-03-01"})), "", []string{"c1_due"}},
		{"late form keeps what can be kept", sent(tokenSettled, port.ActionReject, map[string]any{"reason": "No"}), `{"reason":"No"}`, nil},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got := w.Slack(t.Context(), c.in)
			if diff := cmp.Diff(c.errors, slices.Sorted(maps.Keys(got.Errors))); diff != "" {
				t.Fatalf("errors %v", got.Errors)
			}
			if c.want == "" {
				if len(w.ledger.rows) != 0 {
					t.Fatalf("kept %s", w.ledger.rows[0].Values)
				}
				return
			}
			if len(w.ledger.rows) != 1 || string(w.ledger.rows[0].Values) != c.want || w.ledger.rows[0].Person != "cora" {
				t.Fatalf("rows %+v %s", w.ledger.rows, w.ledger.rows[0].Values)
			}
		})
	}
}

// TestEvidence: the kept document is shown readably with its digest, and
// nothing is decided.
func TestEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	none := w.Slack(t.Context(), vote(port.ActionEvidence))
	if none.Modal != nil || none.Say == "" {
		t.Errorf("no document: %+v", none)
	}
	w.ledger.docs["sha256:e1"] = json.RawMessage(`{"run":"01RUN","definition":"sha256:d","steps":[` +
		`{"at":"2026-03-01T10:00:00Z","by":"cora","kind":"form","title":"What it does","fields":[` +
		`{"id":"people","label":"People affected","value":250000,"text":"250,000"},{"id":"harms","label":"Possible harms","value":[],"text":""}]},` +
		`{"kind":"set","title":"Rating","fields":[{"id":"level","label":"Level","value":"high","text":"high"}]}]}`)
	got := w.Slack(t.Context(), vote(port.ActionEvidence))
	if got.Modal == nil || got.Modal.Submit != "" || len(got.Modal.Questions) != 0 || !strings.Contains(strings.Join(got.Modal.Lines, " "), "sha256:e1") {
		t.Fatalf("reply %+v", got)
	}
	want := []port.Field{
		{Label: "What it does", Value: "answered by Cora Chair on Sun 1 Mar 2026, 11:00 CET"},
		{Label: "People affected", Value: "250,000"},
		{Label: "Possible harms", Value: "none"},
		{Label: "Rating", Value: "worked out from the answers"},
		{Label: "Level", Value: "high"},
		{Label: "Run", Value: "01RUN"},
		{Label: "Definition", Value: "sha256:d"},
	}
	if diff := cmp.Diff(want, got.Modal.Fields); diff != "" {
		t.Error(diff)
	}
	if len(w.ledger.rows) != 0 {
		t.Error("looking at evidence left a row")
	}
	w.ledger.docs["sha256:e1"] = json.RawMessage(strings.Repeat(`[{"a":`, 500) + "1" + strings.Repeat(`}]`, 500))
	if other := w.Slack(t.Context(), vote(port.ActionEvidence)); other.Modal != nil || other.Say == "" {
		t.Errorf("a document of another form: %+v", other)
	}
}
