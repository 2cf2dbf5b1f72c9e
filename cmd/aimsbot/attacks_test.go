package main

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
)

// attackAnswers are the answers with a name, by door.
var attackAnswers = map[string]map[string]string{
	"taken":        {"http": "200", "socket": "200"},
	"unauthorized": {"http": "401 unauthorized", "socket": "no answer"},
	// Recorded as a refusal; over HTTP nobody learns more than from a forgery.
	"foreign": {"http": "401 unauthorized", "socket": "200"},
}

// TestAttacks tries every case of the table on one bot with runs in every
// state, and then has the right people finish the runs.
func TestAttacks(t *testing.T) {
	t.Parallel()
	all := readAttacks(t)
	s := newScene(t)
	t.Run("cases", func(t *testing.T) {
		for _, a := range all {
			var once sync.Once
			for _, over := range a.doors() {
				t.Run(strings.TrimSuffix(a.ID+"/"+over, "/"), func(t *testing.T) {
					once.Do(func() { s.tried.Add(1) })
					s.ways.Add(1)
					if a.silent(over) {
						t.Parallel() // it waits for an answer that does not come
					}
					s.in(t).try(a, over)
				})
			}
		}
	})
	t.Run("end", func(t *testing.T) { s.in(t).end() })
	if !t.Failed() {
		t.Logf("%d of %d attacks were tried, in %d ways; each got the answer and left the row and the record that the table says, and nothing else", s.tried.Load(), len(all), s.ways.Load())
	}
}

// in is the scene for a test below the one that made it.
func (s *scene) in(t *testing.T) *scene {
	w := *s.world
	w.t = t
	return &scene{world: &w, shared: s.shared}
}

func (a attack) doors() []string {
	if a.Press != nil || a.Submit != nil || a.Command != nil || a.Raw != nil {
		return a.Over
	}
	return []string{""}
}

// expects is the answer over a door.
func (a attack) expects(over string) string {
	if named, ok := attackAnswers[a.Answer]; ok {
		return named[over]
	}
	return a.Answer
}

// kept is how many rows of the inbox the case leaves.
func (a attack) kept() int {
	if a.Row == "none" {
		return 0
	}
	return max(a.Rows, 1)
}

// eventually waits for something that should become true; what it is not is
// found afterwards.
func (s *scene) eventually(is func() bool) {
	for end := time.Now().Add(s.patience); time.Now().Before(end) && !is(); time.Sleep(usualLook) {
	}
}

// silent tells whether the case only waits, and may do so beside others.
func (a attack) silent(over string) bool {
	slow := a.Webhook != nil && a.Webhook.Slow || a.Request != nil && a.Request.Slow || a.expects(over) == "no answer" && over == "socket"
	return slow && a.Row == "none" && len(a.Changes) == 0 && a.Told == ""
}

// try does what a case says and holds what came of it against the table.
func (s *scene) try(a attack, over string) {
	s.t.Helper()
	s.set(a.First)
	before := s.look()
	faulted := met(before.box)
	if a.Calls != nil {
		before.calls = s.called(*a.Calls)
	}
	got := s.attack(a, over)
	if !got.fits(a.expects(over)) {
		s.t.Errorf("the answer is %q, want %q", got, a.expects(over))
	}
	if a.Act != nil { // its webhook is on the way
		s.eventually(func() bool { return len(s.kept(before)) == a.kept() })
	}
	rows := s.kept(before)
	if a.First.Unjudged {
		s.meanwhile(a.First.Organisation, faulted, func() bool {
			return !slices.ContainsFunc(s.kept(before), func(r port.InboxRow) bool { return r.Verdict == nil })
		})
	}
	s.judged(a, rows)
	s.settle()
	s.told(a, before)
	s.unchanged(a, before)
}

// attack does it and returns the answer.
func (s *scene) attack(a attack, over string) reply {
	s.t.Helper()
	switch {
	case a.Press != nil:
		return s.send(a.Press, kindPress, over)
	case a.Submit != nil:
		return s.send(a.Submit, kindSubmit, over)
	case a.Command != nil:
		return s.send(a.Command, kindCommand, over)
	case a.Raw != nil:
		return s.send(a.Raw, kindRaw, over)
	case a.Webhook != nil:
		return s.hook(a.Webhook)
	case a.Act != nil:
		s.act(s.issueOf(a.Act.Issue), a.Act.As, a.Act.Do)
		return reply{http.StatusOK, ""}
	case a.Request != nil:
		return s.asks(a.Request)
	case a.Signal != nil:
		return s.signals(a.Signal)
	case a.Run != nil:
		return s.program(a.Run)
	case a.File != "":
		return s.mode(a.File)
	}
	s.t.Fatal("the case does nothing")
	return reply{}
}

// judged waits for the verdicts on the rows of a case and compares them.
func (s *scene) judged(a attack, rows []port.InboxRow) {
	s.t.Helper()
	if len(rows) != a.kept() {
		s.t.Fatalf("%d rows in the inbox, want %d: %+v", len(rows), a.kept(), rows)
	}
	for _, r := range rows {
		v := s.verdict(r)
		if v.Verdict != a.Row || !strings.Contains(v.Reason, a.Because) {
			s.t.Errorf("row %d is %s: %q, want %s: %q", r.ID, v.Verdict, v.Reason, a.Row, a.Because)
		}
	}
}

func (s *scene) verdict(r port.InboxRow) (v port.Verdict) {
	s.t.Helper()
	s.until(fmt.Sprintf("a verdict on row %d", r.ID), func() bool {
		if s.run(r.Run).State == port.RunClosed {
			if err := s.demo.app.acts.SettleLate(s.t.Context(), 0); err != nil {
				s.t.Fatal(err)
			}
		}
		rows, err := s.demo.app.ledger.RowsAfter(s.t.Context(), r.Run, r.ID-1, 1)
		if err != nil {
			s.t.Fatal(err)
		}
		if len(rows) == 1 && rows[0].Verdict != nil {
			v = *rows[0].Verdict
			return true
		}
		return false
	})
	return v
}

// settle waits until nothing is left to be done outside for any run.
func (s *scene) settle() {
	s.t.Helper()
	for _, id := range s.runs {
		s.quiet(id)
	}
}

// calm waits until everything that came in is judged, and what follows is done.
func (s *scene) calm() {
	s.t.Helper()
	s.until("everything to be judged", func() bool {
		rows, err := s.demo.app.ledger.Unsettled(s.t.Context(), s.demo.box.Now().Add(time.Second), 1)
		if err != nil {
			s.t.Fatal(err)
		}
		return len(rows) == 0
	})
	s.settle()
}

// told compares what was said to anybody in private with the table.
func (s *scene) told(a attack, before trace) {
	s.t.Helper()
	var now []string
	find := func() bool {
		now = s.look().private[len(before.private):]
		return a.Told == "" || slices.ContainsFunc(now, func(text string) bool { return strings.Contains(text, a.Told) })
	}
	if a.Told != "" {
		s.until("an answer in private: "+a.Told, find)
	} else {
		find()
	}
	for _, text := range now {
		if a.Told == "" || !strings.Contains(text, a.Told) {
			s.t.Errorf("somebody was told: %s", text)
		}
	}
}
