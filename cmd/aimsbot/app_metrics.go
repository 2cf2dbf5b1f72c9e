package main

import (
	"context"
	"time"

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
