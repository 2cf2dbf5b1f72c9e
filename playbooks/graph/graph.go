// Package graph draws a playbook as a Mermaid flowchart, which GitHub, GitLab
// and most editors show as a picture. It draws what a playbook says, in the
// order of the file: the same playbook gives the same text everywhere.
package graph

import (
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/playbooks"
)

// Mermaid returns the flowchart of a playbook that has no problems.
func Mermaid(p *playbooks.Playbook) string {
	d := &drawing{p: p, depth: 1, ids: map[*playbooks.Step]string{}}
	for _, s := range p.All() {
		d.ids[s] = "s_" + s.ID.V // `end` alone is a word of Mermaid
		if s.ID.Empty() {
			d.ids[s] = fmt.Sprintf("lane%d", len(d.ids)) // an entry of a group that nothing names
		}
	}
	d.node("start", circle, "start")
	d.events()
	last := d.sequence(p.Steps, []exit{{from: "start"}})
	if len(last) > 0 {
		d.join(last, "done")
		d.node("done", stadium, d.ends()...)
	}
	if d.rejects {
		d.node("rejected", stadium, outcome(p, "rejected"))
	}
	return "flowchart TD\n" + d.nodes.String() + d.edges.String()
}

// drawing collects nodes and edges apart: a node that an edge inside a subgraph
// names first would be put into it.
type drawing struct {
	p            *playbooks.Playbook
	nodes, edges strings.Builder
	depth        int // of the line being written
	ids          map[*playbooks.Step]string
	joints       int
	rejects      bool // some rejection ends the run
}

// exit is a way on that leads to nothing yet: what comes next joins it.
type exit struct {
	from, label string
	dashed      bool
}

// The shapes of nodes, as what stands before and after the label.
var (
	circle  = [2]string{"((", "))"}
	stadium = [2]string{"([", "])"}
	box     = [2]string{"[", "]"}
	rounded = [2]string{"(", ")"}
	doubled = [2]string{"[[", "]]"}
	hexagon = [2]string{"{{", "}}"}
	flag    = [2]string{">", "]"}
	slanted = [2]string{"[/", "/]"}
	rhombus = [2]string{"{", "}"}
)

func (d *drawing) node(id string, shape [2]string, lines ...string) {
	d.line(id + shape[0] + label(lines) + shape[1])
}

func (d *drawing) line(text string) {
	d.nodes.WriteString(strings.Repeat("  ", d.depth) + text + "\n")
}

// join leads all exits to a node.
func (d *drawing) join(exits []exit, to string) {
	for _, e := range exits {
		arrow := "-->"
		if e.dashed {
			arrow = "-.->"
		}
		if e.label != "" {
			arrow += "|" + label([]string{e.label}) + "|"
		}
		fmt.Fprintf(&d.edges, "  %s %s %s\n", e.from, arrow, to)
	}
}

// split leads the exits to where a condition is looked at, and returns the way
// on when it holds and the one when not. One plain way on needs no joint.
func (d *drawing) split(in []exit, when playbooks.Str) (yes, no []exit) {
	if when.Empty() || len(in) == 0 {
		return in, nil
	}
	at := in[0].from
	if len(in) > 1 || in[0].label != "" {
		d.joints++
		at = fmt.Sprintf("joint%d", d.joints)
		d.node(at, circle, " ")
		d.join(in, at)
	}
	return []exit{{from: at, label: condition(when)}}, []exit{{from: at, label: "otherwise"}}
}

// sequence draws steps one after another and returns where they lead out.
func (d *drawing) sequence(steps []*playbooks.Step, in []exit) []exit {
	for _, s := range steps {
		in = d.step(s, in)
	}
	return in
}
