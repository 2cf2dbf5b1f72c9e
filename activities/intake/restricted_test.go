package intake_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
)

// TestRestrictedStatus: what a restricted run is about is told to those who take
// part alone.
func TestRestrictedStatus(t *testing.T) {
	t.Parallel()
	for _, takesPart := range []bool{false, true} {
		w := newWorld(t)
		w.ledger.runs[0].View.Restricted = true
		w.ledger.runs[0].View.Waiting = []port.Waiting{{Step: "look", People: []string{"olive"}, For: "a task: Smoke"}}
		w.ledger.runs[0].View.Participants = []string{"olive"}
		if takesPart {
			w.ledger.runs[0].View.Participants = []string{"olive", "cora"}
		}
		for _, text := range []string{"status", "status 01RUN"} {
			say := w.Slack(t.Context(), slash(text)).Say
			if !strings.Contains(say, "01RUN") {
				t.Errorf("%s: %q", text, say)
			}
			for _, word := range []string{"impact-assessment", "CV screener", "Smoke", "Olive"} {
				if !takesPart && strings.Contains(say, word) {
					t.Errorf("%s tells %q: %q", text, word, say)
				}
			}
			if takesPart && !strings.Contains(say, "impact-assessment for CV screener") {
				t.Errorf("%s tells those who take part %q", text, say)
			}
		}
	}
}
