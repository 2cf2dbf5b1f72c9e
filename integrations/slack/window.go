package slack

import (
	"context"
	"encoding/json"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// maxAcknowledged is the longest view that goes with an acknowledgement, in
// bytes of JSON: a frame of 20,480 bytes or more is dropped without a word
// (facts of Socket Mode), and it has an envelope.
const maxAcknowledged = 18_000

const sayWaiting = "One moment, please. If this stays here, close the window and press the button in the message again: what you typed is kept."

// update puts another window in the place of the one a delivery came from. A
// button is acknowledged with nothing, and a long window would not pass with the
// acknowledgement: those come right after it.
func (r *Receiver) update(d intake.Delivery, m port.Modal, out *result) {
	v, short, err := renderModal(m)
	if err != nil {
		r.client.log.Error("a window cannot be shown", "callback", m.Callback, "error", err)
		v = notice(sayNotOpened)
	}
	if short {
		r.client.log.Warn("a window was shortened to Slack's limits", "callback", m.Callback)
	}
	out.view = d.ViewID
	if d.Kind != port.InboxSubmit {
		out.update = &v
		return
	}
	out.again = true
	if raw, err := json.Marshal(v); err != nil || len(raw) > maxAcknowledged {
		out.update, out.settles = &v, true
		waiting := notice(sayWaiting)
		out.payload = slack.NewUpdateViewSubmissionResponse(&waiting)
		return
	}
	out.payload = slack.NewUpdateViewSubmissionResponse(&v)
}

// updateModal puts a window in the place of an open one.
func (c *Client) updateModal(ctx context.Context, view string, v slack.ModalViewRequest) error {
	return c.call(ctx, methodUpdateView, "", func(ctx context.Context) error {
		_, err := c.api.UpdateViewContext(ctx, v, "", "", view)
		return err //nolint:wrapcheck // call says which method
	})
}
