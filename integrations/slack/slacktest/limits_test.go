package slacktest_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

// long makes n code points, two bytes each: a limit in bytes would show.
func long(n int) string { return strings.Repeat("é", n) }

func plainText(s string) string { return fmt.Sprintf(`{"type":"plain_text","text":%q}`, s) }

// many joins n items that f makes.
func many(n int, f func(i int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = f(i)
	}
	return "[" + strings.Join(all, ",") + "]"
}

func option(text, value string) string {
	return fmt.Sprintf(`{"text":%s,"value":%q}`, plainText(text), value)
}

func options(n int) string {
	return many(n, func(i int) string { return option("o", fmt.Sprint(i)) })
}

// button makes an actions block with one button that has more members.
func button(more string) string {
	return `{"type":"actions","elements":[{"type":"button","action_id":"a",` + more + `}]}`
}

// actions makes an actions block with one element.
func actions(element string) string { return `{"type":"actions","elements":[` + element + `]}` }

// input makes an input block with one element.
func input(element string) string {
	return `{"type":"input","label":` + plainText("L") + `,"element":` + element + `}`
}

func section(text string) string { return `{"type":"section","text":` + plainText(text) + `}` }

func confirm(title, text, yes, no string) string {
	return button(`"text":` + plainText("b") + `,"confirm":{"title":` + plainText(title) + `,"text":` + plainText(text) +
		`,"confirm":` + plainText(yes) + `,"deny":` + plainText(no) + `}`)
}

// limit is one number of limits.go: block makes one block of size n, and at
// says where Slack points when it is too large.
type limit struct {
	name  string
	max   int
	at    string
	block func(n int) string
}

