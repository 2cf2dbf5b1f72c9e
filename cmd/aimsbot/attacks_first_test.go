package main

import (
	"context"
	"net/http"

	"github.com/aimsbot/aimsbot/integrations/sandbox"
)

// set makes the setting of a case true until the case ends.
func (s *scene) set(f setting) {
	s.t.Helper()
	for who, flags := range f.Account {
		s.account(who, flags, func(v any) any { return v })
		s.t.Cleanup(func() { s.account(who, flags, zeroOf) })
	}
	if f.Unjudged || f.Directory {
		s.post("/_control/faults", map[string]any{"target": "slack", "kind": "http_500", "call": "users.info"}, nil)
		s.t.Cleanup(s.noFaults)
	}
	if len(f.Organisation) > 0 && !f.Unjudged {
		s.organisation(f.Organisation)
	}
	if len(f.Organisation) > 0 {
		s.t.Cleanup(func() { s.organisation(nil) })
	}
	s.before(f)
}

// account changes flags of a Slack account.
func (s *scene) account(who string, flags map[string]any, to func(any) any) {
	s.t.Helper()
	in := map[string]any{"id": who}
	for k, v := range flags {
		in[k] = to(v)
	}
	s.post("/_control/person", in, nil)
}

// before does what happens first, until all of it is settled.
func (s *scene) before(f setting) {
	s.t.Helper()
	if f.Press != nil {
		s.send(f.Press, kindPress, "http")
	}
	if f.Submit != nil {
		s.send(f.Submit, kindSubmit, "http")
	}
	if f.Act != nil {
		before := s.look()
		s.act(s.issueOf(f.Act.Issue), f.Act.As, f.Act.Do)
		s.until("the webhook about it", func() bool { return len(s.kept(before)) > 0 })
	}
	s.calm()
}

func zeroOf(v any) any {
	switch v.(type) {
	case bool:
		return false
	case string:
		return "T0HOME" // the workspace of an account
	}
	return nil
}

func (s *scene) noFaults() {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(s.t.Context()), http.MethodDelete, s.base+"/_control/faults", nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if got := s.request(req, nil); got.code != http.StatusOK {
		s.t.Fatal(got)
	}
}

// met counts the calls that met a fault.
func met(box sandbox.State) (n int) {
	for _, c := range box.Calls {
		if c.Fault != "" {
			n++
		}
	}
	return n
}

// meanwhile changes the organisation while Judge waits for Slack's directory:
// its first try was before the change, and no try under way at the change may be
// the one that gets an answer.
func (s *scene) meanwhile(change map[string]string, faulted int, judged func() bool) {
	s.t.Helper()
	tried := func(n int) func() bool { return func() bool { return met(s.sandbox()) > n || judged() } }
	s.until("Slack to be asked about the account", tried(faulted))
	n := met(s.sandbox())
	s.organisation(change)
	s.until("Slack to be asked again, if need be", tried(n))
	s.noFaults()
}
