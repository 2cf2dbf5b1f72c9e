package jira

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// rePlainURL finds addresses without a sign that wiki markup would act on;
// they stay as they are, so that they remain links.
var rePlainURL = regexp.MustCompile(`https?://[A-Za-z0-9.\-_~%/?=&:#@+,;]+`)

const cutMark = " …"

// wiki writes plain, untrusted text so that Jira shows exactly it: no mention,
// no picture, no macro, no link under another name. Beyond maxText characters
// it is cut between two signs.
func wiki(text string) string { return wikiUpTo(text, maxText) }

func wikiUpTo(text string, most int) string {
	text = strings.ToValidUTF8(text, string(utf8.RuneError))
	text = strings.ReplaceAll(strings.ReplaceAll(text, "\r\n", "\n"), "\r", "\n")
	var b strings.Builder
	left := most - utf8.RuneCountInString(cutMark)
	put := func(s string) bool {
		n := utf8.RuneCountInString(s)
		if n > left {
			b.WriteString(cutMark)
			return false
		}
		left -= n
		b.WriteString(s)
		return true
	}
	at := 0
	for _, loc := range rePlainURL.FindAllStringIndex(text, -1) {
		if !escape(text, at, loc[0], put) || !put(text[loc[0]:loc[1]]) {
			return b.String()
		}
		at = loc[1]
	}
	escape(text, at, len(text), put)
	return b.String()
}

// escape puts text[from:to] sign by sign; it knows the signs around it.
func escape(text string, from, to int, put func(string) bool) bool {
	for i, r := range text[from:to] {
		i += from
		prev, _ := utf8.DecodeLastRuneInString(text[:i])
		next, _ := utf8.DecodeRuneInString(text[i+utf8.RuneLen(r):])
		if !put(escaped(r, prev, next)) {
			return false
		}
	}
	return true
}

// escaped is one sign as wiki markup needs it.
func escaped(r, prev, next rune) string {
	switch {
	case r == '\n' || r == '\t':
		return string(r)
	case r == utf8.RuneError || unicode.IsControl(r):
		return string(utf8.RuneError)
	case r == '\\':
		// Two backslashes are a line break, one before a sign hides it.
		if letter(next) || unicode.IsSpace(next) {
			return `\`
		}
		return "&#92;"
	case (r == '-' || r == '_') && letter(prev) && letter(next):
		return string(r) // inside a word they mean nothing: 2026-12-31, bias_test
	case r == '?' && prev != '?' && next != '?':
		return "?" // only two of them mean a citation
	case strings.ContainsRune("{}[]*_-^~!|#+?", r): // guard: jira-escape
		return `\` + string(r)
	}
	return string(r)
}

func letter(r rune) bool { return r != utf8.RuneError && (unicode.IsLetter(r) || unicode.IsDigit(r)) }

// oneLine joins lines and drops control signs.
func oneLine(text string) string {
	text = strings.Map(func(r rune) rune {
		if unicode.IsControl(r) {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(text, "�"))
	return strings.Join(strings.Fields(text), " ")
}

// cut shortens to at most n characters, the last of them an ellipsis.
func cut(text string, n int) string {
	if utf8.RuneCountInString(text) <= n {
		return text
	}
	return strings.TrimSpace(string([]rune(text)[:n-1])) + "…"
}

// summary is a title as Jira takes it: one line of at most maxSummary
// characters.
func summary(text string) string { return cut(oneLine(text), maxSummary) }
