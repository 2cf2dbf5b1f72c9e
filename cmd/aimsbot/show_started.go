package main

import (
	"io"

	"github.com/aimsbot/aimsbot/activities/port"
)

// sayStarted says which runs the steps of a run started or joined, a line a step.
func sayStarted(w io.Writer, r port.RunRow) {
	first := true
	for _, st := range r.View.Steps {
		step := r.Definition.Playbook.Step(st.Step)
		if step == nil || step.Start == nil || st.State != port.StepDone {
			continue
		}
		if first {
			say(w, "")
			first = false
		}
		if child, ok := st.Result["run"].(string); ok {
			say(w, "%s led to run %s of %s", st.Step, child, step.Start.Playbook)
		} else {
			say(w, "%s started no run of %s, so that nothing goes round in a circle", st.Step, step.Start.Playbook)
		}
	}
}
