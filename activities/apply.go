package activities

import (
	"encoding/json"
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/workflows/approval"
)

// apply lets a verdict take effect on the run's state and on what people see.
func (s *session) apply(v port.Verdict) error {
	switch v.Verdict {
	case port.VerdictReread:
		if ref := playbooks.StepRef(v.Step, v.Item); !slices.Contains(s.state.Reread, ref) {
			s.state.Reread = append(s.state.Reread, ref)
		}
		return nil
	case port.VerdictAccepted:
	default:
		return nil
	}
	if v.Token == "" {
		return s.applyCancel(v)
	}
	defer s.within(v.Step, v.Item)()
	o := s.state.FindOpen(v.Step, v.Item)
	if o == nil {
		return s.revise(v)
	}
	if o.Kind == string(playbooks.KindTask) && v.Closes == "" {
		s.takeAnswers(o, v)
		return nil
	}
	if v.Decision != nil {
		then, err := s.a.Ledger.SnapshotAt(s.ctx, v.At)
		if err != nil {
			return fmt.Errorf("read the organisation of %s: %w", stamp(v.At), err)
		}
		if err := s.raise(o, v); err != nil {
			return err
		}
		o.Lines = s.lines(then, o, v.At)
		o.Decisions = append(o.Decisions, *v.Decision)
	}
	o.StateVersion++
	if v.Closes == "" {
		s.callAlternates(o)
		s.editOpen(*o)
		s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: o.Token, State: port.AskOpen, StateVersion: o.StateVersion, Body: s.widen(o, v)})
		s.tellSplit(*o, v)
		return nil
	}
	s.closeStep(*o, v)
	return nil
}

func (s *session) applyCancel(v port.Verdict) error {
	var in struct {
		Reason string `json:"reason"`
	}
	if err := json.Unmarshal(v.Values, &in); err != nil {
		return fmt.Errorf("read the cancellation: %w", err)
	}
	s.state.Cancel = &port.Cancel{By: v.Person, Reason: in.Reason}
	return nil
}

// closeStep moves an open step to the finished ones.
func (s *session) closeStep(o port.OpenStep, v port.Verdict) {
	s.state.Open = slices.DeleteFunc(s.state.Open, func(x port.OpenStep) bool { return x.Token == o.Token })
	s.state.Done = append(s.state.Done, port.StepResult{
		Step: o.Step, Item: o.Item, Kind: o.Kind, Round: o.Round, Version: o.Version, State: port.StepDone,
		Fields: v.Fields, By: v.Person, At: v.At, Inputs: o.Inputs, Token: o.Token,
	})
	if err := s.restrict(); err != nil { // before anybody is shown what was answered
		s.a.Logger.Error("whether a run is restricted cannot be worked out", "run", s.state.Run.ID, "error", err)
	}
	if v.Closes == outcomeChanges {
		step := s.def.Playbook.Step(o.Step)
		s.state.Change = &port.Change{Step: o.Step, Target: step.Approval.Changes.V, By: v.Person, Reason: v.Decision.Reason}
	}
	card := s.closedCard(o, v)
	if !s.staysOpen(o, v, &card) {
		s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: o.Token, State: port.AskSettled, StateVersion: o.StateVersion, ClosedAt: v.At})
	}
	s.editAll(o, o.StateVersion, card)
	s.editNotices(o, card, "remind", "escalate", purposeRemade, purposeSplit)
	if o.Kind != string(playbooks.KindTask) {
		s.moveIssue(s.issueOf(o.Step, o.Item), "closed", 0, port.CategoryDone)
	}
	s.record(o.Place(s.state.Run.ID), "step.closed", "", o.Version, port.Record{
		At: v.At, Actor: v.Person, Header: map[string]string{"kind": o.Kind, "outcome": v.Closes, "digest": o.Digest, "closed_by": v.DecisionID},
		Body: map[string]any{"result": v.Fields},
	})
}

// closedCard is the message of a step that is finished.
func (s *session) closedCard(o port.OpenStep, v port.Verdict) port.Card {
	when := moment(v.At, s.org.Profile.Zone)
	switch o.Kind {
	case string(playbooks.KindForm):
		c := settled("Answered: "+o.Title, []string{fmt.Sprintf("%s answered on %s. Nothing is left to do here.", s.name(v.Person), when)})
		if step := s.def.Playbook.Step(o.Step); step != nil && step.Form != nil && !step.Form.Each.Empty() {
			for _, f := range s.rowFields(step, v.Fields["rows"]) {
				c.Facts = append(c.Facts, port.Field{Label: f.Label, Value: f.Text})
			}
			return c
		}
		for _, q := range s.questionsOf(o.Step) {
			if value, ok := v.Fields[q.ID.V]; ok {
				c.Facts = append(c.Facts, port.Field{Label: q.Text.V, Value: s.answerText(q, asList(value))})
			}
		}
		return c
	case string(playbooks.KindTask):
		return settled("Done: "+o.Title, []string{fmt.Sprintf("%s finished it on %s. Nothing is left to do here.", s.name(v.Person), when)})
	}
	st := approval.Compute(o.Lines, o.Decisions)
	title := "Decided: " + words(v.Closes) + " - " + o.Title
	lines := s.lineTexts(st)
	if v.Closes == outcomeChanges {
		title = "Sent back for changes: " + o.Title
		lines = []string{fmt.Sprintf("%s asked for changes on %s: %s", s.name(v.Person), when, v.Decision.Reason), "The run goes back; you are asked again afterwards."}
	} else if v.Decision != nil && v.Decision.Reason != "" {
		lines = append(lines, s.name(v.Person)+": "+v.Decision.Reason)
	}
	lines = append(lines, s.choiceLines(o, st)...)
	for _, c := range st.Conditions {
		lines = append(lines, fmt.Sprintf("Condition: %s (%s, by %s)", c.Text, s.name(c.Owner), c.Due))
	}
	c := settled(title, lines)
	c.Footer = "Decided on " + when + ". Evidence " + shortDigest(o.Digest) + "."
	return c
}

// asList makes typed lists look as JSON has them.
func asList(v any) any {
	if list, ok := v.([]string); ok {
		out := make([]any, len(list))
		for i, e := range list {
			out[i] = e
		}
		return out
	}
	return v
}
