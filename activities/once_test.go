package activities_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// TestOnce: whatever becomes of the first call, what people see is there once.
func TestOnce(t *testing.T) {
	t.Parallel()
	forever := definitely("invalid_auth", true)
	for name, c := range map[string]struct {
		call   string
		faults []fault
		look   string // the look outside that must have happened; empty: none may
	}{
		"post, refused for now":      {call: "post", faults: []fault{{err: errLimited}, {err: errLimited}}},
		"post, refused for long":     {call: "post", faults: []fault{{err: forever}, {err: forever}}},
		"post, answer lost, worked":  {call: "post", faults: []fault{{err: errLost, works: true}}, look: "find"},
		"post, answer lost, did not": {call: "post", faults: []fault{{err: errLost}}, look: "find"},
		"issue, refused for now":     {call: "issue", faults: []fault{{err: errLimited}}},
		"issue, lost, worked":        {call: "issue", faults: []fault{{err: errLost, works: true}}, look: "find issues"},
		"issue, lost, did not":       {call: "issue", faults: []fault{{err: errLost}}, look: "find issues"},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, tested)
			w.out.fail(c.call, c.faults...)
			w.advance()
			w.settle()
			if n, m := len(w.messagesTo("U0ELI")), len(w.out.issues); n != 1 || m != 2 {
				t.Errorf("%d messages and %d issues, want 1 and 2", n, m)
			}
			if looked := w.out.count("find") + w.out.count("find issues"); (looked > 0) != (c.look != "") || c.look != "" && w.out.count(c.look) == 0 {
				t.Errorf("looked outside %d times", looked)
			}
			if m := w.messagesTo("U0ELI")[0]; len(m.card.Links) != 1 || !strings.Contains(m.card.Links[0].Label, "GOV-2") {
				t.Errorf("the task's message links %v", m.card.Links)
			}
		})
	}
}

// TestRefusedLookIsNoAnswer: while Slack refuses to say whether the first call
// worked, nothing is posted again.
func TestRefusedLookIsNoAnswer(t *testing.T) {
	w := newWorld(t, asking)
	w.out.fail("find", fault{err: errLimited}, fault{err: definitely("missing_scope", true)}, fault{err: errLost})
	w.out.onCall = func(call string) {
		if call == "post" && w.out.count("post") == 1 { // the first is to the audit channel
			w.out.fail("post", fault{err: errLost, works: true})
		}
	}
	w.advance()
	w.settle()
	if n := len(w.messagesTo("U0ELI")); n != 1 || w.out.count("post") != 2 || w.out.count("find") != 4 {
		t.Errorf("%d messages, %d posts, %d looks", n, w.out.count("post"), w.out.count("find"))
	}
}

// forgetful loses the outcomes it is told to store, as a process does that dies
// between a call and the commit.
type forgetful struct {
	port.Ledger
	lose func(e port.Effect) bool
}

var errDied = errors.New("the process died")

func (f forgetful) Settle(ctx context.Context, e port.Effect, rec *port.Record) error {
	if f.lose(e) {
		return errDied
	}
	return f.Ledger.Settle(ctx, e, rec)
}

// TestDeathAfterTheCall: every effect of a run worked and its outcome was never
// stored; each is found again and none is doubled.
func TestDeathAfterTheCall(t *testing.T) {
	w := newWorld(t, tested)
	var died sync.Map
	w.acts.Ledger = forgetful{w.ledger, func(e port.Effect) bool {
		_, again := died.LoadOrStore(e.Key, true)
		return !again
	}}
	w.apply(w.acts.Advance(t.Context(), w.request()))
	for range 20 {
		if p, err := w.acts.Perform(t.Context(), w.run.ID); err == nil && p.Pending == 0 {
			break
		}
		w.pass(15 * time.Second)
	}
	if n, m := len(w.out.messages), len(w.out.issues); n != 2 || m != 2 {
		t.Errorf("%d messages and %d issues, want 2 of each", n, m)
	}
}

// TestDoublesAreRemoved: of copies found later one stays.
func TestDoublesAreRemoved(t *testing.T) {
	w := newWorld(t, asking)
	w.out.fail("issue", fault{err: errLost, works: true})
	w.out.fail("post", fault{err: errLost, works: true})
	w.advance()
	w.out.messages = append(w.out.messages, &message{key: w.out.messages[0].key, channel: w.out.messages[0].channel, ts: "2000"})
	twin := *w.out.issues[0]
	twin.ID, twin.Key = "77", "GOV-77"
	w.out.issues = append(w.out.issues, &twin)
	w.settle()
	if n := len(w.messagesTo("C0AUDIT")); n != 1 {
		t.Errorf("%d messages stay", n)
	}
	if len(twin.comments) != 1 || !strings.Contains(twin.comments[0].text, "GOV-1") {
		t.Errorf("the twin says %v", twin.comments)
	}
}

