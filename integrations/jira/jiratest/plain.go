package jiratest

import (
	"regexp"
	"strings"
)

// reAnchor finds anchors, which are not seen, with the line that holds no more.
var reAnchor = regexp.MustCompile(`\n?\{anchor:[^}]*\}`)

// Plain is what a reader sees of escaped wiki markup: a backslash before a
// sign is gone, and so are anchors. Other markup stays as it is written.
func Plain(markup string) string {
	markup = reAnchor.ReplaceAllString(markup, "")
	var b strings.Builder
	for i := 0; i < len(markup); i++ {
		if markup[i] == '\\' && i+1 < len(markup) && strings.IndexByte(`{}[]*_-^~!|#+?`, markup[i+1]) >= 0 {
			continue
		}
		b.WriteByte(markup[i])
	}
	return strings.ReplaceAll(b.String(), "&#92;", `\`)
}
