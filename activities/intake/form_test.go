package intake_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// filler is a person who fills in a form window by window, as Slack shows it.
type filler struct {
	*world
	t     *testing.T
	shown *port.Modal
	n     int
}

func fillerOf(t *testing.T, qs []playbooks.Question, prefill map[string]any) *filler {
	t.Helper()
	w := newWorld(t)
	a := w.ledger.asks[tokenForm]
	a.Body.Questions, a.Body.Prefill = qs, prefill
	w.ledger.asks[tokenForm] = a
	f := &filler{world: w, t: t}
	f.openWindow()
	return f
}

func (f *filler) openWindow() {
	f.t.Helper()
	d := vote(port.ActionAnswer)
	d.Value = "v1." + tokenForm
	f.shown = f.Slack(f.t.Context(), d).Modal
	if f.shown == nil {
		f.t.Fatal("no window")
	}
}

// values are what the window has: what it came with, and what is typed now.
func (f *filler) values(typed map[string]any) map[string]any {
	out := map[string]any{}
	for _, q := range f.shown.Questions {
		out[q.ID.V] = f.shown.Prefill[q.ID.V]
	}
	maps.Copy(out, typed)
	return out
}

func (f *filler) delivery(kind, action string, typed map[string]any) intake.Delivery {
	d := sent(tokenForm, action, f.values(typed))
	f.n++
	d.Kind, d.DeliveryKey, d.Page = kind, fmt.Sprint("window-", f.n), f.shown.Page
	return d
}

// send presses the button that sends the window.
func (f *filler) send(typed map[string]any) intake.Reply {
	f.t.Helper()
	r := f.Slack(f.t.Context(), f.delivery(port.InboxSubmit, port.ActionAnswer, typed))
	if r.Update != nil {
		f.shown = r.Update
	}
	return r
}

// press presses a button in the window.
func (f *filler) press(action, target string, typed map[string]any) intake.Reply {
	f.t.Helper()
	d := f.delivery(port.InboxClick, action, typed)
	d.Target = target
	r := f.Slack(f.t.Context(), d)
	if r.Update == nil {
		f.t.Fatalf("%s changed nothing: %+v", action, r)
	}
	f.shown = r.Update
	return r
}

// kept is what was answered in the end.
func (f *filler) kept() map[string]any {
	f.t.Helper()
	if len(f.ledger.rows) != 1 {
		f.t.Fatalf("%d rows", len(f.ledger.rows))
	}
	var out map[string]any
	if err := json.Unmarshal(f.ledger.rows[0].Values, &out); err != nil {
		f.t.Fatal(err)
	}
	return out
}

func (f *filler) ids() (ids, buttons []string) {
	for _, q := range f.shown.Questions {
		ids = append(ids, q.ID.V)
	}
	for _, m := range f.shown.Marks {
		for _, b := range m.Buttons {
			buttons = append(buttons, b.Action+" "+b.Value)
		}
	}
	return ids, buttons
}

func (f *filler) shows(wantIDs, wantButtons string) {
	f.t.Helper()
	ids, buttons := f.ids()
	if got := strings.Join(ids, " "); got != wantIDs {
		f.t.Errorf("the window asks %q, want %q", got, wantIDs)
	}
	if got := strings.Join(buttons, ", "); got != wantButtons {
		f.t.Errorf("the window has the buttons %q, want %q", got, wantButtons)
	}
}

func actions(optional bool, limits ...float64) playbooks.Question {
	q := playbooks.Question{ID: str("plan"), Text: str("What is done?"), Type: str(playbooks.TypeRows), Optional: optional, Columns: []playbooks.Question{
		{ID: str("what"), Text: str("Measure"), Type: str(playbooks.TypeText)},
		{ID: str("owner"), Text: str("Owner"), Type: str(playbooks.TypePerson), Optional: true},
	}}
	if len(limits) == 2 {
		q.Min, q.Max = &limits[0], &limits[1]
	}
	return q
}

