package playbooks_test

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks"
)

// eventRow is the row of an event in the README of the library.
func eventRow(e playbooks.EventKind) string {
	var values []string
	for _, f := range e.Fields {
		values = append(values, "`"+f.Name+"`")
	}
	who := map[playbooks.WhoRaises]string{
		playbooks.RaisedByBot: "the bot", playbooks.RaisedByAnybody: "anybody", playbooks.RaisedByOffice: "the owner, AI Ethics Officer or AIMS manager",
	}[e.By]
	if e.Name == playbooks.AlertReceived {
		who = "Alertmanager; " + who
	}
	return fmt.Sprintf("| `%s` | %s | %s | %s | %s |", e.Name, e.What, strings.Join(e.About, ", "), who, strings.Join(values, " "))
}

// TestEventsAreExplained: the README of the library has every event as it is.
func TestEventsAreExplained(t *testing.T) {
	t.Parallel()
	b, err := os.ReadFile("library/README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range playbooks.Events() {
		if row := eventRow(e); !strings.Contains(string(b), row+"\n") {
			t.Errorf("library/README.md lacks this row:\n%s", row)
		}
	}
}
