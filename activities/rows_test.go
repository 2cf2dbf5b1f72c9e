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

// dimensional asks the same of each entry of a list, then of what came out of it.
const dimensional = `playbook: dimensional
title: Dimensional
subject: system
data: {dimensions: [{id: fairness, title: Fairness}, {id: safety, title: Physical safety}]}
steps:
  - id: impacts
    form:
      ask: ${system.owner}
      title: Impacts
      each: data.dimensions
      as: dimension
      questions:
        - {id: sev, text: 'How bad is ${dimension.title}?', type: int, min: 0, max: 5}
        - {id: why, text: Why, type: text, optional: true}
  - id: worst
    set:
      high: '${steps.impacts.rows.filter(r, r.sev >= 4)}'
      names: '${steps.impacts.rows.filter(r, r.sev >= 4).map(r, r.item.title)}'
  - id: plan
    form:
      ask: ${system.owner}
      title: Plan
      each: steps.worst.high
      as: risk
      questions:
        - {id: measure, text: 'What is done about ${risk.item.title}?', type: text}
  - id: decide
    approval: {about: [impacts, worst, plan], need: [{role: ai-ethics-officer}], changes: impacts}
`

func (w *world) impacts(fairness, safety int) {
	w.t.Helper()
	w.say("impacts", "olive", "answer", map[string]any{"r1.sev": fairness, "r2.sev": safety, "r2.why": "Because"})
	w.judge()
}

