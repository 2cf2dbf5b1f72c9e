package activities_test

import (
	"strings"
	"testing"
)

// packed sends what it looked up and asked to people before anything is decided.
const packed = `playbook: packed
title: Packed
subject: system
steps:
  - id: look
    collect: {systems: {from: systems}}
  - id: scope
    form: {ask: '${system.owner}', title: 'What is it for?', questions: [{id: goal, text: The goal, type: text}], again: true}
  - id: pack
    notify: {to: {any_of: [ron, responsible-ai-committee]}, text: This is what it is about., about: [look, scope]}
  - id: plain
    notify: {to: ron, text: Nothing else}
  - id: work
    task: {assign: ron, title: Work}
`

// TestNotifyAbout: a message shows what it is about and names its digest, under
// which the whole of it is kept as it was sent, whatever is answered later.
func TestNotifyAbout(t *testing.T) {
	w := newWorld(t, packed)
	w.advance()
	w.say("scope", "olive", "answer", map[string]any{"goal": "Ranking"})
	w.judge()
	w.settle()
	sum, _ := w.done("pack").Fields["digest"].(string)
	doc, err := w.ledger.Document(t.Context(), sum)
	w.must(err)
	if text := string(doc); !strings.Contains(text, "Ranking") || !strings.Contains(text, "CV screener") {
		t.Errorf("what was sent is not kept: %s", text)
	}
	for _, where := range []string{"U0RON", "C0RAIC"} {
		shown := ""
		for _, m := range w.messagesTo(where) {
			for _, f := range m.card.Facts {
				shown += f.Label + ": " + f.Value + "\n"
			}
			if m.card.Title == "Pack" {
				shown += m.card.Footer
			}
		}
		for _, want := range []string{"The goal: Ranking", "Systems: ", "CV screener", strings.TrimPrefix(sum, "sha256:")[:12]} {
			if !strings.Contains(shown, want) {
				t.Errorf("%s is not shown %q: %s", where, want, shown)
			}
		}
	}
	told := w.records("step.notified")
	if len(told) != 2 || told[0].Facts["digest"] != sum || told[1].Facts["digest"] == sum {
		t.Errorf("records: %+v", told)
	}
	if doc, err := w.ledger.Document(t.Context(), told[1].Facts["digest"]); err == nil && len(doc) > 0 {
		t.Errorf("a message about nothing keeps a document: %s", doc)
	}
	w.sayTo(w.done("scope").Token, "olive", "answer", map[string]any{"goal": "Something else"})
	w.judge()
	if got := w.done("pack").Fields["digest"]; got != sum {
		t.Errorf("what was sent became %v", got)
	}
}
