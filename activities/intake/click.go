package intake

import (
	"context"
	"slices"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// knownAction tells whether an action is one of our buttons.
func knownAction(action string) bool {
	return slices.Contains([]string{
		port.ActionAnswer, port.ActionApprove, port.ActionConditions, port.ActionReject,
		port.ActionChanges, port.ActionAbstain, port.ActionRecuse, port.ActionEvidence,
	}, action)
}

// click handles a pressed button: it opens a modal, or keeps the decision.
func (g *Gate) click(ctx context.Context, d Delivery) Reply {
	at := g.now()
	ask, reply := g.askOf(ctx, d)
	if reply != nil {
		return *reply
	}
	if !knownAction(d.Action) {
		return Reply{Say: sayNoSuchButton}
	}
	w, err := g.identify(ctx, d, at)
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	ours, err := g.Ledger.MessageOf(ctx, ask.Token, d.Channel, d.TS)
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	switch {
	case !ours: // guard: message-of-ask
		return g.refuse(ctx, d, ask, "the button was not pressed in a message of this ask", at)
	case w.refused != "": // guard: click-identified
		return g.refuse(ctx, d, ask, w.refused, at)
	case d.Action == port.ActionEvidence:
		return g.evidence(ctx, ask)
	}
	if closed(ask, at) == "" {
		if !slices.Contains(ask.Body.Actions, d.Action) { // guard: click-action-offered
			return Reply{Say: sayNoSuchButton}
		}
		if d.Action == port.ActionAnswer {
			return g.openForm(ctx, ask, w)
		}
		if d.Action != port.ActionApprove || len(ask.Body.Choose) > 0 {
			return Reply{Modal: g.modal(ask, d.Action)}
		}
	}
	row, err := g.keep(ctx, d, ask, w.person.ID, nil, at)
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	return Reply{Say: closed(ask, row.ReceivedAt)}
}

// refuse keeps a row without a person, so that the refusal is recorded. Why is
// told by the run, which answers everybody it refuses; a closed ask has no run
// to do so, and is answered here.
func (g *Gate) refuse(ctx context.Context, d Delivery, ask port.Ask, why string, at time.Time) Reply {
	if g.foreign(d) != "" || d.UserTeam != g.Workspace.Team { // guard: foreign-apart
		// It must not take the place of the true one, which differs in nothing else.
		d.DeliveryKey += "/foreign/" + d.App + "/" + d.Team + "/" + d.UserTeam
	}
	row, err := g.keep(ctx, d, ask, "", map[string]any{"refused": why}, at)
	if err != nil {
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	return Reply{Say: closed(ask, row.ReceivedAt)}
}

// closed says kindly why an ask no longer took what was received at t; empty
// means it was open then, so that a repeated delivery gets the first answer.
func closed(ask port.Ask, t time.Time) string {
	if ask.State == port.AskOpen || (!ask.ClosedAt.IsZero() && t.Before(ask.ClosedAt)) {
		return ""
	}
	switch {
	case ask.State == port.AskSuperseded:
		return saySuperseded
	case ask.State == port.AskWithdrawn:
		return sayWithdrawn
	case ask.Kind == playbooks.KindApproval:
		return sayDecided
	}
	return sayAnswered
}
