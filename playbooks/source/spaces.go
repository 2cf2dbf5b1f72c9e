package source

import (
	"regexp"
	"strings"
)

// oddSpace are spaces that look like the plain one and that YAML takes for
// letters: those of https://www.unicode.org/charts/PDF/U2000.pdf, the no-break
// space that text programs put in, and the ones of no width.
const oddSpace = `[\x{00a0}\x{1680}\x{2000}-\x{200b}\x{202f}\x{205f}\x{3000}\x{feff}]`

// oddIndent finds such a space where YAML needs a plain one: before a line's
// text, behind a dash, or behind the colon of a key.
var oddIndent = regexp.MustCompile(`^[ \t]*(?:- *)*(` + oddSpace + `)|^[ \t]*(?:- +)*[A-Za-z_][A-Za-z0-9_]*:(` + oddSpace + `)`)

// oddSpaces reports the spaces that only look like spaces, by line; the text
// inside a value may have them.
func (p *parser) oddSpaces() {
	for i, l := range p.lines {
		m := oddIndent.FindStringSubmatchIndex(l)
		if m == nil || (i == 0 && strings.HasPrefix(l, "\ufeff")) {
			continue
		}
		at := max(m[2], m[4])
		p.add(i+1, len([]rune(l[:at]))+1, ruleYAML, "This looks like a space but is another character, as text programs and web pages put them in. Delete it and type a plain space.")
	}
}
