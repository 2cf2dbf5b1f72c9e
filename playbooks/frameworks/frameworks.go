// Package frameworks holds what standards and laws ask for, clause by clause, in
// our own words: the clauses that playbooks say they satisfy.
package frameworks

import (
	"embed"
	"fmt"
	"strings"
	"sync"

	"github.com/aimsbot/aimsbot/playbooks/source"
)

//go:embed *.yaml
var files embed.FS

// Framework is one standard or law.
type Framework struct {
	ID      string // begins clause ids: iso42001
	Title   string
	Edition string
	// Complete tells whether Clauses are all there are; else only those that the
	// playbooks touch.
	Complete bool
	Clauses  []Clause
}

// Clause is one thing a framework asks for.
type Clause struct {
	ID    string // without the framework: 6.1.4
	Title string
}

// All returns the frameworks in order of their ids.
var All = sync.OnceValue(func() []Framework {
	entries, err := files.ReadDir(".")
	if err != nil {
		panic(fmt.Sprintf("read the embedded frameworks: %v", err)) // cannot happen: the folder is in the binary
	}
	var out []Framework
	for _, e := range entries {
		b, err := files.ReadFile(e.Name())
		if err != nil {
			panic(fmt.Sprintf("read the embedded framework %s: %v", e.Name(), err)) // cannot happen
		}
		f, problems := Parse(e.Name(), b)
		if len(problems) > 0 {
			panic(problems.Error()) // cannot happen: a test reads them
		}
		out = append(out, f)
	}
	return out
})

// Parse reads a framework with every problem found.
func Parse(file string, src []byte) (Framework, source.Problems) {
	root, ps := source.Parse(file, src)
	if root == nil {
		return Framework{}, ps
	}
	m := root.Map(&ps, "a framework", "framework", "title", "edition", "complete", "clauses")
	m.Require("framework", "title", "edition", "complete", "clauses")
	f := Framework{ID: m.Text("framework").V, Title: m.Text("title").V, Edition: m.Text("edition").V, Complete: m.Bool("complete")}
	seen := map[string]bool{}
	for _, n := range m.List("clauses") {
		c := n.Map(&ps, "a clause", "id", "title")
		c.Require("id", "title")
		id := c.Text("id")
		if seen[id.V] {
			ps.Add(id.Pos, "clause", "`%s` is in this list already.", id)
		}
		seen[id.V] = true
		f.Clauses = append(f.Clauses, Clause{ID: id.V, Title: c.Text("title").V})
	}
	return f, ps
}

// Find returns the framework of an id, such as iso42001.
func Find(id string) (Framework, bool) {
	for _, f := range All() {
		if f.ID == id {
			return f, true
		}
	}
	return Framework{}, false
}

// Has tells whether the framework has a clause, or one above or below it: 9.3 is
// in a list of 9.3.1, and 73(4) in one of 73.
func (f Framework) Has(clause string) bool {
	for _, c := range f.Clauses {
		if Within(clause, c.ID) || Within(c.ID, clause) {
			return true
		}
	}
	return false
}

// Within tells whether a clause is another one or a part of it.
func Within(clause, of string) bool {
	rest, ok := strings.CutPrefix(clause, of)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '(')
}
