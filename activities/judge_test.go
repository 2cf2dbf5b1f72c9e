package activities_test

import (
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

func answered(t *testing.T, playbook string) *world {
	t.Helper()
	w := newWorld(t, playbook)
	w.advance()
	w.say("scope", "olive", "answer", map[string]any{"purpose": "Ranks applications"})
	w.judge()
	return w
}

// TestDecisions: who may decide, and what is said to those who may not.
func TestDecisions(t *testing.T) {
	t.Parallel()
	reason := map[string]any{"reason": "Because"}
	for name, c := range map[string]struct {
		before  func(w *world)
		person  string
		action  string
		values  map[string]any
		verdict string
		words   string
	}{
		"the holder":            {person: "ethan", action: "approve", verdict: port.VerdictAccepted},
		"a reject":              {person: "ethan", action: "reject", values: reason, verdict: port.VerdictAccepted},
		"a reject, no reason":   {person: "ethan", action: "reject", verdict: port.VerdictRefused, words: "needs a reason"},
		"a condition, no owner": {person: "ethan", action: "conditions", values: map[string]any{"c1_text": "Log it", "c1_due": "2027-05-01"}, verdict: port.VerdictRefused, words: "owner"},
		"no condition":          {person: "ethan", action: "conditions", values: map[string]any{"c1_text": " "}, verdict: port.VerdictRefused, words: "at least one"},
		"a made-up action":      {person: "ethan", action: "approve!", verdict: port.VerdictRefused, words: "choices"},
		"the deputy":            {person: "max", action: "approve", verdict: port.VerdictRefused},
		"the owner":             {person: "olive", action: "approve", verdict: port.VerdictRefused},
		"nobody known":          {action: "approve", verdict: port.VerdictRefused, words: "exactly one person"},
		"a deactivated account": {
			before: func(w *world) { w.out.gone["U0ETHAN"] = "deactivated" },
			person: "ethan", action: "approve", verdict: port.VerdictRefused, words: "deactivated",
		},
		"Slack refuses to say": {
			before: func(w *world) { w.out.fail("account", fault{err: definitely("user_not_found", true)}) },
			person: "ethan", action: "approve", verdict: port.VerdictRefused, words: "could not confirm",
		},
		"the role came too late": {
			before: func(w *world) {
				w.say("decide", "ron", "approve", nil)
				w.pass(time.Second)
				w.holder("ai-ethics-officer", "ron")
			},
			verdict: port.VerdictRefused,
		},
		"the role was lost a second before": {
			before: func(w *world) { w.holder("ai-ethics-officer", "ron"); w.pass(time.Second) },
			person: "ethan", action: "approve", verdict: port.VerdictRefused,
		},
		"the role was lost a second after": {
			before: func(w *world) {
				w.say("decide", "ethan", "approve", nil)
				w.pass(time.Second)
				w.holder("ai-ethics-officer", "ron")
			},
			verdict: port.VerdictRefused,
		},
		"the holder became a developer": {
			before: func(w *world) {
				w.organisation(func(o *org.Organisation) { o.Systems[0].Developers = append(o.Systems[0].Developers, "ethan") })
			},
			person: "ethan", action: "approve", verdict: port.VerdictRefused, words: "develop",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w := answered(t, signOff)
			if c.before != nil {
				c.before(w)
			}
			id := "decision-2"
			if c.action != "" {
				id = w.say("decide", c.person, c.action, c.values)
			}
			w.judge()
			v := w.verdict(id)
			if v.Verdict != c.verdict || !strings.Contains(v.Reason, c.words) {
				t.Errorf("verdict %s (%s), want %s (%s)", v.Verdict, v.Reason, c.verdict, c.words)
			}
			if closed := w.state.FindOpen("decide", "") == nil; closed != (c.verdict == port.VerdictAccepted) {
				t.Errorf("closed: %v", closed)
			}
			if n := len(w.records("decision." + c.verdict)); n == 0 {
				t.Error("the ledger says nothing of it")
			}
		})
	}
}

// TestFirstVerdictStands: a repeated Judge says and leaves the same.
func TestFirstVerdictStands(t *testing.T) {
	w := answered(t, signOff)
	before := w.state
	id := w.say("decide", "ethan", "approve", nil)
	w.judgeOnly()
	first := w.state
	w.out.gone["U0ETHAN"] = "deactivated" // since judged: a repeat must not ask again
	w.state = before
	w.judgeOnly()
	if v := w.verdict(id); v.Verdict != port.VerdictAccepted || w.state.FindOpen("decide", "") != nil {
		t.Errorf("the repeat made %s of it", v.Verdict)
	}
	if len(w.state.Done) != len(first.Done) || len(w.records("step.closed")) != 2 || len(w.records("decision.accepted")) != 2 {
		t.Error("the repeat left something else than the first time")
	}
}

