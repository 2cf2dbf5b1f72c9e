package graph

import (
	"fmt"
	"strings"
	"unicode"
)

// label is a quoted label of Mermaid with a line for each text.
func label(lines []string) string {
	escaped := make([]string, len(lines))
	for i, l := range lines {
		escaped[i] = escape(l)
	}
	return `"` + strings.Join(escaped, "<br/>") + `"`
}

// escape writes a text so that Mermaid shows it as it is. In a quoted label it
// still reads quotes, HTML, entities, comments and Markdown; #35; is its own way
// of writing a character by its number
// (https://mermaid.js.org/syntax/flowchart.html#entity-codes-to-escape-characters).
// Letters, digits and what has no meaning to it stay readable. Formulas ($$) and
// icons (fa:fa-x) are looked for after that, and nobody writes them in a title.
func escape(s string) string {
	r := []rune(s)
	var b strings.Builder
	for i, c := range r {
		if plain(r, i) {
			b.WriteRune(c)
		} else {
			fmt.Fprintf(&b, "#%d;", c)
		}
	}
	return b.String()
}

// plain tells whether a character may stand as it is.
func plain(r []rune, i int) bool {
	word := func(at int) bool {
		return at >= 0 && at < len(r) && (unicode.IsLetter(r[at]) || unicode.IsDigit(r[at]))
	}
	switch c := r[i]; {
	case unicode.IsLetter(c), unicode.IsMark(c), unicode.IsDigit(c):
		return true
	case c == '_', c == '.', c == '-', c == ':':
		// Inside a word, or before a space after one; else they may begin
		// emphasis, a list or an address.
		next := word(i+1) || (c != '_' && (i+1 == len(r) || r[i+1] == ' '))
		return word(i-1) && next && !list(r, i)
	}
	return strings.ContainsRune(" ,()'?/=…", r[i])
}

// list tells whether a dot stands behind the number of a list.
func list(r []rune, i int) bool {
	for _, c := range r[:i] {
		if !unicode.IsDigit(c) {
			return false
		}
	}
	return r[i] == '.'
}
