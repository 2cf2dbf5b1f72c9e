package intake_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// site is a Jira of two issues: 10000 is a run's epic, 10001 that of its vote.
type site struct {
	changed map[string]time.Time // by issue
	by      map[string]time.Time // the last change of somebody else
	gone    []string
	windows []time.Duration
	looked  int
	asked   int
	err     error
}

func (s *site) list(ids []string) (out []intake.Touched) {
	for _, id := range ids {
		if at, ok := s.changed[id]; ok && !slices.Contains(s.gone, id) {
			out = append(out, intake.Touched{IssueID: id, At: at})
		}
	}
	return out
}

func (s *site) Changed(_ context.Context, d time.Duration) ([]intake.Touched, error) {
	s.windows = append(s.windows, d)
	return s.list([]string{"10000", "10001", "20000"}), s.err
}

func (s *site) Look(_ context.Context, ids []string) ([]intake.Touched, error) {
	s.looked++
	return s.list(ids), s.err
}

func (s *site) ChangedBy(_ context.Context, id string) (string, time.Time, error) {
	s.asked++
	if slices.Contains(s.gone, id) {
		return "", time.Time{}, port.ErrNotFound
	}
	return "5b1cora", s.by[id], s.err
}

type watched struct {
	*world
	*intake.Watch
	site *site
}

func newWatch(t *testing.T) *watched {
	t.Helper()
	w := newWorld(t)
	s := &site{changed: map[string]time.Time{"10001": noon, "20000": noon}, by: map[string]time.Time{}}
	return &watched{world: w, Watch: &intake.Watch{Gate: w.Gate, Site: s}, site: s}
}

func (w *watched) poll(t *testing.T) {
	t.Helper()
	if err := w.Poll(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func (w *watched) kept() int {
	w.ledger.mu.Lock()
	defer w.ledger.mu.Unlock()
	return len(w.ledger.rows)
}

// TestWatch: what somebody else changed and nothing told of becomes one hint;
// our own changes and those told of do not, and are asked about once.
func TestWatch(t *testing.T) {
	w := newWatch(t)
	w.poll(t) // the first looks at everything
	if w.kept() != 1 || w.ledger.rows[0].DeliveryKey != "missing:10000:2026-03-02" {
		t.Errorf("rows %+v, want one about the epic that is not there", w.ledger.rows)
	}
	w.ledger.rows = nil
	w.poll(t)
	w.poll(t)
	if w.kept() != 0 || w.site.asked != 1 || w.site.looked != 1 {
		t.Errorf("our own change: %d rows, asked %d times, looked %d times", w.kept(), w.site.asked, w.site.looked)
	}
	w.now = noon.Add(time.Hour)
	w.site.changed["10001"], w.site.by["10001"] = w.now, w.now.Add(-time.Minute)
	w.poll(t)
	w.poll(t)
	if w.kept() != 1 || w.ledger.rows[0].Person != "cora" || w.ledger.rows[0].Token != tokenVote || w.ledger.rows[0].Action != intake.ActionChanged {
		t.Errorf("rows %+v, want one hint by cora", w.ledger.rows)
	}
	w.site.changed["10001"], w.site.by["10001"] = w.now.Add(-time.Second), w.now.Add(-time.Second)
	w.poll(t)
	if w.kept() != 1 {
		t.Errorf("a change that the last hint covers was told again: %+v", w.ledger.rows)
	}
}

// TestWatchWindow: a poll reaches back to the last good one, and once a day all
// issues are looked at, whatever the clock did.
func TestWatchWindow(t *testing.T) {
	w := newWatch(t)
	w.poll(t)
	w.now = noon.Add(time.Hour)
	w.poll(t)
	w.site.err = errors.New("down")
	w.now = noon.Add(2 * time.Hour)
	if err := w.Poll(t.Context()); err == nil {
		t.Error("a Jira that is down is no error")
	}
	w.site.err = nil
	w.now = noon.Add(5 * time.Hour)
	w.poll(t)
	want := []time.Duration{time.Hour + 15*time.Minute, time.Hour + 15*time.Minute, 4*time.Hour + 15*time.Minute}
	if !slices.Equal(w.site.windows, want) {
		t.Errorf("windows %s, want %s", w.site.windows, want)
	}
	for _, at := range []time.Time{noon.Add(24 * time.Hour), noon.Add(23 * time.Hour)} {
		w.now = at
		before := w.site.looked
		if w.poll(t); w.site.looked != before+1 {
			t.Errorf("at %s not all issues were looked at", at)
		}
	}
}

// TestWatchFailures: whatever cannot be read or kept is an error, and the next
// poll does it.
func TestWatchFailures(t *testing.T) {
	for _, what := range []string{"issues", "hinted", "put", "organisation"} {
		t.Run(what, func(t *testing.T) {
			w := newWatch(t)
			w.site.by["10001"] = noon
			w.ledger.broken[what] = true
			if err := w.Poll(t.Context()); !errors.Is(err, errDown) {
				t.Errorf("%v", err)
			}
			delete(w.ledger.broken, what)
			w.poll(t)
			if w.kept() != 2 {
				t.Errorf("rows %+v, want the hint and the missing epic", w.ledger.rows)
			}
		})
	}
	t.Run("gone", func(t *testing.T) {
		w := newWatch(t)
		w.poll(t)
		w.now = noon.Add(time.Hour)
		w.site.changed["10001"] = w.now
		gone := w.site.list([]string{"10001"})
		w.Site = vanishing{w.site, gone}
		w.poll(t)
		if last := w.ledger.rows[len(w.ledger.rows)-1]; last.DeliveryKey != "missing:10001:2026-03-02" {
			t.Errorf("an issue deleted between two questions: %+v", last)
		}
	})
}

// vanishing lists an issue that is gone when it is asked about.
type vanishing struct {
	*site
	listed []intake.Touched
}

func (v vanishing) Changed(context.Context, time.Duration) ([]intake.Touched, error) {
	v.gone = append(v.gone, "10001")
	return v.listed, nil
}