func blockLimits() []limit {
	b := func(s string) string { return `"text":` + plainText("b") + s }
	sel := `{"type":"static_select","action_id":"s",`
	return []limit{
		{"block_id", slacktest.MaxBlockID, "/0/block_id", func(n int) string { return `{"type":"divider","block_id":"` + long(n) + `"}` }},
		{"action_id", slacktest.MaxActionID, "/0/action_id", func(n int) string {
			return actions(`{"type":"button","text":` + plainText("b") + `,"action_id":"` + long(n) + `"}`)
		}},
		{"section text", slacktest.MaxSectionText, "/0/text/text", func(n int) string { return section(long(n)) }},
		{"section fields", slacktest.MaxFields, "/0/fields", func(n int) string {
			return `{"type":"section","fields":` + many(n, func(int) string { return plainText("f") }) + `}`
		}},
		{"section field", slacktest.MaxFieldText, "/fields/0/text", func(n int) string { return `{"type":"section","fields":[` + plainText(long(n)) + `]}` }},
		{"header", slacktest.MaxHeader, "/0/text/text", func(n int) string { return `{"type":"header","text":` + plainText(long(n)) + `}` }},
		{"context text", slacktest.MaxTextObject, "/elements/0/text", func(n int) string { return `{"type":"context","elements":[` + plainText(long(n)) + `]}` }},
		{"context elements", slacktest.MaxContext, "/0/elements", func(n int) string {
			return `{"type":"context","elements":` + many(n, func(int) string { return plainText("c") }) + `}`
		}},
		{"actions elements", slacktest.MaxActions, "/0/elements", func(n int) string {
			return `{"type":"actions","elements":` + many(n, func(i int) string {
				return fmt.Sprintf(`{"type":"button","action_id":"a%d","text":%s}`, i, plainText("b"))
			}) + `}`
		}},
		{"context_actions elements", slacktest.MaxCtxActions, "/0/elements", func(n int) string {
			return `{"type":"context_actions","elements":` + many(n, func(i int) string {
				return fmt.Sprintf(`{"type":"icon_button","icon":"trash","action_id":"a%d","text":%s}`, i, plainText("b"))
			}) + `}`
		}},
		{"table rows", slacktest.MaxTableRows, "/0/rows", func(n int) string {
			return `{"type":"table","rows":` + many(n, func(int) string { return `[{"type":"raw_text","text":"c"}]` }) + `}`
		}},
		{"markdown", slacktest.MaxMarkdown, "/0/text", func(n int) string { return `{"type":"markdown","text":"` + long(n) + `"}` }},
		{"button text", slacktest.MaxButtonText, "/0/text/text", func(n int) string { return button(`"text":` + plainText(long(n))) }},
		{"button value", slacktest.MaxButtonValue, "/0/value", func(n int) string { return button(b(`,"value":"` + long(n) + `"`)) }},
		{"button url", slacktest.MaxURL, "/0/url", func(n int) string { return button(b(`,"url":"https://x/` + long(n-10) + `"`)) }},
		{"accessibility_label", slacktest.MaxAccessLabel, "/accessibility_label", func(n int) string { return button(b(`,"accessibility_label":"` + long(n) + `"`)) }},
		{"confirm title", slacktest.MaxConfirmTitle, "/confirm/title", func(n int) string { return confirm(long(n), "t", "y", "n") }},
		{"confirm text", slacktest.MaxConfirmText, "/confirm/text", func(n int) string { return confirm("t", long(n), "y", "n") }},
		{"confirm confirm", slacktest.MaxConfirmLabel, "/confirm/confirm", func(n int) string { return confirm("t", "t", long(n), "n") }},
		{"confirm deny", slacktest.MaxConfirmLabel, "/confirm/deny", func(n int) string { return confirm("t", "t", "y", long(n)) }},
		{"options", slacktest.MaxOptions, "/0/options", func(n int) string { return actions(sel + `"options":` + options(n) + `}`) }},
		{"option_groups", slacktest.MaxGroups, "/option_groups", func(n int) string {
			return actions(sel + `"option_groups":` + many(n, func(int) string { return `{"label":` + plainText("g") + `,"options":` + options(1) + `}` }) + `}`)
		}},
		{"group label", slacktest.MaxOptionText, "/label/text", func(n int) string {
			return actions(sel + `"option_groups":[{"label":` + plainText(long(n)) + `,"options":` + options(1) + `}]}`)
		}},
		{"option text", slacktest.MaxOptionText, "/options/0/text", func(n int) string { return actions(sel + `"options":[` + option(long(n), "v") + `]}`) }},
		{"option value", slacktest.MaxOptionText, "/options/0/value", func(n int) string { return actions(sel + `"options":[` + option("t", long(n)) + `]}`) }},
		{"option description", slacktest.MaxOptionText, "/description/text", func(n int) string {
			return actions(sel + `"options":[{"text":` + plainText("t") + `,"value":"v","description":` + plainText(long(n)) + `}]}`)
		}},
		{"option url", slacktest.MaxURL, "/options/0/url", func(n int) string {
			return actions(`{"type":"overflow","options":[{"text":` + plainText("t") + `,"value":"v","url":"https://x/` + long(n-10) + `"}]}`)
		}},
		{"checkboxes", slacktest.MaxChoices, "/0/options", func(n int) string { return actions(`{"type":"checkboxes","options":` + options(n) + `}`) }},
		{"radio buttons", slacktest.MaxChoices, "/0/options", func(n int) string { return actions(`{"type":"radio_buttons","options":` + options(n) + `}`) }},
		{"overflow", slacktest.MaxOverflow, "/0/options", func(n int) string { return actions(`{"type":"overflow","options":` + options(n) + `}`) }},
		{"placeholder", slacktest.MaxPlaceholder, "/placeholder/text", func(n int) string { return actions(`{"type":"datepicker","placeholder":` + plainText(long(n)) + `}`) }},
		{"label", slacktest.MaxLabel, "/label/text", func(n int) string {
			return `{"type":"input","label":` + plainText(long(n)) + `,"element":{"type":"datepicker"}}`
		}},
		{"hint", slacktest.MaxHint, "/hint/text", func(n int) string {
			return `{"type":"input","label":` + plainText("l") + `,"hint":` + plainText(long(n)) + `,"element":{"type":"datepicker"}}`
		}},
		{"max_length", slacktest.MaxInputLength, "/max_length", func(n int) string { return input(fmt.Sprintf(`{"type":"plain_text_input","max_length":%d}`, n)) }},
		{"initial_value", 5, "/initial_value", func(n int) string {
			return input(`{"type":"plain_text_input","max_length":5,"initial_value":"` + long(n) + `"}`)
		}},
		{"alt_text", slacktest.MaxAltText, "/alt_text", func(n int) string {
			return `{"type":"image","image_url":"https://x/i.png","alt_text":"` + long(n) + `"}`
		}},
		{"image title", slacktest.MaxAltText, "/title/text", func(n int) string {
			return `{"type":"image","image_url":"https://x/i.png","alt_text":"a","title":` + plainText(long(n)) + `}`
		}},
		{"image url", slacktest.MaxURL, "/image_url", func(n int) string {
			return `{"type":"image","alt_text":"a","image_url":"https://x/` + long(n-10) + `"}`
		}},
	}
}

func TestBlockLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	for _, l := range blockLimits() {
		post := func(n int) string {
			return reason(w.call("chat.postMessage", map[string]string{"channel": "C0GOV", "text": "t", "blocks": "[" + l.block(n) + "]"}))
		}
		if got := post(l.max); got != "" {
			t.Errorf("%s of %d is refused: %s", l.name, l.max, got)
		}
		if got := post(l.max + 1); !strings.HasPrefix(got, "invalid_blocks") || !strings.Contains(got, l.at) {
			t.Errorf("%s of %d: %q, want invalid_blocks at %s", l.name, l.max+1, got, l.at)
		}
	}
}

