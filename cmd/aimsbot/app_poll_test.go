package main

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// hints are the hints about Jira issues that a run got, by what brought them.
func (w *world) hints(run string) (webhooks, polled, missing int) {
	w.t.Helper()
	rows, err := w.demo.app.ledger.RowsAfter(w.t.Context(), run, 0, 1000)
	if err != nil {
		w.t.Fatal(err)
	}
	for _, r := range rows {
		switch {
		case r.Kind != port.InboxHint:
		case strings.HasPrefix(r.DeliveryKey, "poll:"):
			polled++
		case strings.HasPrefix(r.DeliveryKey, "missing:"):
			missing++
		default:
			webhooks++
		}
	}
	return webhooks, polled, missing
}

// TestLostWebhooks: no webhook reaches the bot. It asks Jira, and the whole large
// way is walked as with webhooks: what people did is found once, what the bot did
// itself never.
func TestLostWebhooks(t *testing.T) {
	t.Parallel()
	for _, jira := range []string{"cloud", jiraDataCenter} {
		t.Run(jira, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, demoCmd{NoRateLimits: true, Jira: jira, deaf: true, poll: 100 * time.Millisecond, index: 50 * time.Millisecond})
			largeWay(w)
			rows, err := w.demo.app.ledger.Runs(t.Context(), port.RunClosed, 1)
			if err != nil || len(rows) != 1 {
				t.Fatal(err, rows)
			}
			if webhooks, polled, missing := w.hints(rows[0].ID); webhooks != 0 || polled != 2 || missing != 0 {
				t.Errorf("%d hints by webhook, %d by asking, %d about missing issues; want the two tasks by asking", webhooks, polled, missing)
			}
		})
	}
}

// TestPollBesideWebhooks: what a webhook told of is not told again by asking.
func TestPollBesideWebhooks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, demoCmd{NoRateLimits: true, poll: 50 * time.Millisecond, index: 50 * time.Millisecond})
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
	polls := 0
	w.until("some polls", func() bool {
		polls = 0
		for _, c := range w.state().Calls {
			if strings.Contains(c.Path, "/search/jql") {
				polls++
			}
		}
		return polls > 3
	})
	if webhooks, polled, missing := w.hints(run); webhooks == 0 || polled > 1 || missing != 0 {
		t.Errorf("%d hints by webhook, %d by asking, %d about missing issues", webhooks, polled, missing)
	}
}
