package intake_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

func TestSlash(t *testing.T) {
	t.Parallel()
	cases := []struct {
		text  string
		say   string
		start string // playbook given to Start
	}{
		{"", "/aims start PLAYBOOK SUBJECT", ""},
		{"help", "/aims mine", ""},
		{"start impact-assessment cv-screener", "run 01NEW", "impact-assessment"},
		{"start impact-assessment cv-screener exercise", "Started EXERCISE: impact-assessment", "impact-assessment"},
		{"start open cv-screener", "already running: run 01OPEN", "open"},
		{"start unknown cv-screener", "There is no playbook unknown.", "unknown"},
		{"start down cv-screener", "try again", "down"},
		{"start impact-assessment", "Started impact-assessment: run 01NEW", "impact-assessment"},
		{"start", "Nothing was started", ""},
		{"start a b c", "Nothing was started", ""},
		{"mine", "a decision, by Mon 2 Mar 2026, 14:00 CET", ""},
		{"status", "impact-assessment for CV screener, run 01RUN", ""},
		{"status 01RUN", "Cora Chair, gone: a decision", ""},
		{"status 01DONE", "ended on Mon 2 Mar 2026, 12:00 CET: approved", ""},
		{"status 01NONE", "There is no run 01NONE", ""},
		{"protected 01RUN", "kept apart in 01RUN for cora", ""},
		{"protected 01DOWN", "could not", ""},
		{"protected", "I do not know that command", ""},
		{"approve everything", "I do not know that command", ""},
	}
	for _, c := range cases {
		t.Run(c.text, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			got := w.Slack(t.Context(), slash(c.text))
			if !strings.Contains(got.Say, c.say) || got.Ignore || got.Unstored || got.Modal != nil {
				t.Errorf("reply %+v, want %q", got, c.say)
			}
			switch {
			case c.start == "" && len(w.starts) > 0:
				t.Errorf("started %+v", w.starts)
			case c.start != "" && (len(w.starts) != 1 || w.starts[0].By != "cora" || w.starts[0].Playbook != c.start || w.starts[0].Door != "slack"):
				t.Errorf("starts %+v", w.starts)
			}
		})
	}
}

// TestSlashStrangers: nobody starts or reads anything whom we do not know.
func TestSlashStrangers(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]func(*intake.Delivery){
		"stranger":      func(d *intake.Delivery) { d.User = "U0WHO" },
		"twin":          func(d *intake.Delivery) { d.User = "U0TWIN" },
		"other team":    func(d *intake.Delivery) { d.Team, d.UserTeam = "T0EVIL", "T0EVIL" },
		"missing team":  func(d *intake.Delivery) { d.Team, d.UserTeam = "", "" },
		"other app":     func(d *intake.Delivery) { d.App = "A0EVIL" },
		"partner's own": func(d *intake.Delivery) { d.UserTeam = "T0PART" },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, text := range []string{"start impact-assessment cv-screener", "status", "mine", "protected 01RUN"} {
				w := newWorld(t)
				d := slash(text)
				f(&d)
				if got := w.Slack(t.Context(), d); !strings.Contains(got.Say, "registered in the organisation file") || len(w.starts) != 0 {
					t.Errorf("%s: %+v, starts %+v", text, got, w.starts)
				}
				if word, _, _ := strings.Cut(text, " "); !slices.Equal(w.ledger.records, []string{"command.refused  " + word}) {
					t.Errorf("%s: records %q", text, w.ledger.records)
				}
			}
		})
	}
}

// TestSlashAccounts: a person's account must be a full member's now, and a
// refusal that cannot be recorded is none: it is tried again.
func TestSlashAccounts(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		account port.Account
		err     error
		broken  string
		say     string
	}{
		"guest":        {account: port.Account{Reason: "the account is a guest"}, say: "the account is a guest"},
		"no answer":    {err: errors.New("down"), say: "could not confirm"},
		"not recorded": {account: port.Account{Reason: "the account is a guest"}, broken: "commit", say: "try again"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.account, w.accountErr, w.ledger.broken[c.broken] = c.account, c.err, true
			got := w.Slack(t.Context(), slash("start impact-assessment cv-screener"))
			if !strings.Contains(got.Say, c.say) || got.Unstored != (c.broken != "") || len(w.starts) > 0 {
				t.Errorf("%+v, starts %+v", got, w.starts)
			}
			if !slices.Equal(w.ledger.records, []string{"command.refused cora start"}) {
				t.Errorf("records %q", w.ledger.records)
			}
		})
	}
}