// TestRecordsSayRoleAndRound: after a handover the new holder's decision is
// recorded with the role, and one on a step of round 1 as of round 1.
func TestRecordsSayRoleAndRound(t *testing.T) {
	w := answered(t, signOff)
	w.holder("ai-ethics-officer", "ron")
	w.say("decide", "ron", "approve", nil)
	w.judge()
	all := w.records("decision.accepted")
	if last := all[len(all)-1]; last.Role != "AI Ethics Officer" {
		t.Errorf("recorded as %q: %s", last.Role, last.Content)
	}
}

func TestLateDecisionIsRecordedInItsRound(t *testing.T) {
	w := answered(t, signOff)
	old := w.open("decide").Token
	w.say("decide", "ethan", "changes", map[string]any{"reason": "Say more"})
	w.judge()
	w.sayTo(old, "ethan", "approve", nil)
	w.judge()
	late := w.records("decision.late")
	if len(late) != 1 || late[0].Round != 1 {
		t.Errorf("late decisions: %+v", late)
	}
}

// TestEscalatedFormStillAsksWhoHoldsTheRole: an escalation lets deputies in; it
// does not keep those who have lost the role.
func TestEscalatedFormStillAsksWhoHoldsTheRole(t *testing.T) {
	w := newWorld(t, asking)
	w.advance()
	w.pass(30 * 24 * time.Hour)
	w.tick()
	if n := w.titled("U0VAL", "Your opinion"); n != 1 {
		t.Fatalf("the deputy got %d messages", n)
	}
	w.organisation(func(o *org.Organisation) {
		for i := range o.Roles {
			if o.Roles[i].ID == "explainability-lead" {
				o.Roles[i].Holder, o.Roles[i].Deputies = "ron", []string{"val"}
			}
		}
	})
	w.pass(time.Second)
	gone := w.say("opinion", "eli", "answer", map[string]any{"text": "Fine"})
	w.judge()
	if v := w.verdict(gone); v.Verdict != port.VerdictRefused {
		t.Errorf("who no longer holds the role: %s", v.Verdict)
	}
	deputy := w.say("opinion", "val", "answer", map[string]any{"text": "Fine"})
	w.judge()
	if v := w.verdict(deputy); v.Verdict != port.VerdictAccepted {
		t.Errorf("the deputy: %s %s", v.Verdict, v.Reason)
	}
}

// TestDeputyBeforeEscalation: what a deputy said before the escalation does not
// count because it was judged after it.
func TestDeputyBeforeEscalation(t *testing.T) {
	w := answered(t, strings.Replace(signOff, "ai-ethics-officer", "model-validation-lead", 1))
	id := w.say("decide", "eli", "approve", nil)
	w.pass(30 * 24 * time.Hour)
	w.tick()
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictRefused {
		t.Errorf("verdict %s", v.Verdict)
	}
	id = w.say("decide", "eli", "approve", nil)
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictAccepted {
		t.Errorf("after the escalation: %s %s", v.Verdict, v.Reason)
	}
}

// TestNeverMeansTheRoleItself: a role in `never` shuts out its holder and its
// deputies, and not the AIMS manager who looks after a vacant one.
func TestNeverMeansTheRoleItself(t *testing.T) {
	w := newWorld(t, committeeDecides)
	w.organisation(func(o *org.Organisation) {
		o.Committees[0].Members = append(o.Committees[0].Members, "eli", "val", "max")
		for i := range o.Roles {
			if o.Roles[i].ID == "model-validation-lead" {
				o.Roles[i].Holder, o.Roles[i].Deputies = "", nil
			}
		}
	})
	w.run.By, w.state.Run.By = "tess", "tess"
	w.advance()
	for person, want := range map[string]string{"eli": port.VerdictRefused, "val": port.VerdictRefused, "max": port.VerdictAccepted} {
		id := w.say("decide", person, "approve", nil)
		w.judge()
		if v := w.verdict(id); v.Verdict != want {
			t.Errorf("%s: %s %s", person, v.Verdict, v.Reason)
		}
	}
}

// TestNothingCountsAfterTheCancellation, not even what waits in the same batch.
func TestNothingCountsAfterTheCancellation(t *testing.T) {
	w := answered(t, signOff)
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	id := w.say("decide", "ethan", "approve", nil)
	w.judge()
	if v := w.verdict(id); v.Verdict != port.VerdictLate || w.state.Outcome != "cancelled" {
		t.Errorf("verdict %s, outcome %s", v.Verdict, w.state.Outcome)
	}
}
