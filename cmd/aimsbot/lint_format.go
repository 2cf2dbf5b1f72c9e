package main

import (
	"fmt"
	"io"
	"maps"
	"path/filepath"
	"strings"
)

// The formats of lint. Problems are written for people in each: a program gets
// the same sentences, with the place beside them.
const (
	formatJSON   = "json"
	formatGitHub = "github"
)

// severity is the same for all: lint has no warnings, because a file with a
// problem is never run.
const severity = "error"

// print writes what was found. bare is --json, which is the plain list.
func (l *linted) print(w io.Writer, format string, bare bool) error {
	switch {
	case format == formatJSON:
		return printJSON(w, map[string]any{"problems": l.found()})
	case bare:
		return printJSON(w, l.findings())
	case format == formatGitHub:
		for _, p := range l.found() {
			fmt.Fprintln(w, p.command())
		}
	default:
		texts := maps.Clone(l.besides)
		maps.Copy(texts, l.sources)
		if err := l.problems.Print(w, texts); err != nil {
			return fmt.Errorf("print: %w", err)
		}
	}
	if len(l.problems) == 0 {
		say(w, "No problems in %s.", counted(len(l.sources), "file"))
	}
	for _, text := range l.unused {
		say(w, "Not used here: %s", text)
	}
	return nil
}

// findingJSON is one problem as --json prints it. Line and column count from 1.
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

// problemJSON is one problem as --format json prints it, with the names that
// linters mostly use. Line and column count from 1.
type problemJSON struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Rule     string `json:"rule"`
	Message  string `json:"message"`
	Severity string `json:"severity"`
}

func (l *linted) found() []problemJSON {
	out := make([]problemJSON, 0, len(l.problems))
	for _, p := range l.problems {
		out = append(out, problemJSON{File: p.File, Line: p.Line, Column: p.Col, Rule: p.Rule, Message: p.Message, Severity: severity})
	}
	return out
}

// Escaping of workflow commands. GitHub's page shows the commands,
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions,
// and its own toolkit has the escaping:
// https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts
var (
	githubData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	githubProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// command is the workflow command with which GitHub shows the problem beside
// its line. GitHub knows files by clean paths with slashes.
func (p problemJSON) command() string {
	file := filepath.ToSlash(filepath.Clean(p.File))
	return fmt.Sprintf("::%s file=%s,line=%d,col=%d,title=%s::%s",
		p.Severity, githubProperty.Replace(file), p.Line, p.Column, githubProperty.Replace(p.Rule), githubData.Replace(p.Message))
}
