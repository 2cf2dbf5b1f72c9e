package sandbox_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

func TestClockMovesAfterTheRuns(t *testing.T) {
	t.Parallel()
	var w *world
	var asked []time.Duration
	fails := errors.New("a run is stuck")
	var fail error
	w = newWorld(t, func(o *sandbox.Options) {
		o.Advance = func(_ context.Context, d time.Duration) error {
			if w.Offset() != 0 {
				t.Error("the clock moved before the runs were there")
			}
			asked = append(asked, d)
			return fail
		}
	})
	fail = fails
	if status, out := w.call("POST", "clock", map[string]any{"advance": "72h"}); status != 500 || !strings.Contains(out["error"].(string), fails.Error()) || w.Offset() != 0 {
		t.Error(status, out, w.Offset())
	}
	fail = nil
	w.must("POST", "clock", map[string]any{"advance": "72h"})
	if !slices.Equal(asked, []time.Duration{72 * time.Hour, 72 * time.Hour}) || !about(w.Offset(), 72*time.Hour) {
		t.Error(asked, w.Offset())
	}
	if ahead := time.Until(w.Now()); !about(ahead, 72*time.Hour) {
		t.Error(ahead)
	}
}

// about tells whether a length is the one meant, give or take what passes on
// the wall meanwhile.
func about(d, want time.Duration) bool { return (d - want).Abs() < 10*time.Minute }

func TestClockInWorkingDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.Now()
	w.must("POST", "clock", map[string]any{"advance": "5 working days"})
	o := organisation(t)
	zone, err := time.LoadLocation(o.Profile.Zone)
	if err != nil {
		t.Fatal(err)
	}
	now := w.Now().In(zone)
	if days := now.Sub(before).Hours() / 24; days < 5 || now.Hour() != 0 || now.Minute() > 1 {
		t.Error(before, now)
	}
}

func TestClockThatCannotMove(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(o *sandbox.Options) { o.Advance = nil })
	status, out := w.call("POST", "clock", map[string]any{"advance": "1h"})
	if status != 501 || !strings.Contains(out["error"].(string), "time cannot be skipped here") {
		t.Error(status, out)
	}
	for _, bad := range []string{"", "soon", "-1h", "0s", "9999d"} {
		if status, out := w.call("POST", "clock", map[string]any{"advance": bad}); status != 400 {
			t.Error(bad, status, out)
		}
	}
}
