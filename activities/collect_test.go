package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// looking collects what other runs of another playbook did.
const looking = `playbook: looking
title: Looking
subject: system
steps:
  - id: facts
    collect:
      earlier: {from: runs, subject: '${system}', since: 180 days}
      last: {from: runs, playbook: earlier, outcome: approved_with_conditions, last: true}
      said: {from: decisions, playbook: [earlier, other], where: 'item.conditions > 0'}
      conditions: {from: conditions, subject: '${system.id}', where: '!item.passed'}
      tasks: {from: tasks, open: true}
      changes: {from: changes, where: 'item.kind == "register" && item.field == "tier"'}
      systems: {from: systems, where: 'item.id == system.id'}
      gaps: {from: gaps}
  - id: count
    set:
      runs: ${steps.facts.earlier.count}
      text: ${steps.facts.conditions.items.map(c, c.text)}
      owner: ${steps.facts.conditions.items[0].owner}
  - id: decide
    approval: {about: [facts], need: [{role: ai-ethics-officer}]}
`

const earlierRun = `playbook: earlier
title: Earlier
subject: system
steps:
  - id: work
    task: {assign: ai-ethics-officer, title: Do the work, wait: false}
    due: 2 days
  - id: decide
    approval: {need: [{role: ai-ethics-officer}]}
`

// next starts a run of another playbook after the present one.
func (w *world) next(playbook string) {
	w.t.Helper()
	w.def = w.define(playbook)
	w.shelf.defs[w.def.Playbook.Name.V] = w.def
	var err error
	w.run, _, err = w.acts.Start(w.t.Context(), activities.StartRequest{Playbook: w.def.Playbook.Name.V, Subject: "cv-screener", By: "max", Door: "slack"})
	w.must(err)
	w.state = port.RunState{Schema: port.StateSchema, Round: 1, Run: port.RunInfo{
		ID: w.run.ID, WorkflowID: w.run.WorkflowID, Playbook: w.run.Playbook, SubjectID: w.run.SubjectID, By: w.run.By, StartedAt: w.run.StartedAt,
	}}
	w.rows = 0
}

// found is what the step of the run has collected under a name.
func (w *world) found(name string) (items []map[string]any, rest map[string]any) {
	w.t.Helper()
	rest, ok := w.done("facts").Fields[name].(map[string]any)
	if !ok {
		w.t.Fatalf("nothing is called %s", name)
	}
	for _, i := range rest["items"].([]any) {
		items = append(items, i.(map[string]any))
	}
	return items, rest
}

// afterEarlier is a world in which a run of `earlier` was approved with a
// condition, its task left behind, and a run of the playbook given has advanced.
func afterEarlier(t *testing.T, playbook string) *world {
	t.Helper()
	w := newWorld(t, earlierRun)
	w.advance()
	w.say("decide", "ethan", "conditions", map[string]any{"c1_text": "Test it again", "c1_owner": "olive", "c1_due": "2027-05-03"})
	w.judge()
	if w.state.Outcome != port.OutcomeApprovedWith {
		t.Fatalf("the earlier run: %+v", w.state)
	}
	w.pass(3 * 24 * time.Hour)
	w.next(playbook)
	w.advance()
	return w
}

// TestCollect: what other runs did is found, chosen, and kept with its source and
// time; expressions and the people who decide read it.
func TestCollect(t *testing.T) {
	w := afterEarlier(t, looking)
	earlier, rest := w.found("earlier")
	at := monday.Add(3 * 24 * time.Hour).Format(time.RFC3339)
	if len(earlier) != 1 || earlier[0]["outcome"] != port.OutcomeApprovedWith || earlier[0]["open"] != false || rest["count"] != 1.0 || rest["at"] != at || rest["source"] != "the ledger" {
		t.Errorf("earlier: %v", rest)
	}
	for _, name := range []string{"last", "said", "conditions", "tasks", "systems"} {
		if items, rest := w.found(name); len(items) != 1 {
			t.Errorf("%s: %v", name, rest)
		}
	}
	for _, name := range []string{"changes", "gaps"} {
		if items, rest := w.found(name); len(items) != 0 || rest["count"] != 0.0 || rest["missing"] != nil {
			t.Errorf("%s: %v", name, rest)
		}
	}
	if tasks, _ := w.found("tasks"); tasks[0]["title"] != "Do the work" || tasks[0]["state"] != "left" || tasks[0]["issue"] == "" {
		t.Errorf("tasks: %v", tasks)
	}
	if f := w.done("count").Fields; f["runs"] != 1.0 || f["owner"] != "olive" || len(f["text"].([]any)) != 1 {
		t.Errorf("what expressions read: %v", f)
	}
	doc, err := w.ledger.Document(t.Context(), w.open("decide").Digest)
	w.must(err)
	for _, want := range []string{"1 found, from the ledger, as of Thu 4 Mar 2027, 10:00 (Europe/", "- Test it again, earlier, cv-screener, Olive Owens, due 2027-05-03"} {
		if !strings.Contains(string(doc), want) {
			t.Errorf("the evidence does not say %q:\n%s", want, doc)
		}
	}
	if records := w.records("facts.collected"); len(records) != 1 {
		t.Errorf("records: %+v", records)
	}
}

