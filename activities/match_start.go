package activities

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// doorEvent is the door of runs that an event began.
const doorEvent = "event"

// start begins the run: its row and what the event led to are one commit.
func (m *match) start(ctx context.Context, start *playbooks.EventStart, counted []int64) error {
	if err := m.noLoop(ctx); err != nil {
		return err
	}
	input, err := m.begins.With(*start, m.scope(m.e))
	if err != nil {
		return &failedStart{"what it is started with could not be worked out: " + err.Error()}
	}
	by := m.e.By
	if by == "" {
		by = ProgrammeActor
	}
	name := m.def.Playbook.Name.V
	occ := port.Occurrence{Playbook: name, Subject: m.subject, Due: m.e.At, Event: &port.BegunBy{Event: m.e.ID, Counted: counted}}
	run, open, err := m.a.start(ctx, m.o, StartRequest{Playbook: name, Subject: m.subject, By: by, Door: doorEvent, Input: input}, &occ)
	var refused *Refusal
	switch {
	case errors.Is(err, port.ErrConflict):
		return nil // somebody else was faster
	case errors.As(err, &refused):
		return &failedStart{refused.Reason}
	case err != nil:
		return fmt.Errorf("start %s for %s: %w", name, m.subject, err)
	case open:
		return m.join(ctx, run.ID)
	}
	return nil
}

// noLoop refuses a run that follows from runs that follow from runs, and one that
// began for the same reason just now.
func (m *match) noLoop(ctx context.Context) error {
	why, err := m.a.tooLong(ctx, m.e.Run)
	if err != nil {
		return err
	}
	if why != "" {
		return &failedStart{why}
	}
	if m.e.Run == "" {
		return nil
	}
	last, err := m.a.Ledger.RunsAbout(ctx, m.def.Playbook.Name.V, m.subject, 1)
	if err != nil || len(last) == 0 || last[0].Door != doorEvent {
		return err
	}
	began, err := m.a.Ledger.EventOf(ctx, last[0].ID)
	if err != nil || began.Name != m.e.Name {
		return err
	}
	if why, err = tooSoon(last[0], m.e.At, m.def.Calendar, m.o.Profile.Zone); why != "" {
		return &failedStart{why}
	}
	return err
}

// join keeps that the event belongs to a run that is open, and tells the run. In
// this order: after a crash the run is told once more.
func (m *match) join(ctx context.Context, run string) error {
	joined := port.EventRun{Event: m.e.ID, Playbook: m.def.Playbook.Name.V, Run: run, How: port.EventJoined, At: m.a.Now().UTC()}
	if err := m.a.Ledger.Commit(ctx, port.Batch{EventRuns: []port.EventRun{joined}}); err != nil {
		return fmt.Errorf("keep what it led to: %w", err)
	}
	return m.a.hintEvent(ctx, m.e, run)
}

// joinedEvent is what a run is told of an event.
type joinedEvent struct {
	Event  int64          `json:"event"`
	Name   string         `json:"name"`
	By     string         `json:"by,omitempty"`
	Values map[string]any `json:"values,omitempty"`
}

// hintEvent leaves an event in the inbox of a run.
func (a *Activities) hintEvent(ctx context.Context, e port.Event, run string) error {
	values, err := json.Marshal(joinedEvent{Event: e.ID, Name: e.Name, By: e.By, Values: e.Values})
	if err != nil {
		return fmt.Errorf("write the event: %w", err)
	}
	row, fresh, err := a.Ledger.Put(ctx, port.InboxRow{
		Kind: port.InboxHint, Action: port.ActionEvent, DeliveryKey: fmt.Sprintf("event:%s:%d", run, e.ID), DecisionID: ulid.Make().String(),
		Run: run, Origin: port.Origin{Door: e.Door}, ReceivedAt: e.At, Values: values,
	})
	if err != nil || !fresh {
		return err
	}
	workflow, err := a.Ledger.WorkflowOf(ctx, run)
	if err == nil {
		err = a.Engine.Signal(ctx, workflow, row.DecisionID)
	}
	if err != nil {
		a.Logger.Warn("a run could not be signalled; the sweep tells it again", "run", run, "error", err)
	}
	return nil
}

// judgeEvent takes an event into the run, unless the run has ended.
func (s *session) judgeEvent(v port.Verdict) port.Verdict {
	if s.state.Outcome != "" || s.state.Cancel != nil {
		v.Verdict, v.Reason = port.VerdictLate, "The run had ended."
		return v
	}
	return ignored(v, "it belongs to this run")
}

// joinEvent keeps in the evidence of the run that something happened which would
// have begun it, and tells those who look at its issue. An event that came too
// late is looked at again.
func (s *session) joinEvent(row port.InboxRow, v port.Verdict) error {
	if v.Verdict == port.VerdictLate {
		s.batch.Released = append(s.batch.Released, releasedBy(row, s.def.Playbook.Name.V)...)
		return nil
	}
	var in joinedEvent
	if err := json.Unmarshal(row.Values, &in); err != nil {
		return fmt.Errorf("read an event: %w", err)
	}
	s.record(s.runPlace(), "event.joined", row.DecisionID, 0, port.Record{
		At: row.ReceivedAt, Actor: in.By, Header: map[string]string{"event": in.Name, "number": fmt.Sprint(in.Event)}, Body: map[string]any{"values": in.Values},
	})
	s.comment(s.epic(), "event", int(in.Event), "While this was open it happened again. "+upper(eventText(in.Name, in.Values))+".")
	s.reopenFor(row, in)
	return nil
}

// reopenFor shows what joined the run to those who decide in it, and asks anew
// what was decided without it (processes.md 0.4). It is meant for what is done
// again and again about a subject; a case, such as an incident, has its own
// questions for what comes to be known.
func (s *session) reopenFor(row port.InboxRow, in joinedEvent) {
	if !slices.ContainsFunc(s.def.Playbook.Outcomes, func(o playbooks.Outcome) bool { return o.Counts }) {
		return
	}
	what := fmt.Sprintf("%s (%s, %s)", eventText(in.Name, nil), in.Name, moment(row.ReceivedAt, s.org.Profile.Zone))
	s.state.Joined, s.state.Reopen, s.state.Look = append(s.state.Joined, what), true, true
}

// releasedBy is the event of an inbox row that no run took in.
func releasedBy(row port.InboxRow, playbook string) []port.EventRun {
	var in joinedEvent
	if json.Unmarshal(row.Values, &in) != nil {
		return nil
	}
	return []port.EventRun{{Event: in.Event, Playbook: playbook, Run: row.Run}}
}
