package slack

import (
	"context"
	"slices"
	"time"

	"github.com/slack-go/slack"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

const (
	// maxErrors bounds the complaints of one answer in bytes: a frame of 20,480
	// bytes or more is dropped without a word.
	maxErrors = 12_000
	// maxProblem is the longest complaint about one answer, in characters.
	maxProblem = 300
)

// ackSettles is how long Slack is given to show what an acknowledgement says,
// before the window is changed again; ours: the two come by different ways, and
// who comes last wins.
const ackSettles = 300 * time.Millisecond

const sayNotOpened = "The window could not be opened in time. Please press the button again."

// state is what became of a delivery.
type state int

const (
	untaken  state = iota // not ours, or not readable: it is not acknowledged
	taken                 // durable, or of no consequence: acknowledge it
	unstored              // not kept: it is not acknowledged and may come again
)

// result is what a transport has to answer. The zero value refuses.
type result struct {
	state   state
	kind    string // of the delivery, for whoever counts
	foreign bool   // of another app or workspace; recorded as a refusal
	payload any    // goes with the acknowledgement; nil = nothing
	say     string // told to user after the acknowledgement
	user    string
	channel string
	// update takes the place of the window view after the acknowledgement.
	update *slack.ModalViewRequest
	view   string
	// settles says that the acknowledgement shows a window of its own first, which
	// must not come after update.
	settles bool
	// again says that the same key comes again with better answers: a modal
	// keeps its hash when it is sent a second time.
	again bool
}

// decide asks the gate and turns its reply into an answer. A window is opened
// before the acknowledgement: its trigger lives 3 s.
func (r *Receiver) decide(ctx context.Context, d intake.Delivery) result {
	reply := r.gate.Slack(ctx, d)
	out := result{state: taken, kind: kindOf(d), foreign: reply.Foreign, user: d.User, channel: d.Channel}
	switch {
	case reply.Ignore:
		out.state = untaken
		r.client.log.Error("a button that this installation never made was pressed: is a second installation on the same Slack app?")
	case reply.Unstored:
		out.state, out.say = unstored, reply.Say
		r.client.log.Error("a delivery could not be stored and is not acknowledged", "kind", d.Kind)
	case reply.Modal != nil:
		out.say = reply.Say
		if err := r.client.openModal(ctx, d.TriggerID, *reply.Modal); err != nil {
			r.client.log.Warn("a window could not be opened", "error", err)
			out.say = sayNotOpened
		}
	case reply.Update != nil:
		r.update(d, *reply.Update, &out)
	case len(reply.Errors) > 0:
		out.payload, out.again = slack.NewErrorsViewSubmissionResponse(problems(reply.Errors)), true
	case reply.Say == "":
	case d.Kind == port.InboxSubmit:
		v := notice(reply.Say)
		out.payload = slack.NewUpdateViewSubmissionResponse(&v)
	case d.Kind == port.InboxCommand:
		out.payload = map[string]string{"response_type": "ephemeral", "text": escapeCut(reply.Say, maxText)}
	default:
		out.say = reply.Say
	}
	return out
}

// finish tells the person what there is to say once the acknowledgement is on
// its way; it is best effort.
func (r *Receiver) finish(ctx context.Context, out result) {
	if out.say == "" && out.update == nil {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if out.update != nil {
		if out.settles {
			time.Sleep(ackSettles)
		}
		if err := r.client.updateModal(ctx, out.view, *out.update); err != nil {
			r.client.log.Warn("a window could not be changed", "error", err)
		}
		return
	}
	if err := r.client.Private(ctx, port.Private{User: out.user, Channel: out.channel, Text: out.say}); err != nil {
		r.client.log.Warn("a private answer could not be shown", "error", err)
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
