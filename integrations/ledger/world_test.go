package ledger

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// opener opens the ledger a conformance test runs on, and closes it with the
// test. Another database joins the suite with an opener of its own.
type opener func(t testing.TB, opts Options) *Ledger

var noon = time.Date(2027, 3, 1, 12, 0, 0, 0, time.UTC)

func testKey(b byte) LedgerKey { return LedgerKey{b, 2, 3} }

func openSQLite(t testing.TB, opts Options) *Ledger {
	t.Helper()
	if opts.Path == "" {
		opts.Path = filepath.Join(t.TempDir(), "ledger.db")
	}
	return openLedger(t, opts)
}

// openLedger opens a ledger with what a test does not care about.
func openLedger(t testing.TB, opts Options) *Ledger {
	t.Helper()
	if opts.Key.empty() {
		opts.Key = testKey(1)
	}
	if opts.Now == nil {
		opts.Now = func() time.Time { return noon }
	}
	l, err := Open(t.Context(), opts)
	must(t, err)
	t.Cleanup(func() { must(t, l.Close()) })
	return l
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func got[T any](t testing.TB) func(v T, err error) T {
	return func(v T, err error) T {
		t.Helper()
		must(t, err)
		return v
	}
}

func organisation(t testing.TB, ethicsOfficer string) org.Organisation {
	t.Helper()
	o := org.Organisation{
		Profile: org.Profile{Name: "Example Ltd", Zone: "Europe/Berlin"},
		People:  []org.Person{{ID: "ethan", Name: "Ethan <b>Eames</b>"}, {ID: "olive", Name: "Olive Owens"}},
		Roles:   []org.Role{{ID: "ai-ethics-officer", Title: "AI Ethics Officer", Holder: ethicsOfficer}},
	}
	var err error
	o.Digest, err = o.Sum()
	must(t, err)
	return o
}

func definition(t testing.TB) playbooks.Definition {
	t.Helper()
	p := &playbooks.Playbook{Name: playbooks.Str{V: "impact-assessment"}, Title: playbooks.Str{V: "AI system impact assessment"}, Subject: playbooks.Str{V: "system"}}
	d, err := playbooks.NewDefinition(p, []byte("playbook: impact-assessment\ntitle: <Impact> & more\n"), nil, org.Calendar{})
	must(t, err)
	return d
}

func startedRun(t testing.TB, id, subject string) port.StartedRun {
	t.Helper()
	return port.StartedRun{
		ID: id, WorkflowID: "aims-00000000-impact-assessment-" + id, Playbook: "impact-assessment",
		SubjectID: subject, Subject: "CV screener", By: "olive", Door: "cli", Input: map[string]string{"a": "b"},
		Definition: definition(t), StartedAt: noon,
	}
}

// record makes the record of one thing in a run.
func record(run, kind, id string) port.Record {
	p := port.Place{Run: run, Step: "sign_off", Round: 1}
	return port.Record{Key: port.RecordKey(p, kind, id, 0), Place: p, At: noon, Kind: kind, Actor: "ethan", Subject: "cv-screener"}
}

func createRun(t testing.TB, l *Ledger, id, subject string) {
	t.Helper()
	must(t, l.CreateRun(t.Context(), startedRun(t, id, subject), nil, record(id, "run.started", "")))
}

func ask(run, token string, round, version int) port.Ask {
	return port.Ask{
		Token: token, Place: port.Place{Run: run, Step: "sign_off", Round: round}, Version: version,
		Kind: playbooks.KindApproval, State: port.AskOpen, OpenedAt: noon.Add(time.Duration(version) * time.Second), StateVersion: 1,
		Body: port.AskBody{Title: "Sign off", Addressees: []port.Addressee{{Person: "ethan"}}},
	}
}

func click(run string, n int) port.InboxRow {
	return port.InboxRow{
		DecisionID: fmt.Sprintf("decision-%d", n), DeliveryKey: fmt.Sprintf("delivery-%d", n), Kind: port.InboxClick,
		Token: "token", Run: run, Action: port.ActionApprove, Person: "ethan",
		Values: json.RawMessage(`{"a":1}`), Origin: port.Origin{Door: "slack", User: "U1"}, ReceivedAt: noon,
	}
}

func effect(run, key string) port.Effect {
	return port.Effect{
		Key: key, Place: port.Place{Run: run, Step: "sign_off", Round: 1}, Purpose: "ask", Addressee: "person:ethan",
		Kind: port.EffectPost, Token: "token", Body: json.RawMessage(`{"to":{"person":"ethan"}}`), State: port.EffectIntent, IntendedAt: noon,
	}
}
