package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// faultRate is the share of calls outside that fail.
const faultRate = 0.2

// faultKinds are all the sandbox knows.
var faultKinds = []string{"drop_request", "drop_response", "hang_before", "hang_after", "http_500", "http_429", "delay"}

// faultRules are the faults of a seed: each kind for each service with the same
// chance, so that together they meet a fifth of its calls. The order is the
// seed's, and so are the lengths.
func faultRules(seed uint64) []sandbox.Rule {
	r := rand.New(rand.NewPCG(seed, 0))
	var all []sandbox.Rule
	for _, target := range []string{"slack", "jira"} {
		all = append(all,
			sandbox.Rule{Target: target, Kind: "drop_request"}, sandbox.Rule{Target: target, Kind: "drop_response"},
			// Longer than a call of a local attempt waits, and than a click does.
			sandbox.Rule{Target: target, Kind: "hang_before", Length: "4s"}, sandbox.Rule{Target: target, Kind: "hang_after", Length: "4s"},
			sandbox.Rule{Target: target, Kind: "http_500"}, sandbox.Rule{Target: target, Kind: "http_500", Committed: true},
			sandbox.Rule{Target: target, Kind: "delay", Length: "300ms"})
	}
	all = append(all, sandbox.Rule{Target: "slack", Kind: "http_429", RetryAfter: 1 + r.IntN(3)})
	reasons := []sandbox.Rule{
		{Reason: "jira-burst-based"}, {Reason: "jira-quota-tenant-based"}, {Reason: "jira-per-issue-on-write", Changes: true},
	}
	limit := reasons[r.IntN(len(reasons))] // one of them: else Jira would say 429 thrice as often
	limit.Target, limit.Kind, limit.RetryAfter = "jira", "http_429", 1+r.IntN(3)
	all = append(all, limit)
	r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	each := 1 - math.Pow(1-faultRate, 2/float64(len(all)))
	for i := range all {
		all[i].Rate, all[i].Seed = each, r.Uint64()
	}
	return all
}

