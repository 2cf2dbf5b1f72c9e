package intake_test

import (
	"fmt"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// entries is a form that goes through a list and asks several texts about each.
func entries(n, each int) (qs []playbooks.Question) {
	for i := range n {
		for j := range each {
			q := playbooks.Question{ID: str(fmt.Sprintf("r%d.q%d", i, j)), Text: str("Text"), Type: str(playbooks.TypeLong), Optional: true}
			if j == 0 {
				q.Heading = fmt.Sprintf("Entry %d", i)
			}
			qs = append(qs, q)
		}
	}
	return qs
}

// TestPagesKeepEntriesWhole: each window begins with a heading, so that nobody is
// asked about an entry that the window before has named. An entry that is too
// much for one window is asked in several.
func TestPagesKeepEntriesWhole(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		n, each int
		whole   bool
	}{{30, 3, true}, {10, 7, true}, {3, 20, false}, {40, 1, true}} {
		f := fillerOf(t, entries(tt.n, tt.each), nil)
		seen, begins := 0, 0
		for {
			if f.shown.Questions[0].Heading == "" {
				begins++
			}
			seen += len(f.shown.Questions)
			if f.shown.Submit == "Send" {
				break
			}
			if r := f.send(nil); r.Update == nil {
				t.Fatalf("%+v: %+v", tt, r)
			}
		}
		if seen != tt.n*tt.each || tt.whole != (begins == 0) {
			t.Errorf("%+v: %d questions, %d windows begin in the middle of an entry", tt, seen, begins)
		}
	}
}

// TestPagesKeepRowsWithTheirHeading: what is asked as rows counts as one of the
// questions under a heading.
func TestPagesKeepRowsWithTheirHeading(t *testing.T) {
	t.Parallel()
	var qs []playbooks.Question
	for i := range 6 {
		rows := actions(true, 0, 3)
		rows.ID, rows.Heading = str(fmt.Sprintf("rows%d", i)), fmt.Sprintf("Entry %d", i)
		qs = append(qs, rows)
		for j := range 3 {
			qs = append(qs, playbooks.Question{ID: str(fmt.Sprintf("q%d_%d", i, j)), Text: str("Text"), Type: str(playbooks.TypeLong), Optional: true})
		}
	}
	f := fillerOf(t, qs, nil)
	for f.shown.Submit != "Send" {
		if f.send(nil).Update == nil {
			t.Fatal("no next window")
		}
		if m := f.shown.Marks; len(m) == 0 || m[0].Before != 0 || len(m[0].Buttons) > 0 {
			t.Errorf("window %d does not begin with the line of an entry: %+v", f.shown.Page, m)
		}
	}
	if f.shown.Page < 2 || len(f.shown.Questions) == 0 || f.shown.Callback != port.ActionAnswer {
		t.Errorf("the last window is %+v", f.shown)
	}
}
