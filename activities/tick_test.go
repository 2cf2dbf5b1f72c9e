package activities_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

// TestHandoverIsAsked: at the next reminder the new holder is asked and the old
// one left in peace.
func TestHandoverIsAsked(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ playbook, role, old, title, assignee string }{
		"form":     {asking, "explainability-lead", "U0ELI", "Your opinion", "5b1tess"},
		"task":     {tested, "explainability-lead", "U0ELI", "Test CV screener", "5b1tess"},
		"approval": {either, "ai-ethics-officer", "U0ETHAN", "Decide", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, c.playbook)
			w.advance()
			w.holder(c.role, "tess")
			w.pass(4 * 24 * time.Hour) // half of the time has passed
			w.tick()
			if n := w.titled("U0TESS", c.title); n != 1 {
				t.Errorf("the new holder has %d messages", n)
			}
			if n := w.titled(c.old, "Reminder"); n != 0 {
				t.Errorf("the old holder is reminded %d times", n)
			}
			if i := w.issueOf(w.state.Open[0].Step); i.Assignee != c.assignee {
				t.Errorf("the issue is assigned to %q", i.Assignee)
			}
		})
	}
}

// TestDeputiesOfAlternatives: an escalation reaches the deputies of the roles
// inside any_of.
func TestDeputiesOfAlternatives(t *testing.T) {
	w := newWorld(t, either)
	w.advance()
	w.pass(30 * 24 * time.Hour)
	w.tick()
	if n := w.titled("U0VAL", "Decide"); n != 1 {
		t.Errorf("the deputy has %d messages", n)
	}
}

// TestOneReminderAfterAPause: what should have been said several times while
// nobody looked is said once.
func TestOneReminderAfterAPause(t *testing.T) {
	w := newWorld(t, asking)
	w.advance()
	w.pass(60 * 24 * time.Hour)
	w.tick()
	if n := w.titled("U0ELI", "Reminder"); n != 1 {
		t.Errorf("%d reminders", n)
	}
	if o := w.open("opinion"); !o.Missed || !slices.Equal(o.Escalated, []string{org.ToDeputy, "aims-manager", "chief-risk-officer", "top-management"}[:len(o.Escalated)]) {
		t.Errorf("missed %v, escalated %v", o.Missed, o.Escalated)
	}
	if next := w.state.NextAt; !next.After(w.clock()) {
		t.Errorf("next at %s", next)
	}
}

// TestTickTwice: a repeat with the same state reminds nobody twice.
func TestTickTwice(t *testing.T) {
	w := newWorld(t, asking)
	w.advance()
	w.pass(30 * 24 * time.Hour)
	before := w.state
	w.tick()
	said := len(w.out.messages)
	w.state = before
	w.pass(time.Second)
	w.tick()
	if n := len(w.out.messages); n != said {
		t.Errorf("%d messages, then %d", said, n)
	}
}

// TestRemindersEnd: once the step is over, its reminders and escalations say so
// and ask nobody any more.
func TestRemindersEnd(t *testing.T) {
	w := newWorld(t, asking)
	w.advance()
	w.pass(4 * 24 * time.Hour)
	w.tick()
	w.pass(60 * 24 * time.Hour)
	w.tick()
	if w.titled("U0ELI", "Reminder") != 2 || w.titled("U0MAX", "Overdue") != 1 {
		t.Fatalf("before: %d reminders, %d escalations", w.titled("U0ELI", "Reminder"), w.titled("U0MAX", "Overdue"))
	}
	w.say("opinion", "eli", "answer", map[string]any{"text": "Good"})
	w.judge()
	w.perform()
	if w.titled("U0ELI", "Reminder") != 0 || w.titled("U0MAX", "Overdue") != 0 {
		t.Errorf("after: %d reminders, %d escalations", w.titled("U0ELI", "Reminder"), w.titled("U0MAX", "Overdue"))
	}
	if n := w.titled("U0ELI", "Answered: Your opinion"); n != 3 {
		t.Errorf("%d messages say that it is answered, want the ask and both reminders", n)
	}
	for _, m := range w.messagesTo("U0MAX") {
		if strings.Contains(strings.Join(m.card.Lines, " "), "Please see that it is done") {
			t.Errorf("still says: %q", m.card.Lines)
		}
	}
}
