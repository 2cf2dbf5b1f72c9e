package slack

import (
	"cmp"
	"context"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
)

// ackTimeout is how long one delivery may take: Slack waits 3 s, and the way
// back needs some of it.
const ackTimeout = 2500 * time.Millisecond

// The kinds of deliveries, as the envelopes of Socket Mode name them.
const (
	kindInteraction = "interactive"
	kindCommand     = "slash_commands"
	kindEvent       = "events_api"
)

// Gate takes one delivery and says what to answer.
type Gate interface {
	Slack(ctx context.Context, d intake.Delivery) intake.Reply
}

// Receiver hands deliveries to the gate, whatever transport brings them, and
// the same one only once.
type Receiver struct {
	client *Client
	gate   Gate
	recent recent
}

// NewReceiver makes the receiver that all transports of a client share.
func NewReceiver(c *Client, g Gate) *Receiver { return &Receiver{client: c, gate: g} }

// repeat is what Slack says of a delivery that it makes again. It is only
// noted: a repeat may be the first that arrives.
type repeat struct {
	number int
	reason string
}

// handle answers one delivery. When it returns, what had to be kept is.
func (r *Receiver) handle(ctx context.Context, kind string, payload []byte, again repeat) result {
	d, err := decode(kind, payload)
	if err != nil {
		r.client.log.Warn("a delivery cannot be read", "kind", kind, "error", err)
		return result{kind: port.KindOther}
	}
	out, repeated := r.recent.do(ctx, recentKey(d), func() result { return r.decide(ctx, d) })
	if repeated {
		out.say, out.update = "", nil // the person has been told
	}
	if repeated || again.number > 0 {
		r.client.log.Info("a delivery came again", "kind", kind, "known", repeated, "retry", again.number, "reason", cut(again.reason, maxReason))
	}
	return out
}

// kindOf is the kind of a delivery that is counted.
func kindOf(d intake.Delivery) string { return cmp.Or(d.Kind, port.KindOther) }

// count tells what became of a delivery that came in at began. refused is why,
// where it was refused.
func (r *Receiver) count(door string, out result, refused Reason, began time.Time) {
	d, why := port.Delivered{Door: door, Kind: cmp.Or(out.kind, port.KindOther), Outcome: port.Acknowledged}, Reason("")
	switch {
	case out.foreign:
		d.Outcome, why = port.Refused, ReasonForeign
	case out.state == unstored:
		d.Outcome = port.Unkept
	case out.state == untaken && out.kind == port.KindOther:
		d.Outcome, why = port.Refused, ReasonUnreadable
	case out.state == untaken:
		d.Outcome, why = port.Refused, refused
	}
	r.client.watch.Delivered(d, string(why), time.Since(began))
}

// maxReason is how much of Slack's reason for a repeat is logged, in characters.
const maxReason = 40

// recentKey is the key of a delivery together with who it claims to be from:
// what is answered to one must never answer another.
func recentKey(d intake.Delivery) string {
	if d.DeliveryKey == "" {
		return ""
	}
	return key(d.DeliveryKey, d.App, d.Team, d.UserTeam, d.User) // guard: delivery-remembered
}
