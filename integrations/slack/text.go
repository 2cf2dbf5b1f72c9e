package slack

import (
	"net/url"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/slackutilsx"
)

// Slack's limits, in characters (Unicode code points) unless another unit is
// named. https://docs.slack.dev/reference/block-kit/blocks and the field
// comments of @slack/types 3.2.0.
const (
	maxMessageBlocks = 50
	maxViewBlocks    = 100
	maxHeader        = 150
	maxTextObject    = 3000
	maxButton        = 75
	maxActions       = 25
	maxConfirmTitle  = 100
	maxConfirmText   = 300
	maxLabel         = 2000
	maxHint          = 2000
	maxOption        = 75
	maxOptionValue   = 75
	maxOptions       = 100
	maxRadio         = 10 // radio buttons and checkboxes
	maxModalTitle    = 24 // and its two buttons
	maxInput         = 3000
	maxURL           = 3000
	// maxText is how long the `text` beside blocks should be.
	// https://docs.slack.dev/reference/methods/chat.postMessage#truncating
	maxText = 4000
	// maxMessageText is what all blocks of one message may hold together, each
	// block counting blockOverhead more: msg_blocks_too_long was seen from about
	// 13,200 on (bolt-js issue 2509, undocumented); this stays below.
	maxMessageText = 12_500
	blockOverhead  = 50
	// maxViewText is what all blocks of one view may hold together, so that its
	// JSON stays under 250 kB (view_too_large): four bytes a character at most.
	maxViewText = 48_000
)

const ellipsis = "…"

// cut shortens a text to n characters, by runes, and marks it.
func cut(s string, n int) string {
	if utf8.RuneCountInString(s) <= n {
		return s
	}
	return string([]rune(s)[:n-1]) + ellipsis
}

// escape makes a text harmless in mrkdwn and in `text`: no mention, no link.
func escape(s string) string {
	return slackutilsx.EscapeMessage(s) // guard: slack-escape
}

// escapeCut escapes a text and keeps the result within n characters; it is cut
// before escaping, so that no entity is cut in half.
func escapeCut(s string, n int) string {
	for limit := min(n, utf8.RuneCountInString(s)); limit > 1; {
		out := escape(cut(s, limit))
		over := utf8.RuneCountInString(out) - n
		if over <= 0 {
			return out
		}
		limit -= max(over/5, 1) // an escaped character is at most five
	}
	return escape(cut(s, 1))
}

// plain is a text shown as it is; empty texts, which Slack refuses, become a dash.
func plain(s string, n int) *slack.TextBlockObject {
	s = strings.TrimSpace(s)
	if s == "" {
		s = "-"
	}
	off := false
	return &slack.TextBlockObject{Type: slack.PlainTextType, Text: cut(s, n), Emoji: &off}
}

// markdown is a text with our own formatting; what people wrote in it must
// have been escaped.
func markdown(s string) *slack.TextBlockObject {
	return &slack.TextBlockObject{Type: slack.MarkdownType, Text: s, Verbatim: true}
}

// webLink writes a link, or the bare label when the address is not a web
// address.
func webLink(label, address string) string {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" || len(address) > maxURL/2 {
		return escape(label)
	}
	safe := strings.NewReplacer("<", "%3C", ">", "%3E", "|", "%7C", "&", "&amp;", "\n", "", " ", "%20").Replace(u.String())
	return "<" + safe + "|" + strings.ReplaceAll(escapeCut(label, 500), "|", "¦") + ">"
}

// userID is a Slack user id, and nothing else that could be put in a mention.
var userID = regexp.MustCompile(`^[UW][A-Z0-9]{2,30}$`)
