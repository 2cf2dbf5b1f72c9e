package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func vacate(o *org.Organisation, roles ...string) {
	for i := range o.Roles {
		for _, r := range roles {
			if o.Roles[i].ID == r {
				o.Roles[i].Holder, o.Roles[i].Deputies, o.Roles[i].Fallback = "", nil, ""
			}
		}
	}
}

// TestNobodyToAskParks: a step that nobody can be asked parks the run, which
// says so, can still be cancelled, and goes on when the file is mended.
func TestNobodyToAskParks(t *testing.T) {
	t.Parallel()
	for name, playbook := range map[string]string{"form": asking, "approval": either} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, playbook)
			mended := w.org
			w.organisation(func(o *org.Organisation) { vacate(o, "ai-ethics-officer", "explainability-lead", "aims-manager") })
			w.advance()
			if !strings.Contains(w.state.Parked, "nobody") {
				t.Fatalf("parked: %q", w.state.Parked)
			}
			row, err := w.ledger.Run(t.Context(), w.run.ID)
			w.must(err)
			if len(row.View.Waiting) != 1 {
				t.Errorf("waiting: %+v", row.View.Waiting)
			}
			w.pass(time.Minute)
			w.organisation(func(o *org.Organisation) { *o = mended })
			w.advance()
			if w.state.Parked != "" || len(w.state.Open) != 1 {
				t.Errorf("parked %q with %d open", w.state.Parked, len(w.state.Open))
			}
		})
	}
}

func TestParkedRunCanBeCancelled(t *testing.T) {
	w := newWorld(t, asking)
	w.organisation(func(o *org.Organisation) { vacate(o, "explainability-lead", "aims-manager") })
	w.advance()
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
	if w.state.Outcome != "cancelled" || w.state.Parked != "" {
		t.Errorf("outcome %q, parked %q", w.state.Outcome, w.state.Parked)
	}
	w.settle()
}

// TestAdvanceRepeatedLater: the process died after the commit, and the repeat
// comes at another time, to another roster: what was asked stands.
func TestAdvanceRepeatedLater(t *testing.T) {
	w := newWorld(t, signOff)
	w.advance()
	w.say("scope", "olive", "answer", map[string]any{"purpose": "Ranks applications"})
	w.judgeOnly()
	before := w.state
	w.advance()
	w.state = before
	w.pass(8 * 24 * time.Hour)
	w.holder("ai-ethics-officer", "ron")
	w.advance()
	o := w.open("decide")
	asks, err := w.ledger.AsksOf(t.Context(), w.run.ID)
	w.must(err)
	ask := asks[slices.IndexFunc(asks, func(a port.Ask) bool { return a.Step == "decide" })]
	if len(asks) != 2 || ask.Token != o.Token {
		t.Fatalf("%d asks, token %s and %s", len(asks), ask.Token, o.Token)
	}
	if o.Digest != ask.Body.Digest {
		t.Errorf("the run thinks %s was shown, the message shows %s", o.Digest, ask.Body.Digest)
	}
	if !o.Due.Equal(ask.Body.Due) || !o.OpenedAt.Equal(ask.OpenedAt) {
		t.Errorf("due %s and %s", o.Due, ask.Body.Due)
	}
	w.say("decide", "ron", "approve", nil)
	w.judge()
	w.settle()
	for _, m := range w.messagesTo("U0ETHAN") {
		if len(m.card.Buttons) > 0 {
			t.Error("the first holder's message still has buttons")
		}
	}
	for _, h := range append(w.records("step.closed"), w.records("decision.accepted")...) {
		if h.Step == "decide" && h.Facts["digest"] != ask.Body.Digest {
			t.Errorf("%s names %s", h.Kind, h.Facts["digest"])
		}
	}
}

// TestEvidenceReadsAsPeopleSayIt: labels are evaluated, as in the form.
func TestEvidenceReadsAsPeopleSayIt(t *testing.T) {
	w := answered(t, signOff)
	doc, err := w.ledger.Document(t.Context(), w.open("decide").Digest)
	w.must(err)
	if strings.Contains(string(doc), "${") || !strings.Contains(string(doc), "What is CV screener for?") {
		t.Errorf("evidence: %s", doc)
	}
	for _, m := range w.out.messages {
		for _, f := range append(m.card.Facts, m.card.Fields...) {
			if strings.Contains(f.Label, "${") {
				t.Errorf("%s: %s", m.card.Title, f.Label)
			}
		}
	}
}

// TestEvidenceChanged: the decisions given are void, the old message says so,
// and an overdue decision is not escalated a second time.
func TestEvidenceChanged(t *testing.T) {
	w := newWorld(t, tested)
	w.advance()
	w.finishTask("bias_test", "5b1eli")
	old := w.open("decide").Token
	w.pass(60 * 24 * time.Hour)
	w.tick()
	told := w.titled("U0MAX", "Overdue")
	i := w.issueOf("bias_test")
	i.Evidence = append(i.Evidence, port.EvidenceItem{Kind: "link", Name: "New", URL: "https://example.com/new", By: "5b1eli"})
	w.inspect("bias_test")
	if w.open("decide").Version != 2 {
		t.Fatal("nobody was asked again")
	}
	w.pass(time.Minute)
	w.tick()
	if again := w.titled("U0MAX", "Overdue"); again != told {
		t.Errorf("told %d times, then %d", told, again)
	}
	if missed := w.records("step.missed"); len(missed) != 1 {
		t.Errorf("missed %d times", len(missed))
	}
	id := w.sayTo(old, "ethan", "approve", nil)
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictSuperseded {
		t.Errorf("on the old message: %s", v.Verdict)
	}
}

// TestAdvanceRepeatedElsewhere: the repeat after a crash goes another way than
// the first time; what the first opened is not left open for ever.
func TestAdvanceRepeatedElsewhere(t *testing.T) {
	w := newWorld(t, turning)
	before := w.state
	w.advance()
	if w.state.FindOpen("officer", "") == nil {
		t.Fatal("the officer is not asked")
	}
	w.state = before
	w.pass(time.Second)
	w.holder("ai-ethics-officer", "ron")
	w.advance()
	w.say("manager", "max", "answer", map[string]any{"text": "Fine"})
	w.judge()
	w.settle()
	asks, err := w.ledger.AsksOf(t.Context(), w.run.ID)
	w.must(err)
	for _, a := range asks {
		if a.State == port.AskOpen {
			t.Errorf("the ask of %s is open in an ended run", a.Step)
		}
	}
	if m := w.messagesTo("U0ETHAN"); len(m) != 1 || len(m[0].card.Buttons) != 0 {
		t.Error("its message still has buttons")
	}
	if i := w.issueOf("officer"); i.Category != port.CategoryDone {
		t.Error("its issue is open")
	}
}