// TestPrivateAnswersAreNotRepeated: nobody can look whether one was seen.
func TestPrivateAnswersAreNotRepeated(t *testing.T) {
	w := answered(t, signOff)
	w.out.fail("private", fault{err: errLost, works: true})
	w.say("decide", "tess", "approve", nil)
	w.judge()
	w.settle()
	if len(w.out.privates) != 1 || w.effect("decide", "private").State != port.EffectFailed {
		t.Errorf("%d answers, effect %s", len(w.out.privates), w.effect("decide", "private").State)
	}
}

// slowly holds up the first call of a name, made by a performer of its own,
// until the test lets it go on.
func (w *world) slowly(call string, during func()) {
	w.t.Helper()
	entered, release, done := make(chan struct{}), make(chan struct{}), make(chan struct{})
	first := true
	w.out.onCall = func(name string) {
		w.mu.Lock()
		mine := name == call && first
		first = first && !mine
		w.mu.Unlock()
		if mine {
			close(entered)
			<-release
		}
	}
	go func() {
		defer close(done)
		_, _ = w.acts.PerformSlow(context.Background(), w.run.ID)
	}()
	<-entered
	during()
	close(release)
	<-done
}

// TestEditsNeverOvertake: an edit that hangs on the wire is not followed by a
// newer one until it has ended; the newest stands at last.
func TestEditsNeverOvertake(t *testing.T) {
	w := newWorld(t, committeeDecides)
	w.state.Run.By = "tess"
	w.advance()
	w.say("decide", "cora", "approve", nil)
	w.judgeOnly()
	w.slowly("edit", func() {
		w.say("decide", "cleo", "approve", nil)
		w.judgeOnly()
		w.perform()
	})
	w.settle()
	for _, m := range append(w.messagesTo("C0RAIC"), w.messagesTo("U0ETHAN")...) {
		if text := strings.Join(m.card.Lines, " "); !strings.Contains(text, "approved: Cora Castell, Cleo Clark") {
			t.Errorf("a message says at last: %s", text)
		}
	}
}

// TestOvertakenEditsAreLeftOut: of many edits that wait, only the newest is made.
func TestOvertakenEditsAreLeftOut(t *testing.T) {
	w := newWorld(t, committeeDecides)
	w.state.Run.By = "tess"
	w.advance()
	for _, p := range []string{"cora", "cleo"} {
		w.say("decide", p, "abstain", map[string]any{"reason": "Not here"})
		w.judgeOnly()
	}
	w.settle()
	if n := w.out.count("edit"); n != 2 { // the channel's and the officer's
		t.Errorf("%d edits", n)
	}
}

// TestMovesNeverOvertake: the last word on an issue is the last one meant.
func TestMovesNeverOvertake(t *testing.T) {
	w := newWorld(t, tested)
	w.advance()
	w.out.fail("move", fault{err: errLimited})
	w.closeIssue("bias_test", "5b1dev")
	w.state.Reread = []string{"bias_test"}
	w.apply(w.acts.Inspect(t.Context(), w.request()))
	w.perform()
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
	w.settle()
	if i := w.issueOf("bias_test"); i.Category != port.CategoryDone {
		t.Errorf("the issue of a cancelled run is %s at last, moves %v", i.Category, i.moves)
	}
}

// TestEndsThoughSomebodyLeft: a message for somebody who has no account any
// more holds up neither the others nor the end of the run.
func TestEndsThoughSomebodyLeft(t *testing.T) {
	w := newWorld(t, asking)
	w.out.fail("issue", fault{err: errLimited})
	w.apply(w.acts.Advance(t.Context(), w.request()))
	w.organisation(func(o *org.Organisation) {
		o.People = slices.DeleteFunc(o.People, func(p org.Person) bool { return p.ID == "eli" })
	})
	w.perform()
	if e := w.effect("opinion", "ask"); e.State != port.EffectIntent || strings.Contains(e.LastError, "eli") {
		t.Errorf("while the run is open the message waits: %s %s", e.State, e.LastError)
	}
	w.sayTo("", "ethan", "cancel", map[string]any{"reason": "Not needed"})
	w.judge()
	for range 40 {
		w.pass(10 * time.Second)
		w.perform()
	}
	if p := w.perform(); p.Pending != 0 {
		t.Errorf("%d effects are left for good: %s", p.Pending, p.Slow)
	}
}

// TestHeadersHoldNoPlaces: where a direct message stands says who got it.
func TestHeadersHoldNoPlaces(t *testing.T) {
	w := newWorld(t, asking)
	w.advance()
	w.settle()
	for _, h := range w.records("effect.done") {
		if strings.Contains(h.Content, "DU0ELI") {
			t.Errorf("header %s", h.Content)
		}
	}
}

// TestSlowPerformSaysWhenToComeAgain.
func TestSlowPerformSaysWhenToComeAgain(t *testing.T) {
	w := newWorld(t, asking)
	w.out.fail("post", fault{err: errLimited})
	w.apply(w.acts.Advance(t.Context(), w.request()))
	if _, err := w.acts.PerformSlow(t.Context(), w.run.ID); err == nil {
		t.Error("something is left, and it does not say so")
	}
	w.pass(time.Minute)
	if p, err := w.acts.PerformSlow(t.Context(), w.run.ID); err != nil || p != (activities.Performed{}) {
		t.Errorf("left %+v, %v", p, err)
	}
}
