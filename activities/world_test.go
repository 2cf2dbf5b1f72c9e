package activities_test

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// monday is a working morning in the organisation's zone.
var monday = time.Date(2027, 3, 1, 9, 0, 0, 0, time.UTC)

// world is one run on a real ledger, with the outside, the clock and the
// organisation in the test's hands. Its methods do what the workflow does.
type world struct {
	t      *testing.T
	acts   *activities.Activities
	ledger *ledger.Ledger
	out    *outside
	org    org.Organisation
	def    playbooks.Definition
	run    port.StartedRun
	state  port.RunState
	rows   int
	shelf  shelf

	mu  sync.Mutex
	now time.Time
}

// shelf is the library of the world.
type shelf struct {
	defs      map[string]playbooks.Definition
	programme org.Programme
}

func (s *shelf) Definition(name string) (playbooks.Definition, error) {
	d, ok := s.defs[name]
	if !ok {
		return d, &activities.Refusal{Unknown: true, Reason: "There is no playbook " + name + "."}
	}
	return d, nil
}

func (s *shelf) Names() []string { return slices.Sorted(maps.Keys(s.defs)) }

func (s *shelf) Programme() org.Programme { return s.programme }

// newWorld starts a run of the playbook about cv-screener, asked for by max.
// Nothing has been done yet.
func newWorld(t *testing.T, playbook string) *world {
	t.Helper()
	return newWorldWith(t, playbook, nil)
}

// newWorldWith starts the run with values.
func newWorldWith(t *testing.T, playbook string, input map[string]string) *world {
	t.Helper()
	return newWorldAbout(t, playbook, "cv-screener", input, func(*org.Organisation) {})
}

// newWorldAbout starts the run about something else, in a changed organisation.
func newWorldAbout(t *testing.T, playbook, subject string, input map[string]string, change func(*org.Organisation)) *world {
	t.Helper()
	t.Parallel()
	w := &world{t: t, now: monday}
	w.org = demo(t)
	w.out = &outside{faults: map[string][]fault{}, gone: map[string]string{}, now: w.clock}
	var err error
	w.ledger, err = ledger.Open(t.Context(), ledger.Options{
		Path: filepath.Join(t.TempDir(), "ledger.db"), Key: ledger.LedgerKey{1}, Now: w.clock, Logger: slog.New(slog.DiscardHandler),
	})
	w.must(err)
	t.Cleanup(func() { w.must(w.ledger.Close()) })
	w.organisation(change)
	w.def = w.define(playbook)
	w.shelf.defs = map[string]playbooks.Definition{w.def.Playbook.Name.V: w.def}
	w.acts = &activities.Activities{
		Ledger: w.ledger, Messenger: w.out, Directory: w.out, Tracker: w.out, Engine: w.out, Library: &w.shelf,
		Now: w.clock, Logger: slog.New(slog.DiscardHandler), IndexAllowance: 2 * time.Second,
	}
	w.run, _, err = w.acts.Start(t.Context(), activities.StartRequest{Playbook: w.def.Playbook.Name.V, Subject: subject, By: "max", Door: "slack", Input: input})
	w.must(err)
	w.state = port.RunState{Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
		ID: w.run.ID, WorkflowID: w.run.WorkflowID, Playbook: w.run.Playbook, SubjectID: w.run.SubjectID, By: w.run.By, Input: w.run.Input, StartedAt: w.run.StartedAt,
	}}
	return w
}

