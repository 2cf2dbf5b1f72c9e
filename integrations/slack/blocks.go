package slack

import (
	"strings"
	"unicode/utf8"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
)

// tokenVersion stands before the token in a button's value and in a modal's
// metadata.
const tokenVersion = "v1."

const sayShortened = "Shortened to fit into one message. The whole text is kept with the run."

// maxMentions is how many people one message mentions.
const maxMentions = 30

// renderCard turns a card into blocks and the text shown where blocks cannot
// be: notifications and screen readers. short says that something was left out.
func renderCard(c port.Card) (blocks []slack.Block, text string, short bool) {
	tail, tailSize := cardTail(c)
	l := &layout{
		slots: maxMessageBlocks - len(tail) - 1, // one for the note that it was shortened
		room:  maxMessageText - tailSize - (len(tail)+1)*blockOverhead - len(sayShortened),
	}
	if title, ok := l.fit(c.Title, maxHeader); ok && title != "" {
		l.add(slack.NewHeaderBlock(plain(title, maxHeader)), utf8.RuneCountInString(title))
	}
	if who := mentions(c.People); who != "" {
		l.add(section(markdown(who)), utf8.RuneCountInString(who))
	}
	for _, line := range c.Lines {
		l.paragraph(line)
	}
	l.pairs(c.Fields)
	if len(c.Facts) > 0 {
		l.heading("What this is about")
		l.pairs(c.Facts)
	}
	blocks = l.blocks
	if l.short {
		blocks = append(blocks, contextLine(sayShortened))
	}
	return append(blocks, tail...), fallback(c), l.short
}

// cardTail is what is always shown: links, buttons and footer.
func cardTail(c port.Card) (blocks []slack.Block, size int) {
	if links := linkLines(c.Links); links != "" {
		blocks = append(blocks, section(markdown(links)))
		size += utf8.RuneCountInString(links)
	}
	var buttons []slack.BlockElement
	for _, b := range c.Buttons {
		if len(buttons) == maxActions { // there are eight actions
			break
		}
		buttons = append(buttons, button(b, c.Token))
		size += maxButton
		if b.Confirm != "" {
			size += maxConfirmTitle + maxConfirmText
		}
	}
	if len(buttons) > 0 {
		blocks = append(blocks, slack.NewActionBlock("ask", buttons...))
	}
	if footer := strings.TrimSpace(c.Footer); footer != "" {
		footer = cut(footer, wide)
		blocks = append(blocks, contextLine(footer))
		size += utf8.RuneCountInString(footer)
	}
	return blocks, size
}

func button(b port.Button, token string) *slack.ButtonBlockElement {
	e := slack.NewButtonBlockElement(b.Action, tokenVersion+token, plain(b.Label, maxButton))
	switch b.Style {
	case "primary":
		e.Style = slack.StylePrimary
	case "danger":
		e.Style = slack.StyleDanger
	}
	if b.Confirm != "" {
		e.Confirm = slack.NewConfirmationBlockObject(plain(b.Label, maxConfirmTitle), plain(b.Confirm, maxConfirmText),
			plain("Yes", maxConfirmTitle), plain("No", maxConfirmTitle))
	}
	return e
}

// maxLinkText bounds all links of a card together, in characters.
const maxLinkText = 2900

func linkLines(links []port.Link) string {
	var out strings.Builder
	for _, l := range links {
		line := webLink(l.Label, l.URL)
		if out.Len()+len(line)+1 > maxLinkText {
			break
		}
		if out.Len() > 0 {
			out.WriteString("\n")
		}
		out.WriteString(line)
	}
	return out.String()
}

func mentions(people []port.Mention) string {
	var out []string
	for _, p := range people {
		if userID.MatchString(p.User) && len(out) < maxMentions {
			out = append(out, "<@"+p.User+">")
		}
	}
	return strings.Join(out, " ")
}

// fallback is the message in one plain text.
func fallback(c port.Card) string {
	text := strings.TrimSpace(c.Title)
	if len(c.Lines) > 0 {
		text = strings.TrimSpace(text + "\n" + c.Lines[0])
	}
	if text == "" {
		text = "Aimsbot has something for you."
	}
	text = escapeCut(text, maxTextObject)
	if who := mentions(c.People); who != "" {
		text += "\n" + who
	}
	return text
}
