package slack

import (
	"bytes"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
	"github.com/aimsbot/aimsbot/playbooks/corpustest"
)

// TestDeliveries: what the gate gets is what Slack said, and only that.
func TestDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var mu sync.Mutex
	var got []intake.Delivery
	w.connect(gateFunc(func(d intake.Delivery) intake.Reply {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, d)
		if d.Kind == port.InboxClick {
			m := modals()["every type"]
			return intake.Reply{Modal: &m}
		}
		return intake.Reply{}
	}))
	_, at := w.press(port.ActionReject)
	v := w.state().Views[0]
	in := map[string]any{}
	for id, state := range map[string]any{
		"a_long": map[string]any{"value": "Two\nlines"}, "a_link": map[string]any{"value": "https://example.com"}, "an_int": map[string]any{"value": "12"},
		"a_number": map[string]any{"value": "0.5"}, "a_yesno": chosen("yes"), "an_unsure": chosen("unsure"), "a_choice": chosen("o3"), "a_menu": chosen("o99"),
		"some": several("o1", "o2"), "some_menu": several("o10"), "a_date": map[string]any{"selected_date": "2026-03-16"},
		"a_datetime": map[string]any{"selected_date_time": 1773657000}, "a_person": map[string]any{"selected_user": "U0OLIVE"},
		"some_people": map[string]any{"selected_users": []string{"U0CORA", "U0OLIVE"}},
	} {
		in[id] = map[string]any{answerID: state}
	}
	if ack := w.submit(v.ID, in); ack.Status != 200 || ack.Warning != "" {
		t.Fatalf("ack %+v", ack)
	}
	_, err := w.slack.Command(t.Context(), slacktest.Command{User: "U0CORA", Channel: "C0RAIC", Command: "/aims", Text: "status"})
	w.must(err)
	for i := range got {
		if got[i].TriggerID == "" || got[i].DeliveryKey == "" {
			t.Errorf("delivery %+v", got[i])
		}
		got[i].TriggerID, got[i].DeliveryKey = "", strings.Split(got[i].DeliveryKey, "/")[1]
	}
	base := intake.Delivery{Team: "T0HOME", UserTeam: "T0HOME", App: "A0APP", User: "U0CORA"}
	click, sent, command := base, base, base
	click.Kind, click.DeliveryKey, click.Channel, click.TS, click.Action, click.Value = port.InboxClick, "click", at.Channel, at.TS, "reject", "v1."+token
	sent.Kind, sent.DeliveryKey, sent.ViewID, sent.Action, sent.Value = port.InboxSubmit, "submit", v.ID, "answer", "v1."+token
	sent.Values = map[string]any{
		"a_long": "Two\nlines", "a_link": "https://example.com", "an_int": "12", "a_number": "0.5", "a_yesno": "yes", "an_unsure": "unsure",
		"a_choice": "o3", "a_menu": "o99", "some": []string{"o1", "o2"}, "some_menu": []string{"o10"}, "a_date": "2026-03-16",
		"a_datetime": int64(1773657000), "a_person": "U0OLIVE", "some_people": []string{"U0CORA", "U0OLIVE"},
	}
	command.Kind, command.DeliveryKey, command.Channel, command.Command, command.Text = port.InboxCommand, "command", "C0RAIC", "/aims", "status"
	if diff := cmp.Diff([]intake.Delivery{click, sent, command}, got); diff != "" {
		t.Error(diff)
	}
}

func chosen(id string) any { return map[string]any{"selected_option": map[string]any{"value": id}} }

func several(ids ...string) any {
	out := []any{}
	for _, id := range ids {
		out = append(out, map[string]any{"value": id})
	}
	return map[string]any{"selected_options": out}
}

// TestOtherDeliveries: what asks nothing of us is acknowledged; what cannot be
// read is not. The gate is asked only whose it is.
func TestOtherDeliveries(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(gateFunc(func(d intake.Delivery) intake.Reply {
		if d.Kind != "" && d.Kind != port.KindEvent {
			t.Errorf("the gate got %+v", d)
		}
		return intake.Reply{}
	}))
	cases := map[string]struct {
		kind    string
		payload string
		acked   bool
	}{
		"home opened":      {"events_api", `{"type":"event_callback","event":{"type":"app_home_opened","user":"U0CORA"}}`, true},
		"window closed":    {"interactive", `{"type":"view_closed","view":{"id":"V1"}}`, true},
		"menu in a window": {"interactive", `{"type":"block_actions","container":{"type":"view"},"actions":[{"type":"static_select","action_id":"x"}]}`, true},
		"no action":        {"interactive", `{"type":"block_actions","container":{"type":"message"},"actions":[]}`, true},
		"not an object":    {"interactive", `[]`, false},
		"wrong types":      {"interactive", `{"type":"block_actions","actions":"x"}`, false},
	}
	for name, c := range cases {
		body := `{"type":"` + c.kind + `","envelope_id":"E-` + strings.ReplaceAll(name, " ", "-") + `","payload":` + c.payload + `}`
		ack, err := w.slack.Raw(t.Context(), slacktest.Raw{Transport: "socket", Body: json.RawMessage(body)})
		if err != nil || (ack.Status == 200) != c.acked {
			t.Errorf("%s: %+v %v", name, ack, err)
		}
	}
}

