package playbooks

import (
	"errors"
	"strings"
)

// part is a piece of a text: plain text, or the expression between ${ and }.
type part struct {
	text string
	expr bool
	at   int // offset in bytes of the text's first character in the whole
}

var errUnclosed = errors.New("`${` is never closed; write `}` after the expression")

// splitText cuts a text into plain parts and expressions. Braces and quotes
// inside an expression are respected.
func splitText(s string) ([]part, error) {
	var parts []part
	for at := 0; at < len(s); {
		i := strings.Index(s[at:], "${")
		if i < 0 {
			return append(parts, part{text: s[at:], at: at}), nil
		}
		if i > 0 {
			parts = append(parts, part{text: s[at : at+i], at: at})
		}
		start := at + i + 2
		n := exprEnd(s[start:])
		if n < 0 {
			return append(parts, part{text: s[start:], expr: true, at: start}), errUnclosed
		}
		parts = append(parts, part{text: s[start : start+n], expr: true, at: start})
		at = start + n + 1
	}
	return parts, nil
}

// exprEnd is the offset of the brace that closes an expression, -1 for none.
func exprEnd(s string) int {
	depth := 0
	for i := 0; i < len(s); i++ {
		switch c := s[i]; c {
		case '"', '\'':
			n := quoteEnd(s[i+1:], c)
			if n < 0 {
				return -1
			}
			i += n + 1
		case '{':
			depth++
		case '}':
			if depth == 0 {
				return i
			}
			depth--
		}
	}
	return -1
}

// quoteEnd is the offset of the closing quote, -1 for none.
func quoteEnd(s string, quote byte) int {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case quote:
			return i
		}
	}
	return -1
}

// whole returns the expression of a text that is exactly `${expr}`.
func whole(parts []part) (string, bool) {
	if len(parts) == 1 && parts[0].expr {
		return parts[0].text, true
	}
	return "", false
}
