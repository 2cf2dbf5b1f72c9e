package slacktest_test

import (
	"strings"
	"testing"

	"github.com/slack-go/slack"
)

// TestBlocksRefused holds what is wrong for another reason than its size.
func TestBlocksRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	btn := func(id string) string {
		return `{"type":"button","action_id":"` + id + `","text":` + plainText("b") + `}`
	}
	for name, c := range map[string]struct{ blocks, want string }{
		"not a list":                   {`{}`, "invalid_blocks_format"},
		"not JSON":                     {`[`, "invalid_blocks_format"},
		"not an object":                {`["x"]`, "must provide an object"},
		"unknown block":                {`[{"type":"fancy"}]`, "unsupported type: fancy"},
		"unknown element":              {"[" + actions(`{"type":"slider","action_id":"a"}`) + "]", "unsupported type: slider"},
		"element in the wrong block":   {"[" + actions(`{"type":"plain_text_input","action_id":"a"}`) + "]", "unsupported type: plain_text_input"},
		"same block_id twice":          {`[{"type":"divider","block_id":"d"},{"type":"divider","block_id":"d"}]`, "already exists"},
		"same action_id twice":         {`[{"type":"actions","elements":[` + btn("x") + `,` + btn("x") + `]}]`, "already exists"},
		"section without text":         {`[{"type":"section"}]`, "missing required field: text"},
		"header without text":          {`[{"type":"header"}]`, "missing required field: text"},
		"header in mrkdwn":             {`[{"type":"header","text":{"type":"mrkdwn","text":"x"}}]`, "unsupported type: mrkdwn"},
		"empty text":                   {`[{"type":"section","text":{"type":"mrkdwn","text":""}}]`, "must be more than 0"},
		"emoji in mrkdwn":              {`[{"type":"section","text":{"type":"mrkdwn","text":"x","emoji":true}}]`, "additional property: emoji"},
		"empty actions":                {`[{"type":"actions","elements":[]}]`, "at least 1"},
		"empty context":                {`[{"type":"context","elements":[]}]`, "at least 1"},
		"disabled button":              {"[" + button(`"text":`+plainText("b")+`,"disabled":true`) + "]", "additional property: disabled"},
		"style of no kind":             {"[" + button(`"text":`+plainText("b")+`,"style":"warning"`) + "]", "primary, danger"},
		"button in mrkdwn":             {"[" + button(`"text":{"type":"mrkdwn","text":"b"}`) + "]", "unsupported type: mrkdwn"},
		"button url of no kind":        {"[" + button(`"text":`+plainText("b")+`,"url":"elsewhere"`) + "]", "valid URL"},
		"confirm without deny":         {"[" + button(`"text":`+plainText("b")+`,"confirm":{"title":`+plainText("t")+`,"text":`+plainText("t")+`,"confirm":`+plainText("y")+`}`) + "]", "missing required field: deny"},
		"input without label":          {`[{"type":"input","element":{"type":"datepicker"}}]`, "missing required field: label"},
		"input without element":        {`[{"type":"input","label":` + plainText("l") + `}]`, "missing required field: element"},
		"date of no kind":              {"[" + actions(`{"type":"datepicker","initial_date":"1.2.2026"}`) + "]", "invalid format"},
		"number without decimal flag":  {"[" + input(`{"type":"number_input"}`) + "]", "is_decimal_allowed"},
		"minimum above maximum":        {"[" + input(`{"type":"number_input","is_decimal_allowed":false,"min_value":"3","max_value":"2"}`) + "]", "min_value"},
		"select without options":       {"[" + actions(`{"type":"static_select"}`) + "]", "missing required field: options"},
		"options and groups":           {"[" + actions(`{"type":"static_select","options":`+options(1)+`,"option_groups":[]}`) + "]", "only one of"},
		"option value twice":           {"[" + actions(`{"type":"static_select","options":[`+option("a", "v")+`,`+option("b", "v")+`]}`) + "]", "already exists"},
		"initial option of none":       {"[" + actions(`{"type":"static_select","options":`+options(1)+`,"initial_option":`+option("z", "z")+`}`) + "]", "must exactly match"},
		"image without alt_text":       {`[{"type":"image","image_url":"https://x/i.png"}]`, "missing required field: alt_text"},
		"two with focus":               {"[" + input(`{"type":"datepicker","focus_on_load":true}`) + "," + input(`{"type":"datepicker","focus_on_load":true}`) + "]", "focus_on_load"},
		"text that is not text":        {`[{"type":"header","text":{"type":"plain_text","text":7}}]`, "must be a string"},
		"optional that is not boolean": {`[{"type":"input","label":` + plainText("l") + `,"optional":"no","element":{"type":"datepicker"}}]`, "must be a boolean"},
	} {
		got := reason(w.call("chat.postMessage", map[string]string{"channel": "C0GOV", "text": "t", "blocks": c.blocks}))
		if !strings.HasPrefix(got, "invalid_blocks") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
	if n := len(w.Refused()); n != 33 {
		t.Errorf("%d refusals noted, want every one of 33", n)
	}
	if n := len(w.state().Messages); n != 0 {
		t.Errorf("%d refused messages were stored", n)
	}
}

