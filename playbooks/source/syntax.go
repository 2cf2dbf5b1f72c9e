package source

import (
	"regexp"
	"strconv"
)

var yamlLine = regexp.MustCompile(`^yaml: (?:line (\d+): )?(.*)$`)

// syntax explains a text YAML cannot read.
func (p *parser) syntax(err error) {
	line, reason := 1, err.Error()
	if m := yamlLine.FindStringSubmatch(reason); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			line = n
		}
		reason = m[2]
	}
	p.add(min(max(line, 1), len(p.lines)), 1, "yaml", "YAML cannot read this: %s. Check the indentation and put the text in quotes.", reason)
}