// TestMessageLimits holds the limits of whole messages.
func TestMessageLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	_, ts := w.post("C0GOV", text("first"))
	blocks := func(n int, each string) string { return many(n, func(int) string { return each }) }
	perBlock := slacktest.MaxBlocksTotal/6 - slacktest.BlockOverhead
	for _, c := range []struct {
		name, method, key, good, bad, want string
	}{
		{"text", "chat.postMessage", "text", long(slacktest.MaxText), long(slacktest.MaxText + 1), "msg_too_long"},
		{"text of an update", "chat.update", "text", long(slacktest.MaxUpdateText), long(slacktest.MaxUpdateText + 1), "msg_too_long"},
		{"markdown_text", "chat.postMessage", "markdown_text", long(slacktest.MaxMarkdown), long(slacktest.MaxMarkdown + 1), "msg_too_long"},
		{
			"blocks", "chat.postMessage", "blocks", blocks(slacktest.MaxMessageBlocks, `{"type":"divider"}`),
			blocks(slacktest.MaxMessageBlocks+1, `{"type":"divider"}`), "invalid_blocks",
		},
		{
			"all blocks together", "chat.postMessage", "blocks", blocks(6, section(long(perBlock))),
			blocks(6, section(long(perBlock+1))), "msg_blocks_too_long",
		},
		{
			"markdown blocks together", "chat.postMessage", "blocks", blocks(2, `{"type":"markdown","text":"`+long(6000)+`"}`),
			blocks(2, `{"type":"markdown","text":"`+long(6001)+`"}`), "invalid_blocks",
		},
		{"attachments", "chat.postMessage", "attachments", "[]", blocks(slacktest.MaxAttachments+1, "{}"), "too_many_attachments"},
		{
			"metadata", "chat.postMessage", "metadata", `{"event_type":"e","event_payload":{"key":"` + strings.Repeat("k", slacktest.MaxMessageMetadata-46) + `"}}`,
			`{"event_type":"e","event_payload":{"key":"` + strings.Repeat("k", slacktest.MaxMessageMetadata) + `"}}`, "metadata_too_large",
		},
	} {
		args := map[string]string{"channel": "C0GOV", "ts": ts, "text": "t"}
		if c.key == "markdown_text" {
			delete(args, "text")
		}
		args[c.key] = c.good
		if got := reason(w.call(c.method, args)); got != "" {
			t.Errorf("%s at the limit is refused: %s", c.name, got)
		}
		args[c.key] = c.bad
		if got := reason(w.call(c.method, args)); !strings.HasPrefix(got, c.want) {
			t.Errorf("%s over the limit: %q, want %s", c.name, got, c.want)
		}
	}
}

// TestViewLimits holds the limits of views.
func TestViewLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	view := func(kind, more string) string {
		return `{"type":"` + kind + `","title":` + plainText("T") + `,"blocks":[` + section("s") + `]` + more + `}`
	}
	named := func(k string) func(n int) string {
		return func(n int) string { return view("modal", `,"`+k+`":"`+long(n)+`"`) }
	}
	label := func(k string) func(n int) string {
		return func(n int) string { return view("modal", `,"`+k+`":`+plainText(long(n))) }
	}
	for _, l := range []limit{
		{"title", slacktest.MaxViewTitle, "/view/title/text", func(n int) string {
			return `{"type":"modal","title":` + plainText(long(n)) + `,"blocks":[` + section("s") + `]}`
		}},
		{"submit", slacktest.MaxViewTitle, "/view/submit/text", label("submit")},
		{"close", slacktest.MaxViewTitle, "/view/close/text", label("close")},
		{"private_metadata", slacktest.MaxMetadata, "/view/private_metadata", named("private_metadata")},
		{"callback_id", slacktest.MaxCallbackID, "/view/callback_id", named("callback_id")},
		{"external_id", slacktest.MaxExternalID, "/view/external_id", named("external_id")},
		{"blocks", slacktest.MaxViewBlocks, "/view/blocks", func(n int) string {
			return `{"type":"modal","title":` + plainText("T") + `,"blocks":` + many(n, func(int) string { return `{"type":"divider"}` }) + `}`
		}},
		{"bytes", slacktest.MaxViewBytes, "view_too_large", func(n int) string {
			body := func(rest int) string {
				return `{"blocks":` + many(99, func(i int) string {
					return section(strings.Repeat("x", map[bool]int{true: rest, false: 2480}[i == 0]))
				}) + `,"title":` + plainText("T") + `,"type":"modal"}`
			}
			return body(1 + n - len(body(1)))
		}},
	} {
		open := func(n int) string {
			return reason(w.call("views.open", map[string]string{"trigger_id": w.trigger("U0ANNA"), "view": l.block(n)}))
		}
		if got := open(l.max); got != "" {
			t.Errorf("%s of %d is refused: %.200s", l.name, l.max, got)
		}
		if got := open(l.max + 1); !strings.Contains(got, l.at) {
			t.Errorf("%s of %d: %.200q, want %s", l.name, l.max+1, got, l.at)
		}
	}
}
