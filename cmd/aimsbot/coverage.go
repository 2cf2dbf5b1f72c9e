package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/frameworks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

type coverageCmd struct {
	Config    string `placeholder:"DIR" help:"Config folder, whose playbooks count beside the shipped ones."`
	Framework string `arg:"" optional:"" help:"One of the frameworks; without it, all."`
}

// coveredClause is a clause with what covers it.
type coveredClause struct {
	Clause string    `json:"clause"` // iso42001:6.1.4
	Title  string    `json:"title"`
	By     []coverBy `json:"by"`
}

// coverBy is a playbook, or a step of one, that says it satisfies a clause.
type coverBy struct {
	Playbook string `json:"playbook"`
	Step     string `json:"step,omitempty"`
	// Programme tells whether the programme runs the playbook.
	Programme bool `json:"programme"`
	// Events tells whether something that happens begins it.
	Events bool `json:"events,omitempty"`
}

// coverageOf is one framework.
type coverageOf struct {
	Framework string          `json:"framework"`
	Title     string          `json:"title"`
	Edition   string          `json:"edition"`
	Complete  bool            `json:"complete"`
	Clauses   []coveredClause `json:"clauses"`
	Covered   int             `json:"covered"`
}

func (c *coverageCmd) Run(s *streams, g *globals) error {
	chosen, err := c.chosen()
	if err != nil {
		return err
	}
	cfg, err := checkedConfig(c.Config)
	if err != nil {
		return err
	}
	claims := cfg.claims()
	var out []coverageOf
	for _, f := range chosen {
		out = append(out, cover(f, claims))
	}
	if g.JSON {
		return printJSON(s.out, out)
	}
	for i, f := range out {
		if i > 0 {
			fmt.Fprintln(s.out)
		}
		if err := f.print(s.out); err != nil {
			return err
		}
	}
	return nil
}

func (c *coverageCmd) chosen() ([]frameworks.Framework, error) {
	if c.Framework == "" {
		return frameworks.All(), nil
	}
	if f, ok := frameworks.Find(c.Framework); ok {
		return []frameworks.Framework{f}, nil
	}
	var ids []string
	for _, f := range frameworks.All() {
		ids = append(ids, f.ID)
	}
	return nil, wrongUsage("there is no framework %q; frameworks: %s", c.Framework, strings.Join(ids, ", "))
}

// claim is a clause that a playbook or a step says it satisfies.
type claim struct {
	clause string // with its framework
	by     coverBy
}

// claims are those of all playbooks, in order of playbook and step.
func (c *config) claims() []claim {
	var out []claim
	for _, l := range slices.SortedFunc(slices.Values(c.playbooks), func(a, b loaded) int { return strings.Compare(a.playbook.Name.V, b.playbook.Name.V) }) {
		by := coverBy{Playbook: l.playbook.Name.V, Programme: slices.ContainsFunc(c.programme.Entries, func(e org.Entry) bool { return e.Playbook == l.playbook.Name.V })}
		by.Events = l.playbook.Starts != nil && len(l.playbook.Starts.Events) > 0
		if !l.runs() {
			continue // what extends it says what it covers
		}
		add := func(ids []playbooks.Str, step string) {
			by.Step = step
			for _, id := range ids {
				out = append(out, claim{id.V, by})
			}
		}
		add(l.playbook.Satisfies, "")
		for _, s := range l.playbook.All() {
			add(s.Satisfies, s.ID.V)
		}
	}
	return out
}

// cover holds a framework against the claims: a part of a clause covers it too.
func cover(f frameworks.Framework, claims []claim) coverageOf {
	out := coverageOf{Framework: f.ID, Title: f.Title, Edition: f.Edition, Complete: f.Complete}
	for _, c := range f.Clauses {
		one := coveredClause{Clause: f.ID + ":" + c.ID, Title: c.Title, By: []coverBy{}}
		for _, cl := range claims {
			if frameworks.Within(cl.clause, one.Clause) && !slices.Contains(one.By, cl.by) {
				one.By = append(one.By, cl.by)
			}
		}
		if len(one.By) > 0 {
			out.Covered++
		}
		out.Clauses = append(out.Clauses, one)
	}
	return out
}

func (f coverageOf) print(w io.Writer) error {
	of := "listed clauses"
	if f.Complete {
		of = "clauses"
	}
	say(w, "%s (%s): %d of %d %s have a playbook.", f.Title, f.Edition, f.Covered, len(f.Clauses), of)
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, c := range f.Clauses {
		by := "-"
		if len(c.By) > 0 {
			by = byWords(c.By)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\n", c.Clause, c.Title, by)
	}
	return t.Flush()
}

// byWords names what covers a clause: a playbook, or steps of it, and whether
// nothing but a person's request starts it.
func byWords(by []coverBy) string {
	var out []string
	for _, b := range by {
		text := b.Playbook
		if b.Step != "" {
			text += "." + b.Step
		}
		if !b.Programme && !b.Events {
			text += " (on request)"
		}
		out = append(out, text)
	}
	return strings.Join(out, ", ")
}