// TestRowsWindow: rows are added and removed in one window; what is typed in the
// others stays, and people come out by their ids here.
func TestRowsWindow(t *testing.T) {
	t.Parallel()
	f := fillerOf(t, []playbooks.Question{actions(false)}, nil)
	f.shows("plan.r1.what plan.r1.owner", "add_row plan")
	f.press(port.ActionAddRow, "plan", map[string]any{"plan.r1.what": "One"})
	f.press(port.ActionAddRow, "plan", map[string]any{"plan.r2.what": "Two"})
	f.shows("plan.r1.what plan.r1.owner plan.r2.what plan.r2.owner plan.r3.what plan.r3.owner",
		"remove_row plan 1, remove_row plan 2, remove_row plan 3, add_row plan")
	f.press(port.ActionRemoveRow, "plan 2", map[string]any{"plan.r3.what": "Three", "plan.r3.owner": "U0OLIVE"})
	f.shows("plan.r1.what plan.r1.owner plan.r3.what plan.r3.owner", "remove_row plan 1, remove_row plan 3, add_row plan")
	if len(f.ledger.rows) != 0 {
		t.Fatal("a button in the window left a row")
	}
	if r := f.send(map[string]any{"plan.r3.owner": "U0NOBODY"}); r.Errors["plan.r3.owner"] == "" {
		t.Fatalf("a stranger was taken: %+v", r)
	}
	if r := f.send(map[string]any{"plan.r3.what": ""}); r.Errors["plan.r3.what"] != "Please answer this question." {
		t.Fatalf("an empty cell was taken: %+v", r)
	}
	f.send(nil)
	want := map[string]any{"plan": []any{map[string]any{"what": "One"}, map[string]any{"what": "Three", "owner": "olive"}}}
	if diff := cmp.Diff(want, f.kept()); diff != "" {
		t.Error(diff)
	}
}

// TestRowsBounds: there are never fewer or more rows than asked for.
func TestRowsBounds(t *testing.T) {
	t.Parallel()
	f := fillerOf(t, []playbooks.Question{actions(false, 2, 3)}, nil)
	f.shows("plan.r1.what plan.r1.owner plan.r2.what plan.r2.owner", "add_row plan")
	f.press(port.ActionAddRow, "plan", nil)
	f.press(port.ActionAddRow, "plan", nil) // pressed twice: the button is gone by then
	f.shows("plan.r1.what plan.r1.owner plan.r2.what plan.r2.owner plan.r3.what plan.r3.owner", "remove_row plan 1, remove_row plan 2, remove_row plan 3")

	f = fillerOf(t, []playbooks.Question{actions(true)}, map[string]any{"plan": []any{map[string]any{"what": "Old", "owner": "cora"}}})
	if diff := cmp.Diff(map[string]any{"plan.r1.what": "Old", "plan.r1.owner": "U0CORA"}, f.shown.Prefill); diff != "" {
		t.Error(diff)
	}
	f.press(port.ActionRemoveRow, "plan 1", nil)
	f.shows("", "add_row plan")
	f.send(nil)
	if len(f.ledger.rows) != 1 || f.ledger.rows[0].Values != nil {
		t.Errorf("kept %+v", f.ledger.rows)
	}
}

// longForm has more texts than one window of Slack holds.
func longForm(n int) []playbooks.Question {
	var qs []playbooks.Question
	for i := 1; i <= n; i++ {
		qs = append(qs, playbooks.Question{ID: str(fmt.Sprintf("q%d", i)), Text: str(fmt.Sprintf("Question %d", i)), Type: str(playbooks.TypeLong), Optional: i > 1})
	}
	return qs
}

// TestPages: a long form comes page by page; going back and closing the window
// keep what was typed, and one row is kept in the end.
func TestPages(t *testing.T) {
	t.Parallel()
	f := fillerOf(t, longForm(40), map[string]any{"q40": "from before"})
	if f.shown.Title != "Your answers (1 of 3)" || f.shown.Submit != "Next" {
		t.Fatalf("the first window is %q with %q", f.shown.Title, f.shown.Submit)
	}
	if r := f.send(nil); r.Errors["q1"] == "" {
		t.Fatalf("the page went on without an answer: %+v", r)
	}
	f.send(map[string]any{"q1": "one", "q2": "two"})
	first := f.shown.Questions[0].ID.V
	f.press(port.ActionBack, "back", map[string]any{first: "on page two"})
	if f.shown.Prefill["q2"] != "two" {
		t.Errorf("going back shows %+v", f.shown.Prefill)
	}
	f.send(map[string]any{"q2": nil})
	f.openWindow() // closed meanwhile
	if f.shown.Page != 2 || f.shown.Prefill[first] != "on page two" {
		t.Errorf("opened again, page %d shows %+v", f.shown.Page, f.shown.Prefill)
	}
	f.send(nil)
	if f.shown.Submit != "Send" {
		t.Errorf("the last page is sent with %q", f.shown.Submit)
	}
	f.send(nil)
	if diff := cmp.Diff(map[string]any{"q1": "one", first: "on page two", "q40": "from before"}, f.kept()); diff != "" {
		t.Error(diff)
	}
}

