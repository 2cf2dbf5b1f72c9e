package slack

import (
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/aimsbot/aimsbot/playbooks"
)

// paged is a page of a form with rows. help makes it long.
func paged(page int, help string) port.Modal {
	text := playbooks.Question{ID: str("plan.r1.what"), Text: str("Measure"), Type: str(playbooks.TypeText), Help: str(help), Optional: true}
	return port.Modal{
		Callback: port.ActionAnswer, Token: token, Title: "Your answers (2 of 3)", Submit: "Next", Page: page, Questions: []playbooks.Question{text},
		Marks: []port.ModalMark{
			{Text: "What is done?"},
			{Text: "Row 1", Buttons: []port.ModalButton{{Action: port.ActionRemoveRow, Label: "Remove", Value: "plan 1"}}},
			{Before: 1, Buttons: []port.ModalButton{{Action: port.ActionAddRow, Label: "Add a row", Value: "plan"}}},
			{Before: 1, Buttons: []port.ModalButton{{Action: port.ActionBack, Label: "Back", Value: "back"}}},
		},
	}
}

// TestWindowChanges: a button in a window and a page that is sent change the
// window, over both transports, also where the new page is too long to go with
// the acknowledgement.
func TestWindowChanges(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, help string }{{"short", "Say it"}, {"long", strings.Repeat("ä", 1999)}} {
		for _, transport := range []string{"socket", "http"} {
			t.Run(c.name+" "+transport, func(t *testing.T) {
				t.Parallel()
				seen := make(chan intake.Delivery, 10)
				gate := gateFunc(func(d intake.Delivery) intake.Reply {
					m := paged(2, "")
					if d.ViewID == "" {
						return intake.Reply{Modal: &m}
					}
					seen <- d
					m = paged(d.Page+1, c.help)
					for range 20 {
						q := m.Questions[0]
						q.ID.V += "x"
						m.Questions = append([]playbooks.Question{q}, m.Questions...)
					}
					for i := range m.Questions {
						m.Questions[i].ID.V += strings.Repeat("y", i)
					}
					return intake.Reply{Update: &m}
				})
				var w *world
				if transport == "http" {
					w, _ = newHTTPWorld(t, gate)
				} else {
					w = newWorld(t)
					w.connect(gate)
				}
				w.press(port.ActionReject)
				view := w.state().Views[0].ID
				values := compact(t, map[string]any{"plan.r1.what": map[string]any{answerID: map[string]any{"type": "plain_text_input", "value": "Guard rails"}}})
				ack, err := w.slack.Click(t.Context(), slacktest.Click{User: "U0CORA", ViewID: view, ActionID: port.ActionRemoveRow, Values: []byte(values)})
				if err != nil || ack.Status != 200 {
					t.Fatalf("%+v %v", ack, err)
				}
				d := <-seen
				if d.Kind != port.InboxClick || d.Action != port.ActionRemoveRow || d.Target != "plan 1" || d.Page != 2 || d.Value != "v1."+token || d.Values["plan.r1.what"] != "Guard rails" || d.DeliveryKey == "" {
					t.Errorf("the gate gets %+v", d)
				}
				shows := func(page string) func() bool {
					return func() bool {
						v := w.state().Views
						return len(v) == 1 && strings.Contains(string(v[0].Body), `"`+tokenVersion+token+" "+page+`"`) && strings.Contains(string(v[0].Body), "plan.r1.whatx")
					}
				}
				w.until("the next window", shows("3"))
				w.submit(view, map[string]any{})
				if d := <-seen; d.Kind != port.InboxSubmit || d.Page != 3 || d.Value != "v1."+token {
					t.Errorf("the gate gets %+v", d)
				}
				w.until("the window after", shows("4"))
				if r := w.slack.Refused(); len(r) > 0 {
					t.Errorf("refused %+v", r)
				}
			})
		}
	}
}

// TestTurnOfAnotherWindow: a press that names two windows is nobody's.
func TestTurnOfAnotherWindow(t *testing.T) {
	t.Parallel()
	d, err := decode(kindInteraction, []byte(`{"type":"block_actions","api_app_id":"A0APP","team":{"id":"T0HOME"},"user":{"id":"U0CORA","team_id":"T0HOME"},
		"container":{"type":"view","view_id":"V1"},"view":{"id":"V2","private_metadata":"v1.x"},"actions":[{"type":"button","action_id":"back","value":"back","action_ts":"1.2"}]}`))
	if err != nil || d.Kind != "" {
		t.Errorf("%+v %v", d, err)
	}
}
