package slack

import (
	"context"
	"slices"
	"time"

	"github.com/slack-go/slack"
	"github.com/slack-go/slack/socketmode"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// ackTimeout is how long one delivery may take: Slack waits 3 s, and the
	// way back needs some of it.
	ackTimeout = 2500 * time.Millisecond
	// maxErrors bounds the complaints of one answer in bytes: a frame of 20,480
	// bytes or more is dropped without a word.
	maxErrors = 12_000
	// maxProblem is the longest complaint about one answer, in characters.
	maxProblem = 300
)

const sayNotOpened = "The window could not be opened in time. Please press the button again."

// handle answers one delivery: gate first, acknowledgement only then.
func (s *Socket) handle(ctx context.Context, e envelope) {
	quick, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	var d intake.Delivery
	var err error
	ok := true
	switch e.request.Type {
	case socketmode.RequestTypeInteractive:
		d, ok, err = decodeInteraction(e.request.Payload)
	case socketmode.RequestTypeSlashCommands:
		d, err = decodeCommand(e.request.Payload)
	default:
		ok = false // an event we did not subscribe to
	}
	if err != nil {
		s.client.log.Warn("a delivery cannot be read", "error", err)
		return
	}
	if !ok {
		s.ack(ctx, e, nil)
		return
	}
	r := s.gate.Slack(quick, d)
	switch {
	case r.Ignore:
		s.client.log.Warn("a button that this installation never made was pressed: is a second installation on the same Slack app?")
	case r.Unstored:
		s.client.log.Error("a delivery could not be stored and is not acknowledged", "kind", d.Kind)
		s.say(ctx, d, r.Say)
	case r.Modal != nil:
		say := r.Say
		if err := s.client.openModal(quick, d.TriggerID, *r.Modal); err != nil {
			s.client.log.Warn("a window could not be opened", "error", err)
			say = sayNotOpened
		}
		s.ack(ctx, e, nil)
		s.say(ctx, d, say)
	default:
		s.reply(ctx, e, d, r)
	}
}

// reply acknowledges and says what there is to say, each kind in its own way.
func (s *Socket) reply(ctx context.Context, e envelope, d intake.Delivery, r intake.Reply) {
	switch {
	case len(r.Errors) > 0:
		s.ack(ctx, e, slack.NewErrorsViewSubmissionResponse(problems(r.Errors)))
	case r.Say == "":
		s.ack(ctx, e, nil)
	case d.Kind == port.InboxSubmit:
		v := notice(r.Say)
		s.ack(ctx, e, slack.NewUpdateViewSubmissionResponse(&v))
	case d.Kind == port.InboxCommand:
		s.ack(ctx, e, map[string]string{"response_type": "ephemeral", "text": escapeCut(r.Say, maxText)})
	default:
		s.ack(ctx, e, nil)
		s.say(ctx, d, r.Say)
	}
}

func (s *Socket) ack(ctx context.Context, e envelope, payload any) {
	ctx, cancel := context.WithTimeout(ctx, ackTimeout)
	defer cancel()
	if err := e.conn.AckCtx(ctx, e.request.EnvelopeID, payload); err != nil {
		s.client.log.Warn("an acknowledgement could not be sent", "error", err)
	}
}

// say tells one person something; it is best effort.
func (s *Socket) say(ctx context.Context, d intake.Delivery, text string) {
	if text == "" {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if err := s.client.Private(ctx, port.Private{User: d.User, Channel: d.Channel, Text: text}); err != nil {
		s.client.log.Warn("a private answer could not be shown", "error", err)
	}
}

// problems keeps the complaints within what one acknowledgement may carry.
func problems(all map[string]string) map[string]string {
	ids := make([]string, 0, len(all))
	for id := range all {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	out := map[string]string{}
	size := 0
	for _, id := range ids {
		text := cut(all[id], maxProblem)
		if size += len(id) + len(text) + 8; size > maxErrors {
			break
		}
		out[id] = text
	}
	return out
}

// openModal opens a window for the press that trigger stands for.
func (c *Client) openModal(ctx context.Context, trigger string, m port.Modal) error {
	v, short, err := renderModal(m)
	if err != nil {
		return err
	}
	if short {
		c.log.Warn("a window was shortened to Slack's limits", "callback", m.Callback)
	}
	return c.call(ctx, methodView, "", func(ctx context.Context) error {
		_, err := c.api.OpenViewContext(ctx, trigger, v)
		return err
	})
}
