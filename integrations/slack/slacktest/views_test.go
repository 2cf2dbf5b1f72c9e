package slacktest_test

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

func do(t *testing.T, req *http.Request) string {
	t.Helper()
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	b, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// modalJSON is a modal without inputs, with more members.
func modalJSON(more string) string {
	return `{"type":"modal","title":` + plainText("T") + `,"blocks":[{"type":"divider"}]` + more + `}`
}

// trigger gets a trigger id as the app does: from a command.
func (w *world) trigger(user string) string {
	return w.triggerOf(slacktest.Command{User: user, Command: "/aims"})
}

func (w *world) triggerOf(c slacktest.Command) string {
	w.t.Helper()
	got := make(chan string, 1)
	w.hook(func(_ string, body string) (int, string) { got <- formValue(body, "trigger_id"); return 200, "" })
	_, err := w.Command(w.ctx, c)
	w.must(err)
	return <-got
}

func TestTriggers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	open := func(method, trigger string) any {
		return w.call(method, map[string]string{"trigger_id": trigger, "view": modalJSON("")})["error"]
	}
	tr := w.trigger("U0ANNA")
	if got := open("views.open", tr); got != nil {
		t.Fatalf("fresh: %v", got)
	}
	if got := open("views.open", tr); got != "exchanged_trigger_id" {
		t.Errorf("second use: %v", got)
	}
	tr = w.trigger("U0ANNA")
	w.wall.advance(slacktest.TriggerLife + time.Second)
	if got := open("views.open", tr); got != "expired_trigger_id" {
		t.Errorf("old: %v", got)
	}
	if got := open("views.push", w.trigger("U0ANNA")); got != "invalid_trigger_id" {
		t.Errorf("push without a modal below: %v", got)
	}
	if v := w.state().Views; len(v) != 1 || v[0].User != "U0ANNA" {
		t.Errorf("views %+v", v)
	}
}

// TestStack pushes modals to the limit, updates one, and closes them.
func TestStack(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	more := `,"notify_on_close":true,"external_id":"ext"`
	view := func(extra string) string {
		return `{"type":"modal","title":` + plainText("T") + `,"blocks":[` + button(`"text":`+plainText("b")) + `]` + extra + `}`
	}
	a := w.call("views.open", map[string]string{"trigger_id": w.trigger("U0ANNA"), "view": view(more)})
	root, _ := a["view"].(map[string]any)
	id, _ := root["id"].(string)
	payloads := make(chan string, 10)
	w.hook(func(_, body string) (int, string) { payloads <- formValue(body, "payload"); return 200, "" })
	for i, want := range []any{nil, nil, "push_limit_reached"} {
		_, err := w.Click(w.ctx, slacktest.Click{User: "U0ANNA", ViewID: id, ActionID: "a"})
		w.must(err)
		var p struct {
			TriggerID string         `json:"trigger_id"`
			View      map[string]any `json:"view"`
		}
		w.must(json.Unmarshal([]byte(<-payloads), &p))
		if p.View["id"] != id || p.View["root_view_id"] != root["id"] {
			t.Fatalf("payload %+v", p)
		}
		a := w.call("views.push", map[string]string{"trigger_id": p.TriggerID, "view": view("")})
		if a["error"] != want {
			t.Fatalf("push %d: %v", i, a)
		}
		if v, ok := a["view"].(map[string]any); ok {
			id, _ = v["id"].(string)
		}
	}
	update := func(args map[string]string) any { return w.call("views.update", args)["error"] }
	if got := update(map[string]string{"external_id": "ext", "hash": "old", "view": view(more)}); got != "hash_conflict" {
		t.Errorf("old hash: %v", got)
	}
	if got := update(map[string]string{"external_id": "ext", "view": view(more)}); got != nil {
		t.Errorf("update: %v", got)
	}
	if got := update(map[string]string{"view_id": id, "view": view(`,"external_id":"ext"`)}); got != "duplicate_external_id" {
		t.Errorf("same external_id: %v", got)
	}
	if _, err := w.CloseModal(w.ctx, slacktest.CloseView{User: "U0ANNA", ViewID: id}); err != nil || len(payloads) != 0 {
		t.Errorf("closing what asks for no notice: %v", err)
	}
	if n := len(w.state().Views); n != 2 {
		t.Errorf("%d views are open, want 2", n)
	}
	rootID, _ := root["id"].(string)
	_, err := w.CloseModal(w.ctx, slacktest.CloseView{User: "U0ANNA", ViewID: rootID, Clear: true})
	w.must(err)
	if p := <-payloads; !strings.Contains(p, `"view_closed"`) || !strings.Contains(p, `"is_cleared":true`) {
		t.Errorf("notice %s", p)
	}
	if n := len(w.state().Views); n != 0 {
		t.Errorf("%d views are open, want none", n)
	}
}

