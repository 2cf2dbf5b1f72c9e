package slack

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// TestCountriesFitIntoAWindow: more countries than a list of Slack holds, under
// their letters; those chosen before are chosen.
func TestCountriesFitIntoAWindow(t *testing.T) {
	t.Parallel()
	q := playbooks.Question{ID: playbooks.Str{V: "where"}, Text: playbooks.Str{V: "Where"}, Type: playbooks.Str{V: playbooks.TypeCountries}}
	view, _, err := renderModal(port.Modal{Title: "Where", Submit: "Send", Questions: []playbooks.Question{q}, Prefill: map[string]any{"where": []any{"DE", "FR"}}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(view)
	if err != nil {
		t.Fatal(err)
	}
	_, chosen, _ := strings.Cut(string(b), `"initial_options":`)
	if !strings.Contains(chosen, "Germany") || !strings.Contains(chosen, "France") || strings.Contains(chosen, "Italy") {
		t.Errorf("chosen: %.300s", chosen)
	}
}
