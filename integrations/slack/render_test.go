package slack

import (
	"encoding/json"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// TestCardsAreTaken posts and edits every card: the fake refuses what Slack
// would.
func TestCardsAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range cards() {
		at, err := w.client.Post(t.Context(), "key", c, "U0CORA", "")
		if err != nil {
			t.Errorf("%s: post: %v", name, err)
			continue
		}
		if err := w.client.Edit(t.Context(), at, c); err != nil {
			t.Errorf("%s: edit: %v", name, err)
		}
	}
	if r := w.slack.Refused(); len(r) > 0 {
		t.Errorf("refused %+v", r)
	}
}

// TestWindowsAreTaken opens every window over a real press.
func TestWindowsAreTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := modals()
	w.connect(gateFunc(func(d intake.Delivery) intake.Reply { m := all[d.Value]; return intake.Reply{Modal: &m} }))
	at, err := w.client.Post(t.Context(), "key", card(), "U0CORA", "")
	w.must(err)
	for name, m := range all {
		ack, err := w.slack.Click(t.Context(), slacktest.Click{User: "U0CORA", Channel: at.Channel, TS: at.TS, ActionID: port.ActionReject, Value: name, Force: true})
		if err != nil || ack.Warning != "" || ack.Status != 200 {
			t.Errorf("%s: %+v %v", name, ack, err)
		}
		views := w.state().Views
		if len(views) != 1 {
			t.Fatalf("%s: %d views; refused %+v; log %s", name, len(views), w.slack.Refused(), w.log)
		}
		if got := strings.Count(string(views[0].Body), `"type":"input"`); got != len(m.Questions) {
			t.Errorf("%s: %d of %d questions are asked", name, got, len(m.Questions))
		}
		_, err = w.slack.CloseModal(t.Context(), slacktest.CloseView{User: "U0CORA", ViewID: views[0].ID})
		w.must(err)
	}
	if r := w.slack.Refused(); len(r) > 0 {
		t.Errorf("refused %+v", r)
	}
}

// TestCard shows an ordinary message whole.
func TestCard(t *testing.T) {
	t.Parallel()
	blocks, text, short := renderCard(card())
	plainText := func(s string) string { return `{"type":"plain_text","text":"` + s + `","emoji":false}` }
	mrkdwn := func(s string) string { return `{"type":"mrkdwn","text":"` + s + `","verbatim":true}` }
	want := `[{"type":"header","text":` + plainText("Decide: CV screener") + `},` +
		`{"type":"section","text":` + mrkdwn("<@U0CORA>") + `},` +
		`{"type":"section","text":` + plainText("Impact assessment of CV screener. Please decide by Mon 16 Mar.") + `},` +
		`{"type":"section","fields":[` + mrkdwn("*System*") + `,` + plainText("CV screener") + `,` + mrkdwn("*Due*") + `,` + plainText("16 Mar 2026") + `]},` +
		`{"type":"section","text":` + mrkdwn("*What this is about*") + `},` +
		`{"type":"section","fields":[` + mrkdwn("*People affected in a year*") + `,` + plainText("250000") + `,` + mrkdwn("*Possible harms*") + `,` + plainText("Bias, Safety") + `]},` +
		`{"type":"section","text":` + mrkdwn("<https://jira.example.com/browse/GOV-12|GOV-12>") + `},` +
		`{"type":"actions","block_id":"ask","elements":[` +
		`{"type":"button","text":` + plainText("Approve") + `,"action_id":"approve","value":"v1.` + token + `","confirm":{"title":` + plainText("Approve") + `,"text":` + plainText("Approve it?") +
		`,"confirm":` + plainText("Yes") + `,"deny":` + plainText("No") + `},"style":"primary"},` +
		`{"type":"button","text":` + plainText("Reject") + `,"action_id":"reject","value":"v1.` + token + `","style":"danger"},` +
		`{"type":"button","text":` + plainText("Evidence") + `,"action_id":"evidence","value":"v1.` + token + `"}]},` +
		`{"type":"context","elements":[` + plainText("Run 01RUN") + `]}]`
	var got, expected any
	for in, out := range map[string]*any{compact(t, blocks): &got, want: &expected} {
		if err := json.Unmarshal([]byte(in), out); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(expected, got); diff != "" {
		t.Error(diff)
	}
	if text != "Decide: CV screener\nImpact assessment of CV screener. Please decide by Mon 16 Mar.\n<@U0CORA>" || short {
		t.Errorf("text %q short %v", text, short)
	}
}

// TestHostileTextsAreHarmless: what people wrote pings nobody and links
// nowhere, and nothing is cut without a word.
func TestHostileTextsAreHarmless(t *testing.T) {
	t.Parallel()
	for name, c := range cards() {
		blocks, text, short := renderCard(c)
		for _, s := range append(mrkdwnTexts(t, blocks), text) {
			for _, bad := range []string{"<!", "<@!", "<@>", "<@U0CORA> <https", "<https://evil"} {
				if strings.Contains(s, bad) {
					t.Errorf("%s: %q holds %q", name, s, bad)
				}
			}
			if !utf8.ValidString(s) {
				t.Errorf("%s: half a letter in %q", name, s)
			}
		}
		if strings.TrimSpace(text) == "" {
			t.Errorf("%s: no text beside the blocks", name)
		}
		said := strings.Contains(compact(t, blocks), sayShortened)
		if wide := name == "huge" || name == "many" || name == "facts" || name == "paragraphs"; short != wide || said != wide {
			t.Errorf("%s: short %v, said %v", name, short, said)
		}
	}
}

// mrkdwnTexts collects the texts in which Slack follows formatting.
func mrkdwnTexts(t *testing.T, v any) []string {
	t.Helper()
	var parsed any
	if err := json.Unmarshal([]byte(compact(t, v)), &parsed); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(any)
	walk = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, e := range v {
				walk(e)
			}
		case map[string]any:
			if s, ok := v["text"].(string); ok && v["type"] == "mrkdwn" {
				out = append(out, s)
			}
			for _, e := range v {
				walk(e)
			}
		}
	}
	walk(parsed)
	return out
}

