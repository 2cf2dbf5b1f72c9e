package main

import (
	"context"
	"errors"
	"time"

	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/metrics"
)

// observe has the gauges read from what was built.
func (a *app) observe(ctx context.Context) error {
	s := metrics.Sources{
		Ledger: a.ledger, Now: a.opt.now, NotStarted: a.acts.NotStarted,
		Tick: func(ctx context.Context) time.Duration { return a.acts.ProgrammeAge(ctx, a.programmeEvent) },
	}
	if a.doors.socket != nil {
		s.Sockets = a.doors.socket.Up
	}
	return a.metrics.Observe(ctx, s)
}

// countCommand counts a command from the command line.
func (a *app) countCommand(err error, began time.Time) {
	d, reason := port.Delivered{Door: port.DoorCLI, Kind: port.InboxCommand, Outcome: port.Acknowledged}, ""
	var refused *intake.RefusedError
	switch {
	case errors.As(err, &refused):
		d.Outcome, reason = port.Refused, "words" // told in words to who asked
	case err != nil:
		d.Outcome = port.Unkept
	}
	a.metrics.Delivered(d, reason, time.Since(began))
}
