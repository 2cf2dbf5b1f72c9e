package main

import (
	"fmt"
	"strings"
	"testing"
)

// TestFormWindow: a form that no Slack window can hold is found by lint, not by
// the person who should answer it.
func TestFormWindow(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("playbook: long-form\ntitle: Long\nsubject: system\nsteps:\n  - id: ask\n    form:\n      ask: ${system.owner}\n      title: Many\n      questions:\n")
	for i := range 101 {
		fmt.Fprintf(&b, "        - {id: q%d, text: Question %d, type: yesno}\n", i, i)
	}
	_, ps := checkPlaybook("long.yaml", []byte(b.String()), nil)
	if len(ps) != 1 || ps[0].Rule != "form-window" || ps[0].Pos.Line != 5 {
		t.Errorf("problems %v, want one about the window", ps)
	}
}
