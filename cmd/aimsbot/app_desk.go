package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities"
	"github.com/aimsbot/aimsbot/activities/intake"
	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/integrations/web"
)

// runsListed is how many runs a list shows at most, newest first.
const runsListed = 1000

// verdictWait is how long a cancel waits to hear what the run made of it.
const verdictWait = 10 * time.Second

// desk answers the commands of people on this machine.
type desk struct{ a *app }

var _ web.Desk = desk{}

func (d desk) Start(ctx context.Context, q web.StartRequest) (web.StartReply, error) {
	run, open, err := d.a.acts.Start(ctx, activities.StartRequest{Playbook: q.Playbook, Subject: q.Subject, By: q.By, Door: "cli", Input: q.Input, Exercise: q.Exercise})
	var refusal *activities.Refusal
	if errors.As(err, &refusal) {
		class := web.Refused
		if refusal.Unknown {
			class = web.Usage
		}
		return web.StartReply{}, web.Errorf(class, "%s", refusal.Reason)
	}
	return web.StartReply{Run: run.ID, Open: open}, err
}

// Raise keeps an event and looks at once what it begins.
func (d desk) Raise(ctx context.Context, q web.EventRequest) (web.EventReply, error) {
	e, fresh, err := d.a.acts.Raise(ctx, activities.RaiseRequest{
		Event: q.Event, Kind: q.Kind, Subject: q.Subject, By: q.By, Door: port.EventDoorCLI, Key: q.Key, Values: q.Values,
	})
	var refusal *activities.Refusal
	if errors.As(err, &refusal) {
		class := web.Refused
		if refusal.Unknown {
			class = web.Usage
		}
		return web.EventReply{}, web.Errorf(class, "%s", refusal.Reason)
	}
	if err != nil {
		return web.EventReply{}, err
	}
	if err := d.a.acts.Match(ctx); err != nil {
		d.a.opt.log.Warn("an event is kept and will be looked at again", "event", e.ID, "error", err)
	}
	led, err := d.a.ledger.EventRuns(ctx, e.ID)
	reply := web.EventReply{Event: e.ID, Known: !fresh, Led: []web.EventLed{}}
	for _, l := range led {
		reply.Led = append(reply.Led, web.EventLed{Playbook: l.Playbook, Run: l.Run, How: l.How, Reason: l.Reason})
	}
	return reply, err
}

func (d desk) Runs(ctx context.Context, state string) ([]port.RunRow, error) {
	return d.a.ledger.Runs(ctx, state, runsListed)
}

func (d desk) Run(ctx context.Context, id string) (port.RunRow, error) {
	return runWithIssues(ctx, d.a.ledger, id)
}

func (d desk) Records(ctx context.Context, run string) ([]port.StoredRecord, error) {
	return d.a.ledger.RecordsOf(ctx, run)
}

func (d desk) Subject(ctx context.Context, kind, id string) (port.SubjectFacts, error) {
	return d.a.ledger.Subject(ctx, kind, id)
}

func (d desk) Effects(ctx context.Context, run string) ([]port.Effect, error) {
	return d.a.ledger.EffectsOf(ctx, run)
}

// Cancel keeps the command in the inbox and waits for the verdict. When none
// comes in time the command is kept all the same.
func (d desk) Cancel(ctx context.Context, q web.CancelRequest) (web.CancelReply, error) {
	began := time.Now()
	row, err := d.a.gate.Command(ctx, intake.CommandRequest{Run: q.Run, Action: intake.ActionCancel, Reason: q.Reason, By: q.By, DeliveryKey: "cli:" + ulid.Make().String()})
	d.a.countCommand(err, began)
	var refused *intake.RefusedError
	if errors.As(err, &refused) {
		return web.CancelReply{}, web.Errorf(web.Refused, "%s", refused.Text)
	}
	if err != nil {
		return web.CancelReply{}, err
	}
	for end := time.Now().Add(verdictWait); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		rows, err := d.a.ledger.RowsAfter(ctx, q.Run, row.ID-1, 1)
		if err != nil {
			return web.CancelReply{}, err
		}
		if len(rows) == 1 && rows[0].Verdict != nil {
			return web.CancelReply{Verdict: rows[0].Verdict.Verdict, Reason: rows[0].Verdict.Reason}, nil
		}
	}
	return web.CancelReply{Verdict: "waiting", Reason: "The command is kept and is carried out when the run is worked on again."}, nil
}

func (d desk) Export(ctx context.Context, run, path string) (web.ExportReply, error) {
	m, err := d.a.ledger.Export(ctx, run, path)
	if err != nil {
		return web.ExportReply{}, fmt.Errorf("export the evidence: %w", err)
	}
	key, err := d.a.ledger.VerifierKey()
	return web.ExportReply{Path: path, Records: m.Records, Key: key}, err
}
