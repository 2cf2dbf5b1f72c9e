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
	Format string   `enum:"text,json,github" default:"text" placeholder:"FORMAT" help:"How problems are printed: text for people, json for programs, github for annotations in a GitHub Actions run."`
	Paths  []string `arg:"" optional:"" name:"path" help:"Files, or config folders with organisation.yaml, programme.yaml and playbooks/."`
}

func (c *lintCmd) Run(s *streams, g *globals) error {
	if g.JSON && c.Format == formatGitHub {
		return wrongUsage("--json and --format github are two formats: give one of them")
	}
	l := linted{sources: map[string][]byte{}, besides: map[string][]byte{}}
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
	if err := l.print(s.out, c.Format, g.JSON); err != nil {
		return err
	}
	if len(l.problems) > 0 {
		return errFindings
	}
	return nil
}

// linted is what has been read and found wrong so far.
type linted struct {
	sources  map[string][]byte
	besides  map[string][]byte // read only because a playbook extends one of them
	problems source.Problems
	unused   []string // what cannot run here, and nothing uses
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
	for _, p := range c.playbooks {
		if len(p.lacks) > 0 {
			l.unused = append(l.unused, p.why())
		}
	}
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
		bases := basesBeside(path, b)
		maps.Copy(l.besides, textsOf(bases))
		_, problems = playbooks.CheckWith(playbooks.File{Name: path, Source: b}, playbooks.NewBases(bases...), nil, shipped)
	}
	l.problems = append(l.problems, problems...)
	return nil
}

// counted is "1 file" or "3 files".
func counted(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}
