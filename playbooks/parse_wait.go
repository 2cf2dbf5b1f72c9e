package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// KindWait is a step that waits for a moment or a condition, and for nobody.
const KindWait Kind = "wait"

// Wait holds the run until a moment comes or a condition holds.
type Wait struct {
	// Until is an expression: a date (its first instant), an instant, or a
	// condition that is looked at when something changes and every morning.
	Until Str `json:"until"`
}

func (r *reader) wait(n *source.Node) *Wait {
	m := r.fields(n, "a wait", []string{"until"}, []string{"event"})
	m.Require("until")
	return &Wait{Until: m.Text("until")}
}
