package source

import (
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

// decimalComma reports `min: 0,5` in braces, which is a number and the beginning
// of another entry.
func (p *parser) decimalComma(y *yaml.Node, i int) bool {
	k, v := y.Content[i], y.Content[i+1]
	if i < 2 || y.Style&yaml.FlowStyle == 0 || k.ShortTag() != "!!int" || v.ShortTag() != "!!null" || v.Value != "" || y.Content[i-1].ShortTag() != "!!int" {
		return false
	}
	before := y.Content[i-1]
	if before.Line != k.Line || before.Column+len(before.Value)+1 != k.Column {
		return false
	}
	p.add(before.Line, before.Column, "type", "The comma in `%s,%s` ends the value. Write the number with a point: %s.%s.", before.Value, k.Value, before.Value, k.Value)
	return true
}

// taken says what YAML takes an unquoted text for.
func taken(tag string) string {
	switch tag {
	case "!!int", "!!float":
		return "a number"
	case "!!timestamp":
		return "a date"
	}
	return "true or false"
}

var (
	groupedNumber = regexp.MustCompile(`^-?[1-9][0-9]{0,2}(?:[.,' \x{00a0}\x{202f}][0-9]{3})+$`)
	commaNumber   = regexp.MustCompile(`^-?(?:0|[1-9][0-9]*),[0-9]+$`)
	noDigit       = regexp.MustCompile(`[^0-9-]`)
)

// Plain is the number that people most likely meant with what they wrote, as it
// must be written: 100000 for 100.000, 0.5 for 0,5, 10 for 10%. It is "" where
// none can be seen.
func Plain(text string) string {
	t := strings.TrimSpace(text)
	if share, ok := strings.CutSuffix(t, "%"); ok {
		t = strings.TrimSpace(share)
		if anyNumber.MatchString(t) {
			return t
		}
	}
	switch {
	case groupedNumber.MatchString(t):
		return noDigit.ReplaceAllString(t, "")
	case commaNumber.MatchString(t):
		return strings.Replace(t, ",", ".", 1)
	}
	return ""
}

// thousands tells a number such as 100.000: YAML takes it for 100, and people
// mean a hundred thousand.
func thousands(text string) bool {
	return strings.Contains(text, ".000") && groupedNumber.MatchString(text)
}

// digits says how a number is written, for the one that people wrote.
func (n *Node) digits() string {
	p := Plain(n.text)
	switch {
	case thousands(n.text):
		whole, _, _ := strings.Cut(n.text, ".")
		return "Write " + p + ", or " + whole + " if that is meant."
	case p != "":
		return "Write " + p + "."
	}
	return "Write digits only" + n.unquote() + "."
}
