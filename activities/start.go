package activities

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// ProgrammeActor is the actor of runs that the programme starts.
const ProgrammeActor = "programme"

// StartRequest asks for a run.
type StartRequest struct {
	Playbook string
	Subject  string
	By       string // person id; ProgrammeActor for the programme
	Door     string // cli | slack | programme
	Input    map[string]string
	// Run and Parent are set by a step that starts a run: the id the run gets,
	// which is the same however often the step is tried, and the step's own run.
	Run      string
	Parent   string
	Exercise bool // a drill
}

// Refusal is why something asked for is not done, in words for the person.
type Refusal struct {
	Reason string
	// Unknown says that what was named is not there: asked wrongly, not refused.
	Unknown bool
}

// Error is the reason.
func (r *Refusal) Error() string { return r.Reason }

// Start starts a run: the row and its record are committed first, then the
// workflow is started; a sweep starts what a crash left in between. The open
// run is answered, with open = true, where there is one already. Errors: a
// *Refusal, or port.ErrNotFound from the library.
func (a *Activities) Start(ctx context.Context, q StartRequest) (run port.StartedRun, open bool, err error) {
	o, err := a.Ledger.SnapshotAt(ctx, a.Now())
	if err != nil {
		return run, false, fmt.Errorf("read the organisation: %w", err)
	}
	def, err := a.Library.Definition(q.Playbook)
	if err != nil {
		def.Playbook = nil // start says that it is not there, to those who may start at all
	}
	if q.Subject, err = about(o, def.Playbook.About(), q.Subject); err != nil {
		return run, false, err
	}
	if why := mayStart(o, def.Playbook, q); why != "" { // guard: start-right
		return run, false, a.refuseStart(ctx, o, q, why)
	}
	return a.start(ctx, o, q, nil)
}

func (a *Activities) start(ctx context.Context, o org.Organisation, q StartRequest, occ *port.Occurrence) (port.StartedRun, bool, error) {
	def, err := a.Library.Definition(q.Playbook)
	if err != nil {
		return port.StartedRun{}, false, err
	}
	input, err := def.Playbook.ReadInput(q.Input, o.Profile.Zone, a.Now())
	if err == nil {
		err = named(o, def.Playbook.Input, input)
	}
	if err != nil {
		return port.StartedRun{}, false, &Refusal{Unknown: true, Reason: err.Error()}
	}
	subject, _ := o.Subject(def.Playbook.About(), q.Subject)
	id := q.Run
	if id == "" {
		id = ulid.Make().String()
	}
	now := a.Now().UTC()
	run := port.StartedRun{
		ID: id, WorkflowID: workflowID(a.Ledger.Installation(), q.Playbook, id), Playbook: q.Playbook, SubjectID: q.Subject, Subject: subject.Name,
		By: q.By, Door: q.Door, Input: q.Input, Definition: def, StartedAt: now, Events: a.Events,
		Exercise: q.Exercise, Parent: q.Parent,
	}
	rec := port.Record{
		Key: port.RecordKey(port.Place{Run: id}, "run.started", "", 0), Place: port.Place{Run: id}, At: now, Kind: "run.started", Actor: q.By, Subject: q.Subject,
		Header: map[string]string{"playbook": q.Playbook, "definition": def.Digest, "organisation": o.Digest, "door": q.Door},
		Body:   map[string]any{"by": q.By, "subject": subject.Name},
	}
	if q.Parent != "" {
		rec.Header["parent"] = q.Parent
	}
	markRecord(&rec, q.Exercise)
	if occ != nil {
		occ.Run, run.Occurrence = id, occ.ID
		rec.Header["due"] = stamp(occ.Due)
		if occ.Event != nil {
			rec.Header["due"], rec.Header["event"] = "", strconv.FormatInt(occ.Event.Event, 10)
		}
	}
	if err := a.Ledger.CreateRun(ctx, run, occ, rec); err != nil {
		var already *port.OpenRunError
		if errors.As(err, &already) {
			row, err := a.Ledger.Run(ctx, already.Run)
			return row.StartedRun, true, err
		}
		return run, false, fmt.Errorf("store the run: %w", err)
	}
	if err := a.launch(ctx, run); err != nil {
		a.Logger.Warn("the run is stored and will be started when Temporal answers", "run", id, "error", err)
	}
	return run, false, nil
}

func (a *Activities) launch(ctx context.Context, run port.StartedRun) error {
	if err := a.Engine.StartRun(ctx, run); err != nil {
		return fmt.Errorf("start the workflow of run %s: %w", run.ID, err)
	}
	return a.Ledger.MarkStarted(ctx, run.ID)
}

// Relaunch starts the workflows of runs that were stored and not started.
func (a *Activities) Relaunch(ctx context.Context, olderThan time.Duration) error {
	runs, err := a.Ledger.Starting(ctx, a.Now().Add(-olderThan))
	if err != nil {
		return fmt.Errorf("look for runs not started: %w", err)
	}
	for _, r := range runs {
		if err := a.launch(ctx, r); err != nil {
			return err
		}
	}
	return nil
}

// workflowID holds no subject and no person: ids are in clear everywhere.
func workflowID(installation, playbook, run string) string {
	return "aims-" + installation[:min(8, len(installation))] + "-" + playbook + "-" + run
}

// refuseStart records who wanted to start what and may not, and returns the
// refusal.
func (a *Activities) refuseStart(ctx context.Context, o org.Organisation, q StartRequest, why string) error {
	const kind = "start.refused"
	rec := port.Record{
		Key: port.RecordKey(port.Place{}, kind, ulid.Make().String(), 0), Kind: kind, At: a.Now().UTC(), Subject: q.Subject,
		Header: map[string]string{"door": q.Door}, Body: map[string]any{"by": q.By, "playbook": q.Playbook, "why": why},
	}
	markRecord(&rec, q.Exercise)
	if p, ok := o.Person(q.By); ok {
		rec.Actor = p.ID
	}
	if err := a.Ledger.Commit(ctx, port.Batch{Records: []port.Record{rec}}); err != nil {
		return fmt.Errorf("record a refused start: %w", err)
	}
	return &Refusal{Reason: why}
}
