package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// handedOver is asked of the owner, then done by a role, then decided.
const handedOver = `playbook: handed-over
title: Handed over
subject: system
steps:
  - id: scope
    form: {ask: '${system.owner}', title: Scope, questions: [{id: text, text: 'What?', type: text}]}
  - id: work
    task: {assign: explainability-lead, title: Work}
  - id: decide
    approval: {about: [scope], need: [{role: ai-ethics-officer}]}
`

// tell brings a changed organisation in force and tells the open runs, as the bot
// does when the file has changed.
func (w *world) tell(change func(o *org.Organisation)) {
	w.t.Helper()
	w.pass(time.Minute)
	w.organisation(change)
	w.must(w.acts.TellRuns(w.t.Context(), w.org))
	w.judge()
}

// TestMovesOn: what is open moves on to the new owner and the new holder of a
// role, and he who was asked before is refused. Being told twice changes nothing.
func TestMovesOn(t *testing.T) {
	w := newWorld(t, handedOver)
	w.advance()
	w.tell(func(o *org.Organisation) { o.Systems[0].Owner = "tess" })
	if n := w.titled("U0TESS", "Scope"); n != 1 {
		t.Fatalf("the new owner has %d messages", n)
	}
	w.must(w.acts.TellRuns(t.Context(), w.org))
	w.judge()
	if n := w.titled("U0TESS", "Scope"); n != 1 {
		t.Errorf("told again, the new owner has %d messages", n)
	}
	id := w.say("scope", "olive", "answer", map[string]any{"text": "Mine"})
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused || !strings.Contains(v.Reason, "You are not asked here") {
		t.Errorf("the old owner: %s %s", v.Verdict, v.Reason)
	}
	if got := w.issueOf("scope").Assignee; got != "5b1tess" {
		t.Errorf("the issue is %s's", got)
	}
	w.say("scope", "tess", "answer", map[string]any{"text": "Ours"})
	w.judge()
	w.tell(func(o *org.Organisation) {
		for i := range o.Roles {
			switch o.Roles[i].ID {
			case "explainability-lead":
				o.Roles[i].Holder, o.Roles[i].Deputies = "", nil
			case "ai-ethics-officer":
				o.Roles[i].Holder = "ron"
			}
		}
	})
	if n := w.titled("U0MAX", "Work"); n != 1 {
		t.Errorf("nobody is left for the task, and the AIMS manager has %d messages", n)
	}
	w.finishTask("work", "5b1max")
	w.tell(func(o *org.Organisation) {
		for i := range o.Roles {
			if o.Roles[i].ID == "ai-ethics-officer" {
				o.Roles[i].Holder = "val"
			}
		}
	})
	if n := w.titled("U0VAL", "Decide"); n != 1 {
		t.Errorf("the new officer has %d messages", n)
	}
	w.say("decide", "val", "approve", nil)
	w.judge()
	if w.state.Outcome != "approved" {
		t.Errorf("outcome %q", w.state.Outcome)
	}
}