// demo is the sample organisation with somebody who is only a deputy.
func demo(t *testing.T) org.Organisation {
	t.Helper()
	for _, f := range library.Demo() {
		if f.Name == "organisation.yaml" {
			o, problems := org.ParseOrganisation([]org.File{{Name: f.Name, Source: f.Source}})
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			return o
		}
	}
	t.Fatal("the demo has no organisation")
	return org.Organisation{}
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

// worldRules are the rules of the world.
const worldRules = `rules:
  - {id: gdpr-33-1, what: breach to authority, unit: hour, value: 72, applies_from: 2018-05-25, source: GDPR 33(1), checked_on: 2026-11-23, confidence: high}
  - {id: serious, what: any serious incident, unit: calendar_day, value: 15, applies_from: 2026-08-02, source: Art. 73(2), checked_on: 2026-11-23, confidence: high}
  - {id: death, what: report of a death, unit: calendar_day, value: 10, applies_from: 2026-08-02, source: Art. 73(4), checked_on: 2026-11-23, confidence: high}
  - {id: cad-impact, what: repeat, unit: month, per_tier: [3, 6, 12], applies_from: at install, source: ours, checked_on: 2026-11-23, confidence: high}
patterns:
  P-one: {need: [{role: ai-ethics-officer}]}
  P-cro: {need: [{role: ai-ethics-officer}, {role: chief-risk-officer}]}
`

func (w *world) define(source string) playbooks.Definition {
	w.t.Helper()
	return w.defineWith(source, worldRules)
}

func (w *world) defineWith(source, ruleFile string) playbooks.Definition {
	w.t.Helper()
	p, problems := playbooks.Parse("test.yaml", []byte(source))
	if len(problems) > 0 {
		w.t.Fatal(problems)
	}
	rules, problems := playbooks.ParseRules("rules.yaml", []byte(ruleFile))
	problems = append(problems, playbooks.Expand(p, rules)...)
	if len(problems) > 0 {
		w.t.Fatal(problems)
	}
	used, err := rules.UsedBy(p)
	w.must(err)
	d, err := playbooks.NewDefinition(p, []byte(source), used, w.org.Profile.Calendar)
	w.must(err)
	return d
}

func (w *world) clock() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// organisation loads a changed organisation file.
func (w *world) organisation(change func(o *org.Organisation)) {
	w.t.Helper()
	b, err := json.Marshal(w.org)
	w.must(err)
	var next org.Organisation
	w.must(json.Unmarshal(b, &next))
	change(&next)
	next.Digest = ""
	next.Digest, err = next.Sum()
	w.must(err)
	_, err = w.ledger.PutOrganisation(w.t.Context(), next, w.clock())
	w.must(err)
	w.org = next
}

// holder gives a role to a person.
func (w *world) holder(role, person string) {
	w.organisation(func(o *org.Organisation) {
		for i := range o.Roles {
			if o.Roles[i].ID == role {
				o.Roles[i].Holder = person
			}
		}
	})
}

func (w *world) request() activities.Request {
	return activities.Request{Definition: w.def, State: w.state, Now: w.clock()}
}

func (w *world) apply(d port.Delta, err error) {
	w.t.Helper()
	w.must(err)
	w.state = w.state.Apply(through(w.t, d))
}

// through sends a value through JSON, as history does.
func through[T any](t *testing.T, v T) (out T) {
	t.Helper()
	b, err := json.Marshal(v)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// advance brings the run as far as it goes and does the effects.
func (w *world) advance() {
	w.t.Helper()
	w.apply(w.acts.Advance(w.t.Context(), w.request()))
	w.perform()
}

// judgeOnly judges what waits; what follows is left to the test.
func (w *world) judgeOnly() {
	w.t.Helper()
	for more := true; more; {
		j, err := w.acts.Judge(w.t.Context(), w.request())
		w.apply(j.Delta, err)
		more = j.More
	}
}

func (w *world) judge() {
	w.t.Helper()
	w.judgeOnly()
	w.advance()
}

func (w *world) tick() {
	w.t.Helper()
	w.apply(w.acts.Tick(w.t.Context(), w.request()))
	w.perform()
}

// inspect reads the issue of a step again, as after a hint.
func (w *world) inspect(step string) {
	w.t.Helper()
	w.state.Reread = []string{step}
	w.apply(w.acts.Inspect(w.t.Context(), w.request()))
	w.advance()
}

func (w *world) perform() activities.Performed {
	w.t.Helper()
	p, err := w.acts.Perform(w.t.Context(), w.run.ID)
	w.must(err)
	return p
}

// say keeps a row as intake does and returns its decision id. The ask is the
// one now open at the step.
func (w *world) say(step, person, action string, values map[string]any) string {
	w.t.Helper()
	o := w.open(step)
	return w.sayTo(o.Token, person, action, values)
}

func (w *world) sayTo(token, person, action string, values map[string]any) string {
	w.t.Helper()
	w.rows++
	kind := port.InboxClick
	if len(values) > 0 {
		kind = port.InboxSubmit
	}
	row := port.InboxRow{
		DecisionID: fmt.Sprintf("decision-%d", w.rows), DeliveryKey: fmt.Sprintf("delivery-%d", w.rows), Kind: kind, Token: token, Run: w.run.ID,
		Action: action, Person: person, Origin: port.Origin{Door: "slack", Team: "T0HOME", User: "U0" + strings.ToUpper(person), Channel: "D1"}, ReceivedAt: w.clock(),
	}
	if token == "" {
		row.Kind = port.InboxCommand
	}
	if values != nil {
		row.Values, _ = json.Marshal(values)
	}
	stored, _, err := w.ledger.Put(w.t.Context(), row)
	w.must(err)
	return stored.DecisionID
}

func (w *world) open(step string) *port.OpenStep {
	w.t.Helper()
	o := w.state.FindOpen(step, "")
	if o == nil {
		w.t.Fatalf("step %s is not open; parked %q, outcome %q", step, w.state.Parked, w.state.Outcome)
	}
	return o
}
