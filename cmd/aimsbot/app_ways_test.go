package main

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/ledger"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// committee is the channel of the Responsible AI Committee in the sample
// organisation.
const committee = "C0RAIC"

var (
	smallAnswers = map[string]any{"purpose": "Ranks applications", "people": 500, "harms": []string{"bias"}}
	largeAnswers = map[string]any{"purpose": "Ranks applications", "people": 250000, "harms": []string{"bias", "safety", "privacy"}}
)

// answer fills in the first form as the owner.
func (w *world) answer(values map[string]any) {
	w.t.Helper()
	w.fill("olive", w.message("olive", "answer", "What does CV screener do"), "answer", values)
}

// do finishes a task in Jira with evidence.
func (w *world) do(summary, as string) issue {
	w.t.Helper()
	i := w.issue(summary)
	w.act(i.Key, as, map[string]any{"link": map[string]any{"title": "Report", "url": "https://example.com/" + as}})
	w.act(i.Key, as, map[string]any{"transition": "Done"})
	return i
}

// TestSmallWay: few people and one harm; one lead and the AI Ethics Officer
// alone.
func TestSmallWay(t *testing.T) {
	histories(t, smallWay)
}

// shortHistory is how many events a history may have in tests of continuing as
// new: fewer than the smallest way makes however its signals fall together.
const shortHistory = 10

// histories runs a way in one history, again with histories so short that the
// run continues as new on the way, and again with everything from Slack as
// signed requests: the same must come of it.
func histories(t *testing.T, way func(w *world)) {
	for name, c := range map[string]demoCmd{
		"one history": {}, "continued as new": {events: shortHistory}, "signed requests": {Transport: transportHTTP},
		"Jira Data Center": {Jira: jiraDataCenter},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c.NoRateLimits = true
			w := newWorld(t, c)
			way(w)
			w.continued(c.events > 0)
			if w.overSocket() == (c.Transport == transportHTTP) {
				t.Errorf("sockets opened: %v over %q", w.overSocket(), c.Transport)
			}
		})
	}
}

// overSocket tells whether the bot has opened a socket.
func (w *world) overSocket() bool {
	w.t.Helper()
	return slices.ContainsFunc(w.state().Calls, func(c sandbox.Call) bool { return c.Method == "apps.connections.open" })
}

// continued tells whether the run it finds has continued as new.
func (w *world) continued(want bool) {
	w.t.Helper()
	runs, err := w.demo.app.ledger.Runs(w.t.Context(), "", runsListed)
	if err != nil || len(runs) != 1 {
		w.t.Fatal(err, runs)
	}
	d, err := w.demo.app.client.DescribeWorkflowExecution(w.t.Context(), runs[0].WorkflowID, "")
	if err != nil {
		w.t.Fatal(err)
	}
	info := d.GetWorkflowExecutionInfo()
	if got := info.GetFirstRunId() != info.GetExecution().GetRunId(); got != want {
		w.t.Errorf("continued as new: %v, want %v", got, want)
	}
}

func smallWay(w *world) {
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
	w.ends(run, "approved", expected{
		issues:  []string{"AI system impact assessment: CV screener", "Sign off", "Test CV screener for bias", "What does CV screener do, and to whom?"},
		records: map[string]int{"decision.accepted": 2, "step.opened": 3, "step.closed": 3, "step.skipped": 1, "step.set": 1, "run.started": 1, "run.ended": 1},
	})
	if n := len(w.messagesTo(committee)); n != 0 {
		w.t.Errorf("the committee got %d messages, want none: it does not decide here", n)
	}
}

// TestLargeWay: many people and all harms; both leads, the officer and a
// majority of the committee; a stranger refused, a vote changed, one round of
// changes.
func TestLargeWay(t *testing.T) {
	histories(t, largeWay)
}

func largeWay(w *world) {
	run := w.start("max")
	w.answer(largeAnswers)
	bias := w.do("Test CV screener for bias", "eli")
	w.do("Test CV screener for unsafe output", "val")

	ask := w.message(committee, "approve", "CV screener")
	w.press("tess", ask, "approve") // no member
	w.until("tess is refused", func() bool { return w.private("tess", "") != "" })
	w.fill("carl", ask, "reject", map[string]any{"reason": "The error rates by group are missing"})
	w.press("carl", w.message(committee, "approve", "Carl"), "approve") // changes his mind
	w.fill("ethan", w.message("ethan", "changes", "CV screener"), "changes", map[string]any{"reason": "Say who is affected in a year"})

	form := w.message("olive", "answer", "Round 2")
	w.fill("olive", form, "answer", map[string]any{"purpose": "Ranks applications for recruiters", "people": 300000, "harms": []string{"bias", "safety", "privacy"}})
	again := w.message(committee, "approve", "Round 2")
	w.press("ethan", w.message("ethan", "approve", "Round 2"), "approve")
	for _, member := range []string{"cora", "cleo", "cyra"} {
		w.press(member, again, "approve")
	}
	w.ends(run, "approved", expected{
		issues: []string{
			"AI system impact assessment: CV screener", "Sign off", "Sign off (round 2)", "Test CV screener for bias",
			"Test CV screener for unsafe output", "What does CV screener do, and to whom?", "What does CV screener do, and to whom? (round 2)",
		},
		records: map[string]int{"decision.accepted": 9, "decision.refused": 1, "round.started": 1, "step.kept": 2, "run.ended": 1},
	})
	if got := w.issue(bias.Summary); got.Category != port.CategoryDone {
		w.t.Errorf("the kept task is %s, want done", got.Status)
	}
}

