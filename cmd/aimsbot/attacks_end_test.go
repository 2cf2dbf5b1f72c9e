package main

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// end has the right people finish every run, with the buttons and windows that
// the bot has given them, and holds what the runs left: each is decided by
// exactly who decided, and nothing that was tried before has left a trace but
// its refusals.
func (s *scene) end() {
	s.t.Helper()
	s.proves("tasked")
	s.fill("ethan", s.dm("tasked", "ethan", "reject"), "reject", map[string]any{"reason": "Not tested enough"})
	if s.run(s.runs["other"]).View.Waiting != nil && s.ask("other.decide").State != port.AskOpen { // a text was tried on it
		s.fill("ann", s.dm("other", "ann", "answer"), "answer", map[string]any{"purpose": "Ranks", "people": 7, "harms": []string{"bias"}, "contact": "U0TESS"})
	}
	for _, name := range []string{"target", "other", "again", "asked"} {
		for _, who := range deciders {
			if who == "ethan" && name == "asked" {
				continue // he has approved with a condition
			}
			s.press(who, s.dm(name, who, "approve"), "approve")
		}
	}
	for name, outcome := range map[string]string{
		"target": "approved", "other": "approved", "again": "approved", "old": "approved", "tasked": "rejected", "asked": "approved_with_conditions",
	} {
		if got := s.closed(s.runs[name]).Outcome; got != outcome {
			s.t.Errorf("the run about %s ended %s, want %s", name, got, outcome)
		}
		s.verifies(s.runs[name])
	}
	s.settle()
	s.decided()
	s.leftovers()
	if _, err := s.demo.app.ledger.Check(s.t.Context()); err != nil {
		s.t.Errorf("the ledger does not verify: %v", err)
	}
	s.harmless(s.sandbox())
	if n := s.strangeHits.Load(); n > 0 {
		s.t.Errorf("an address that a delivery named was called %d times", n)
	}
}

// dm waits for a message of an open ask that has a button for somebody.
func (s *scene) dm(name, who, action string) (found message) {
	s.t.Helper()
	step := "decide"
	if action == "answer" {
		step = "facts"
	}
	s.until("an open ask "+name+"."+step, func() bool {
		asks := s.asksOf(name + "." + step)
		return len(asks) > 0 && asks[len(asks)-1].State == port.AskOpen
	})
	at := s.place(name+"."+step, on(name+"."+step, who))
	s.until("a button "+action+" for "+who, func() bool {
		for _, m := range s.state().Messages {
			if m.Channel == at.Channel && m.TS == at.TS && strings.Contains(string(m.Blocks), `"action_id":"`+action+`"`) {
				found = m
				return true
			}
		}
		return false
	})
	return found
}

// decided holds the accepted decisions of each run against who may decide.
func (s *scene) decided() {
	s.t.Helper()
	want := map[string][]string{
		"target": {"ann", "carl", "cleo", "cody", "cora", "ethan"}, "other": {"ann", "carl", "cleo", "cody", "cora", "cyra", "ethan"},
		"again": {"ann", "carl", "cleo", "cody", "cora", "ethan"}, "old": {"ann", "carl", "cleo", "cody", "cora", "ethan"},
		"tasked": {"ann", "ethan"}, "asked": {"ann", "carl", "cleo", "cody", "cora", "ethan"},
	}
	for name, people := range want {
		rows, err := s.demo.app.ledger.RowsAfter(s.t.Context(), s.runs[name], 0, maxKept)
		if err != nil {
			s.t.Fatal(err)
		}
		var got []string
		for _, r := range rows {
			if r.Verdict == nil {
				s.t.Errorf("row %d of %s was never judged", r.ID, name)
			} else if r.Verdict.Verdict == port.VerdictAccepted {
				got = append(got, r.Person)
			}
		}
		slices.Sort(got)
		// A vote may be given again until the step closes; each one is a record.
		if !slices.Equal(slices.Compact(slices.Clone(got)), people) {
			s.t.Errorf("%s was decided by %v, want %v", name, got, people)
		}
		if n := s.records(s.runs[name])["decision.accepted"]; n != len(got) {
			s.t.Errorf("%s has %d records of accepted decisions for %d rows", name, n, len(got))
		}
	}
}

// leftovers holds the issues, the buttons and what the fakes refused.
func (s *scene) leftovers() {
	s.t.Helper()
	issues := map[string]int{}
	all := s.sandbox()
	for _, i := range all.Issues {
		kind, _, _ := strings.Cut(i.Summary, " ")
		issues[kind]++
		if open := i.Category != port.CategoryDone; open != (kind == "Condition:") {
			s.t.Errorf("%s %q is left %s", i.Key, i.Summary, i.Status)
		}
	}
	// One for each run, each step in each round it was done, and one condition.
	if want := map[string]int{"Release": 6, "What": 8, "Test": 6, "Decide": 8, "Condition:": 1}; !maps.Equal(issues, want) {
		s.t.Errorf("issues: %s", changed(issues, want))
	}
	for _, m := range all.Messages {
		if strings.Contains(string(m.Blocks), `"action_id"`) {
			s.t.Errorf("a message to %s still has buttons: %s", m.To, m.Text)
		}
	}
	for _, r := range all.Refused {
		b, err := json.Marshal(r)
		if err != nil {
			s.t.Fatal(err)
		}
		if !expectedRefusal(r) {
			s.t.Errorf("the fakes refused a call of the bot: %s", b)
		}
	}
}

// expectedRefusal: what is not acknowledged is the point of some cases, nobody
// can be told anything whose account is not there, and what was deleted is.
func expectedRefusal(r sandbox.Refusal) bool {
	return r.Call == "socket" ||
		r.Call == "chat.postEphemeral" && r.Reason == "user_not_in_channel" ||
		strings.HasPrefix(r.Call, "GET /rest/api/2/issue/") && strings.HasPrefix(r.Reason, "404")
}