// TestButtonsStay: however long a message is, its buttons are whole.
func TestButtonsStay(t *testing.T) {
	t.Parallel()
	for name, c := range cards() {
		blocks, _, _ := renderCard(c)
		got := strings.Count(compact(t, blocks), `"value":"v1.`+token+`"`)
		if got != len(c.Buttons) {
			t.Errorf("%s: %d of %d buttons", name, got, len(c.Buttons))
		}
	}
}

// TestPrefills: what was answered before is what the window shows.
func TestPrefills(t *testing.T) {
	t.Parallel()
	v, _, err := renderModal(modals()["prefilled"])
	if err != nil {
		t.Fatal(err)
	}
	body := compact(t, v)
	for _, want := range []string{
		`"initial_value":"Ranks applications"`, `"initial_value":"Two\nlines"`, `"initial_value":"https://example.com/a"`, `"initial_value":"250000"`,
		`"initial_value":"0.25"`, `"min_value":"0"`, `"max_value":"1000000"`, `"min_value":"-0.5"`, `"initial_date":"2026-03-16"`,
		`"initial_date_time":1773657000`, `"initial_user":"U0OLIVE"`, `"initial_users":["U0CORA","U0OLIVE"]`, `"private_metadata":"v1.` + token + `"`,
		`"initial_option":{"text":{"type":"plain_text","text":"No","emoji":false},"value":"no"}`, `"value":"unsure"}`, `"callback_id":"answer"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the window lacks %s", want)
		}
	}
	if n := strings.Count(body, `"initial_option":`); n != 4 {
		t.Errorf("%d single choices are prefilled", n)
	}
	if n := strings.Count(body, `"initial_options":`); n != 2 {
		t.Errorf("%d multiple choices are prefilled", n)
	}
}

// TestTooManyQuestions: lint keeps forms within one window; should one get past
// it, no question is left out in silence.
func TestTooManyQuestions(t *testing.T) {
	t.Parallel()
	many := make([]playbooks.Question, maxQuestions+1)
	for i := range many {
		many[i] = question("q", playbooks.TypeText)
	}
	if _, _, err := renderModal(port.Modal{Questions: many}); err == nil {
		t.Error("a window left out a question in silence")
	}
}

func FuzzEscapeCut(f *testing.F) {
	corpustest.Add(f, "escape", func(c corpustest.File) []any { return []any{string(c.Body), maxText} })
	f.Add("a<b>&c", 5)
	f.Add(strings.Repeat("&", 40), 7)
	f.Fuzz(func(t *testing.T, s string, n int) {
		if n < 5 || n > 4000 {
			return
		}
		got := escapeCut(s, n)
		if utf8.RuneCountInString(got) > n || strings.ContainsAny(got, "<>") {
			t.Errorf("%q in %d is %q", s, n, got)
		}
	})
}
