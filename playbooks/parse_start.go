package playbooks

import "github.com/aimsbot/aimsbot/playbooks/source"

// KindStart is a step that starts a run of another playbook.
const KindStart Kind = "start"

// Start starts a run of Playbook.
type Start struct {
	Playbook Str `json:"playbook"`
	// Subject is an expression that gives the subject; empty = the run's.
	Subject Str `json:"subject,omitzero"`
	// With are the values the run is started with, by the name of its input.
	With []SetVar `json:"with,omitempty"`
	// Wait says that the step is finished when that run has ended.
	Wait bool `json:"wait,omitempty"`
}

func (r *reader) start(n *source.Node) *Start {
	m := r.fields(n, "a start", []string{"playbook", "subject", "with", "wait"}, nil)
	m.Require("playbook")
	return &Start{Playbook: m.Text("playbook"), Subject: m.Text("subject"), With: r.set(m.Node("with")), Wait: m.Bool("wait")}
}
