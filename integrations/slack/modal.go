package slack

import (
	"fmt"
	"strconv"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// maxModalLines is how many blocks of a modal its explanation may take.
const maxModalLines = 5

// maxQuestions is how many questions one modal holds beside its explanation.
const maxQuestions = maxViewBlocks - maxModalLines

const sayModalShortened = "Shortened to fit into one window. The whole text is kept with the run."

// renderModal turns a modal into a view. A form with more questions than one
// window holds is an error: nothing asked may be left out.
func renderModal(m port.Modal) (view slack.ModalViewRequest, short bool, err error) {
	inputs, err := inputBlocks(m)
	if err != nil {
		return slack.ModalViewRequest{}, false, err
	}
	if n := len(inputs); n > maxQuestions {
		return slack.ModalViewRequest{}, false, fmt.Errorf("%d questions, headings and buttons; one Slack window holds %d", n, maxQuestions)
	}
	l := &layout{slots: maxViewBlocks - len(inputs) - 1, room: maxViewText}
	for _, line := range m.Lines {
		l.paragraph(line)
	}
	l.pairs(m.Fields)
	blocks := l.blocks
	if l.short {
		blocks = append(blocks, contextLine(sayModalShortened))
	}
	blocks = append(blocks, inputs...)
	if len(blocks) == 0 {
		blocks = []slack.Block{section(plain(m.Title, maxTextObject))}
	}
	view = slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain(m.Title, maxModalTitle), Close: plain("Close", maxModalTitle),
		CallbackID: m.Callback, PrivateMetadata: metadata(m),
		Blocks: slack.Blocks{BlockSet: blocks},
	}
	if m.Submit != "" || len(inputs) > 0 { // Slack refuses inputs without a submit button
		view.Submit, view.Close = plain(m.Submit, maxModalTitle), plain("Cancel", maxModalTitle)
	}
	return view, l.short, nil
}

// metadata is what a window says again when it is sent.
func metadata(m port.Modal) string {
	if m.Page == 0 {
		return tokenVersion + m.Token
	}
	return tokenVersion + m.Token + " " + strconv.Itoa(m.Page)
}

// inputBlocks are the questions of a window with what stands between them.
func inputBlocks(m port.Modal) ([]slack.Block, error) {
	var out []slack.Block
	marks := func(before int) {
		for _, mark := range m.Marks {
			if mark.Before == before {
				out = append(out, markBlock(mark))
			}
		}
	}
	for i, q := range m.Questions {
		marks(i)
		in, err := input(q, m.Prefill[q.ID.V])
		if err != nil {
			return nil, err
		}
		if q.Heading != "" {
			out = append(out, slack.NewHeaderBlock(plain(q.Heading, maxHeader)))
		}
		out = append(out, in)
	}
	marks(len(m.Questions))
	return out, nil
}

// markBlock is a line with its button, or buttons alone.
func markBlock(mark port.ModalMark) slack.Block {
	buttons := make([]slack.BlockElement, 0, len(mark.Buttons))
	for _, b := range mark.Buttons {
		buttons = append(buttons, slack.NewButtonBlockElement(b.Action, b.Value, plain(b.Label, maxButton)))
	}
	if mark.Text == "" {
		return slack.NewActionBlock("", buttons...)
	}
	line := section(plain(mark.Text, maxTextObject))
	if len(buttons) > 0 {
		line.Accessory = slack.NewAccessory(buttons[0])
	}
	return line
}

// notice is a window that only says something.
func notice(text string) slack.ModalViewRequest {
	l := &layout{slots: maxViewBlocks, room: maxTextObject}
	l.paragraph(text)
	return slack.ModalViewRequest{
		Type: slack.VTModal, Title: plain("Aimsbot", maxModalTitle), Close: plain("Close", maxModalTitle),
		Blocks: slack.Blocks{BlockSet: l.blocks},
	}
}

// input is one question as an input block: its id is the block's id.
func input(q playbooks.Question, prefill any) (*slack.InputBlock, error) {
	element, err := element(q, prefill)
	if err != nil {
		return nil, fmt.Errorf("question %s: %w", q.ID, err)
	}
	in := slack.NewInputBlock(q.ID.V, plain(q.Text.V, maxLabel), nil, element).WithOptional(q.Optional)
	if q.Help.V != "" {
		in.Hint = plain(q.Help.V, maxHint)
	}
	return in, nil
}

// answerID is the action id of every input: the block says which question.
const answerID = "answer"

func element(q playbooks.Question, prefill any) (slack.BlockElement, error) {
	switch q.Type.V {
	case playbooks.TypeText, playbooks.TypeLong:
		e := slack.NewPlainTextInputBlockElement(nil, answerID).WithMaxLength(maxInput).WithInitialValue(cut(asText(prefill), maxInput))
		return e.WithMultiline(q.Type.V == playbooks.TypeLong), nil
	case playbooks.TypeInt, playbooks.TypeNumber:
		return numberInput(q, prefill), nil
	case playbooks.TypeLink:
		e := slack.NewURLTextInputBlockElement(nil, answerID)
		e.InitialValue = asText(prefill)
		return e, nil
	case playbooks.TypeYesNo:
		return radio([]choice{{"yes", "Yes"}, {"no", "No"}}, yesNo(prefill)), nil
	case playbooks.TypeYesNoUnsure:
		return radio([]choice{{"yes", "Yes"}, {"no", "No"}, {"unsure", "Not sure"}}, asText(prefill)), nil
	case playbooks.TypeChoice:
		return chooseOne(options(q), asText(prefill)), nil
	case playbooks.TypeCountries:
		return countries(asTexts(prefill)), nil
	case playbooks.TypeChoices:
		return chooseMany(options(q), asTexts(prefill)), nil
	}
	return pickers(q, prefill)
}

// pickers are the inputs that open a calendar or a list of people.
func pickers(q playbooks.Question, prefill any) (slack.BlockElement, error) {
	switch q.Type.V {
	case playbooks.TypeDate:
		e := slack.NewDatePickerBlockElement(answerID)
		e.InitialDate = asDay(prefill)
		return e, nil
	case playbooks.TypeDatetime:
		e := slack.NewDateTimePickerBlockElement(answerID)
		e.InitialDateTime = asUnix(prefill)
		return e, nil
	case playbooks.TypePerson:
		e := slack.NewOptionsSelectBlockElement(slack.OptTypeUser, plain("Choose a person", maxHeader), answerID)
		if users := asUsers(prefill); len(users) == 1 {
			e.InitialUser = users[0]
		}
		return e, nil
	case playbooks.TypePersons:
		e := slack.NewOptionsMultiSelectBlockElement(slack.MultiOptTypeUser, plain("Choose people", maxHeader), answerID)
		e.InitialUsers = asUsers(prefill)
		return e, nil
	}
	return nil, fmt.Errorf("type %q cannot be asked in Slack", q.Type.V)
}

func numberInput(q playbooks.Question, prefill any) slack.BlockElement {
	e := slack.NewNumberInputBlockElement(nil, answerID, q.Type.V == playbooks.TypeNumber)
	if q.Min != nil {
		e.MinValue = asText(*q.Min)
	}
	if q.Max != nil {
		e.MaxValue = asText(*q.Max)
	}
	e.InitialValue = asText(prefill)
	return e
}
