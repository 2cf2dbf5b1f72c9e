package playbooks

import (
	"strings"
	"unicode/utf8"
)

// Lengths in characters, of what stands in the file; the values put in for
// ${...} come on top and are cut where they are shown. Source of Slack's:
// https://docs.slack.dev/reference/block-kit/blocks and .../composition-objects.
const (
	maxTitle     = 150  // header block of a Slack message
	maxLabel     = 2000 // label and hint of an input block
	maxOption    = 75   // text of an option
	maxText      = 3000 // any text object
	maxItem      = 255  // line of a checklist; ours, the length of a Jira summary
	maxOptions   = 100  // options of a select
	maxChecklist = 50   // ours: more is no checklist any more
)

// lintTexts checks that texts fit where they are shown.
func lintTexts(l *linter) {
	l.line(l.p.Title, maxTitle)
	l.text(l.p.Purpose, maxText)
	for _, at := range l.flow {
		s := at.step
		l.line(s.Title, maxTitle)
		switch {
		case s.Form != nil:
			l.line(s.Form.Title, maxTitle)
		case s.Task != nil:
			l.line(s.Task.Title, maxTitle)
			for _, item := range s.Task.Checklist {
				l.line(item, maxItem)
			}
			if n := len(s.Task.Checklist); n > maxChecklist {
				l.ps.Add(s.Task.Checklist[maxChecklist].Pos, "too-many", "This checklist has %d lines; at most %d. Make several tasks.", n, maxChecklist)
			}
		case s.Notify != nil:
			l.text(s.Notify.Text, maxText)
		case s.Approval != nil:
			for _, g := range s.Approval.NotBefore {
				l.line(g.Say, maxText)
			}
		case s.Back != nil:
			l.text(s.Back.Say, maxText)
		}
		qs := s.Questions()
		for _, q := range qs {
			l.questionTexts(q)
		}
	}
}

func (l *linter) questionTexts(q Question) {
	l.line(q.Text, maxLabel)
	l.text(q.Help, maxLabel)
	l.text(q.Prefill, maxText)
	if q.Check != nil {
		l.line(q.Check.Say, maxText)
	}
	for _, o := range q.Options {
		l.line(o.Label, maxOption)
	}
	for _, column := range q.Columns {
		l.questionTexts(column)
	}
}

// line checks a text of one line.
func (l *linter) line(s Str, limit int) {
	if strings.ContainsAny(s.V, "\n\r") {
		l.ps.Add(s.Pos, "text", "This text is shown on one line, but it has several. Write it on one.")
	}
	l.text(s, limit)
}

func (l *linter) text(s Str, limit int) {
	l.placeholder(s)
	if n := utf8.RuneCountInString(s.V); n > limit {
		l.ps.Add(s.Pos, "text", "This text has %d characters; there is room for %d. Shorten it.", n, limit)
	}
}
