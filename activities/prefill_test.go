package activities_test

import (
	"testing"
	"time"
)

// TestPrefillOfADay: a day worked out from an instant is filled in as a day of the
// organisation's calendar, because a window shows nothing of an instant there.
func TestPrefillOfADay(t *testing.T) {
	w := newWorld(t, `playbook: dated
title: Dated
subject: system
steps:
  - id: plan
    form:
      ask: ${system.owner}
      title: Plan
      questions:
        - {id: day, text: By when, type: date, prefill: '${months(now, 1)}'}
        - {id: moment, text: From when, type: datetime, prefill: '${months(now, 1)}'}
`)
	w.advance()
	got := w.ask("plan").Body.Prefill
	if want := w.clock().AddDate(0, 1, 0); got["day"] != want.Format(time.DateOnly) || got["moment"] != want.UTC().Format(time.RFC3339Nano) {
		t.Errorf("filled with %v, want %s", got, want)
	}
}