// newFaultStage starts sandbox and bot with the faults of a seed, from the bot's
// first call on for every other pair of seeds; 0 = no faults. The bot keeps to
// the published rates, and so to every pause it is asked for.
func newFaultStage(t *testing.T, seed uint64, log *budgetLog) (s *stage, stop func() error) {
	t.Helper()
	dir, err := os.MkdirTemp("", "aims") // short: the socket's path has a limit
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	plan := func(w *world) {
		w.patience, w.look = faultPatience, faultLook
		if seed == 0 {
			return
		}
		for _, r := range faultRules(seed) {
			w.post("/_control/faults", map[string]any{
				"target": r.Target, "kind": r.Kind, "rate": r.Rate, "seed": r.Seed, "changes": r.Changes,
				"committed": r.Committed, "length": r.Length, "retry_after": r.RetryAfter, "reason": r.Reason,
			}, nil)
		}
	}
	early, late := plan, func(*world) {}
	if seed/2%2 == 0 {
		early, late = late, early
	}
	w, end := raised(t, dir, demoCmd{NoRateLimits: seed == 0 || seed%limitedSeeds != 0, ownLimits: true, index: faultIndex, budgets: log.around()}, early)
	w.patience, w.look = faultPatience, faultLook
	late(w)
	closeDesk, err := serveDesk(w.data, w.demo.app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(closeDesk)
	s = newStage(w, w.data.path)
	s.slow = seed != 0
	return s, end
}

// metFaults counts the faults that met a call, by kind.
func (s *stage) metFaults() map[string]int {
	s.t.Helper()
	res, err := http.Get(s.base + "/_control/faults")
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	var f struct {
		Faults []sandbox.Rule `json:"faults"`
	}
	if err := json.NewDecoder(res.Body).Decode(&f); err != nil {
		s.t.Fatal(err)
	}
	out := map[string]int{}
	for _, r := range f.Faults {
		out[r.Kind] += r.Met
	}
	return out
}

var jiraIssue = regexp.MustCompile(`/issue/([A-Z]+-)?\d+(/|$)`)

// scopesOf names the limits a call counts against: of Slack its method, in each
// channel for new messages; of Jira the site, the endpoint, and the issue that
// is written to.
func scopesOf(c sandbox.Call) []string {
	if c.Target == "slack" {
		if c.Method == "chat.postMessage" {
			return []string{"slack " + c.Method + " " + c.Channel}
		}
		return []string{"slack " + c.Method}
	}
	out := []string{"jira", "jira " + c.Method + " " + jiraIssue.ReplaceAllString(c.Path, "/issue/*$2")}
	if id := jiraIssue.FindString(c.Path); id != "" && c.Method != http.MethodGet {
		out = append(out, "jira "+strings.Trim(id, "/"))
	}
	return out
}

// paused is the scope of a 429.
func paused(c sandbox.Call) string {
	all := scopesOf(c)
	switch {
	case c.Target == "slack":
		return all[0]
	case c.Reason == "jira-burst-based":
		return all[1]
	case c.Reason == "jira-per-issue-on-write" && len(all) > 2:
		return all[2]
	case c.Reason == "jira-per-issue-on-write":
		return "jira issue, being made"
	}
	return all[0]
}

// duringPauses lists the calls made before the Retry-After of their scope was
// over, and counts those of other scopes meanwhile. A call that was under way
// when the answer came could not know; log says which were.
func duringPauses(calls []sandbox.Call, log *budgetLog) (early []string, others int) {
	for i, c := range calls {
		if c.Status != http.StatusTooManyRequests {
			continue
		}
		end := c.At.Add(time.Duration(c.RetryAfter) * time.Second)
		for _, later := range calls[i+1:] {
			if !later.At.Before(end) {
				break
			}
			switch {
			case !slices.Contains(scopesOf(later), paused(c)):
				others++
			case !log.underWay(c, later):
				early = append(early, fmt.Sprintf("%s %s %s came %s after a 429 of %q with Retry-After %d s\n",
					later.Target, later.Method, later.Path, later.At.Sub(c.At), paused(c), c.RetryAfter))
			}
		}
	}
	return append(early, log.letThrough()...), others
}

// TestPausesHaveTheirScope: a long pause of one Slack method, and of one of
// Jira's endpoints, holds up no other method, and not the other service.
func TestPausesHaveTheirScope(t *testing.T) {
	t.Parallel()
	for _, rule := range []map[string]any{
		{"target": "slack", "call": "chat.update", "kind": "http_429", "nth": 1, "retry_after": 6},
		{"target": "jira", "call": "/transitions", "changes": true, "kind": "http_429", "nth": 1, "retry_after": 6},
	} {
		t.Run(rule["call"].(string), func(t *testing.T) {
			t.Parallel()
			log := &budgetLog{}
			w := newWorld(t, demoCmd{NoRateLimits: true, ownLimits: true, budgets: log.around()})
			w.post("/_control/faults", rule, nil)
			run := w.start("max")
			w.answer(smallAnswers)
			w.do("Test CV screener for bias", "eli")
			w.press("ethan", w.message("ethan", "approve", "CV screener"), "approve")
			w.ends(run, "approved", expected{records: map[string]int{"decision.accepted": 2, "run.ended": 1}})
			calls := w.state().Calls
			if early, _ := duringPauses(calls, log); len(early) > 0 {
				t.Errorf("calls before their Retry-After:\n%s", early)
			}
			within := inPause(calls)
			for _, target := range []string{"slack", "jira"} {
				if !slices.ContainsFunc(within, func(c sandbox.Call) bool { return c.Target == target }) {
					t.Errorf("no call to %s between the 429 and the next call of its scope", target)
				}
			}
		})
	}
}

// inPause are the calls between the 429 and the next one of its scope.
func inPause(calls []sandbox.Call) []sandbox.Call {
	from := slices.IndexFunc(calls, func(c sandbox.Call) bool { return c.Status == http.StatusTooManyRequests })
	if from < 0 {
		return nil
	}
	scope, after := paused(calls[from]), calls[from+1:]
	to := slices.IndexFunc(after, func(c sandbox.Call) bool { return slices.Contains(scopesOf(c), scope) })
	return after[:max(to, 0)]
}
