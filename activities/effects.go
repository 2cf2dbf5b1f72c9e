package activities

import (
	"encoding/json"
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
)

// intend stores an effect to be done after the commit and returns its key.
func (s *session) intend(e port.Effect, body any) string {
	b, err := json.Marshal(s.marked(s.discreet(e, body)))
	if err != nil { // bodies are plain values of package port
		panic(fmt.Sprintf("effect body %T: %v", body, err))
	}
	e.Run = s.state.Run.ID
	e.Key = port.EffectKey(s.a.Ledger.Installation(), s.state.Run.WorkflowID, e.Place, e.Purpose, e.Addressee, e.N)
	e.Body, e.State, e.IntendedAt = b, port.EffectIntent, s.now
	s.batch.Effects = append(s.batch.Effects, e)
	return e.Key
}

// effects returns the effects of the run: those stored and those about to be.
// They are not to be changed.
func (s *session) effects() iter.Seq[*port.Effect] {
	return func(yield func(*port.Effect) bool) {
		for i := range s.done {
			if !yield(&s.done[i]) {
				return
			}
		}
		for i := range s.batch.Effects {
			e := &s.batch.Effects[i]
			known := slices.ContainsFunc(s.done, func(d port.Effect) bool { return d.Key == e.Key })
			if !known && !yield(e) {
				return
			}
		}
	}
}

// issueOf returns the newest issue effect of a step and item, or nil.
func (s *session) issueOf(step, item string) *port.Effect {
	var found *port.Effect
	for e := range s.effects() {
		if e.Kind == port.EffectIssue && e.Purpose == "issue" && e.Step == step && e.Item == item {
			found = e
		}
	}
	return found
}

// purposeEpic is the purpose of the effect that makes a run's epic.
const purposeEpic = "epic"

// epic returns the newest effect that makes the run's epic, or nil.
func (s *session) epic() *port.Effect {
	var found *port.Effect
	for e := range s.effects() {
		if e.Kind == port.EffectIssue && e.Purpose == purposeEpic {
			found = e
		}
	}
	return found
}

// epicKey is the key of the run's epic.
func (s *session) epicKey() string {
	if e := s.epic(); e != nil {
		return e.Key
	}
	return port.EffectKey(s.a.Ledger.Installation(), s.state.Run.WorkflowID, s.runPlace(), purposeEpic, "", 0)
}

// begin makes the run's epic and tells the audit channel, once.
func (s *session) begin() error {
	if len(s.done) > 0 {
		return nil
	}
	by, err := s.begunBy()
	if err != nil {
		return err
	}
	title := s.def.Playbook.Title.V
	s.intend(port.Effect{Place: s.runPlace(), Purpose: purposeEpic, Kind: port.EffectIssue}, port.Issue{
		Type: s.org.Jira.Types.Run, Project: s.org.Jira.Project, Process: s.def.Playbook.Name.V,
		Summary: title + ": " + s.subjectName(),
		Description: fmt.Sprintf("%s\n\nStarted by %s. Run %s. The steps are the issues under this one.",
			s.def.Playbook.Purpose, by, s.state.Run.ID),
	})
	if ch := s.org.Slack.AuditChannel; ch != "" {
		to := port.Addressee{Channel: ch}
		s.intend(port.Effect{Place: s.runPlace(), Purpose: "started", Addressee: to.ID(), Kind: port.EffectPost}, port.Card{
			To: to, Title: "Started: " + title,
			Lines:  []string{fmt.Sprintf("%s for %s was started by %s.", title, s.subjectName(), by)},
			Footer: "Run " + s.state.Run.ID,
		})
	}
	return nil
}

// begunBy is who started the run, for people, or what.
func (s *session) begunBy() (string, error) {
	e, err := s.a.Ledger.EventOf(s.ctx, s.state.Run.ID)
	switch {
	case errors.Is(err, port.ErrNotFound):
		return s.name(s.state.Run.By), nil
	case err != nil:
		return "", &ledgerError{err}
	}
	by := fmt.Sprintf("the event %s (%s)", e.Name, eventText(e.Name, nil))
	if e.By != "" {
		by += ", which " + s.name(e.By) + " told of"
	}
	return by, nil
}

// comment adds a comment to an issue. what and n tell it from the others on
// the issue; they come from the run's state, so that a repeat is the same one.
func (s *session) comment(issue *port.Effect, what string, n int, text string) {
	if issue == nil {
		return
	}
	s.intend(port.Effect{Place: issue.Place, Purpose: "comment:" + what, N: n, Kind: port.EffectComment, Of: issue.Key, Token: issue.Token}, port.Comment{Text: text})
}

// moveIssue brings an issue into a status category.
func (s *session) moveIssue(issue *port.Effect, what string, n int, category string) {
	if issue == nil {
		return
	}
	status := s.org.Jira.Done
	if category == port.CategoryToDo {
		status = s.org.Jira.Reopen
	}
	s.intend(port.Effect{Place: issue.Place, Purpose: "move:" + what, N: n, Kind: port.EffectMove, Of: issue.Key, Token: issue.Token}, port.Move{Category: category, Status: status})
}

// withdrawIssue closes the issue of a step that is no longer needed.
func (s *session) withdrawIssue(issue *port.Effect, why string) {
	s.comment(issue, "withdrawn", s.state.Round, why)
	s.moveIssue(issue, "withdrawn", s.state.Round, port.CategoryDone)
}