func TestJiraHints(t *testing.T) {
	t.Parallel()
	hint := intake.Hint{IssueID: "10001", Author: "5b1cora", DeliveryKey: "jira/1", Event: "jira:issue_updated"}
	w := newWorld(t)
	for range 2 { // the webhook repeats
		if err := w.Jira(t.Context(), hint); err != nil {
			t.Fatal(err)
		}
	}
	epic := intake.Hint{IssueID: "10000", Author: "bot", DeliveryKey: "jira/2", Event: "jira:issue_deleted"}
	other := intake.Hint{IssueID: "99999", Author: "bot", DeliveryKey: "jira/3"}
	if err := errors.Join(w.Jira(t.Context(), epic), w.Jira(t.Context(), other)); err != nil {
		t.Fatal(err)
	}
	w.Wait()
	var got []string
	for _, r := range w.ledger.rows {
		got = append(got, strings.Join([]string{r.Kind, r.Action, r.Token, r.Person, r.Origin.Door, r.Origin.User, string(r.Values)}, " "))
	}
	want := []string{
		"hint changed " + tokenVote + ` cora jira 5b1cora {"event":"jira:issue_updated","issue":"10001"}`,
		`hint changed   jira bot {"event":"jira:issue_deleted","issue":"10000"}`,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	underway := intake.Hint{IssueID: "10002", DeliveryKey: "jira/5", Labels: []string{"urgent", "aims-underway"}}
	if err := w.Jira(t.Context(), underway); err == nil {
		t.Error("a hint about an issue whose id is not stored yet was dropped")
	}
	w.ledger.broken["put"] = true
	hint.DeliveryKey = "jira/4"
	if err := w.Jira(t.Context(), hint); !errors.Is(err, errDown) {
		t.Errorf("a hint that was not kept: %v", err)
	}
	if err := w.Jira(t.Context(), intake.Hint{IssueID: "10001"}); err == nil {
		t.Error("a hint without a key was taken")
	}
}

func TestCancel(t *testing.T) {
	t.Parallel()
	ok := intake.CommandRequest{Run: "01RUN", Action: intake.ActionCancel, Reason: " Wrong system ", By: "cora", DeliveryKey: "cli/1"}
	cases := []struct {
		name    string
		change  func(*intake.CommandRequest)
		refused string
		rows    int
		person  string
	}{
		{"good", func(*intake.CommandRequest) {}, "", 1, "cora"},
		{"no reason", func(c *intake.CommandRequest) { c.Reason = " " }, "Say why", 0, ""},
		{"long reason", func(c *intake.CommandRequest) { c.Reason = strings.Repeat("x", 3001) }, "longer than 3000", 0, ""},
		{"unknown run", func(c *intake.CommandRequest) { c.Run = "01NONE" }, "no run", 0, ""},
		{"closed run", func(c *intake.CommandRequest) { c.Run = "01DONE" }, "already ended: approved", 0, ""},
		{"a decision", func(c *intake.CommandRequest) { c.Action = port.ActionApprove }, "Decisions are made in Slack", 0, ""},
		{"unknown person", func(c *intake.CommandRequest) { c.By = "nobody" }, "attempt was recorded", 1, ""},
		{"nobody", func(c *intake.CommandRequest) { c.By = "" }, "attempt was recorded", 1, ""},
		{"no key", func(c *intake.CommandRequest) { c.DeliveryKey = "" }, "delivery key", 0, ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			in := ok
			c.change(&in)
			_, err := w.Command(t.Context(), in)
			var no *intake.RefusedError
			if (c.refused == "") != (err == nil) || (err != nil && (!errors.As(err, &no) || !strings.Contains(no.Text, c.refused))) {
				t.Fatalf("err %v, want %q", err, c.refused)
			}
			w.Wait()
			if len(w.ledger.rows) != c.rows || w.engine.count() != c.rows {
				t.Fatalf("rows %+v, signals %v", w.ledger.rows, w.engine.signals)
			}
			if c.rows == 1 {
				r := w.ledger.rows[0]
				if r.Kind != port.InboxCommand || r.Action != "cancel" || r.Person != c.person || r.Origin.Door != "cli" || r.Token != "" || string(r.Values) != `{"reason":"Wrong system"}` {
					t.Errorf("row %+v %s", r, r.Values)
				}
			}
		})
	}
}

// TestSweep: rows are kept while no engine is there, and signalled later with
// growing pauses until somebody judges them.
func TestSweep(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine.down = true
	if got := w.Slack(t.Context(), vote(port.ActionApprove)); !cmp.Equal(got, intake.Reply{}) {
		t.Fatalf("a vote while the engine is down: %+v", got)
	}
	w.Wait()
	sweep := func(after time.Duration) error { w.now = w.now.Add(after); return w.Sweep(t.Context()) }
	if err := sweep(time.Second); err != nil {
		t.Errorf("a fresh row is not swept: %v", err)
	}
	if err := sweep(5 * time.Second); err == nil {
		t.Error("the engine is down and nobody says so")
	}
	w.engine.down = false
	var counts []int
	for _, after := range []time.Duration{0, time.Second, 4 * time.Second, 5 * time.Second, 5 * time.Second} {
		if err := sweep(after); err != nil {
			t.Fatal(err)
		}
		counts = append(counts, w.engine.count())
	}
	if diff := cmp.Diff([]int{1, 1, 2, 2, 3}, counts); diff != "" {
		t.Errorf("signals after each sweep: %s", diff)
	}
	w.ledger.rows[0].Verdict = &port.Verdict{Verdict: port.VerdictAccepted}
	if err := sweep(time.Hour); err != nil || w.engine.count() != 3 {
		t.Errorf("a judged row was signalled: %v, %v", err, w.engine.signals)
	}
}

// TestSweepAfterTheClockWasSetBack: a pause counts by the clock as it is.
func TestSweepAfterTheClockWasSetBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.engine.down = true
	if got := w.Slack(t.Context(), vote(port.ActionApprove)); !cmp.Equal(got, intake.Reply{}) {
		t.Fatalf("a vote while the engine is down: %+v", got)
	}
	w.Wait()
	w.engine.down = false
	w.now = w.now.Add(2 * time.Hour)
	if err := w.Sweep(t.Context()); err != nil || w.engine.count() != 1 {
		t.Fatalf("%d signals, %v", w.engine.count(), err)
	}
	w.now = w.now.Add(-time.Hour)
	if err := w.Sweep(t.Context()); err != nil || w.engine.count() != 2 {
		t.Errorf("%d signals, want a second one now and not in an hour: %v", w.engine.count(), err)
	}
}
