package activities

import (
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/oklog/ulid/v2"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

const (
	// doorStep is the door of runs that a step of another run starts.
	doorStep = "step"
	// maxLinks is how many runs may start one another in a chain. Unit: starts.
	// Source: governance catalogue, section 21.
	maxLinks = 5

	// The kinds of the records that say which run a step has.
	kindStarted = "step.started"
	kindJoined  = "step.joined"
)

// startRun starts a run of another playbook under an id that follows from the
// step, so that a try repeated after a crash finds the run of the first one. A
// run that is open for the subject already is joined.
func (s *session) startRun(step *playbooks.Step) error {
	q, err := s.startRequest(step)
	if err != nil {
		return fmt.Errorf("step %s: start: %w", step.ID, err)
	}
	deep, err := s.tooDeep()
	if err != nil {
		return err
	}
	fields := map[string]any{"at": stamp(s.now)}
	if deep {
		return s.notStarted(step, q, fields)
	}
	child, joined, err := s.childOf(step, q)
	var refused *Refusal
	switch {
	case errors.As(err, &refused):
		return &parkError{fmt.Sprintf("step %s: start: %s", step.ID, refused.Reason)}
	case errors.Is(err, port.ErrNotFound):
		return &parkError{fmt.Sprintf("step %s: start: there is no playbook %q", step.ID, q.Playbook)}
	case err != nil:
		return &ledgerError{fmt.Errorf("step %s: start %s: %w", step.ID, q.Playbook, err)}
	}
	kind := kindStarted
	if joined {
		kind = kindJoined
		s.record(port.Place{Run: child.ID}, "run.joined", port.Digest26(q.Run), 0, port.Record{
			Header: map[string]string{"parent": s.state.Run.ID, "step": step.ID.V}, Body: map[string]any{"with": q.Input},
		})
	}
	fields["run"] = child.ID
	s.finish(step, port.StepDone, fields)
	s.record(s.place(step), kind, "", 0, port.Record{Header: map[string]string{"playbook": q.Playbook, "child": child.ID, "wanted": q.Run}})
	return nil
}

// childOf starts the run of a step. A run that the step joined once stays its
// run, also when it has closed since: going back and a repeated try start no other.
func (s *session) childOf(step *playbooks.Step, q StartRequest) (port.StartedRun, bool, error) {
	records, err := s.a.Ledger.RecordsOf(s.ctx, s.state.Run.ID)
	if err != nil {
		return port.StartedRun{}, false, fmt.Errorf("read what the step joined: %w", err)
	}
	for _, r := range records {
		var h struct {
			Kind  string            `json:"kind"`
			Step  string            `json:"step"`
			Facts map[string]string `json:"facts"`
		}
		if err := json.Unmarshal(r.Header, &h); err != nil {
			return port.StartedRun{}, false, fmt.Errorf("read a record of the run: %w", err)
		}
		if h.Kind == kindJoined && h.Step == step.ID.V && h.Facts["wanted"] == q.Run {
			row, err := s.a.Ledger.Run(s.ctx, h.Facts["child"])
			return row.StartedRun, true, err
		}
	}
	return s.a.start(s.ctx, s.org, q, nil)
}

// startRequest is what a step asks for.
func (s *session) startRequest(step *playbooks.Step) (StartRequest, error) {
	scope := s.scope()
	q := StartRequest{Playbook: step.Start.Playbook.V, Subject: s.state.Run.SubjectID, By: s.state.Run.By, Door: doorStep, Parent: s.state.Run.ID}
	if on := step.Start.Subject; !on.Empty() {
		v, err := s.eval.Template(on.V, scope)
		if err != nil {
			return q, err
		}
		if m, ok := v.(map[string]any); ok {
			v = m["id"]
		}
		q.Subject, _ = v.(string)
	}
	if _, known := s.org.System(q.Subject); !known {
		return q, fmt.Errorf("subject: the organisation has no system %q", q.Subject)
	}
	values, err := s.eval.Values(step.Start.With, scope)
	if err != nil {
		return q, err
	}
	for name, v := range values {
		if q.Input == nil {
			q.Input = map[string]string{}
		}
		q.Input[name] = inputText(v)
	}
	q.Run, err = childID(s.state.Run, step.ID.V, q)
	return q, err
}

// inputText is a value as it is written beside a playbook's name.
func inputText(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case bool:
		if v {
			return "yes"
		}
		return "no"
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	case []any:
		parts := make([]string, 0, len(v))
		for _, e := range v {
			parts = append(parts, inputText(e))
		}
		return strings.Join(parts, ",")
	}
	return fmt.Sprint(v)
}

// childID does not follow from the round: going back starts nothing again.
func childID(parent port.RunInfo, step string, q StartRequest) (string, error) {
	var id ulid.ULID
	if err := id.SetTime(ulid.Timestamp(parent.StartedAt)); err != nil {
		return "", fmt.Errorf("make the id of the run: %w", err)
	}
	sum := sha256.Sum256([]byte(port.Digest26(parent.ID, step, q.Playbook, q.Subject)))
	if err := id.SetEntropy(sum[:10]); err != nil {
		return "", fmt.Errorf("make the id of the run: %w", err)
	}
	return id.String(), nil
}

// tooDeep tells whether the run is itself the last that a chain of starts may have.
func (s *session) tooDeep() (bool, error) {
	run := s.state.Run.ID
	for range maxLinks {
		row, err := s.a.Ledger.Run(s.ctx, run)
		if err != nil {
			return false, &ledgerError{fmt.Errorf("read who started run %s: %w", run, err)}
		}
		if row.Parent == "" {
			return false, nil
		}
		run = row.Parent
	}
	return true, nil
}

// notStarted ends a chain: the AIMS manager is told, and the run goes on.
func (s *session) notStarted(step *playbooks.Step, q StartRequest, fields map[string]any) error {
	why := fmt.Sprintf("%s was not started: %d runs have started one another in a chain already, which looks like a circle. Start it by hand if it is needed.", q.Playbook, maxLinks)
	for _, to := range s.addressees(s.org, []string{roleAIMSManager}) {
		s.intend(port.Effect{Place: s.place(step), Purpose: "not_started", Addressee: to.ID(), Kind: port.EffectPost}, port.Card{
			To: to, Title: "A run was not started", Lines: []string{why},
			Fields: []port.Field{{Label: "System", Value: s.subjectName()}, {Label: "Run", Value: s.state.Run.ID}},
			Footer: "For your information.",
		})
	}
	s.finish(step, port.StepDone, fields)
	s.record(s.place(step), "start.stopped", "", 0, port.Record{Header: map[string]string{"playbook": q.Playbook}, Body: map[string]any{"why": why}})
	return nil
}
