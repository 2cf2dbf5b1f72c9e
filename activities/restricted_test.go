package activities_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// concern becomes a restricted run by an answer, while a committee is asked in
// its channel.
const concern = `playbook: concern
title: Safety concern
subject: system
restricted: steps.intake.confidential
steps:
  - id: both
    group:
      - id: views
        form: {ask: responsible-ai-committee, title: Did anybody see it, questions: [{id: seen, text: Seen, type: yesno}]}
      - id: intake
        form: {ask: ethan, title: What happened, questions: [{id: confidential, text: Confidential, type: yesno}, {id: what, text: What, type: text}], again: true}
      - id: fix
        task: {assign: '${system.owner}', title: Stop the screener, checklist: [Switch it off], evidence: required}
  - id: tell
    notify: {to: responsible-ai-committee, text: 'It was ${steps.intake.what}'}
  - id: decide
    approval: {about: [intake], need: [{committee: responsible-ai-committee, votes: 2}, {role: chief-risk-officer}]}
`

// leaks are the places outside where words can be read by those who take no part.
func (w *world) leaks(text string) (out []string) {
	for _, m := range w.out.messages {
		b, _ := json.Marshal(m.card)
		if m.channel != "" && m.user == "" && strings.Contains(string(b), text) {
			out = append(out, "channel: "+string(b))
		}
	}
	for _, i := range w.out.issues {
		if all := fmt.Sprint(i.Summary, i.issue.Description, i.comments); strings.Contains(all, text) {
			out = append(out, "issue: "+all)
		}
	}
	return out
}

func (w *world) leaksNothing() {
	w.t.Helper()
	for _, text := range []string{"CV screener", "Safety concern", "What happened", "Did anybody", "screener", "Switch it off", "smoke"} {
		for _, l := range w.leaks(text) {
			w.t.Errorf("%q is in %s", text, l)
		}
	}
}

