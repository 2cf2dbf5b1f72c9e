package main

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/jira"
	"github.com/aimsbot/aimsbot/integrations/sandbox"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// scene is a bot with runs in every state, which the cases attack. A case
// leaves it as it was.
type scene struct {
	*world
	*shared
}

// shared is what all tests of a scene have in common.
type shared struct {
	runs map[string]string // system -> run id
	// bot is the address of the doors as `serve` opens them, beside the demo's.
	bot, codec string
	// unset is the door for Jira of a bot without a secret for webhooks.
	unset string
	// strange counts the calls to an address that deliveries name as theirs.
	strange     *httptest.Server
	strangeHits atomic.Int64
	n           atomic.Int64 // tells deliveries apart
	tried, ways atomic.Int64 // attacks, and over how many doors
	organise    string       // organisation.yaml
}

// attacked are the systems with a run, in the order in which these start.
var attacked = []string{"target", "asked", "tasked", "other", "again", "old"}

// Who decides in the scene: the officer, and a majority of the six members
// whom nothing excludes.
var (
	deciders    = []string{"ethan", "cora", "cleo", "carl", "cody"}
	sceneAnswer = map[string]any{"purpose": "Ranks", "people": "500", "harms": []any{"bias"}, "contact": "U0TESS"}
)

func newScene(t *testing.T) *scene {
	t.Helper()
	syscall.Umask(0o022) // as most accounts have it: the bot must not rely on a better one
	w := newWorld(t, demoCmd{NoRateLimits: true, Config: filepath.Join(attackDir, "config"), index: 200 * time.Millisecond})
	w.patience = 20 * time.Second
	s := &scene{world: w, shared: &shared{runs: map[string]string{}}}
	text, err := os.ReadFile(filepath.Join(attackDir, "config", "organisation.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	s.organise = string(text)
	s.strange = httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { s.strangeHits.Add(1) }))
	t.Cleanup(s.strange.Close)
	s.listen(t)
	s.begin()
	return s
}

