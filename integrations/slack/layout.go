package slack

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
)

// layout collects blocks within the limits of one message or view. What does
// not fit is left out, and short says so.
type layout struct {
	blocks []slack.Block
	slots  int // blocks left
	room   int // characters left in all blocks together
	short  bool
}

// wide is the longest value shown beside its label; longer ones get the whole
// width below it.
const wide = 300

// pairsInSection is how many label and value pairs one section holds: 10 fields.
const pairsInSection = 5

// minUseful is the least worth showing of a text that must be cut.
const minUseful = 40

func (l *layout) add(b slack.Block, size int) bool {
	size += blockOverhead
	if l.slots < 1 || size > l.room {
		l.short = true
		return false
	}
	l.blocks = append(l.blocks, b)
	l.slots--
	l.room -= size
	return true
}

// fit cuts a text to n characters and to the room that is left.
func (l *layout) fit(s string, n int) (string, bool) {
	s = strings.TrimSpace(s)
	size := utf8.RuneCountInString(s)
	limit := min(n, l.room-blockOverhead)
	if size <= limit {
		return s, true
	}
	l.short = true
	if limit < minUseful {
		return "", false
	}
	return cut(s, limit), true
}

// paragraph adds a text as people wrote it, in as many blocks as it needs.
func (l *layout) paragraph(s string) {
	rest := []rune(strings.TrimSpace(s))
	for len(rest) > 0 {
		part := rest[:min(len(rest), maxTextObject)]
		rest = rest[len(part):]
		text, ok := l.fit(string(part), maxTextObject)
		if !ok {
			return
		}
		if text == "" {
			continue
		}
		if !l.add(section(plain(text, maxTextObject)), utf8.RuneCountInString(text)) {
			return
		}
	}
}

// heading adds a short text of our own in bold.
func (l *layout) heading(s string) {
	s = bold(s)
	l.add(section(markdown(s)), utf8.RuneCountInString(s))
}

// pairs adds labelled values: short ones in two columns, long ones below their
// label.
func (l *layout) pairs(fields []port.Field) {
	var row []*slack.TextBlockObject
	size := 0
	flush := func() bool {
		if len(row) == 0 {
			return true
		}
		ok := l.add(&slack.SectionBlock{Type: slack.MBTSection, Fields: row}, size)
		row, size = nil, 0
		return ok
	}
	for _, f := range fields {
		label := markdown(bold(f.Label))
		value := strings.TrimSpace(f.Value)
		if utf8.RuneCountInString(value) > wide {
			if !flush() || !l.add(section(label), utf8.RuneCountInString(label.Text)) {
				return
			}
			l.paragraph(value)
			continue
		}
		text := plain(value, wide)
		n := utf8.RuneCountInString(label.Text) + utf8.RuneCountInString(text.Text)
		if size+n+blockOverhead > l.room {
			l.short = true
			break
		}
		row = append(row, label, text)
		size += n
		if len(row) == 2*pairsInSection && !flush() {
			return
		}
	}
	flush()
}

// bold is a label in bold, on one line and without formatting of its own.
func bold(s string) string {
	s = strings.NewReplacer("*", "", "\n", " ", "`", "'", "~", "-").Replace(strings.TrimSpace(s))
	if s == "" {
		s = "-"
	}
	return "*" + escapeCut(s, wide) + "*"
}

func section(text *slack.TextBlockObject) *slack.SectionBlock {
	return &slack.SectionBlock{Type: slack.MBTSection, Text: text}
}

func contextLine(s string) *slack.ContextBlock {
	return slack.NewContextBlock("", plain(s, maxTextObject))
}
