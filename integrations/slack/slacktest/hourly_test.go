package slacktest

import (
	"testing"
	"time"
)

// TestEventsPerHour counts without sending 30,000 events.
func TestEventsPerHour(t *testing.T) {
	t.Parallel()
	var h hourly
	now := time.Date(2026, 11, 2, 9, 10, 0, 0, time.UTC)
	for range MaxEventsPerHour {
		if !h.take(now) {
			t.Fatal("refused within the limit")
		}
	}
	if h.take(now.Add(time.Minute)) {
		t.Error("one too many was taken")
	}
	if !h.take(now.Add(time.Hour)) {
		t.Error("the next hour has its own share")
	}
}
