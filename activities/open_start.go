package activities

import (
	"crypto/sha256"
	"errors"
	"fmt"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

const (
	// doorStep is the door of runs that a step of another run starts.
	doorStep = "step"
	// The kinds of the records that say which run a step has.
	kindStarted = "step.started"
	kindJoined  = "step.joined"
)

// start starts a run of another playbook under an id that follows from the
// step, so that a try repeated after a crash finds the run of the first one. A
// run that is open for the subject already is joined. It tells whether the step
// is finished: at once, or when that run has ended where the step waits for it.
func (s *session) start(step *playbooks.Step) (bool, error) {
	if s.state.FindOpen(step.ID.V, s.itemOf(step.ID.V)) != nil {
		return s.awaitRun(step)
	}
	child, err := s.startRun(step)
	switch {
	case err != nil:
		return false, err
	case child == "":
		return true, nil
	case !step.Start.Wait:
		s.finish(step, port.StepDone, map[string]any{"at": stamp(s.now), "run": child})
		return true, nil
	}
	return s.waitFor(step, child)
}

// startRun answers the run of the step; "" = none may be started, and the step is
// finished.
func (s *session) startRun(step *playbooks.Step) (string, error) {
	def, err := s.a.Library.Definition(step.Start.Playbook.V)
	switch {
	case errors.Is(err, port.ErrNotFound):
		return "", &parkError{fmt.Sprintf("step %s: start: there is no playbook %q", step.ID, step.Start.Playbook)}
	case err != nil:
		return "", &ledgerError{fmt.Errorf("step %s: read playbook %s: %w", step.ID, step.Start.Playbook, err)}
	}
	q, err := s.startRequest(step, def)
	if err != nil {
		return "", startError(step, err)
	}
	child, joined, err := s.childOf(step, q, def)
	var no *noStart
	switch {
	case errors.As(err, &no):
		return "", s.notStarted(step, q, no.why)
	case err != nil:
		return "", startError(step, err)
	}
	kind := kindStarted
	if joined {
		kind = kindJoined
		s.record(port.Place{Run: child.ID}, "run.joined", port.Digest26(q.Run), 0, port.Record{
			Header: map[string]string{"parent": s.state.Run.ID, "step": step.ID.V}, Body: map[string]any{"with": q.Input},
		})
	}
	s.record(s.place(step), kind, "", 0, port.Record{Header: map[string]string{"playbook": q.Playbook, "child": child.ID, "wanted": q.Run}})
	return child.ID, nil
}

// startError is what becomes of a step whose run cannot be started: what the
// playbook asks for wrongly parks the run, what the ledger lacks is tried again.
func startError(step *playbooks.Step, err error) error {
	var refused *Refusal
	var stored *ledgerError
	switch {
	case errors.As(err, &refused):
		return &parkError{fmt.Sprintf("step %s: start: %s", step.ID, refused.Reason)}
	case errors.As(err, &stored):
		return err
	}
	return fmt.Errorf("step %s: start: %w", step.ID, err)
}

// childOf starts the run of a step. A run that the step started or joined once
// stays its run, also when it has closed since: going back and a repeated try
// start no other. The error is a *Refusal, a *noStart or a *ledgerError.
func (s *session) childOf(step *playbooks.Step, q StartRequest, def playbooks.Definition) (port.StartedRun, bool, error) {
	joined, err := s.childIn(s.state.Run.ID, func(r startRecord) bool {
		return r.Kind == kindJoined && r.Step == step.ID.V && r.Facts["wanted"] == q.Run
	})
	if err != nil {
		return port.StartedRun{}, false, err
	}
	own := q.Run
	if joined != "" {
		own = joined
	}
	row, err := s.a.Ledger.Run(s.ctx, own)
	switch {
	case err == nil:
		return row.StartedRun, joined != "", nil
	case !errors.Is(err, port.ErrNotFound):
		return port.StartedRun{}, false, &ledgerError{fmt.Errorf("read the run of step %s: %w", step.ID, err)}
	}
	if err := s.noStartLoop(step, q, def); err != nil {
		return port.StartedRun{}, false, err
	}
	run, open, err := s.a.start(s.ctx, s.org, q, nil)
	var refused *Refusal
	if err != nil && !errors.As(err, &refused) {
		err = &ledgerError{fmt.Errorf("step %s: start %s: %w", step.ID, q.Playbook, err)}
	}
	return run, open, err
}

// startRequest is what a step asks for.
func (s *session) startRequest(step *playbooks.Step, def playbooks.Definition) (StartRequest, error) {
	scope := s.scope()
	q := StartRequest{Playbook: step.Start.Playbook.V, By: s.state.Run.By, Door: doorStep, Parent: s.state.Run.ID, Exercise: s.state.Run.Exercise}
	if on := step.Start.Subject; !on.Empty() {
		v, err := s.eval.Template(on.V, scope)
		if err != nil {
			return q, err
		}
		if m, ok := v.(map[string]any); ok {
			v = m["id"]
		}
		if q.Subject, _ = v.(string); q.Subject == "" {
			return q, &Refusal{Reason: fmt.Sprintf("`subject: %s` gives the id of nothing.", on)}
		}
	}
	var err error
	if q.Subject, err = s.startSubject(step, def.Playbook.About(), q.Subject); err != nil {
		return q, err
	}
	values, err := s.eval.Values(step.Start.With, scope)
	if err != nil {
		return q, err
	}
	for name, v := range values {
		if q.Input == nil {
			q.Input = map[string]string{}
		}
		if text := playbooks.InputText(v); text != "" {
			q.Input[name] = text
		}
	}
	q.Run, err = childID(s.state.Run, s.place(step), q)
	return q, err
}

// startSubject is what the run of a step is about: what the step says, else what
// its own run is about, else the system that this belongs to. An incident or a
// risk is else a new one, and the same one for a repeated try.
func (s *session) startSubject(step *playbooks.Step, kind, id string) (string, error) {
	ours := s.def.Playbook.About()
	if own := s.state.Run.SubjectID; kind == ours && (id == "" || id == own) {
		return own, nil // of an incident that has just begun nothing is written yet
	}
	if id == "" && kind == org.KindSystem {
		about, _ := s.org.Subject(ours, s.state.Run.SubjectID)
		if sys, ok := s.org.SystemOf(about); ok {
			id = sys.ID
		}
	}
	if id == "" && org.RegisterOnly(kind) {
		of := []string{"start", s.state.Run.ID, step.ID.V, step.Start.Playbook.V}
		if item := s.itemOf(step.ID.V); item != "" {
			of = append(of, item) // in an each, every entry has its own
		}
		return subjectID(kind, port.Digest26(of...)[:newSubjectLetters]), nil
	}
	return about(s.org, kind, id)
}

// childID does not follow from the round: going back starts nothing again.
func childID(parent port.RunInfo, at port.Place, q StartRequest) (string, error) {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(parent.StartedAt)); err != nil {
		return "", fmt.Errorf("make the id of the run: %w", err)
	}
	sum := sha256.Sum256([]byte(port.Digest26(parent.ID, at.Step, at.Item, q.Playbook, q.Subject)))
	if err := id.SetEntropy(sum[:10]); err != nil {
		return "", fmt.Errorf("make the id of the run: %w", err)
	}
	return id.String(), nil
}

// notStarted ends a chain: the AIMS manager is told, and the run goes on.
func (s *session) notStarted(step *playbooks.Step, q StartRequest, why string) error {
	why = fmt.Sprintf("%s was not started: %s.", q.Playbook, why)
	s.tellManager(step, "not_started", "A run was not started", why, "Start it by hand if it is needed.")
	s.finish(step, port.StepDone, map[string]any{"at": stamp(s.now)})
	s.record(s.place(step), "start.stopped", "", 0, port.Record{Header: map[string]string{"playbook": q.Playbook}, Body: map[string]any{"why": why}})
	return nil
}

// tellManager tells the AIMS manager what a start did not do.
func (s *session) tellManager(step *playbooks.Step, purpose, title string, lines ...string) {
	for _, to := range s.addressees(s.org, []string{roleAIMSManager}) {
		s.intend(port.Effect{Place: s.place(step), Purpose: purpose, Addressee: to.ID(), Kind: port.EffectPost}, port.Card{
			To: to, Title: title, Lines: lines,
			Fields: []port.Field{{Label: capital(s.def.Playbook.About()), Value: s.subjectName()}, {Label: "Run", Value: s.state.Run.ID}},
			Footer: "For your information.",
		})
	}
}
