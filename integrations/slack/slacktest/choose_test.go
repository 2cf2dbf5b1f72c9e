package slacktest_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/aimsbot/aimsbot/integrations/slack/slacktest"
)

// TestChoose acts on elements that are not plain buttons.
func TestChoose(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	payload := ""
	w.hook(func(_, body string) (int, string) { payload = formValue(body, "payload"); return 200, "" })
	el := func(kind, more string) string { return actions(`{"type":"` + kind + `","action_id":"a"` + more + `}`) }
	opts := `,"options":` + options(3)
	for _, c := range []struct {
		block, value, want string
		err                error
	}{
		{el("static_select", opts), "1", `"selected_option":{"text":{"text":"o","type":"plain_text"},"value":"1"}`, nil},
		{el("static_select", opts), "9", "", slacktest.ErrValue},
		{el("radio_buttons", opts), "2", `"selected_option":{`, nil},
		{el("overflow", opts), "0", `"selected_option":{`, nil},
		{el("checkboxes", opts), "0,2", `"selected_options":[{`, nil},
		{el("datepicker", ""), "2026-11-02", `"selected_date":"2026-11-02"`, nil},
		{el("datepicker", ""), "tomorrow", "", slacktest.ErrValue},
		{el("timepicker", ""), "09:30", `"selected_time":"09:30"`, nil},
		{el("users_select", ""), "U0BEN", `"selected_user":"U0BEN"`, nil},
		{el("datetimepicker", ""), "1764000000", `"selected_date_time":1764000000`, nil},
		{button(`"text":` + plainText("b") + `,"visible_to_user_ids":["U0ANNA"]`), "", `"type":"button"`, nil},
		{button(`"text":` + plainText("b") + `,"visible_to_user_ids":["U0BEN"]`), "", "", slacktest.ErrNotThere},
		{input(`{"type":"datepicker","action_id":"a"}`), "2026-11-02", "", slacktest.ErrNotThere},
	} {
		ts, _ := w.call("chat.postMessage", map[string]string{"channel": "C0GOV", "text": "t", "blocks": "[" + c.block + "]"})["ts"].(string)
		payload = ""
		_, err := w.Click(w.ctx, slacktest.Click{User: "U0ANNA", Channel: "C0GOV", TS: ts, ActionID: "a", Value: c.value})
		_, acts, _ := strings.Cut(payload, `"actions":`)
		if !errors.Is(err, c.err) || !strings.Contains(acts, c.want) {
			t.Errorf("%s %q: %v %s", c.block, c.value, err, acts)
		}
	}
}

// TestActionAnswer: what is answered to an action is shown to nobody.
func TestActionAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, nil)
	w.hook(func(string, string) (int, string) { return 200, `{"text":"thanks"}` })
	ts, _ := w.call("chat.postMessage", map[string]string{"channel": "C0GOV", "text": "t", "blocks": "[" + button(`"text":`+plainText("b")) + "]"})["ts"].(string)
	_, err := w.Click(w.ctx, slacktest.Click{User: "U0ANNA", Channel: "C0GOV", TS: ts, ActionID: "a"})
	w.must(err)
	if got := fmt.Sprint(w.Refused()); !strings.Contains(got, "acknowledgement of an action is empty") {
		t.Errorf("refused %s", got)
	}
}
