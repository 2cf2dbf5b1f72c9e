package activities

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aimsbot/aimsbot/activities/port"
	"github.com/aimsbot/aimsbot/playbooks"
	"github.com/aimsbot/aimsbot/playbooks/org"
)

// askAtTask puts the questions of a task into its ask. They are answered in Slack,
// at any time before its issue is done, because Jira has no fields for them.
func (s *session) askAtTask(o *opening) (err error) {
	if o.body.Questions, err = s.questions(o.step.Task.Questions, s.scope()); err != nil || len(o.body.Questions) == 0 {
		return err
	}
	var before map[string]any
	if prev := s.state.FindPrevious(o.step.ID.V, o.open.Item); prev != nil {
		before = prev.Fields
	}
	if o.body.Prefill, err = s.prefill(before, o.body.Questions, s.scope()); err != nil {
		return err
	}
	o.body.Actions = []string{port.ActionAnswer}
	o.issue.Description += " Answer its questions in Slack too: press Answer in the message from Aimsbot."
	return nil
}

// askedAt are the questions that were put with an open step.
func (s *session) askedAt(o port.OpenStep) []playbooks.Question {
	for _, asks := range [][]port.Ask{s.batch.Asks, s.asks} {
		if i := slices.IndexFunc(asks, func(a port.Ask) bool { return a.Token == o.Token }); i >= 0 {
			return asks[i].Body.Questions
		}
	}
	return nil
}

// judgeTask judges the answers to the questions of a task. They do not finish it:
// its issue does.
func (s *session) judgeTask(row port.InboxRow, v port.Verdict, then org.Organisation, open *port.OpenStep, ask port.Ask) (port.Verdict, error) {
	if len(ask.Body.Questions) == 0 {
		return refused(v, "A task is finished in Jira: move its issue to Done."), nil
	}
	v, err := s.judgeForm(row, v, then, open, ask)
	v.Closes = ""
	return v, err
}

// takeAnswers keeps the answers to the questions of a task until its issue is done,
// and looks whether it is.
func (s *session) takeAnswers(o *port.OpenStep, v port.Verdict) {
	o.Answers = maps.Clone(v.Fields)
	delete(o.Answers, "by")
	delete(o.Answers, "at")
	o.StateVersion++
	state := port.AskState{Token: o.Token, State: port.AskOpen, StateVersion: o.StateVersion}
	if i := slices.IndexFunc(s.asks, func(a port.Ask) bool { return a.Token == o.Token }); i >= 0 {
		body := s.asks[i].Body
		filled, _ := plainValue(o.Answers).(map[string]any)
		body.Prefill = filled
		s.asks[i].Body, s.asks[i].StateVersion, state.Body = body, o.StateVersion, &body
	}
	s.batch.AskStates = append(s.batch.AskStates, state)
	s.editOpen(*o)
	if ref := playbooks.StepRef(o.Step, o.Item); !slices.Contains(s.state.Reread, ref) {
		s.state.Reread = append(s.state.Reread, ref)
	}
}

// unanswered tells whether questions of a task must be answered before it is
// finished.
func (s *session) unanswered(o port.OpenStep) bool {
	return o.Answers == nil && slices.ContainsFunc(s.askedAt(o), func(q playbooks.Question) bool { return !q.Optional })
}

// awaitAnswers leaves a task open whose issue is done and whose questions are not
// answered, and says so once.
func (s *session) awaitAnswers(o *port.OpenStep, issue *port.Effect, by string) {
	s.comment(issue, "unanswered", o.Version, fmt.Sprintf("%s, answer the questions of this task in Slack too: press Answer in the message from Aimsbot. It is finished then.", s.name(by)))
}

// taskCard says on the message of a task what is still to be done in Slack.
func (s *session) taskCard(c *port.Card, o port.OpenStep) {
	c.Footer = "Move the issue to Done in Jira when it is finished. If something is missing, it is reopened with a comment that says what."
	if len(s.askedAt(o)) == 0 {
		return
	}
	b := port.Button{Action: port.ActionAnswer, Label: "Answer", Style: "primary"}
	c.Lines = append(c.Lines, "Answer its questions here before or after you move the issue to Done.")
	if o.Answers != nil {
		b = port.Button{Action: port.ActionAnswer, Label: "Change your answers"}
		c.Lines[len(c.Lines)-1] = "Its questions are answered. It is finished when its issue is moved to Done."
	}
	c.Buttons = []port.Button{b}
}