// listen adds what `serve` has and the demo has not: a listener with nothing but
// the bot's doors, the socket of the command line, and the admin listener.
func (s *scene) listen(t *testing.T) {
	t.Helper()
	stop, err := serveDesk(s.data, s.demo.app)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(stop)
	d, err := openAdmin("127.0.0.1:0", s.data, settings{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.close)
	d.serve(s.demo.app)
	s.codec = "http://" + d.listener.Addr().String()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := publicServer(s.demo.app.handler())
	go func() { _ = server.Serve(ln) }()
	t.Cleanup(func() { _ = server.Close() })
	s.bot = "http://" + ln.Addr().String()
	open, err := jira.New(jira.Options{URL: s.base + "/sandbox/jira", Email: sandbox.JiraEmail, Token: sandbox.JiraToken, Project: "GOV"})
	if err != nil {
		t.Fatal(err)
	}
	unset := httptest.NewServer(open.Handler(s.demo.app.gate.Jira))
	t.Cleanup(unset.Close)
	s.unset = unset.URL
}

// begin brings each run to where it is attacked.
func (s *scene) begin() {
	s.t.Helper()
	for _, name := range attacked {
		run, open, err := s.demo.app.acts.Start(s.t.Context(), activities.StartRequest{Playbook: "release", Subject: name, By: "max", Door: "cli"})
		if err != nil || open {
			s.t.Fatalf("start %s: %v open=%v", name, err, open)
		}
		s.runs[name] = run.ID
	}
	for _, name := range attacked {
		if name != "asked" {
			s.answers(name+".facts", "ann", "answer", sceneAnswer)
		}
	}
	for _, name := range []string{"target", "other", "again", "old"} {
		s.proves(name)
	}
	for _, who := range deciders {
		s.presses("old.decide", who, "approve")
	}
	s.closed(s.runs["old"])
	// The evidence of this decision changes, and then it is sent back.
	s.act(s.issueOf("again.proof"), "eli", map[string]any{"comment": "One more: https://example.com/more"})
	s.until("the evidence is asked about again", func() bool { return len(s.asksOf("again.decide")) == 2 })
	s.answers("again.decide", "ethan", "changes", map[string]any{"reason": "Say more"})
	s.until("the form is asked again", func() bool { return len(s.asksOf("again.facts")) == 2 })
	s.answers("again.facts", "ann", "answer", map[string]any{"purpose": "Ranks better", "people": "501", "harms": []any{"bias"}, "contact": "U0TESS"})
	// The evidence of this one changes, and it is asked again.
	s.act(s.issueOf("other.proof"), "eli", map[string]any{"comment": "One more: https://example.com/more"})
	for _, name := range []string{"target.decide", "other.decide@2", "again.decide@3"} {
		s.place(name, "ethan")
		s.place(name, committee)
	}
	s.place("asked.facts", "ann")
	s.issueOf("tasked.proof")
	s.calm()
}

// proves does the task of a run.
func (s *scene) proves(name string) {
	s.t.Helper()
	key := s.issueOf(name + ".proof")
	s.act(key, "eli", map[string]any{"link": map[string]any{"title": "Report", "url": "https://example.com/" + name}})
	s.act(key, "eli", map[string]any{"transition": "Done"})
}

// split reads "target.decide@2": the run, the step, and the version counted
// from 1; 0 = the newest.
func split(ask string) (run, step string, n int) {
	ask, version, _ := strings.Cut(ask, "@")
	run, step, _ = strings.Cut(ask, ".")
	n, _ = strconv.Atoi(version) // none is the newest
	return run, step, n
}

// asksOf lists the asks of a step, oldest first.
func (s *scene) asksOf(ask string) []port.Ask {
	s.t.Helper()
	run, step, _ := split(ask)
	all, err := s.demo.app.ledger.AsksOf(s.t.Context(), s.runs[run])
	if err != nil {
		s.t.Fatal(err)
	}
	return slices.DeleteFunc(all, func(a port.Ask) bool { return a.Step != step })
}

// ask waits for an ask.
func (s *scene) ask(name string) (found port.Ask) {
	s.t.Helper()
	_, _, n := split(name)
	s.until("the ask "+name, func() bool {
		all := s.asksOf(name)
		if len(all) == 0 || len(all) < n {
			return false
		}
		if found = all[len(all)-1]; n > 0 {
			found = all[n-1]
		}
		return true
	})
	return found
}

// place waits for the message of an ask to a person or in a channel.
func (s *scene) place(name, on string) (at port.Outcome) {
	s.t.Helper()
	a := s.ask(name)
	s.until("a message of "+name+" to "+on, func() bool {
		all, err := s.demo.app.ledger.EffectsOf(s.t.Context(), a.Run)
		if err != nil {
			s.t.Fatal(err)
		}
		for _, e := range all {
			if e.Token == a.Token && e.Kind == port.EffectPost && e.State == port.EffectDone && e.Purpose == "ask" &&
				(e.Addressee == "person:"+on || e.Addressee == "channel:"+on) {
				at = e.Outcome
				return true
			}
		}
		return false
	})
	return at
}

// issueOf waits for the issue of a step.
func (s *scene) issueOf(name string) string {
	s.t.Helper()
	key, _ := s.issueAndID(name)
	return key
}

func (s *scene) issueAndID(name string) (key, id string) {
	s.t.Helper()
	run, step, _ := split(name)
	s.until("the issue of "+name, func() bool {
		all, err := s.demo.app.ledger.EffectsOf(s.t.Context(), s.runs[run])
		if err != nil {
			s.t.Fatal(err)
		}
		for _, e := range all {
			if e.Kind == port.EffectIssue && e.Step == step && e.State == port.EffectDone {
				key, id = e.Outcome.Issue, e.Outcome.IssueID
			}
		}
		return key != ""
	})
	return key, id
}

// on is where a person finds an ask.
func on(ask, who string) string {
	if _, step, _ := split(ask); step == "decide" && who != "ethan" {
		return committee
	}
	return who
}

// presses has somebody press a button, as Slack tells it.
func (s *scene) presses(ask, who, action string) {
	s.t.Helper()
	s.delivers(&press{Ask: ask, On: on(ask, who), As: who, Action: action}, kindPress)
}

// answers has somebody send a modal off.
func (s *scene) answers(ask, who, action string, values map[string]any) {
	s.t.Helper()
	s.delivers(&press{Ask: ask, As: who, Action: action, Values: values}, kindSubmit)
}

func (s *scene) delivers(p *press, kind string) {
	s.t.Helper()
	s.ask(p.Ask)
	got := s.send(p, kind, "http")
	if got.code != http.StatusOK || got.body != "" {
		s.t.Fatalf("%s %s %s by %s: %s", kind, p.Ask, p.Action, p.As, got)
	}
}

// organisation puts another version of the file in force, as a start of the bot
// with it does.
func (s *scene) organisation(changes map[string]string) {
	s.t.Helper()
	text := s.organise
	for was, is := range changes {
		if strings.Count(text, was) != 1 {
			s.t.Fatalf("organisation.yaml has %q %d times", was, strings.Count(text, was))
		}
		text = strings.Replace(text, was, is, 1)
	}
	o, problems := org.ParseOrganisation([]org.File{{Name: "organisation.yaml", Source: []byte(text)}})
	if len(problems) > 0 {
		s.t.Fatalf("%+v", problems)
	}
	if _, err := s.demo.app.ledger.PutOrganisation(context.WithoutCancel(s.t.Context()), o, s.demo.box.Now()); err != nil {
		s.t.Fatal(err)
	}
}

// workflow is the id of a run's workflow.
func (s *scene) workflow(name string) string {
	s.t.Helper()
	if id, ok := s.runs[name]; ok {
		return s.run(id).WorkflowID
	}
	return name
}
