package slack

import (
	"slices"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/playbooks"
)

type choice struct{ id, label string }

func options(q playbooks.Question) []choice {
	out := make([]choice, 0, len(q.Options))
	for _, o := range q.Options {
		label := o.Label.V
		if label == "" {
			label = o.ID.V
		}
		out = append(out, choice{o.ID.V, label})
	}
	return out
}

// objects returns Slack's options and which of them are chosen.
func objects(cs []choice, chosen ...string) (all, initial []*slack.OptionBlockObject) {
	for _, c := range cs {
		o := slack.NewOptionBlockObject(c.id, plain(c.label, maxOption), nil)
		all = append(all, o)
		if slices.Contains(chosen, c.id) {
			initial = append(initial, o)
		}
	}
	return all, initial
}

func radio(cs []choice, chosen string) slack.BlockElement {
	all, initial := objects(cs, chosen)
	e := slack.NewRadioButtonsBlockElement(answerID, all...)
	if len(initial) == 1 {
		e.InitialOption = initial[0]
	}
	return e
}

// chooseOne shows few options at once and many in a menu.
func chooseOne(cs []choice, chosen string) slack.BlockElement {
	if len(cs) <= maxRadio {
		return radio(cs, chosen)
	}
	all, initial := objects(cs, chosen)
	e := slack.NewOptionsSelectBlockElement(slack.OptTypeStatic, plain("Choose one", maxHeader), answerID, all...)
	if len(initial) == 1 {
		e.InitialOption = initial[0]
	}
	return e
}

// chooseMany shows few options as boxes and many in a menu.
func chooseMany(cs []choice, chosen []string) slack.BlockElement {
	all, initial := objects(cs, chosen...)
	if len(cs) <= maxRadio {
		e := slack.NewCheckboxGroupsBlockElement(answerID, all...)
		e.InitialOptions = initial
		return e
	}
	e := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeStatic, plain("Choose", maxHeader), answerID, all...)
	e.InitialOptions = initial
	return e
}

// countries is a menu of all countries under their first letters: a list of
// Slack holds fewer than there are.
func countries(chosen []string) slack.BlockElement {
	var groups []*slack.OptionGroupBlockObject
	var initial []*slack.OptionBlockObject
	for _, c := range playbooks.Countries() {
		letter := string([]rune(c.Label.V)[:1])
		o := slack.NewOptionBlockObject(c.ID.V, plain(c.Label.V, maxOption), nil)
		if n := len(groups); n == 0 || groups[n-1].Label.Text != letter {
			groups = append(groups, slack.NewOptionGroupBlockElement(plain(letter, maxOption)))
		}
		last := groups[len(groups)-1]
		last.Options = append(last.Options, o)
		if slices.Contains(chosen, c.ID.V) {
			initial = append(initial, o)
		}
	}
	e := slack.NewOptionsGroupMultiSelectBlockElement(slack.MultiOptTypeStatic, plain("Choose countries", maxHeader), answerID, groups...)
	e.InitialOptions = initial
	return e
}
