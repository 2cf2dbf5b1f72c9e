package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"

	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/library"
	"github.com/aimsbot/aimsbot/playbooks/org"
	"github.com/aimsbot/aimsbot/playbooks/source"
)

type lintCmd struct {
	Paths []string `arg:"" optional:"" name:"path" help:"Files, or config folders with organisation.yaml, programme.yaml and playbooks/."`
}

func (c *lintCmd) Run(s *streams, g *globals) error {
	l := linted{sources: map[string][]byte{}}
	paths := c.Paths
	if len(paths) == 0 {
		paths = []string{""} // the shipped library with the sample organisation
	}
	for _, path := range paths {
		if err := l.add(path); err != nil {
			return err
		}
	}
	l.problems.Sort()
	if g.JSON {
		if err := printJSON(s.out, l.findings()); err != nil {
			return err
		}
	} else if err := l.problems.Print(s.out, l.sources); err != nil {
		return fmt.Errorf("print: %w", err)
	}
	if len(l.problems) > 0 {
		return errFindings
	}
	if !g.JSON {
		say(s.out, "No problems in %s.", counted(len(l.sources), "file"))
	}
	return nil
}

// linted is what has been read and found wrong so far.
type linted struct {
	sources  map[string][]byte
	problems source.Problems
}

func (l *linted) add(path string) error {
	if path != "" {
		info, err := os.Stat(path)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return wrongUsage("there is no file or folder %s", path)
		case err != nil:
			return wrongUsage("%w", err)
		case !info.IsDir():
			return l.addFile(path)
		}
	}
	c, problems, err := loadConfig(path)
	if err != nil {
		return wrongUsage("%w", err)
	}
	maps.Copy(l.sources, c.sources)
	l.problems = append(l.problems, problems...)
	return nil
}

// addFile checks one file alone: whom it names is not looked up.
func (l *linted) addFile(path string) error {
	b, err := os.ReadFile(path)
	if err != nil {
		return wrongUsage("%w", err)
	}
	l.sources[path] = b
	var problems source.Problems
	switch fileKind(path) {
	case "organisation":
		_, problems = org.ParseOrganisation([]org.File{{Name: path, Source: b}})
	case "programme":
		_, problems = org.ParseProgramme(path, b)
	case "rules":
		_, problems = playbooks.ParseRules(path, b)
	default:
		shipped, _ := playbooks.ParseRules("rules.yaml", library.Rules())
		_, problems = playbooks.Check(path, b, nil, shipped)
	}
	l.problems = append(l.problems, problems...)
	return nil
}

// findingJSON is one problem as programs get it. Line and column count from 1.
type findingJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Col     int    `json:"col"`
	Message string `json:"message"`
	Rule    string `json:"rule"`
}

func (l *linted) findings() []findingJSON {
	out := make([]findingJSON, 0, len(l.problems))
	for _, p := range l.problems {
		out = append(out, findingJSON{File: p.File, Line: p.Line, Col: p.Col, Message: p.Message, Rule: p.Rule})
	}
	return out
}

// counted is "1 file" or "3 files".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
