package playbooks_test

import (
	"encoding/json"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/playbooks"
)

func text(s string) playbooks.Str { return playbooks.Str{V: s} }

func question(kind string, limits ...float64) playbooks.Question {
	q := playbooks.Question{ID: text("q"), Text: text("Question"), Type: text(kind)}
	if len(limits) > 0 {
		q.Min = &limits[0]
	}
	if len(limits) > 1 {
		q.Max = &limits[1]
	}
	if kind == playbooks.TypeChoice || kind == playbooks.TypeChoices {
		q.Options = []playbooks.Option{{ID: text("bias"), Label: text("Bias")}, {ID: text("safety"), Label: text("Safety")}, {ID: text("privacy"), Label: text("Privacy")}}
	}
	return q
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	const (
		whole    = "Write a whole number."
		decimal  = "Write a number such as 2 or 0.5."
		date     = "Choose a date, or write it as 2026-01-31."
		instant  = "Choose a date and a time, or write them as 2026-01-31T14:30."
		year     = "Check the year of this date."
		link     = "Paste a whole web address that begins with https://."
		required = "Please answer this question."
	)
	for _, c := range []struct {
		kind    string
		raw     any
		want    any
		problem string
	}{
		{"text", "  Ranks\r\napplications\x00 ", "Ranks\napplications", ""},
		{"text", " \t\n", nil, required},
		{"text", nil, nil, required},
		{"text", strings.Repeat("ü", 3000), strings.Repeat("ü", 3000), ""},
		{"long", strings.Repeat("ü", 3001), nil, "Shorten this to 3,000 characters; it has 3001."},
		{"text", 5, nil, "This needs one text. Please answer again."},
		{"int", "250000", int64(250000), ""},
		{"int", float64(7), int64(7), ""},
		{"int", json.Number("-7"), int64(-7), ""},
		{"int", "250,000", nil, whole},
		{"int", "1e3", nil, whole},
		{"int", "1.5", nil, whole},
		{"int", 1.5, nil, whole},
		{"int", "9007199254740992", nil, whole},
		{"int", true, nil, whole},
		{"number", "0.50", 0.5, ""},
		{"number", int64(3), float64(3), ""},
		{"number", "0,5", nil, decimal},
		{"number", "NaN", nil, decimal},
		{"number", "0x1p-2", nil, decimal},
		{"number", math.Inf(1), nil, decimal},
		{"yesno", "no", false, ""},
		{"yesno", true, true, ""},
		{"yesno", "perhaps", nil, "Choose yes or no."},
		{"yesno", []any{}, nil, required},
		{"yesno", []any{"yes"}, nil, "Choose yes or no."},
		{"yesnounsure", "unsure", "unsure", ""},
		{"yesnounsure", "maybe", nil, "Choose yes, no or unsure."},
		{"choice", "safety", "safety", ""},
		{"choice", "Safety", nil, "Choose one of the options shown."},
		{"choices", []any{"privacy", "bias", "bias"}, []string{"bias", "privacy"}, ""},
		{"choices", []string{"safety"}, []string{"safety"}, ""},
		{"choices", "safety", []string{"safety"}, ""},
		{"choices", []any{"bias", "other"}, nil, "Choose from the options shown."},
		{"choices", []any{"bias", 1}, nil, "Choose from the options shown."},
		{"choices", []string{}, nil, required},
		{"date", "2026-02-28", "2026-02-28", ""},
		{"date", "2026-02-30", nil, date},
		{"date", "28.02.2026", nil, date},
		{"date", "0026-02-28", nil, year},
		{"datetime", "2026-07-01T09:30", "2026-07-01T07:30:00Z", ""},
		{"datetime", "2026-07-01T09:30:00-05:00", "2026-07-01T14:30:00Z", ""},
		{"datetime", float64(1782891000), "2026-07-01T07:30:00Z", ""},
		{"datetime", "1782891000", "2026-07-01T07:30:00Z", ""},
		{"datetime", "tomorrow", nil, instant},
		{"datetime", 1e15, nil, year},
		{"person", " olive ", "olive", ""},
		{"persons", []any{"olive", "dev", "olive"}, []string{"olive", "dev"}, ""},
		{"persons", 3, nil, "Choose one or more people."},
		{"link", "https://example.com/a?b=c#d", "https://example.com/a?b=c#d", ""},
		{"link", "HTTP://example.com", "HTTP://example.com", ""},
		{"link", "javascript:alert(1)", nil, link},
		{"link", "javascript://example.com", nil, link},
		{"link", "https://", nil, link},
		{"link", "https://user:secret@example.com/", nil, link},
		{"link", "https://example.com/a|b", nil, link},
		{"link", "https://example.com/" + strings.Repeat("a", 2000), nil, "This address is too long. Use a shorter link."},
	} {
		got, problem := answer(question(c.kind), c.raw)
		if diff := cmp.Diff(c.want, got); diff != "" || problem != c.problem {
			t.Errorf("%s %v: problem %q, want %q; answer (-want +got):\n%s", c.kind, c.raw, problem, c.problem, diff)
		}
	}
}

func answer(q playbooks.Question, raw any) (any, string) {
	now := time.Date(2026, 7, 1, 12, 0, 0, 0, time.UTC)
	clean, problems := playbooks.CheckAnswers([]playbooks.Question{q}, map[string]any{"q": raw}, "Europe/Berlin", now)
	return clean["q"], problems["q"]
}

func TestAnswerLimits(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		q    playbooks.Question
		raw  any
		want string
	}{
		{question("int", 0), "-1", "Write a whole number, at least 0."},
		{question("int", 0), "0", ""},
		{question("int", 1, 5), "6", "Write a whole number, from 1 to 5."},
		{question("int", 1, 5), "5", ""},
		{question("number", 0, 0.5), 0.6, "Write a number such as 2 or 0.5, from 0 to 0.5."},
	} {
		if _, got := answer(c.q, c.raw); got != c.want {
			t.Errorf("%v: %q, want %q", c.raw, got, c.want)
		}
	}
}

func TestAnswersOfAForm(t *testing.T) {
	t.Parallel()
	optional := question("text")
	optional.ID, optional.Optional = text("note"), true
	qs := []playbooks.Question{question("int"), optional}
	for name, c := range map[string]struct {
		raw      map[string]any
		clean    map[string]any
		problems map[string]string
	}{
		"optional left open":  {map[string]any{"q": "1", "note": " "}, map[string]any{"q": int64(1)}, nil},
		"optional not sent":   {map[string]any{"q": "1"}, map[string]any{"q": int64(1)}, nil},
		"nothing":             {nil, nil, map[string]string{"q": "Please answer this question."}},
		"one wrong, no other": {map[string]any{"q": "x", "note": "y"}, nil, map[string]string{"q": "Write a whole number."}},
		"unknown":             {map[string]any{"q": "1", "by": "dev"}, nil, map[string]string{"by": "There is no such question. Please open the form again."}},
	} {
		clean, problems := playbooks.CheckAnswers(qs, c.raw, "", time.Now())
		if diff := cmp.Diff(c.clean, clean); diff != "" {
			t.Errorf("%s: answers %s", name, diff)
		}
		if diff := cmp.Diff(c.problems, problems); diff != "" {
			t.Errorf("%s: problems %s", name, diff)
		}
	}
}
