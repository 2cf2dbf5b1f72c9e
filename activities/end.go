package activities

import (
	"fmt"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
)

// runEnded marks what is done to the epic when the run ends; nothing is asked
// after it.
const runEnded = "ended"

// end closes the run: what is open is withdrawn, conditions become issues, the
// epic is closed, the audit channel is told.
func (s *session) end(outcome, reason string) error {
	if s.state.Outcome != "" || s.waitsForClock() {
		return nil
	}
	for _, o := range s.state.Open {
		if s.staysBehind(o, outcome) {
			s.leaveBehind(o)
			continue
		}
		s.withdraw(o, "The run has ended: "+words(outcome)+".")
		s.state.Done = append(s.state.Done, port.StepResult{Step: o.Step, Item: o.Item, Kind: o.Kind, Round: o.Round, State: port.StepWithdrawn, At: s.now})
	}
	s.state.Open = nil
	for _, d := range s.state.Done {
		s.settleForm(d, "The run has ended.")
	}
	s.endHolds()
	s.withdrawOrphans()
	s.state.Outcome, s.state.EndedAt = outcome, s.now
	s.conditions()
	epic := &port.Effect{Place: s.runPlace(), Key: s.epicKey()}
	s.comment(epic, runEnded, 0, s.endText(outcome, reason))
	s.moveIssue(epic, runEnded, 0, port.CategoryDone)
	if ch := s.org.Slack.AuditChannel; ch != "" {
		to := port.Addressee{Channel: ch}
		s.intend(port.Effect{Place: s.runPlace(), Purpose: "ended", Addressee: to.ID(), Kind: port.EffectPost}, port.Card{
			To: to, Title: "Ended: " + s.def.Playbook.Title.V, Lines: []string{s.endText(outcome, reason)}, Footer: "Run " + s.state.Run.ID,
		})
	}
	actor := ""
	if c := s.state.Cancel; c != nil {
		actor = c.By
	}
	s.record(s.runPlace(), "run.ended", "", 0, port.Record{
		Actor: actor, Header: map[string]string{"outcome": outcome, "counts": fmt.Sprint(s.counts(outcome)), "rounds": fmt.Sprint(s.state.Round)},
		Body: map[string]any{"reason": reason},
	})
	s.batch.Close = &port.RunClose{Outcome: outcome, At: s.now}
	return nil
}

// staysBehind tells whether a task outlives the run: the run did not wait for
// it, and came to its end all the same.
func (s *session) staysBehind(o port.OpenStep, outcome string) bool {
	step := s.def.Playbook.Step(o.Step)
	return step != nil && !step.WaitedFor() && s.state.Cancel == nil && outcome != port.OutcomeRejected
}

// leaveBehind ends the run's part in a task that stays open in Jira.
func (s *session) leaveBehind(o port.OpenStep) {
	s.batch.AskStates = append(s.batch.AskStates, port.AskState{Token: o.Token, State: port.AskSettled, StateVersion: o.StateVersion + 1, ClosedAt: s.now})
	where := "Finish it in Jira"
	if key := s.issueName(o.Step, o.Item); key != "" {
		where = "Finish " + key + " in Jira"
	}
	card := settled("Still to do: "+o.Title, []string{"The run has ended without waiting for this. " + where + "; you are not reminded here any more."})
	s.editAll(o, o.StateVersion+1, card)
	s.editNotices(o, card, "remind", "escalate")
	s.comment(s.issueOf(o.Step, o.Item), "left", 0, "The run has ended. This issue stays open: finish it here.")
	s.state.Done = append(s.state.Done, port.StepResult{Step: o.Step, Item: o.Item, Kind: o.Kind, Round: o.Round, State: port.StepLeft, At: s.now})
	s.record(o.Place(s.state.Run.ID), "step.left", "", o.Version, port.Record{Header: map[string]string{"kind": o.Kind}})
}

// endBy ends the run at a step of the playbook that says so; its title is why.
func (s *session) endBy(step *playbooks.Step) error {
	if s.waitsForClock() {
		return nil
	}
	why := ""
	if !step.Title.Empty() {
		text, err := s.eval.Text(step.Title.V, s.scope())
		if err != nil {
			return fmt.Errorf("step %s: title: %w", step.ID, err)
		}
		why = text
	}
	s.finish(step, port.StepDone, nil)
	s.record(s.place(step), "step.ended_run", "", 0, port.Record{Header: map[string]string{"outcome": step.End.Outcome.V, "when": step.When.V}})
	return s.end(step.End.Outcome.V, why)
}

// withdrawOrphans closes asks that are open in the ledger alone: an advance whose
// process died had opened them, and its repeat went another way because the
// organisation had changed.
func (s *session) withdrawOrphans() {
	for _, a := range s.asks {
		known := slices.ContainsFunc(s.batch.AskStates, func(b port.AskState) bool { return b.Token == a.Token })
		if a.State != port.AskOpen || known {
			continue
		}
		s.withdraw(port.OpenStep{
			Step: a.Step, Item: a.Item, Round: a.Round, Version: a.Version, StateVersion: a.StateVersion, Kind: string(a.Kind),
			Title: a.Body.Title, Token: a.Token, Addressees: a.Body.Addressees, Due: a.Body.Due,
		}, "The run has ended.")
	}
}

func (s *session) endText(outcome, reason string) string {
	text := fmt.Sprintf("%s for %s has ended: %s.", s.def.Playbook.Title, s.subjectName(), words(outcome))
	if reason != "" {
		text += " Reason: " + reason
	}
	return text
}

// counts tells whether the outcome moves the cadence on. That of an exercise never does.
func (s *session) counts(outcome string) bool {
	return !s.state.Run.Exercise && s.def.Playbook.Counts(outcome)
}

// conditions makes an issue of each condition of the approvals that stand.
func (s *session) conditions() {
	for _, d := range s.state.Done {
		if d.Kind != string(playbooks.KindApproval) || d.Fields["outcome"] != port.OutcomeApprovedWith {
			continue
		}
		list, _ := d.Fields["conditions"].([]any)
		place := port.Place{Run: s.state.Run.ID, Step: d.Step, Item: d.Item, Round: d.Round}
		for i, c := range list {
			m, _ := c.(map[string]any)
			owner, _ := m["owner"].(string)
			due, _ := m["due"].(string)
			text, _ := m["text"].(string)
			key := s.intend(port.Effect{Place: place, Purpose: "condition", N: i, Kind: port.EffectIssue, Of: s.epicKey()}, port.Issue{
				Type: s.org.Jira.Types.Step, Project: s.org.Jira.Project, Process: s.def.Playbook.Name.V,
				Summary:     "Condition: " + text,
				Description: fmt.Sprintf("Condition of the approval of %s for %s. Put the proof on this issue, then move it to Done.", s.def.Playbook.Title, s.subjectName()),
				Assignee:    s.person(owner).Jira, Due: due,
			})
			if s.state.Restricted {
				card := s.conditionCard(owner, text, due)
				s.intend(port.Effect{Place: place, Purpose: "condition", Addressee: card.To.ID(), N: i, Kind: port.EffectPost, Of: key}, card)
			}
		}
	}
}