// TestLibraryBlocksPass sends what the client library builds.
func TestLibraryBlocksPass(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	label := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, true, false) }
	md := slack.NewTextBlockObject("mrkdwn", "*x*", false, true)
	opt := slack.NewOptionBlockObject("v", label("o"), label("more"))
	btn := slack.NewButtonBlockElement("b", "v", label("B"))
	btn.WithStyle(slack.StylePrimary).WithConfirm(slack.NewConfirmationBlockObject(label("t"), md, label("y"), label("n")))
	_, ts := w.post("C0GOV", slack.MsgOptionText("t", false), slack.MsgOptionBlocks(
		slack.NewHeaderBlock(label("Head")), slack.NewDividerBlock(),
		slack.NewSectionBlock(md, nil, slack.NewAccessory(btn)),
		slack.NewSectionBlock(nil, []*slack.TextBlockObject{md, label("f")}, nil),
		slack.NewContextBlock("", md, slack.NewImageBlockElement("https://x/i.png", "alt")),
		slack.NewActionBlock("", btn, slack.NewOverflowBlockElement("of", opt),
			slack.NewOptionsSelectBlockElement("static_select", label("p"), "s", opt),
			slack.NewOptionsSelectBlockElement("users_select", label("p"), "u"),
			slack.NewDatePickerBlockElement("d"), slack.NewTimePickerBlockElement("ti"), slack.NewDateTimePickerBlockElement("dt"),
			slack.NewCheckboxGroupsBlockElement("c", opt), slack.NewRadioButtonsBlockElement("r", opt)),
		slack.NewInputBlock("", label("l"), label("h"), slack.NewPlainTextInputBlockElement(label("p"), "t")),
		slack.NewInputBlock("", label("l"), nil, slack.NewEmailTextInputBlockElement(label("p"), "t")),
		slack.NewInputBlock("", label("l"), nil, slack.NewURLTextInputBlockElement(label("p"), "t")),
		slack.NewInputBlock("", label("l"), nil, slack.NewNumberInputBlockElement(label("p"), "t", true)),
		slack.NewInputBlock("", label("l"), nil, slack.NewOptionsMultiSelectBlockElement("multi_static_select", label("p"), "m", opt)),
		slack.NewInputBlock("", label("l"), nil, slack.NewOptionsMultiSelectBlockElement("multi_users_select", label("p"), "m")),
		slack.NewImageBlock("https://x/i.png", "alt", "", label("t")),
		slack.NewMarkdownBlock("", "# m"),
		slack.NewRichTextBlock("", slack.NewRichTextSection(slack.NewRichTextSectionTextElement("x", nil))),
	))
	if strings.Contains(string(w.message(ts).Blocks), `"block_id":""`) {
		t.Error("ids are made where there are none")
	}
}
