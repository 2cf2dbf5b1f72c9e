package main

import (
	"fmt"
	"io"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

// missing is what no scenario has shown, as problems.
func (t *tested) missing() source.Problems {
	var ps source.Problems
	for _, name := range t.names {
		for _, g := range t.covers[name].missing() {
			ps.Add(g.Pos, "cover", "%s: %s.", name, g.Say)
		}
	}
	ps.Sort()
	return ps
}

func (t *tested) print(w io.Writer, json, cover bool) error {
	if json {
		return printJSON(w, t.asJSON(cover))
	}
	if err := t.problems.Print(w, t.sources); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	failed := 0
	for _, p := range t.played {
		if p.failed {
			failed++
		}
	}
	switch n := len(t.played); {
	case n == 0 && len(t.problems) == 0:
		say(w, "There are no scenarios: write them beside the playbooks, in playbooks/NAME%s.", testSuffix)
	case failed > 0:
		say(w, "%d of %s came out differently.", failed, counted(n, "scenario"))
	case n > 0:
		say(w, "%s came out as expected.", counted(n, "scenario"))
	}
	if !cover {
		return nil
	}
	for _, name := range t.names {
		all, open := len(t.covers[name].goals), len(t.covers[name].missing())
		say(w, "%s: %d of %d shown (%d %%).", name, all-open, all, (all-open)*100/max(all, 1))
	}
	if err := t.missing().Print(w, t.sources); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	return nil
}

// testJSON is what --json prints.
type testJSON struct {
	Scenarios []scenarioJSON `json:"scenarios"`
	Problems  []findingJSON  `json:"problems"`
	Cover     []coverJSON    `json:"cover,omitempty"`
}

type scenarioJSON struct {
	File     string `json:"file"`
	Name     string `json:"name"`
	Playbook string `json:"playbook"`
	OK       bool   `json:"ok"`
}

// coverJSON is how much of a playbook scenarios have shown.
type coverJSON struct {
	Playbook string        `json:"playbook"`
	Goals    int           `json:"goals"`
	Shown    int           `json:"shown"`
	Missing  []findingJSON `json:"missing"`
}

func (t *tested) asJSON(cover bool) testJSON {
	out := testJSON{Scenarios: []scenarioJSON{}, Problems: (&linted{problems: t.problems}).findings()}
	for _, p := range t.played {
		out.Scenarios = append(out.Scenarios, scenarioJSON{File: p.file, Name: p.Name.V, Playbook: p.Playbook, OK: !p.failed})
	}
	if !cover {
		return out
	}
	for _, name := range t.names {
		c := t.covers[name]
		one := coverJSON{Playbook: name, Goals: len(c.goals), Missing: []findingJSON{}}
		for _, g := range c.missing() {
			one.Missing = append(one.Missing, findingJSON{File: g.Pos.File, Line: g.Pos.Line, Col: g.Pos.Col, Message: g.Say, Rule: "cover"})
		}
		one.Shown = one.Goals - len(one.Missing)
		out.Cover = append(out.Cover, one)
	}
	return out
}
