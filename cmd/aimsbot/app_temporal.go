package main

import (
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/temporal"
	"github.com/aimsbot/aimsbot/workflows"
)

// startTemporal connects to the outside Temporal that the settings name, or
// starts the embedded one.
func (a *app) startTemporal(ctx context.Context) error {
	keys, err := temporal.LoadKeys(a.opt.data.path, a.opt.settings.Key)
	if err != nil {
		return wrongUsage("%w", err)
	}
	if a.codec, err = temporal.NewCodec(keys); err != nil {
		return err
	}
	o := temporal.ClientOptions{Codec: a.codec, Logger: a.opt.log, Metrics: a.metrics.Engine()}
	if outside := a.opt.settings.Temporal; outside != nil {
		a.queue = temporal.QueueOf(a.ledger.Installation())
		a.client, err = outside.Reach(ctx, o)
		a.pingTemporal = func(ctx context.Context) error { return outside.Ping(ctx, a.client) }
	} else {
		a.queue = temporal.Queue
		err = a.embedTemporal(ctx, o)
	}
	if err != nil {
		return err
	}
	a.engine = temporal.NewEngine(a.client, a.queue)
	if err := a.checkHome(ctx); err != nil {
		return err
	}
	return a.checkKeys(ctx, keys)
}

func (a *app) embedTemporal(ctx context.Context, o temporal.ClientOptions) (err error) {
	a.server, err = temporal.Start(ctx, temporal.EmbedOptions{Dir: a.opt.data.path, Logger: a.opt.log, TimeSkipping: a.opt.skipping})
	if err != nil {
		return fmt.Errorf("start the embedded Temporal: %w", err)
	}
	a.pingTemporal = a.server.Ping
	o.HostPort, o.Token = a.server.HostPort, a.server.Token
	if a.opt.skipping {
		o.Ahead, o.Server = func() time.Duration { return time.Until(a.opt.now()) }, a.server
	}
	a.client, err = temporal.Dial(ctx, o)
	return err
}

// temporalFailed receives when the embedded server cannot go on; an outside one
// is waited for.
func (a *app) temporalFailed() <-chan error {
	if a.server == nil {
		return nil
	}
	return a.server.Failed()
}

// checkHome refuses a Temporal that is not the one where the open runs are: they
// would stand still, and what came due would be started in both. The programme
// is there from the first start on.
func (a *app) checkHome(ctx context.Context) error {
	open, err := a.ledger.Runs(ctx, port.RunOpen, 1)
	if err != nil || len(open) == 0 {
		return err
	}
	known, err := a.engine.Knows(ctx, workflows.ProgrammeID(a.ledger.Installation()))
	if err != nil || known {
		return err
	}
	where := "the embedded Temporal of " + a.opt.data.path + " has never worked for this ledger: set the TEMPORAL_* variables as they were"
	if s := a.opt.settings.Temporal; s != nil {
		where = fmt.Sprintf("namespace %s of Temporal at %s has never worked for this ledger: set the TEMPORAL_* variables as they were, or unset them if the runs began in the embedded Temporal", s.Namespace, s.Address)
	}
	return wrongUsage("there are open runs, such as %s, and %s", open[0].ID, where)
}

// checkKeys refuses to begin without a key that something open was encrypted
// with, and notes the key that encrypts from now on. Nothing is lost by the
// refusal: with the key back, all goes on.
func (a *app) checkKeys(ctx context.Context, keys []temporal.Key) error {
	used, err := a.ledger.PayloadKeys(ctx)
	if err != nil {
		return fmt.Errorf("read which payload keys were used: %w", err)
	}
	gone := slices.DeleteFunc(used, func(id string) bool {
		return slices.ContainsFunc(keys, func(k temporal.Key) bool { return k.ID() == id })
	})
	if len(gone) > 0 {
		if err := a.needsNone(ctx, gone); err != nil {
			return err
		}
	}
	return a.ledger.UsePayloadKey(ctx, keys[0].ID(), gone)
}

// needsNone looks through everything open for keys that were not given.
func (a *app) needsNone(ctx context.Context, gone []string) error {
	runs, err := a.ledger.Runs(ctx, port.RunOpen, math.MaxInt32)
	if err != nil {
		return fmt.Errorf("list open runs: %w", err)
	}
	programme, err := a.engine.KeysUsed(ctx, workflows.ProgrammeID(a.ledger.Installation()))
	if err != nil {
		return fmt.Errorf("look which payload keys the programme needs: %w", err)
	}
	needed := map[string][]string{} // key -> runs
	for _, r := range runs {
		ids, err := a.engine.KeysUsed(ctx, r.WorkflowID)
		if err != nil {
			return fmt.Errorf("look which payload keys run %s needs: %w", r.ID, err)
		}
		for _, id := range ids {
			needed[id] = append(needed[id], r.ID)
		}
	}
	var lines []string
	for _, id := range gone {
		switch by := needed[id]; {
		case len(by) > 0:
			lines = append(lines, fmt.Sprintf("%s (open runs: %s)", id, some(by)))
		case slices.Contains(programme, id):
			lines = append(lines, id+" (the programme's history of today)")
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return wrongUsage("a payload key is missing: %s; add it to AIMSBOT_KEY behind the first key, after a comma, until nothing open needs it. Nothing was started and nothing is lost", strings.Join(lines, ", "))
}

// programmeAlive fails when nobody has looked after the programme for too long.
// Another replica may have done it: then its history says so.
func (a *app) programmeAlive(ctx context.Context) error {
	return a.acts.ProgrammeAlive(ctx, a.programmeEvent)
}

// programmeEvent is when something last happened to the programme, wherever.
func (a *app) programmeEvent(ctx context.Context) (time.Time, error) {
	return a.engine.LastEvent(ctx, workflows.ProgrammeID(a.ledger.Installation()))
}
