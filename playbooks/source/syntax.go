package source

import (
	"regexp"
	"strconv"
	"strings"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// yamlWords says in a layman's words what the YAML reader means.
var yamlWords = []struct{ has, say string }{
	{"control characters", "A control character stands in this file. Type the line anew."},
	{"mapping values are not allowed", "A colon stands where no key can be. Put the text in quotes, or check the indentation."},
	{"found character that cannot start", "A character here cannot begin a text. Put the text in quotes."},
	{"tab character", "A tab stands here. Indent with spaces."},
	{"did not find expected key", "Near here a line stands out of place. Check that keys of one group begin in the same column."},
	{"did not find expected '-'", "Near here a line stands out of place. Check that the dashes of one list begin in the same column."},
	{"unknown anchor", "A text that begins with * needs quotes."},
	{"exceeded max depth", "Values are nested too deep here."},
}

// syntax explains a text YAML cannot read. The YAML reader gives up at the
// first fault and often names the line where the surrounding group begins, so
// the text is looked through once more for the faults people make.
func (p *parser) syntax(err error) {
	s := newScanner(p)
	s.run()
	if len(p.problems) > 0 {
		p.problems.Sort()
		return
	}
	line, reason := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		reason = m[2]
	}
	line = min(max(line, 1), len(p.lines))
	text := p.lines[line-1]
	col := len(text) - len(strings.TrimLeft(text, " \t")) + 1
	for _, w := range yamlWords {
		if strings.Contains(reason, w.has) {
			p.add(line, col, ruleYAML, "%s", w.say)
			return
		}
	}
	p.add(line, col, ruleYAML, "YAML cannot read this (%s). Check the indentation, and put text with signs in it in quotes.", reason)
}
