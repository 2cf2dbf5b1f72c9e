package source

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Problem is one thing wrong in a file, for the person who wrote it: what was
// found, the choices, what to write instead. Rule is a short kebab-case name.
type Problem struct {
	Pos
	Message string
	Rule    string
}

// String prints file:line:col: message [rule].
func (p Problem) String() string { return fmt.Sprintf("%s: %s [%s]", p.Pos, p.Message, p.Rule) }

// Unreadable tells whether the file could not be read as YAML, so that nothing
// can be said of what it holds.
func (p Problem) Unreadable() bool { return p.Rule == ruleYAML }

// ruleYAML is the rule of what is no YAML.
const ruleYAML = "yaml"

// Problems is everything found wrong, so that all of it can be mended in one
// pass. As an error it prints one line per problem.
type Problems []Problem

// Add notes one problem.
func (ps *Problems) Add(pos Pos, rule, format string, args ...any) {
	for i, a := range args {
		switch a := a.(type) {
		case string:
			args[i] = shorten(a)
		case Str:
			args[i] = shorten(a.V)
		}
	}
	*ps = append(*ps, Problem{Pos: pos, Message: fmt.Sprintf(format, args...), Rule: rule})
}

// maxQuoted is how many bytes of a text from a file, or of a list of choices, a
// message has room for.
const maxQuoted = 1000

func shorten(s string) string {
	if len(s) <= maxQuoted {
		return s
	}
	return strings.ToValidUTF8(s[:maxQuoted], "") + "..."
}

// Err returns nil when there is no problem, else the problems.
func (ps Problems) Err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// Error prints one line per problem, in order of position.
func (ps Problems) Error() string {
	lines := make([]string, 0, len(ps))
	for _, p := range ps.sorted() {
		lines = append(lines, p.String())
	}
	return strings.Join(lines, "\n")
}

// Sort orders by file, line, column, then rule and message, and drops repeats.
func (ps *Problems) Sort() { *ps = ps.sorted() }

func (ps Problems) sorted() Problems {
	out := slices.Clone(ps)
	slices.SortStableFunc(out, func(a, b Problem) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Col, b.Col),
			cmp.Compare(a.Rule, b.Rule), cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.Compact(out)
}

// Print writes every problem in order, each followed by its line and a caret.
// src holds the files by the name used in Pos; a problem of a file that is not
// there is printed without its line.
func (ps Problems) Print(w io.Writer, src map[string][]byte) error {
	var b strings.Builder
	for _, p := range ps.sorted() {
		b.WriteString(p.String())
		b.WriteByte('\n')
		if line, ok := lineOf(src[p.File], p.Line); ok {
			writeExcerpt(&b, line, p.Line, p.Col)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// lineOf returns line n (from 1) of a file without its line break.
func lineOf(file []byte, n int) (string, bool) {
	for i := 1; len(file) > 0; i++ {
		line, rest, _ := bytes.Cut(file, []byte("\n"))
		if i == n {
			return strings.TrimRight(string(line), "\r"), true
		}
		file = rest
	}
	return "", false
}

// maxExcerpt is how many characters of a line are shown; of a longer one the
// part around the caret.
const maxExcerpt = 120

// window cuts a long line to the part around character col, and moves col.
func window(line string, col int) (string, int) {
	r := []rune(line)
	if len(r) <= maxExcerpt {
		return line, col
	}
	from := min(max(col-1-maxExcerpt/2, 0), len(r)-maxExcerpt)
	part, more := string(r[from:from+maxExcerpt]), from+maxExcerpt < len(r)
	if more {
		part += "..."
	}
	if from > 0 {
		return "..." + part, col - from + len("...")
	}
	return part, col
}

// writeExcerpt writes the line and a caret under character col. Tabs stay tabs
// in the padding, so that the caret lands right in any terminal.
func writeExcerpt(b *strings.Builder, line string, n, col int) {
	line, col = window(line, col)
	number := fmt.Sprintf("%5d", n)
	fmt.Fprintf(b, "%s | %s\n%s | ", number, line, strings.Repeat(" ", len(number)))
	i := 1
	for _, r := range line {
		if i >= col {
			break
		}
		if r != '\t' {
			r = ' '
		}
		b.WriteRune(r)
		i++
	}
	b.WriteString("^\n")
}