// TestRejectedWay: the officer rejects with a reason and nothing runs after.
func TestRejectedWay(t *testing.T) {
	histories(t, rejectedWay)
}

func rejectedWay(w *world) {
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.fill("ethan", w.message("ethan", "reject", "CV screener"), "reject", map[string]any{"reason": "Proxies were not tested"})
	w.ends(run, "rejected", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
}

// expected is what a way leaves behind. Records lists the kinds that matter.
type expected struct {
	issues  []string
	records map[string]int
}

// ends waits for the end of a run and holds everything it left against what
// was expected: outcome, records, issues, effects, messages, evidence.
func (w *world) ends(run, outcome string, want expected) {
	w.t.Helper()
	if r := w.closed(run); r.Outcome != outcome {
		w.t.Errorf("the run ended %q, want %q", r.Outcome, outcome)
	}
	effects := w.quiet(run)
	for _, e := range effects {
		if e.State == port.EffectFailed {
			w.t.Errorf("effect %s %s of %s failed: %s", e.Kind, e.Purpose, e.Step, e.LastError)
		}
	}
	kinds := w.records(run)
	for kind, n := range want.records {
		if kinds[kind] != n {
			w.t.Errorf("%d records %s, want %d; all: %v", kinds[kind], kind, n, kinds)
		}
	}
	s := w.state()
	var issues []string
	for _, i := range s.Issues {
		issues = append(issues, i.Summary)
		if i.Category != port.CategoryDone {
			w.t.Errorf("issue %s %q is left %s", i.Key, i.Summary, i.Status)
		}
	}
	slices.Sort(issues)
	if want.issues != nil && !slices.Equal(issues, want.issues) {
		w.t.Errorf("issues %q, want %q", issues, want.issues)
	}
	for _, m := range s.Messages {
		if strings.Contains(string(m.Blocks), `"action_id"`) {
			w.t.Errorf("a message to %s still has buttons: %s", m.To, m.Text)
		}
	}
	for _, r := range s.Refused {
		if want.records["issue.gone"] > 0 && strings.Contains(r.Reason, "404 Issue does not exist") {
			continue // how the bot learns of it
		}
		w.t.Errorf("%s refused %s: %s", r.Target, r.Call, r.Reason)
	}
	w.verifies(run)
}

// records counts the records of a run by kind.
func (w *world) records(run string) map[string]int {
	w.t.Helper()
	list, err := w.demo.app.ledger.RecordsOf(w.t.Context(), run)
	if err != nil {
		w.t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range list {
		var h struct {
			Kind string `json:"kind"`
		}
		if err := json.Unmarshal(r.Header, &h); err != nil {
			w.t.Fatal(err)
		}
		out[h.Kind]++
	}
	return out
}

// verifies exports the evidence of a run and checks it without the ledger.
func (w *world) verifies(run string) {
	w.t.Helper()
	path := filepath.Join(w.t.TempDir(), "pack")
	out, err := desk{w.demo.app}.Export(w.t.Context(), run, path)
	if err != nil {
		w.t.Fatal(err)
	}
	r, err := ledger.Verify(path, ledger.VerifyOptions{Key: out.Key})
	if err != nil || !r.OK {
		w.t.Errorf("the evidence does not verify: %v %+v", err, r)
	}
}

// messagesTo lists the messages of a channel.
func (w *world) messagesTo(channel string) []message {
	var out []message
	for _, m := range w.state().Messages {
		if m.Channel == channel {
			out = append(out, m)
		}
	}
	return out
}

// private is the text of a private answer to a person that says words.
func (w *world) private(user, words string) string {
	for _, m := range w.state().Messages {
		if m.Ephemeral && strings.EqualFold(m.To, "U0"+user) && strings.Contains(m.Text, words) {
			return m.Text
		}
	}
	return ""
}

// TestConditionsWay: the officer approves with a condition, which becomes an
// issue with owner and date.
func TestConditionsWay(t *testing.T) {
	histories(t, conditionsWay)
}

func conditionsWay(w *world) {
	run := w.start("max")
	w.answer(smallAnswers)
	w.do("Test CV screener for bias", "eli")
	w.fill("ethan", w.message("ethan", "conditions", "CV screener"), "conditions", map[string]any{
		"c1_text": "Test again with the new data", "c1_owner": "U0VAL", "c1_due": "2027-03-01",
	})
	if r := w.closed(run); r.Outcome != "approved_with_conditions" {
		w.t.Errorf("outcome %q", r.Outcome)
	}
	w.quiet(run)
	if i := w.issue("Condition: Test again with the new data"); i.Assignee != "5b1val" || i.Category == "done" {
		w.t.Errorf("the condition's issue is %+v, want an open one for val", i)
	}
	w.verifies(run)
}
