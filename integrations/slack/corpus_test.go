package slack

import (
	"fmt"
	"strings"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// hostile holds everything that must come out harmless.
const hostile = "<!channel> <!here> <@U0CORA> <https://evil.example|ok> *bold* `code` & \x00 < >"

func str(s string) playbooks.Str { return playbooks.Str{V: s} }

func number(f float64) *float64 { return &f }

func choicesOf(n int, label string) []playbooks.Option {
	out := make([]playbooks.Option, n)
	for i := range out {
		out[i] = playbooks.Option{ID: str(fmt.Sprintf("o%d", i)), Label: str(fmt.Sprintf("%s %d", label, i))}
	}
	return out
}

func question(id, kind string, options ...playbooks.Option) playbooks.Question {
	return playbooks.Question{ID: str(id), Text: str("Question " + id), Type: str(kind), Options: options}
}

// cards are messages of every shape the limits care about.
func cards() map[string]port.Card {
	out := map[string]port.Card{"ordinary": card(), "empty": {}, "only a title": {Title: "Started"}}
	channel := card()
	channel.To = port.Addressee{Channel: "C0RAIC", Why: "the committee decides"}
	channel.People = []port.Mention{{User: "U0CORA"}, {User: "U0OLIVE"}, {User: "!channel"}, {User: ""}}
	out["channel"] = channel
	out["hostile"] = port.Card{
		To: port.Addressee{Person: "x", Why: hostile}, Title: hostile, Lines: []string{hostile, "", " \n "},
		Fields: []port.Field{{Label: hostile, Value: hostile}, {}}, Facts: []port.Field{{Label: hostile, Value: strings.Repeat(hostile, 20)}},
		Links:   []port.Link{{Label: hostile, URL: "https://example.com/?a=1&b=<2>|c"}, {Label: "bad", URL: "javascript:alert(1)"}, {URL: "::"}},
		Buttons: []port.Button{{Action: port.ActionApprove, Label: hostile, Style: "glowing", Confirm: hostile}}, Token: token, Footer: hostile,
	}
	long := strings.Repeat("äöü&<> ", 3000)
	huge := card()
	huge.Title, huge.Footer, huge.To.Why, huge.Lines = long, long, long, []string{long, long}
	huge.Facts = append(huge.Facts, port.Field{Label: long, Value: long})
	huge.Buttons[0].Label, huge.Buttons[0].Confirm = long, long
	huge.Links = append(huge.Links, port.Link{Label: long, URL: "https://example.com/" + strings.Repeat("x", 4000)})
	out["huge"] = huge
	many := card()
	for i := range 400 {
		many.Lines = append(many.Lines, fmt.Sprintf("Line %d", i))
		many.Fields = append(many.Fields, port.Field{Label: fmt.Sprintf("Label %d", i), Value: "v"})
		many.Links = append(many.Links, port.Link{Label: "l", URL: fmt.Sprintf("https://example.com/%d", i)})
		many.People = append(many.People, port.Mention{User: fmt.Sprintf("U%05d", i)})
	}
	out["many"] = many
	paragraphs := port.Card{Title: "Paragraphs"}
	for range 100 {
		paragraphs.Lines = append(paragraphs.Lines, strings.Repeat("z", 260))
	}
	out["paragraphs"] = paragraphs
	facts := port.Card{Title: "Facts"}
	for i := range 100 {
		facts.Facts = append(facts.Facts, port.Field{Label: fmt.Sprintf("Fact %d", i), Value: strings.Repeat("y", 250)})
	}
	out["facts"] = facts
	return out
}

// allTypes asks one question of each type, and each kind of menu.
func allTypes() []playbooks.Question {
	qs := []playbooks.Question{
		question("a_text", playbooks.TypeText), question("a_long", playbooks.TypeLong), question("a_link", playbooks.TypeLink),
		question("an_int", playbooks.TypeInt), question("a_number", playbooks.TypeNumber),
		question("a_yesno", playbooks.TypeYesNo), question("an_unsure", playbooks.TypeYesNoUnsure),
		question("a_choice", playbooks.TypeChoice, choicesOf(10, "Few")...), question("a_menu", playbooks.TypeChoice, choicesOf(100, "Many")...),
		question("some", playbooks.TypeChoices, choicesOf(10, "Few")...), question("some_menu", playbooks.TypeChoices, choicesOf(11, "Many")...),
		question("a_date", playbooks.TypeDate), question("a_datetime", playbooks.TypeDatetime),
		question("a_person", playbooks.TypePerson), question("some_people", playbooks.TypePersons),
	}
	qs[3].Min, qs[3].Max = number(0), number(1e6)
	qs[4].Min = number(-0.5)
	qs[0].Help, qs[0].Optional = str("Say it in one sentence."), true
	return qs
}

// answers are prefills for allTypes as a run keeps them, people as accounts.
func answers() map[string]any {
	return map[string]any{
		"a_text": "Ranks applications", "a_long": "Two\nlines", "a_link": "https://example.com/a", "an_int": float64(250000), "a_number": 0.25,
		"a_yesno": false, "an_unsure": "unsure", "a_choice": "o3", "a_menu": "o99", "some": []any{"o1", "o2"}, "some_menu": []string{"o10"},
		"a_date": "2026-03-16", "a_datetime": "2026-03-16T10:30:00Z", "a_person": "U0OLIVE", "some_people": []any{"U0CORA", "U0OLIVE"},
	}
}

// modals are windows of every shape the limits care about.
func modals() map[string]port.Modal {
	long := strings.Repeat("äöü&<> ", 3000)
	full := port.Modal{Callback: port.ActionAnswer, Token: token, Title: "Your answers", Submit: "Send"}
	for i := range maxQuestions {
		full.Questions = append(full.Questions, question(fmt.Sprintf("q%d", i), playbooks.TypeText))
	}
	full.Lines = []string{long, long}
	evidence := port.Modal{Callback: port.ActionEvidence, Token: token, Title: "Evidence", Lines: []string{"sha256:abc"}}
	for i := range 800 {
		evidence.Fields = append(evidence.Fields, port.Field{Label: fmt.Sprintf("Step › Fact %d", i), Value: strings.Repeat("é", i)})
	}
	odd := allTypes()
	odd[0].Text, odd[0].Help = str(long), str(long)
	odd[7].Options = []playbooks.Option{{ID: str("x")}, {ID: str("y"), Label: str(long)}}
	return map[string]port.Modal{
		"every type":       {Callback: port.ActionAnswer, Token: token, Title: "Your answers", Submit: "Send", Lines: []string{"About"}, Questions: allTypes()},
		"prefilled":        {Callback: port.ActionAnswer, Token: token, Title: "Your answers", Submit: "Send", Questions: allTypes(), Prefill: answers()},
		"odd texts":        {Callback: port.ActionAnswer, Token: token, Title: long, Submit: long, Lines: []string{hostile}, Questions: odd},
		"as many as fit":   full,
		"evidence":         evidence,
		"hostile evidence": {Callback: port.ActionEvidence, Token: token, Title: hostile, Lines: []string{hostile}, Fields: []port.Field{{Label: hostile, Value: hostile}}},
		"nothing":          {Callback: port.ActionEvidence, Token: token, Title: ""},
		"wrong prefills": {Callback: port.ActionAnswer, Token: token, Title: "Your answers", Submit: "Send", Questions: allTypes(), Prefill: map[string]any{
			"a_text": strings.Repeat("x", 5000), "a_yesno": 7, "a_choice": "gone", "some": []any{"gone", 3}, "a_date": "soon", "a_datetime": true,
			"a_person": "olive", "some_people": []any{"<@U1>", "U0CORA"}, "an_int": []any{}, "a_link": 5,
		}},
	}
}