// TestCollectOnce: a try that dies after its commit is repeated when more has
// happened. What was found first stands.
func TestCollectOnce(t *testing.T) {
	w := newWorld(t, strings.Replace(strings.Replace(looking, "      owner: ${steps.facts.conditions.items[0].owner}\n", "", 1), "where: 'item.id == system.id'", "where: 'item.id != \"\"'", 1))
	first, err := w.acts.Advance(t.Context(), w.request())
	w.must(err)
	w.organisation(func(o *org.Organisation) { o.Systems = o.Systems[:1] })
	w.pass(time.Hour)
	w.advance()
	got := w.state.FindDone("facts", "").Fields
	if diff := cmp.Diff(through(t, first).Done[0].Fields, got); diff != "" {
		t.Errorf("the repetition found something else (-first +again):\n%s", diff)
	}
	if len(w.records("facts.collected")) != 1 {
		t.Error("recorded twice")
	}
}

// TestCollectLong: what does not fit into a run is told, and the document has it all.
func TestCollectLong(t *testing.T) {
	w := newWorld(t, `playbook: long
title: Long
subject: system
steps:
  - id: facts
    collect:
      changes: {from: changes}
      drawn: {from: changes, sample: {size: 4, seed: 7}}
      newest: {from: changes, last: 2}
`)
	for i := range 230 {
		w.pass(time.Minute)
		w.organisation(func(o *org.Organisation) { o.Profile.Name = "Version " + strings.Repeat("x", i+1) })
	}
	w.advance()
	items, rest := w.found("changes")
	if len(items) != 200 || rest["count"] != 231.0 || rest["missing"] != "only the first 200 are here: 31 more are in the document of the record" {
		t.Errorf("%d kept, %v", len(items), rest["missing"])
	}
	if drawn, rest := w.found("drawn"); len(drawn) != 4 || rest["count"] != 231.0 || rest["missing"] != nil {
		t.Errorf("drawn: %v", rest)
	}
	if newest, _ := w.found("newest"); len(newest) != 2 || newest[0]["id"] != "organisation/231" {
		t.Errorf("newest: %v", newest)
	}
	w.settle()
	if n := w.titled("C0AUDIT", "Too long: Facts"); n != 1 {
		t.Errorf("the audit channel was told %d times", n)
	}
	record := w.records("facts.collected")[0]
	doc, err := w.ledger.Document(t.Context(), record.Facts["digest"])
	w.must(err)
	if n := strings.Count(string(doc), `"Version `); n < 231 {
		t.Errorf("the document has %d of 231", n)
	}
}

// incidentsOf collects the incidents of a system of the last half year.
const incidentsOf = `playbook: incidents-of
title: Incidents of
subject: system
steps:
  - id: facts
    collect:
      cases: {from: incidents, subject: '${system}', since: 180 days}
  - id: seen
    set: {ids: '${steps.facts.cases.items.map(c, c.id)}'}
  - id: decide
    approval: {about: [facts], need: [{role: ai-ethics-officer}]}
`

// TestIncidentsSince: incidents are chosen by their system and by when they were
// known; one that is open, or without a date, is never too old.
func TestIncidentsSince(t *testing.T) {
	w := newWorld(t, incidentsOf)
	w.acts.Given = func(_, _ string) (items []map[string]any, given bool) {
		for _, c := range [][4]string{
			{"new", "cv-screener", "2027-01-10T00:00:00Z", "closed"},
			{"old", "cv-screener", "2025-01-10T00:00:00Z", "closed"},
			{"old-open", "cv-screener", "2025-01-10T00:00:00Z", "open"},
			{"other", "ranker", "2027-01-10T00:00:00Z", "open"},
			{"undated", "cv-screener", "", "closed"},
		} {
			items = append(items, map[string]any{"id": c[0], "system": map[string]any{"id": c[1]}, "aware_at": c[2], "state": c[3]})
		}
		return items, true
	}
	w.advance()
	if diff := cmp.Diff([]any{"new", "old-open", "undated"}, w.done("seen").Fields["ids"]); diff != "" {
		t.Error(diff)
	}
}
