package slacktest_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"
)

func modal() slack.ModalViewRequest {
	label := func(s string) *slack.TextBlockObject { return slack.NewTextBlockObject("plain_text", s, false, false) }
	reason := slack.NewPlainTextInputBlockElement(nil, "reason")
	reason.MaxLength = 20
	count := slack.NewNumberInputBlockElement(nil, "n", false)
	count.MinValue = "1"
	when := slack.NewInputBlock("when", label("When"), nil, slack.NewDatePickerBlockElement("date"))
	when.Optional = true
	n := slack.NewInputBlock("count", label("How many"), nil, count)
	n.Optional = true
	tier := slack.NewInputBlock("tier", label("Tier"), nil, slack.NewRadioButtonsBlockElement("pick",
		slack.NewOptionBlockObject("high", label("High"), nil), slack.NewOptionBlockObject("low", label("Low"), nil)))
	tier.Optional = true
	note := slack.NewSectionBlock(label("A rejection closes the step."), nil, nil, slack.SectionBlockOptionBlockID("note"))
	return slack.ModalViewRequest{
		Type: "modal", Title: label("Reject"), Submit: label("Send"), CallbackID: "reject", PrivateMetadata: "v1.tok",
		Blocks: slack.Blocks{BlockSet: []slack.Block{note, slack.NewInputBlock("why", label("Why"), nil, reason), when, n, tier}},
	}
}

// TestSpine goes the way of a decision: post, click, modal, errors, submit,
// update.
func TestSpine(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	var submitted []slack.View
	w.connect(func(e socketmode.Event) (any, bool) {
		cb, ok := e.Data.(slack.InteractionCallback)
		if !ok {
			return nil, true
		}
		if cb.Type == slack.InteractionTypeBlockActions {
			if _, err := w.api.OpenViewContext(w.ctx, cb.TriggerID, modal()); err != nil {
				t.Error(err)
			}
			return nil, true
		}
		submitted = append(submitted, cb.View)
		if cb.View.State.Values["why"]["reason"].Value == "no" {
			return slack.NewErrorsViewSubmissionResponse(map[string]string{"why": "Say more"}), true
		}
		return nil, true
	})
	ch, ts := w.post("U0ANNA", slack.MsgOptionText("Please decide", false), slack.MsgOptionBlocks(buttons("approve", "reject")))
	ack, err := w.Click(w.ctx, slacktest.Click{User: "U0ANNA", Channel: ch, TS: ts, ActionID: "reject"})
	w.must(err)
	if ack.Status != 200 || ack.Warning != "" {
		t.Fatalf("click: %+v", ack)
	}
	views := w.state().Views
	if len(views) != 1 || views[0].User != "U0ANNA" {
		t.Fatalf("views %+v", views)
	}
	submit := func(values string) (slacktest.Ack, error) {
		return w.Submit(w.ctx, slacktest.Submit{User: "U0ANNA", ViewID: views[0].ID, Values: json.RawMessage(values)})
	}
	if _, err := submit(`{}`); err == nil || !strings.Contains(err.Error(), "why: Please complete") {
		t.Fatalf("empty submission: %v", err)
	}
	if _, err := submit(`{"why":{"reason":{"value":"no"}}}`); err != nil {
		t.Fatal(err)
	}
	if v := w.state().Views; len(v) != 1 || v[0].Errors["why"] != "Say more" {
		t.Fatalf("errors are shown and the modal stays: %+v", v)
	}
	if _, err := submit(`{"why":{"reason":{"value":"DPIA missing"}},"tier":{"pick":{"selected_option":{"value":"low"}}}}`); err != nil {
		t.Fatal(err)
	}
	last := submitted[len(submitted)-1]
	if last.PrivateMetadata != "v1.tok" || last.CallbackID != "reject" || last.Hash == "" ||
		last.State.Values["tier"]["pick"].SelectedOption.Text.Text != "Low" || last.AppInstalledTeamID != "T0HOME" {
		t.Fatalf("payload %+v", last)
	}
	if v := w.state().Views; len(v) != 0 {
		t.Fatalf("the modal is closed: %+v", v)
	}
	if _, _, _, err := w.api.UpdateMessageContext(w.ctx, ch, ts, slack.MsgOptionText("Rejected", false)); err != nil {
		t.Fatal(err)
	}
	if m := w.message(ts); m.Text != "Rejected" || len(m.Blocks) != 0 || m.To != "U0ANNA" || m.Edited == "" {
		t.Fatalf("message %+v", m)
	}
	if _, err := w.Click(w.ctx, slacktest.Click{User: "U0ANNA", Channel: ch, TS: ts, ActionID: "reject"}); err == nil {
		t.Fatal("a button that is gone was pressed")
	}
	if r := w.Refused(); len(r) != 0 {
		t.Fatalf("refused %+v", r)
	}
}
