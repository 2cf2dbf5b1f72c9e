package activities_test

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/playbooks/org"
)

const chairing = `playbook: chairing
title: Chairing
subject: system
steps:
  - id: scope
    form: {ask: '${system.owner}', title: Scope, questions: [{id: text, text: Text, type: text}]}
  - id: decide
    approval: {about: [scope], need: [{committee: responsible-ai-committee, votes: 2, chair: CHAIR}]}
`

// TestChair: enough members do not do without the chair, or the deputy where that
// is said and the organisation names one.
func TestChair(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, asked, deputy string
		decides             bool // cleo's approval settles it
	}{
		{"the chair alone", "required", "cleo", false},
		{"or the deputy", "or_deputy", "cleo", true},
		{"no deputy named", "or_deputy", "", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t, strings.Replace(chairing, "CHAIR", c.asked, 1))
			w.organisation(func(o *org.Organisation) { o.Committees[0].DeputyChair = c.deputy })
			w.advance()
			w.say("scope", "olive", "answer", map[string]any{"text": "All"})
			w.judge()
			for _, who := range []string{"carl", "cody"} {
				w.say("decide", who, "approve", nil)
				w.judge()
			}
			if w.state.Outcome != "" || !strings.Contains(w.waitsFor(), "with its chair") {
				t.Fatalf("without the chair: outcome %q, waits for %q", w.state.Outcome, w.waitsFor())
			}
			w.say("decide", "cleo", "approve", nil)
			w.judge()
			if (w.state.Outcome == "approved") != c.decides {
				t.Fatalf("after cleo: outcome %q", w.state.Outcome)
			}
			if !c.decides {
				w.say("decide", "cora", "approve", nil)
				w.judge()
			}
			if w.state.Outcome != "approved" {
				t.Errorf("with the chair: outcome %q", w.state.Outcome)
			}
		})
	}
}