// TestPageOfProblem: what is found wrong in the end is shown on its page.
func TestPageOfProblem(t *testing.T) {
	t.Parallel()
	f := fillerOf(t, longForm(40), nil)
	f.Check = func(_ context.Context, _ port.Ask, clean map[string]any) (map[string]string, error) {
		if clean["q2"] != "good" {
			return map[string]string{"q2": "Not good enough."}, nil
		}
		return nil, nil
	}
	f.send(map[string]any{"q1": "one", "q2": "bad"})
	f.send(nil)
	r := f.send(map[string]any{"q40": "kept"})
	if r.Update == nil || f.shown.Page != 1 || !strings.Contains(f.shown.Questions[1].Help.V, "Not good enough.") || len(f.ledger.rows) != 0 {
		t.Fatalf("the problem is shown as %+v", r)
	}
	f.send(map[string]any{"q2": "good"})
	f.send(nil)
	f.send(nil)
	if diff := cmp.Diff(map[string]any{"q1": "one", "q2": "good", "q40": "kept"}, f.kept()); diff != "" {
		t.Error(diff)
	}
}

// TestTurnRefused: nobody turns the pages of a form that is not theirs to see, or
// of one that is over, and nothing breaks when the draft cannot be kept.
func TestTurnRefused(t *testing.T) {
	t.Parallel()
	f := fillerOf(t, longForm(40), nil)
	press := func(change func(d *intake.Delivery)) intake.Reply {
		d := f.delivery(port.InboxClick, port.ActionBack, nil)
		change(&d)
		return f.Slack(t.Context(), d)
	}
	if r := press(func(d *intake.Delivery) { d.User = "U0NOBODY" }); r.Update != nil || len(f.ledger.rows) != 1 {
		t.Errorf("a stranger gets %+v, rows %+v", r, f.ledger.rows)
	}
	for name, change := range map[string]func(d *intake.Delivery){
		"over":     func(d *intake.Delivery) { d.Value = "v1." + tokenWithdrawn },
		"decision": func(d *intake.Delivery) { d.Value = "v1." + tokenVote },
		"odd":      func(d *intake.Delivery) { d.Action = "approve" },
		"not kept": func(d *intake.Delivery) { f.ledger.broken["keep draft"] = true },
	} {
		f.ledger.broken = map[string]bool{}
		if r := press(change); r.Update == nil || len(r.Update.Questions) != 0 || len(r.Update.Lines) != 1 {
			t.Errorf("%s: %+v", name, r)
		}
	}
	if len(f.ledger.drafts) != 0 {
		t.Errorf("kept %v", f.ledger.drafts)
	}
}

// TestPagesFit: whatever a form asks, each window stays within Slack's limits.
func TestPagesFit(t *testing.T) {
	t.Parallel()
	for name, qs := range map[string][]playbooks.Question{
		"choices": func() []playbooks.Question {
			var qs []playbooks.Question
			for i := range 300 {
				qs = append(qs, playbooks.Question{ID: str(fmt.Sprintf("q%d", i)), Heading: "Heading", Text: str("Text"), Type: str(playbooks.TypeYesNo), Optional: true})
			}
			return qs
		}(),
		"texts": longForm(300),
		"rows":  {actions(false, 150, 200)},
	} {
		f := fillerOf(t, qs, nil)
		seen := 0
		for {
			blocks := len(f.shown.Questions) + len(f.shown.Marks)
			for _, q := range f.shown.Questions {
				if q.Heading != "" {
					blocks++
				}
			}
			if blocks > 95 || len(f.shown.Questions) == 0 {
				t.Fatalf("%s: a window of %d blocks, %d questions", name, blocks, len(f.shown.Questions))
			}
			seen += len(f.shown.Questions)
			if f.shown.Submit == "Send" {
				break
			}
			typed := map[string]any{}
			for _, q := range f.shown.Questions {
				if !q.Optional {
					typed[q.ID.V] = "x"
				}
			}
			if r := f.send(typed); r.Update == nil {
				t.Fatalf("%s: %+v", name, r)
			}
		}
		if seen < 300 {
			t.Errorf("%s: asked %d in all", name, seen)
		}
	}
}
