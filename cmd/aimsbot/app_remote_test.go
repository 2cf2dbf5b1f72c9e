package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aimsbot/aimsbot/activities"
)

// lookOutside reads what a source says of the use of a system and what a registry
// says of its model, and asks somebody where they say nothing.
const lookOutside = `playbook: look-outside
title: Look outside
subject: model
steps:
  - id: facts
    title: Use and quality of ${model.name}
    collect:
      usage:
        from: json
        source: usage
        path: '/systems/${model.system.id}'
        entries: body.days
        fields:
          day: {type: date, value: entry.day}
          rate: {type: number, value: 'double(entry.overridden) / double(entry.calls)'}
        where: item.rate > 0.1
      quality: {from: metrics}
  - id: supply
    when: has(steps.facts.usage.missing) || has(steps.facts.quality.missing)
    form:
      ask: ${model.system.owner}
      title: How good is ${model.name}?
      questions: [{id: known, text: What is known of it, type: long}]
    due: 2 working days
  - id: decide
    approval: {about: [facts, supply], need: [{role: ai-ethics-officer}]}
    due: 5 working days
`

// usageSource answers after it has been busy once; the registry refuses the token.
func usageSource(t *testing.T, calls *atomic.Int32) *httptest.Server {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/api/2.0/mlflow"):
			w.WriteHeader(http.StatusUnauthorized)
		case calls.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = fmt.Fprint(w, `{"days": [{"day": "2027-03-01", "calls": 100, "overridden": 25}, {"day": "2027-03-02", "calls": 100, "overridden": 1}]}`)
		}
	}))
	t.Cleanup(s.Close)
	return s
}

// TestOutsideFacts: a source that is busy is asked again, one that refuses is told
// of, and somebody is asked for what it does not say. Who decides sees all of it.
func TestOutsideFacts(t *testing.T) {
	for form, events := range map[string]int{"one history": 0, "continued as new": 5} {
		t.Run(form, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			dir := ownConfig(t, lookOutside)
			declareSources(t, dir, usageSource(t, &calls).URL)
			w := newWorld(t, demoCmd{NoRateLimits: true, events: events, Config: dir})
			w.outsideFacts()
			if n := calls.Load(); n != 2 {
				t.Errorf("the source was asked %d times: once in vain, and once more", n)
			}
		})
	}
}

func declareSources(t *testing.T, dir, address string) {
	t.Helper()
	file := filepath.Join(dir, "organisation.yaml")
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	more := fmt.Sprintf("sources:\n  usage: {kind: json, url: '%s', private: true}\n  registry: {kind: mlflow, url: '%s', private: true}\n", address, address)
	if err := os.WriteFile(file, append(b, more...), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (w *world) outsideFacts() string {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "look-outside", Subject: "cv-ranker", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.until("the run says whom it waits for", func() bool {
		waiting := w.run(run.ID).View.Waiting
		return len(waiting) == 1 && strings.HasPrefix(waiting[0].For, "facts from outside: Use and quality of CV ranker") || len(w.messagesTo("olive")) > 0
	})
	w.fill("olive", w.message("olive", "answer", "How good is CV ranker?"), "answer", map[string]any{"known": "As good as ever"})
	m := w.message("ethan", "approve", "1 found, from usage (http://127.0.0.1")
	if all := string(m.Blocks); !strings.Contains(all, "not available: it answers 401 Unauthorized") || !strings.Contains(all, "As good as ever") {
		w.t.Errorf("who decides is not shown what is missing: %s", all)
	}
	w.press("ethan", m, "approve")
	w.ends(run.ID, "approved", expected{records: map[string]int{"facts.fetched": 2, "facts.collected": 1, "run.ended": 1}})
	return run.WorkflowID
}

// askRegistry has nobody to ask: the organisation file names no registry.
const askRegistry = `playbook: ask-registry
title: Ask the registry
subject: model
steps:
  - id: facts
    collect: {quality: {from: metrics, since: 90 days}}
  - id: supply
    when: has(steps.facts.quality.missing)
    form: {ask: '${model.system.owner}', title: 'How good is ${model.name}?', questions: [{id: known, text: What is known of it, type: long}]}
    due: 2 working days
`

func (w *world) askRegistry() (workflowID string) {
	w.t.Helper()
	run, _, err := w.demo.app.acts.Start(w.t.Context(), activities.StartRequest{Playbook: "ask-registry", Subject: "cv-ranker", By: "max", Door: "cli"})
	if err != nil {
		w.t.Fatal(err)
	}
	w.fill("olive", w.message("olive", "answer", "How good is CV ranker?"), "answer", map[string]any{"known": "As good as ever"})
	w.ends(run.ID, "completed", expected{records: map[string]int{"facts.fetched": 1, "facts.collected": 1}})
	return run.WorkflowID
}