// TestDecodeMismatch: ids that do not agree are nobody's.
func TestDecodeMismatch(t *testing.T) {
	t.Parallel()
	click := `{"type":"block_actions","api_app_id":"A0APP","team":{"id":"T0HOME"},"user":{"id":"U0CORA","team_id":"T0HOME"},"channel":{"id":"C0RAIC"},` +
		`"container":{"type":"message","channel_id":"C0RAIC","message_ts":"1.1"},"actions":[{"type":"button","action_id":"approve","value":"v1.x","action_ts":"2.2"}]}`
	sent := `{"type":"view_submission","api_app_id":"A0APP","team":{"id":"T0HOME"},"user":{"id":"U0CORA","team_id":"T0HOME"},"view":{"id":"V1","hash":"h","app_id":"A0APP","app_installed_team_id":"T0HOME"}}`
	cases := []struct {
		name, payload, from, to string
		read                    func(intake.Delivery) string
		want                    string
	}{
		{"click", click, "", "", func(d intake.Delivery) string { return d.DeliveryKey }, "slack/click/T0HOME/U0CORA/C0RAIC/1.1/approve/2.2"},
		{"click elsewhere", click, `"channel_id":"C0RAIC"`, `"channel_id":"C0EVIL"`, func(d intake.Delivery) string { return d.Channel }, ""},
		{"click without place", click, `"channel_id":"C0RAIC",`, ``, func(d intake.Delivery) string { return d.Channel }, ""},
		{"click without time", click, `,"action_ts":"2.2"`, ``, func(d intake.Delivery) string { return d.DeliveryKey }, ""},
		{"account without team", click, `,"team_id":"T0HOME"`, ``, func(d intake.Delivery) string { return d.UserTeam }, ""},
		{"no team", click, `"team":{"id":"T0HOME"}`, `"team":null`, func(d intake.Delivery) string { return d.Team }, ""},
		{"sent", sent, "", "", func(d intake.Delivery) string { return d.DeliveryKey + d.Team + d.App }, "slack/submit/T0HOME/U0CORA/V1/hT0HOMEA0APP"},
		{"app installed elsewhere", sent, `"app_installed_team_id":"T0HOME"`, `"app_installed_team_id":"T0PART"`, func(d intake.Delivery) string { return d.Team }, ""},
		{"window of another app", sent, `"app_id":"A0APP","app_i`, `"app_id":"A0EVIL","app_i`, func(d intake.Delivery) string { return d.App }, ""},
	}
	for _, c := range cases {
		d, ok, err := decodeInteraction([]byte(strings.Replace(c.payload, c.from, c.to, 1)))
		if got := c.read(d); got != c.want || !ok || err != nil {
			t.Errorf("%s: %q, want %q (%v %v)", c.name, got, c.want, ok, err)
		}
	}
}

// FuzzFrames: whatever comes over a socket is left out, refused, or a delivery
// of a kind that the gate knows, and says who pressed only if Slack does.
func FuzzFrames(f *testing.F) {
	corpustest.Add(f, "frames", corpustest.Bytes)
	f.Add([]byte(`{"type":"interactive","envelope_id":"e","payload":null,"accepts_response_payload":1}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		var fr frame
		if err := json.Unmarshal(b, &fr); err != nil {
			return
		}
		d, err := decode(fr.Type, fr.Payload)
		if err != nil {
			return
		}
		switch d.Kind {
		case "", port.InboxClick, port.InboxSubmit, port.InboxCommand, port.KindEvent:
		default:
			t.Errorf("a delivery of kind %q", d.Kind)
		}
		for _, text := range []string{d.User, d.Team, d.App, d.Action} {
			if text != "" && !said(fr.Payload, text) {
				t.Errorf("%q is nowhere in %s", text, fr.Payload)
			}
		}
	})
}

// said tells whether a document has a text in one of its strings.
func said(doc []byte, text string) bool {
	d := json.NewDecoder(bytes.NewReader(doc))
	for {
		token, err := d.Token()
		if err != nil {
			return false // the end
		}
		if s, ok := token.(string); ok && strings.Contains(s, text) {
			return true
		}
	}
}

func FuzzDecode(f *testing.F) {
	corpustest.Add(f, "decode", corpustest.Bytes)
	f.Add([]byte(`{"type":"block_actions","actions":[{"type":"button"}],"container":{"type":"message"}}`))
	f.Add([]byte(`{"type":"view_submission","view":{"state":{"values":{"q":{"a":{"selected_option":null}}}}}}`))
	f.Fuzz(func(t *testing.T, b []byte) {
		d, ok, err := decodeInteraction(b)
		if err != nil && ok {
			t.Error("an unreadable payload was taken")
		}
		if ok && d.Kind == "" {
			t.Error("a delivery without a kind")
		}
		var out *port.OutsideError
		if _, err := decodeCommand(b); errors.As(err, &out) {
			t.Error("reading is not calling")
		}
	})
}
