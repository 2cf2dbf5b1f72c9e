package intake

import (
	"context"
	"errors"
	"fmt"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// The words after `/aims` by which people tell of something.
const (
	wordIncident = playbooks.CommandIncident
	wordConcern  = "concern"
)

// incident starts what the organisation does about an incident.
func (g *Gate) incident(ctx context.Context, w who, d Delivery, rest []string) Reply {
	playbook, run, err := g.Report(ctx, Report{Word: wordIncident, About: rest, By: w.person.ID, DeliveryKey: d.DeliveryKey})
	var open *port.OpenRunError
	var no *RefusedError
	switch {
	case errors.As(err, &open):
		return Reply{Say: fmt.Sprintf("%s is already running: run %s. `/aims status %s` says where it stands. Tell those who work on it what you know.", playbook, open.Run, open.Run)}
	case errors.As(err, &no):
		return Reply{Say: no.Text}
	case err != nil:
		return Reply{Say: sayTryAgain}
	}
	return Reply{Say: fmt.Sprintf("Reported. %s has begun: run %s. The people asked first get a message now. `/aims status %s` says where it stands.", playbook, run, run)}
}

// concern keeps that somebody sees a danger.
func (g *Gate) concern(ctx context.Context, w who, d Delivery, rest []string) Reply {
	if len(rest) < 2 {
		return Reply{Say: "Name the system and say what you saw: `/aims concern cv-screener It ranks people by their photo`. Nothing was recorded."}
	}
	err := g.Raise(ctx, Report{Word: wordConcern, About: rest, By: w.person.ID, DeliveryKey: d.DeliveryKey})
	var no *RefusedError
	switch {
	case errors.As(err, &no):
		return Reply{Say: no.Text}
	case err != nil:
		return Reply{Unstored: true, Say: sayTryAgain}
	}
	return Reply{Say: "Thank you. Your concern is recorded under your name and is looked at now."}
}