// TestSubmitChecks holds what the client does not send.
func TestSubmitChecks(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	body, err := json.Marshal(modal())
	w.must(err)
	a := w.call("views.open", map[string]string{"trigger_id": w.trigger("U0ANNA"), "view": string(body)})
	v, _ := a["view"].(map[string]any)
	id, _ := v["id"].(string)
	why := `"why":{"reason":{"type":"plain_text_input","value":"good"}}`
	for values, want := range map[string]string{
		`{}`:                                "why: Please complete",
		`{"why":{"reason":{"value":"  "}}}`: "why: Please complete",
		`{"why":{"reason":{"value":"` + long(21) + `"}}}`:                   "why: write 0 to 20",
		`{"why":{"reason":{"value":"a\nb"}}}`:                               "why: this is one line",
		`{"why":{"reason":{"type":"number_input","value":"1"}}}`:            "why: this is a plain_text_input",
		`{"why":{"reason":{"selected_date":"2026-01-01"}}}`:                 "why: plain_text_input has no selected_date",
		`{` + why + `,"count":{"n":{"value":"0"}}}`:                         "count: at least 1",
		`{` + why + `,"count":{"n":{"value":"1.5"}}}`:                       "count: this is no number",
		`{` + why + `,"when":{"date":{"selected_date":"01.02.2026"}}}`:      "when: a date is",
		`{` + why + `,"tier":{"pick":{"selected_option":{"value":"mid"}}}}`: "tier: there is no such option",
		`{` + why + `,"more":{"x":{"value":"1"}}}`:                          "more: there is no such input",
	} {
		_, err := w.Submit(w.ctx, slacktest.Submit{User: "U0ANNA", ViewID: id, Values: json.RawMessage(values)})
		var in *slacktest.InputError
		if !errors.As(err, &in) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", values, err, want)
		}
	}
	if _, err := w.Submit(w.ctx, slacktest.Submit{User: "U0BEN", ViewID: id}); !errors.Is(err, slacktest.ErrNotThere) {
		t.Errorf("another person's modal: %v", err)
	}
}

// TestSubmitAnswers holds what becomes of a modal by the app's answer.
func TestSubmitAnswers(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	body, err := json.Marshal(modal())
	w.must(err)
	for answer, c := range map[string]struct {
		open int
		warn bool
	}{
		"":                            {0, false},
		`{"response_action":"clear"}`: {0, false},
		`{"response_action":"errors","errors":{"why":"More"}}`:      {1, false},
		`{"response_action":"errors","errors":{"nope":"More"}}`:     {1, true},
		`{"response_action":"errors","errors":{"note":"More"}}`:     {1, true},
		`{"response_action":"errors"}`:                              {1, true},
		`{"response_action":"update","view":` + modalJSON("") + `}`: {1, false},
		`{"response_action":"push","view":` + modalJSON("") + `}`:   {2, false},
		`{"response_action":"push","view":{"type":"modal"}}`:        {1, true},
		`{"response_action":"dance"}`:                               {1, true},
		`"text"`:                                                    {1, true},
	} {
		a := w.call("views.open", map[string]string{"trigger_id": w.trigger("U0ANNA"), "view": string(body)})
		v, _ := a["view"].(map[string]any)
		id, _ := v["id"].(string)
		w.hook(func(string, string) (int, string) { return 200, answer })
		ack, err := w.Submit(w.ctx, slacktest.Submit{User: "U0ANNA", ViewID: id, Values: json.RawMessage(`{"why":{"reason":{"value":"x"}}}`)})
		w.must(err)
		if c.open == 2 {
			if _, err := w.Submit(w.ctx, slacktest.Submit{User: "U0ANNA", ViewID: id}); !errors.Is(err, slacktest.ErrNotThere) {
				t.Errorf("a modal under another was sent: %v", err)
			}
		}
		if n := len(w.state().Views); n != c.open || (ack.Warning != "") != c.warn {
			t.Errorf("%s: %d open, %q", answer, n, ack.Warning)
		}
	}
}