// TestRows: a form goes through a list as one ask, and what is answered are
// rows; the next form goes through some of them.
func TestRows(t *testing.T) {
	w := newWorld(t, dimensional)
	w.advance()
	ask := w.ask("impacts")
	var got []string
	for _, q := range ask.Body.Questions {
		got = append(got, q.ID.V+"|"+q.Heading+"|"+q.Text.V)
	}
	want := []string{"r1.sev|Fairness|How bad is Fairness?", "r1.why||Why", "r2.sev|Physical safety|How bad is Physical safety?", "r2.why||Why"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	w.impacts(1, 4)
	rows, _ := w.state.FindDone("impacts", "").Fields["rows"].([]any)
	wantRows := []any{
		map[string]any{"item": map[string]any{"id": "fairness", "title": "Fairness"}, "sev": 1.0},
		map[string]any{"item": map[string]any{"id": "safety", "title": "Physical safety"}, "sev": 4.0, "why": "Because"},
	}
	if diff := cmp.Diff(wantRows, rows); diff != "" {
		t.Error(diff)
	}
	if q := w.ask("plan").Body.Questions; len(q) != 1 || q[0].Text.V != "What is done about Physical safety?" {
		t.Errorf("the plan asks %+v", q)
	}
	w.say("plan", "olive", "answer", map[string]any{"r1.measure": "Guard rails"})
	w.judge()
	facts := w.card("decide").Facts
	if len(facts) < 2 || facts[1].Label != "Physical safety" || facts[1].Value != "How bad is Physical safety? 4\nWhy: Because" {
		t.Errorf("who decides is shown %+v", facts)
	}
}

// TestRowsAgain: in a later round each entry is filled with its own answers,
// whatever place it has now.
func TestRowsAgain(t *testing.T) {
	w := newWorld(t, dimensional)
	w.advance()
	w.impacts(4, 5)
	w.say("plan", "olive", "answer", map[string]any{"r1.measure": "Of fairness", "r2.measure": "Of safety"})
	w.judge()
	w.say("decide", "ethan", "changes", map[string]any{"reason": "Fairness is fine"})
	w.judge()
	if diff := cmp.Diff(map[string]any{"r1.sev": 4.0, "r2.sev": 5.0, "r2.why": "Because"}, w.ask("impacts").Body.Prefill); diff != "" {
		t.Error(diff)
	}
	w.impacts(1, 5)
	if diff := cmp.Diff(map[string]any{"r1.measure": "Of safety"}, w.ask("plan").Body.Prefill); diff != "" {
		t.Error(diff)
	}
}

// TestRowsOfNothing: with an empty list nobody is asked, and the run goes on.
func TestRowsOfNothing(t *testing.T) {
	w := newWorld(t, dimensional)
	w.advance()
	w.impacts(0, 0)
	w.open("decide")
	if n := len(w.records("step.empty")); n != 1 {
		t.Errorf("%d records say that there was nothing to ask", n)
	}
}

func (w *world) ask(step string) port.Ask {
	w.t.Helper()
	a, err := w.ledger.AskByToken(w.t.Context(), w.open(step).Token)
	w.must(err)
	return a
}

// dated has steps that are due on a day that somebody names.
const dated = `playbook: dated
title: Dated
subject: system
steps:
  - id: convene
    form: {ask: '${system.owner}', title: Convene, questions: [{id: day, text: Day, type: date}, {id: hour, text: Hour, type: datetime}]}
  - id: all
    group:
      - {id: pack, task: {assign: explainability-lead, title: Pack}, due: {before: steps.convene.day, by: 5 working days}}
      - {id: meet, task: {assign: explainability-lead, title: Meet}, due: {at: steps.convene.hour}}
      - {id: same, task: {assign: explainability-lead, title: Same day}, due: {at: steps.convene.day}}
      - {id: minutes, task: {assign: explainability-lead, title: Minutes}, due: {after: steps.convene.day, by: 2 working days}}
`

// TestDueFromADate counts from the answer and not from the opening.
func TestDueFromADate(t *testing.T) {
	w := newWorld(t, dated)
	w.advance()
	w.say("convene", "olive", "answer", map[string]any{"day": "2027-04-09", "hour": "2027-04-09T14:30:00Z"})
	w.judge()
	for step, want := range map[string]string{ // Good Friday 26 March, Easter Monday 29 March; summer time
		"pack": "2027-04-02 21:59:59", "meet": "2027-04-09 14:30:00", "same": "2027-04-09 21:59:59", "minutes": "2027-04-13 21:59:59",
	} {
		if got := w.open(step).Due.UTC().Format(time.DateTime); got != want {
			t.Errorf("%s is due %s, want %s", step, got, want)
		}
	}
}

// opinionFirst asks for an opinion before the form whose author may not decide.
const opinionFirst = `playbook: opinion-first
title: Opinion first
subject: system
steps:
  - id: opinion
    form: {ask: ai-ethics-officer, title: Your opinion, opinion: true, questions: [{id: text, text: Your opinion, type: text, pattern: '[A-Z].*', help: Begin with a capital letter}]}
  - id: scope
    form: {ask: '${system.owner}', title: Scope, questions: [{id: text, text: Scope, type: text}]}
  - id: decide
    approval: {about: [opinion, scope], need: [{role: ai-ethics-officer}]}
`

// TestOpinionIsNoAuthorship: who gave an opinion may decide; and it is said
// that it is no vote.
func TestOpinionIsNoAuthorship(t *testing.T) {
	w := newWorld(t, opinionFirst)
	w.advance()
	if f := w.card("opinion").Footer; !strings.Contains(f, "It is not a vote.") {
		t.Errorf("the message ends %q", f)
	}
	id := w.say("opinion", "ethan", "answer", map[string]any{"text": "fine"})
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused || !strings.Contains(v.Reason, "Begin with a capital letter") {
		t.Errorf("%s: %s", v.Verdict, v.Reason)
	}
	w.say("opinion", "ethan", "answer", map[string]any{"text": "Fine"})
	w.judge()
	w.say("scope", "olive", "answer", map[string]any{"text": "S"})
	w.judge()
	w.say("decide", "ethan", "approve", nil)
	w.judge()
	if w.state.Outcome != "approved" {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// checked has checks on answers: one over another answer, one over time, one on
// people, and one in a form that goes through a list.
const checked = `playbook: checked
title: Checked
subject: system
data: {parts: [{id: model, title: Model}, {id: data, title: Data}]}
steps:
  - id: triage
    form:
      ask: ${system.owner}
      title: Triage
      questions:
        - {id: began, text: Began, type: datetime, check: {when: answers.began <= now, say: Not in the future}}
        - {id: low, text: Lowest, type: int}
        - {id: high, text: Highest, type: int, check: {when: answers.low <= answers.high, say: 'Not below ${answers.low}'}}
        - {id: lead, text: Lead, type: person, never: ['${system.developers}', ai-ethics-officer]}
  - id: parts
    form:
      ask: ${system.owner}
      title: Parts
      each: data.parts
      questions:
        - {id: sev, text: Severity, type: int, check: {when: 'answers.sev <= steps.triage.high', say: '${item.title} is above ${steps.triage.high}'}}
`

// TestChecksOnAnswers: what a playbook checks is refused in its words, by the
// window and again by the run.
func TestChecksOnAnswers(t *testing.T) {
	w := newWorld(t, checked)
	w.advance()
	bad := map[string]any{"began": "2027-03-01T10:00:00Z", "low": 3, "high": 2, "lead": "dev"}
	want := map[string]string{
		"began": "Not in the future", "high": "Not below 3",
		"lead": "Dev Dutta may not be named here: the playbook excludes them, so that nobody sees to their own work. Choose somebody else.",
	}
	got, err := w.acts.CheckAnswers(t.Context(), w.ask("triage"), through(t, bad))
	w.must(err)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	id := w.say("triage", "olive", "answer", bad)
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused || v.Reason != "Please answer again: “Began”: Not in the future “Highest”: Not below 3 “Lead”: "+want["lead"] {
		t.Errorf("%s: %s", v.Verdict, v.Reason)
	}
	w.say("triage", "olive", "answer", map[string]any{"began": "2027-03-01T09:00:00Z", "low": 3, "high": 3, "lead": "val"})
	w.judge()
	if got, err = w.acts.CheckAnswers(t.Context(), w.ask("parts"), map[string]any{"r1.sev": int64(3), "r2.sev": int64(4)}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"r2.sev": "Data is above 3"}, got); diff != "" {
		t.Error(diff)
	}
}

// patterned is decided by a pattern of the rules, by what was answered.
const patterned = `playbook: patterned
title: Patterned
subject: system
steps:
  - id: scope
    form: {ask: '${system.owner}', title: Scope, questions: [{id: level, text: Level, type: int}, {id: known, text: Known since, type: datetime}]}
  - id: report
    task: {assign: explainability-lead, title: 'Report within ${rule("gdpr-33-1")} hours', wait: false}
    due: {rule: gdpr-33-1, from: steps.scope.known}
  - id: decide
    approval:
      about: [scope]
      pattern: [{when: steps.scope.level > 3, value: P-cro}, {else: P-one}]
`

// TestPatternAndRule: who decides and by when comes from the rules, and the run
// keeps those it began with.
func TestPatternAndRule(t *testing.T) {
	t.Parallel()
	for level, want := range map[int]string{5: "ai-ethics-officer chief-risk-officer", 1: "ai-ethics-officer"} {
		t.Run(want, func(t *testing.T) {
			w := newWorld(t, patterned)
			w.advance()
			w.say("scope", "olive", "answer", map[string]any{"level": level, "known": "2027-03-01T08:30:00Z"})
			w.judge()
			var lines []string
			for _, l := range w.open("decide").Lines {
				lines = append(lines, l.Name)
			}
			if got := strings.Join(lines, " "); got != want {
				t.Errorf("decided by %s, want %s", got, want)
			}
			report := w.open("report")
			if got := report.Due.UTC().Format(time.DateTime); got != "2027-03-04 08:30:00" || report.Title != "Report within 72 hours" {
				t.Errorf("%q is due %s", report.Title, got)
			}
		})
	}
}

// TestOfTheOrganisation: what there is in the organisation is offered as a
// choice, and only that can be answered.
func TestOfTheOrganisation(t *testing.T) {
	w := newWorld(t, `playbook: linked
title: Linked
subject: system
steps:
  - id: links
    form: {ask: '${system.owner}', title: Links, questions: [{id: other, text: Other system, type: system, optional: true}, {id: all, text: Touched, type: systems}]}
`)
	w.organisation(func(o *org.Organisation) {
		o.Systems = append(o.Systems, org.System{ID: "chat-bot", Name: "Chat bot", Owner: "olive"})
	})
	w.advance()
	q := w.ask("links").Body.Questions
	if q[0].Type.V != "choice" || q[1].Type.V != "choices" || q[1].Options[1].Label.V != "Chat bot" {
		t.Fatalf("%+v", q)
	}
	id := w.say("links", "olive", "answer", map[string]any{"all": []string{"chat-bot", "gone"}})
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused {
		t.Errorf("%s %s", v.Verdict, v.Reason)
	}
	w.say("links", "olive", "answer", map[string]any{"all": []string{"chat-bot"}})
	w.judge()
	if got := w.state.FindDone("links", "").Fields["all"]; !cmp.Equal(got, []any{"chat-bot"}) {
		t.Errorf("%v", got)
	}
}

// reported is started with values of its own.
const reported = `playbook: reported
title: Reported
subject: system
input:
  channel: {type: choice, options: {alert: Alert, person: Person}}
  count: {type: int, min: 1}
  tags: {type: choices, options: {new: New, old: Old}, optional: true}
steps:
  - id: facts
    set: {first: '${run.input.channel == "alert" && run.input.count > 1}', tags: '${has(run.input.tags) ? run.input.tags : []}'}
  - id: look
    form: {ask: '${system.owner}', title: 'Looked at by ${run.input.channel}', questions: [{id: text, text: What, type: text}]}
`

// TestInput: what a run is started with is checked before it starts, and read
// with its type.
func TestInput(t *testing.T) {
	w := newWorldWith(t, reported, map[string]string{"channel": "alert", "count": "3", "tags": "old,new"})
	w.advance()
	if got := w.state.FindDone("facts", "").Fields; got["first"] != true || !cmp.Equal(got["tags"], []any{"new", "old"}) {
		t.Errorf("%v", got)
	}
	for want, input := range map[string]map[string]string{
		"`count`: It is missing. `who` is nothing that reported is started with. Start reported with channel=alert|person count=INT [tags=new|old].":                {"channel": "alert", "who": "me"},
		"`channel`: Choose one of the options shown. `count`: Write a whole number, at least 1. Start reported with channel=alert|person count=INT [tags=new|old].": {"channel": "x", "count": "0"},
	} {
		_, _, err := w.acts.Start(t.Context(), activities.StartRequest{Playbook: "reported", Subject: "cv-screener", By: "max", Door: "cli", Input: input})
		if err == nil || err.Error() != want {
			t.Errorf("%v\nwant %s", err, want)
		}
	}
}

// TestQuestionWhen: a question is asked only where its condition holds, for each
// entry by itself, and need not be answered elsewhere.
func TestQuestionWhen(t *testing.T) {
	w := newWorld(t, `playbook: whens
title: Whens
subject: system
data: {parts: [{id: model, title: Model, hard: true}, {id: data, title: Data, hard: false}]}
steps:
  - id: first
    form: {ask: '${system.owner}', title: First, questions: [{id: count, text: Count, type: int}]}
  - id: parts
    form:
      ask: ${system.owner}
      title: Parts
      each: data.parts
      as: part
      questions:
        - {id: risk, text: 'Risk of ${part.title}', type: text, when: part.hard || steps.first.count > 5}
        - {id: who, text: 'Who sees to ${part.title}', type: text}
  - id: seen
    set: {risks: '${steps.parts.rows.filter(r, has(r.risk)).size()}'}
`)
	w.advance()
	w.say("first", "olive", "answer", map[string]any{"count": 1})
	w.judge()
	var ids []string
	for _, q := range w.ask("parts").Body.Questions {
		ids = append(ids, q.ID.V+"|"+q.Heading)
	}
	if got := strings.Join(ids, " "); got != "r1.risk|Model r1.who| r2.who|Data" {
		t.Errorf("asked %s", got)
	}
	w.say("parts", "olive", "answer", map[string]any{"r1.risk": "High", "r1.who": "A", "r2.who": "B"})
	w.judge()
	if got := w.state.FindDone("seen", ""); got == nil || got.Fields["risks"] != 1.0 {
		t.Errorf("%+v, parked %q", got, w.state.Parked)
	}
}
