package slack

import (
	"context"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
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
		return result{}
	}
	out, repeated := r.recent.do(ctx, recentKey(d), func() result { return r.decide(ctx, d) })
	if repeated {
		out.say = "" // the person has been told
	}
	if repeated || again.number > 0 {
		r.client.log.Info("a delivery came again", "kind", kind, "known", repeated, "retry", again.number, "reason", cut(again.reason, maxReason))
	}
	return out
}

// maxReason is how much of Slack's reason for a repeat is logged, in characters.
const maxReason = 40

// recentKey is the key of a delivery together with who it claims to be from:
// what is answered to one must never answer another.
func recentKey(d intake.Delivery) string {
	if d.DeliveryKey == "" {
		return ""
	}
	return key(d.DeliveryKey, d.App, d.Team, d.UserTeam, d.User)
}