// TestRestricted: from the answer on, channels and Jira hold nothing of it, not
// even what was there before; the members are asked each by themselves.
func TestRestricted(t *testing.T) {
	w := newWorld(t, concern)
	w.advance()
	if len(w.leaks("Safety concern")) == 0 || len(w.leaks("Did anybody")) == 0 {
		t.Fatal("before the answer nothing was shown that could leak")
	}
	w.say("intake", "ethan", "answer", map[string]any{"confidential": true, "what": "smoke"})
	w.judgeOnly()
	w.perform()
	w.leaksNothing() // before the next step is reached
	w.advance()
	w.settle()
	if !w.state.Restricted {
		t.Fatal("the run is not restricted")
	}
	w.leaksNothing()
	row, err := w.ledger.Run(t.Context(), w.run.ID)
	w.must(err)
	if !row.Restricted() || !row.Knows("cora") || !row.Knows("max") || row.Knows("tess") || row.Veiled().Subject != "restricted" {
		t.Errorf("participants %v", row.View.Participants)
	}
	w.say("views", "cleo", "answer", map[string]any{"seen": true})
	w.judge()
	// Once restricted it stays so.
	i := slices.IndexFunc(w.state.Done, func(d port.StepResult) bool { return d.Step == "intake" })
	w.sayTo(w.state.Done[i].Token, "ethan", "answer", map[string]any{"confidential": false, "what": "smoke"})
	w.judge()
	if !w.state.Restricted {
		t.Error("a changed answer made it public")
	}
	w.finishTask("fix", "5b1olive")
	if n := w.titled("U0CLEO", "Tell"); n != 1 {
		t.Errorf("a member was told %d times", n)
	}
	w.say("decide", "ron", "approve", nil)
	w.say("decide", "carl", "approve", nil)
	w.say("decide", "cyra", "conditions", map[string]any{"c1_text": "No more smoke", "c1_owner": "val", "c1_due": "2027-03-20"})
	w.judge()
	w.settle()
	if w.state.Outcome != "approved_with_conditions" || w.titled("U0VAL", "Condition: No more smoke") != 1 {
		t.Errorf("outcome %q", w.state.Outcome)
	}
	w.leaksNothing()
	if n := len(w.records("run.restricted")); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestRestrictedFromTheStart: nothing is ever shown.
func TestRestrictedFromTheStart(t *testing.T) {
	w := newWorld(t, strings.Replace(concern, "restricted: steps.intake.confidential", "restricted: true", 1))
	if row, err := w.ledger.Run(t.Context(), w.run.ID); err != nil || !row.Restricted() {
		t.Errorf("before its first step it shows itself: %v", err)
	}
	w.advance()
	w.settle()
	w.leaksNothing()
	if n := w.titled("C0AUDIT", "A restricted run was started"); n != 1 {
		t.Errorf("the audit channel was told %d times", n)
	}
	for _, e := range w.effects() {
		if e.Kind == port.EffectEdit || e.Kind == port.EffectUpdate {
			t.Errorf("%s %s had to be taken back", e.Kind, e.Purpose)
		}
	}
}

// TestRestrictedAlternates: who comes to sit because a member stepped back is asked
// too, and the member could say so in the message to them alone.
func TestRestrictedAlternates(t *testing.T) {
	w := newWorld(t, `playbook: few
title: Few
subject: system
restricted: true
steps:
  - id: intake
    form: {ask: ethan, title: Intake, questions: [{id: what, text: What, type: text}]}
  - id: decide
    approval: {about: [intake], need: [{committee: responsible-ai-committee, votes: 2}]}
`)
	w.organisation(func(o *org.Organisation) {
		c := &o.Committees[0]
		c.Members, c.Alternates, c.Chair = []string{"carl", "cora"}, []string{"val"}, "cora"
	})
	w.advance()
	w.say("intake", "ethan", "answer", map[string]any{"what": "smoke"})
	w.judge()
	if n := w.titled("U0VAL", "Decide"); n != 0 {
		t.Fatalf("an alternate was asked %d times while enough members sit", n)
	}
	ask := w.messagesTo("U0CARL")[0].card
	if !slices.ContainsFunc(ask.Buttons, func(b port.Button) bool { return b.Action == port.ActionRecuse }) {
		t.Fatalf("buttons %+v", ask.Buttons)
	}
	w.say("decide", "carl", "recuse", map[string]any{"reason": "My friend"})
	w.judge()
	if n := w.titled("U0VAL", "Decide"); n != 1 {
		t.Fatalf("the alternate was asked %d times", n)
	}
	w.say("decide", "val", "approve", nil)
	w.say("decide", "cora", "approve", nil)
	w.judge()
	if w.state.Outcome != "approved" {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}

// TestRestrictedRepeated: a try that is repeated after a crash, its result unknown,
// says and takes back everything once.
func TestRestrictedRepeated(t *testing.T) {
	w := newWorld(t, concern)
	w.advance()
	w.say("intake", "ethan", "answer", map[string]any{"confidential": true, "what": "smoke"})
	_, err := w.acts.Judge(t.Context(), w.request()) // and its process dies
	w.must(err)
	w.pass(time.Second)
	w.judgeOnly()
	_, err = w.acts.Advance(t.Context(), w.request())
	w.must(err)
	w.pass(time.Second)
	w.advance()
	w.settle()
	w.leaksNothing()
	for _, who := range []string{"U0CLEO", "U0CORA"} {
		if n := w.titled(who, "Did anybody see it"); n != 1 {
			t.Errorf("%s was asked %d times", who, n)
		}
	}
	if n := len(w.records("run.restricted")); n != 1 {
		t.Errorf("%d records", n)
	}
}

// TestRestrictedCollected: what another run finds of a restricted one counts, and
// says nothing of what it is about where people read it.
func TestRestrictedCollected(t *testing.T) {
	w := newWorld(t, concern)
	w.advance()
	w.say("intake", "ethan", "answer", map[string]any{"confidential": true, "what": "smoke"})
	w.judge()
	w.next(`playbook: summary
title: Summary
subject: system
steps:
  - id: facts
    collect:
      open_runs: {from: runs, playbook: concern, open: true}
      open_tasks: {from: tasks, open: true}
  - id: tell
    notify: {to: responsible-ai-committee, text: '${steps.facts.open_tasks.count} open, ${steps.facts.open_tasks.items.map(i, i.title)}', about: [facts]}
`)
	w.advance()
	w.settle()
	for _, m := range w.messagesTo("C0RAIC") {
		if m.card.Title != "Tell" {
			continue
		}
		b, _ := json.Marshal([]any{m.card.Lines, m.card.Facts})
		for _, text := range []string{"Stop the screener", "smoke", "Olive", "Max Mayer", "concern"} {
			if strings.Contains(string(b), text) {
				t.Errorf("%q is shown in the channel: %s", text, b)
			}
		}
		if !strings.Contains(string(b), "1 open") || !strings.Contains(string(b), "- a restricted run, open") {
			t.Errorf("it does not count: %s", b)
		}
	}
	if w.titled("C0RAIC", "Tell") != 1 {
		t.Error("the committee was not told")
	}
}
